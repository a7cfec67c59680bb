import asyncio
import os
import sys
import threading
import time
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TypeVar

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from lipwire_protocol import (
    AudioFormat,
    Bye,
    Chunk,
    Codec,
    Flow,
    FlowMode,
    Frame,
    FrameMode,
    Frames,
    Hello,
    Idle,
    LipwireError,
    Ready,
    ServerMessage,
    Speak,
)
from lipwire_server.face.compositor import Compositor
from lipwire_server.filming import Camera
from lipwire_server.session.host import Host
from tests.fakes import VOICE, FakeSynthesis, fake_host
from tests.server.face.movie.clips import play
from tests.tiny_avatar import NAME

TEXT = "Hello there. Good bye."
RATE = 8_000
FPS = 20
HELLO = Hello(
    audio=AudioFormat(codec=Codec.PCM_F32LE),
    frames=Frames(mode=FrameMode.SPRITES, size=64, fps=FPS, mime="image/png"),
    flow=Flow(mode=FlowMode.OFF),
)


M = TypeVar("M", bound=ServerMessage)


class Session:
    """Everything that a conversation sends, as one that has time for it."""

    def __init__(self, text: str = TEXT, hello: Hello = HELLO) -> None:
        self.sent: list[ServerMessage] = []
        self.congested = False
        self._at_rest = asyncio.Event()
        self.host: Host = fake_host(FakeSynthesis(known=[replace(VOICE, sample_rate=RATE)]))
        asyncio.run(self._run(text, hello))

    async def _run(self, text: str, hello: Hello) -> None:
        conversation = self.host.open(hello, self).conversation
        async with asyncio.TaskGroup() as group:
            group.create_task(conversation.run())
            await self._at_rest.wait()
            conversation.receive(Speak(utterance=1, text=text, end=True))
            conversation.receive(Bye())

    def control(self, message: ServerMessage) -> None:
        self.sent.append(message)

    async def media(self, message: ServerMessage, left: object = None) -> None:
        self.sent.append(message)
        if isinstance(message, Idle):
            self._at_rest.set()

    def withdraw(self, utterance: int) -> list[ServerMessage]:
        return []

    def all(self, kind: type[M]) -> list[M]:
        return [message for message in self.sent if isinstance(message, kind)]

    @property
    def ready(self) -> Ready:
        (ready,) = self.all(Ready)
        return ready

    @property
    def filmed(self) -> list[Idle | Chunk]:
        return [message for message in self.sent if isinstance(message, Idle | Chunk)]

    def drawn(self, frames: Sequence[Frame]) -> list[Image.Image]:
        atlas = self.host.studio.atlas(NAME, 64, "image/png")
        draw = Compositor(atlas).picture
        return [draw(np.reshape(frame.draws, (-1, 4)).astype(np.int32)) for frame in frames]


@pytest.fixture(scope="module")
def session() -> Session:
    return Session()


def audio(chunk: Chunk) -> bytes:
    assert isinstance(chunk.audio, bytes)
    return chunk.audio


def left(folder: Path) -> list[str]:
    return [path.name for path in folder.iterdir()]


async def film(session: Session, path: Path, messages: Sequence[Idle | Chunk]) -> Camera:
    with Camera(path, session.host.studio) as camera:
        await camera.open(session.ready)
        for message in messages:
            await camera.take(message)
        await camera.finish()
    return camera


async def test_a_movie_shows_the_frames_of_a_session_and_plays_its_sound(
    session: Session, tmp_path: Path
) -> None:
    camera = await film(session, tmp_path / "frames", session.filmed)
    (idle,) = session.all(Idle)
    assert idle.frames
    spoken = [frame for chunk in session.all(Chunk) for frame in chunk.frames or ()]
    before, after = FPS // 5, FPS // 2
    expected = session.drawn([*idle.frames[-before:], *spoken, *idle.frames[:after]])
    assert camera.pictures == len(expected)
    for number, image in enumerate(expected):
        with Image.open(tmp_path / "frames" / f"{number:04d}.png") as shown:
            assert np.array_equal(np.asarray(shown), np.asarray(image)), number
    heard = play(tmp_path / "frames" / "speech.wav").sound
    said = np.concatenate([np.frombuffer(audio(chunk), "<f4") for chunk in session.all(Chunk)])
    silence = before * RATE // FPS
    assert not heard[:silence].any()
    assert np.abs(heard[silence : silence + len(said)] - said).max() < 1e-4
    assert not heard[silence + len(said) :].any()


async def test_a_video_is_as_long_as_its_frames(session: Session, tmp_path: Path) -> None:
    camera = await film(session, tmp_path / "movie.mp4", session.filmed)
    seen = play(tmp_path / "movie.mp4")
    assert len(seen.images) == camera.pictures
    assert left(tmp_path) == ["movie.mp4"]


async def test_it_is_known_when_the_face_is_at_rest(session: Session, tmp_path: Path) -> None:
    with Camera(tmp_path / "movie.mp4", session.host.studio) as camera:
        await camera.open(session.ready)
        waiting = asyncio.ensure_future(camera.at_rest())
        await asyncio.sleep(0)
        assert not waiting.done()
        await camera.take(session.all(Idle)[0])
        await waiting


async def test_what_is_not_finished_is_removed(session: Session, tmp_path: Path) -> None:
    with Camera(tmp_path / "movie.mp4", session.host.studio) as camera:
        await camera.open(session.ready)
        for message in session.filmed:
            await camera.take(message)
        assert left(tmp_path)
    assert not left(tmp_path)


async def test_a_camera_that_is_switched_off_at_work_ends_it_first(
    session: Session, tmp_path: Path
) -> None:
    """Closing a file that a thread still writes to would be the end of the process."""
    for _ in range(5):
        with Camera(tmp_path / "movie.mp4", session.host.studio) as camera:
            await camera.open(session.ready)
            task = asyncio.ensure_future(camera.take(session.filmed[0]))
            await asyncio.sleep(0)
            task.cancel()
            await camera.take(session.all(Chunk)[0])
    assert not left(tmp_path)
    assert not [thread for thread in threading.enumerate() if thread.name.startswith("camera")]


async def test_who_is_stopped_while_he_waits_for_the_camera_loses_nothing_of_what_it_had(
    session: Session, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    going_on, original = threading.Event(), Compositor.picture

    def picture(self: Compositor, draws: NDArray[np.int32]) -> Image.Image:
        going_on.wait(60)
        return original(self, draws)

    monkeypatch.setattr(Compositor, "picture", picture)
    first, second, *_ = session.all(Chunk)
    with Camera(tmp_path / "movie.mp4", session.host.studio) as camera:
        await camera.open(session.ready)
        await camera.take(session.all(Idle)[0])
        await camera.take(first)
        waiting = asyncio.ensure_future(camera.take(second))
        await asyncio.sleep(0)
        assert not waiting.done()
        waiting.cancel()
        await asyncio.wait([waiting])
        going_on.set()
        await camera.finish()
    assert camera.pictures == FPS // 5 + -(-first.count * FPS // RATE) + FPS // 2
    assert len(play(tmp_path / "movie.mp4").images) == camera.pictures


async def test_a_movie_that_cannot_be_is_refused_before_anything_is_spoken(
    session: Session, tmp_path: Path
) -> None:
    camera = Camera(tmp_path / "movie.avi", session.host.studio)
    with pytest.raises(LipwireError, match="movies can end with"), camera:
        await camera.open(session.ready)
    assert camera.fault is None


async def test_why_it_could_not_be_written_is_kept(session: Session, tmp_path: Path) -> None:
    camera = Camera(tmp_path / "nowhere" / "movie.mp4", session.host.studio)
    with pytest.raises(OSError, match="No such file"), camera:
        await camera.open(session.ready)
    assert isinstance(camera.fault, FileNotFoundError)


async def test_a_camera_that_nobody_needs_any_more_ends_after_the_picture_it_draws(
    session: Session, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    drawing, begun = threading.Event(), 0
    original = Compositor.picture

    def picture(self: Compositor, draws: NDArray[np.int32]) -> Image.Image:
        nonlocal begun
        begun += 1
        drawing.set()
        # It is not done with it before nobody needs it any more.
        until = time.monotonic() + 60
        while not camera._is_over and time.monotonic() < until:
            time.sleep(0.001)
        return original(self, draws)

    monkeypatch.setattr(Compositor, "picture", picture)
    with Camera(tmp_path / "movie.mp4", session.host.studio) as camera:
        await camera.open(session.ready)
        await camera.take(session.filmed[0])
        await camera.take(session.all(Chunk)[0])
        await asyncio.to_thread(drawing.wait)
    # There are six to be drawn: of the rest before it speaks, and of the chunk.
    assert begun == 1
    assert camera.pictures <= 1
    assert not left(tmp_path)


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere threads have no niceness")
async def test_a_camera_that_yields_lets_every_other_thread_go_first(
    session: Session, tmp_path: Path
) -> None:
    def niceness() -> int:
        return os.getpriority(os.PRIO_PROCESS, threading.get_native_id())

    usual = niceness()
    for yields, expected in ((False, usual), (True, max(usual, 10))):
        with Camera(tmp_path / "movie.mp4", session.host.studio, yields=yields) as camera:
            found = await asyncio.get_running_loop().run_in_executor(camera._thread, niceness)
        assert found == expected
    assert niceness() == usual

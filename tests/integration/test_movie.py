"""Movies of the real voice and the real face: they are what docs/movies.md says."""

import asyncio
import io
import json
import re
import shlex
import signal
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image
from tests.made_once import furnish
from tests.server.face.movie.clips import Seen, lag, play

from lipwire_protocol import SETS, Oculus
from lipwire_server.config import Settings
from lipwire_server.face.articulation import HELD, Articulation
from lipwire_server.face.packs.finding import find_avatars
from lipwire_server.face.packs.manifest import Shows
from lipwire_server.request import Request
from lipwire_server.saying import say
from lipwire_server.speech.audio.resampling import Resampler

TEXT = "Maybe my mother bought a big apple pie. Peter Piper picked a peck of pickled peppers."
FPS, COARSE = 25, 5
"""The usual frames a second, and so few that most closures fall between the middles of two."""
DARK = 80
"""Of 255: the inside of a mouth, and hardly anything else near it."""
PAGE = (Path(__file__).parents[2] / "docs" / "movies.md").read_text("utf-8")

Floats = NDArray[np.float64]


def furnished(folder: Path) -> Path:
    """Data in which the voice is prepared already."""
    furnish(folder / "data", database=False)
    return folder / "data"


def said(folder: Path, text: str = TEXT, **options: Any) -> str:
    settings = Settings(data=furnished(folder))
    request = Request(text=text, **options)
    return asyncio.run(say(settings, request, stdout=io.BytesIO(), err=io.StringIO()))


@dataclass(frozen=True)
class Shot:
    seen: Seen
    spoken: NDArray[np.float32]
    timing: dict[str, Any]
    path: Path
    fps: int

    @property
    def before(self) -> int:
        """Frames before the first one of the utterance."""
        return -(-self.fps // 5)

    @property
    def rate(self) -> int:
        return int(self.timing["sample_rate"])

    @property
    def frames(self) -> int:
        """Of the utterance."""
        return -(-len(self.spoken) * self.fps // self.rate)


def taken(folder: Path, fps: int) -> Shot:
    movie, out, timing = folder / "movie.mp4", folder / "out.wav", folder / "timing.json"
    said(folder, movie=movie, out=out, timing=timing, fps=fps)
    return Shot(play(movie), play(out).sound, json.loads(timing.read_text("utf-8")), movie, fps)


@pytest.fixture(scope="module")
def shot(tmp_path_factory: pytest.TempPathFactory) -> Shot:
    return taken(tmp_path_factory.mktemp("movie"), FPS)


@pytest.fixture(scope="module")
def coarse(tmp_path_factory: pytest.TempPathFactory) -> Shot:
    return taken(tmp_path_factory.mktemp("coarse"), COARSE)


def mouth_box() -> tuple[int, int, int, int]:
    """Where the default avatar's mouth may be."""
    avatar = find_avatars().avatars[Settings(data=Path()).avatar].load()
    (mouth,) = (layer for layer in avatar.manifest.layers if layer.shows is Shows.MOUTH)
    boxes = []
    for image in mouth.images:
        width, height = Image.open(io.BytesIO(avatar.files[image.file])).size
        boxes.append((*image.at, image.at[0] + width, image.at[1] + height))
    corners = np.array(boxes)
    left, top = corners[:, :2].min(0)
    right, bottom = corners[:, 2:].max(0)
    return int(left), int(top), int(right), int(bottom)


def openings(shot: Shot) -> Floats:
    """How much of the inside of the mouth is seen in each frame of the utterance."""
    box = mouth_box()
    grey = [np.asarray(image.crop(box).convert("L")) for image in shot.seen.images]
    dark = np.array([np.count_nonzero(pixels < DARK) for pixels in grey], np.float64)
    # Lashes and beards may be dark, too; at rest the mouth is shut.
    opened: Floats = dark[shot.before : shot.before + shot.frames] - dark[: shot.before].mean()
    return opened


def jaws(shot: Shot, late: int) -> Floats:
    """How far the jaw is down for what is said in each frame, so many frames later."""
    held = HELD[:, Articulation._fields.index("jaw")]
    starts = [span["start"] for span in shot.timing["visemes"]]
    shapes = [SETS["oculus"].index(span["viseme"]) for span in shot.timing["visemes"]]
    middles = (np.arange(shot.frames) - late + 0.5) * shot.rate / shot.fps
    spans = np.searchsorted(starts, middles, "right") - 1
    jaws: Floats = held[np.array(shapes)[spans.clip(0)]]
    return jaws


def test_a_movie_is_as_long_as_the_speech_and_the_rests_around_it(shot: Shot) -> None:
    pictures = shot.before + shot.frames + 13
    assert len(shot.seen.images) == pictures
    assert [time * FPS for time in shot.seen.times] == [*range(pictures)]
    assert {image.size for image in shot.seen.images} == {(512, 512)}
    with av.open(str(shot.path)) as container:
        assert [stream.type for stream in container.streams] == ["video", "audio"]
        assert container.duration == pytest.approx(pictures * 1_000_000 / FPS, abs=1_000)


def test_it_sounds_as_what_was_spoken_after_a_rest(shot: Shot) -> None:
    resampler = Resampler(shot.rate, shot.seen.rate)
    spoken = np.concatenate([resampler.push(shot.spoken), resampler.finish()])
    silence = shot.before * shot.seen.rate // FPS
    assert shot.seen.heard_from == 0
    assert lag(shot.seen.sound[silence:], spoken, shot.seen.rate // 10) == 0
    levels = [loudness(sound, shot.seen.rate) for sound in (shot.seen.sound[silence:], spoken)]
    size = min(map(len, levels))
    assert np.corrcoef(levels[0][:size], levels[1][:size])[0, 1] > 0.99
    # What an encoder makes of silence next to sound.
    rest = shot.seen.sound[: silence - shot.seen.rate // 20]
    assert np.abs(rest).max() < 0.01


def loudness(samples: NDArray[np.float32], rate: int) -> Floats:
    whole = len(samples) - len(samples) % (rate // FPS)
    power: Floats = np.square(samples[:whole], dtype=np.float64).reshape(-1, rate // FPS).mean(1)
    return np.sqrt(power)


def test_the_mouth_opens_when_it_is_heard_to(shot: Shot) -> None:
    opened = openings(shot)
    lags = range(-5, 6)
    alike = [np.corrcoef(opened, jaws(shot, late))[0, 1] for late in lags]
    assert lags[int(np.argmax(alike))] == 0
    assert max(alike) > 0.5


def test_lips_that_must_be_shut_are_seen_shut(shot: Shot) -> None:
    opened = openings(shot)
    names = SETS["oculus"]
    closures = [span for span in shot.timing["visemes"] if span["viseme"] == names[Oculus.PP]]
    assert len(closures) > 10
    seen = [(span["start"] + span["count"] / 2) * shot.fps / shot.rate for span in closures]
    assert np.max(opened[np.array(seen, int)]) < 0.05 * opened.max()
    assert opened.max() > 200


def test_lips_are_seen_shut_even_where_that_falls_between_two_frames(coarse: Shot) -> None:
    test_lips_that_must_be_shut_are_seen_shut(coarse)


def test_before_and_after_it_speaks_the_mouth_is_shut_and_the_face_is_alive(shot: Shot) -> None:
    images = shot.seen.images
    box = mouth_box()
    for image in (*images[: shot.before], *images[-8:]):
        inside = np.count_nonzero(np.asarray(image.crop(box).convert("L")) < DARK)
        assert inside < 200
    first, last = (np.asarray(images[at], np.int16) for at in (-10, -1))
    assert np.abs(first - last).max() > 20


def test_the_same_words_are_the_same_movie(tmp_path: Path) -> None:
    for name in ("one.mp4", "other.mp4"):
        said(tmp_path, "Hello there.", movie=tmp_path / name, size=128)
    one, other = play(tmp_path / "one.mp4"), play(tmp_path / "other.mp4")
    assert one.images == other.images
    assert np.array_equal(one.sound, other.sound)


def test_an_emotion_is_seen_from_the_first_picture_on(tmp_path: Path) -> None:
    first = {}
    for emotion in ("neutral", "surprised"):
        folder = tmp_path / emotion
        said(tmp_path, "Oh.", movie=folder, emotion=emotion, size=128)
        with Image.open(folder / "0000.png") as image:
            first[emotion] = np.asarray(image, np.int16)
    assert np.abs(first["neutral"] - first["surprised"]).max() > 60


def test_ctrl_c_leaves_nothing(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "lipwire_server", "say", "Hello there. " * 200]
    process = subprocess.Popen(
        [*command, "--movie", str(tmp_path / "movie.mp4"), "--data", str(furnished(tmp_path))],
        stderr=subprocess.PIPE,
        text=True,
    )
    part = tmp_path / "movie.mp4.part"
    while process.poll() is None and not (part.exists() and part.stat().st_size > 1_000):
        time.sleep(0.05)
    process.send_signal(signal.SIGINT)
    _, errors = process.communicate(timeout=60)
    assert process.returncode == 130, errors
    assert not [*tmp_path.glob("movie*")]


def examples() -> list[str]:
    blocks = re.findall(r"^```sh\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL)
    lines = [line for block in blocks for line in block.splitlines()]
    return [line for line in lines if line.startswith("lipwire say ")]


def test_the_page_has_examples() -> None:
    assert len(examples()) >= 4


@pytest.mark.parametrize("example", examples())
def test_an_example_of_the_page_does_what_it_says(tmp_path: Path, example: str) -> None:
    (tmp_path / "answer.md").write_text("**Tea** boils at `100` degrees.\n")
    words = shlex.split(example)
    result = subprocess.run(
        [sys.executable, "-m", "lipwire_server", *words[1:], "--data", str(furnished(tmp_path))],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=100,
    )
    assert result.returncode == 0, result.stderr
    name = words[words.index("--movie") + 1].strip("/")
    assert re.search(rf"{name} \(\d+ frames, \d+ px", result.stdout)
    assert (tmp_path / name).exists()

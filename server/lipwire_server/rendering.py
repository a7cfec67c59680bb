"""The movies that were asked for: spoken again, filmed and kept, one after another.

What waits is in the database (`store/renders.py`), so it outlives this process: what a killed
server had begun is begun again, by whichever server comes by. Speech goes first: a movie's sound is
due later than anybody's who listens, and its pictures are drawn in a thread that yields to others.
"""

import asyncio
import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from typing import Final
from uuid import UUID

from msgspec import UNSET, structs

from lipwire_protocol import (
    MAX_INTEGER,
    AudioFormat,
    Chunk,
    Codec,
    ErrorCode,
    Flow,
    FlowMode,
    FrameMode,
    Frames,
    Hello,
    Idle,
    LipwireError,
)

from .face.movie.kinds import MEDIA_TYPES, Kind
from .filming import Camera
from .http.callers import leaf
from .session.host import Host
from .session.recital import Recital
from .session.settings import recalled
from .session.terms import Terms
from .speech.port import Listener, Seat, SpeechStats, Synthesis, VoiceInfo
from .speech.text.reader import Reader
from .store.files import BlobStore, disk_fault
from .store.records import Record
from .store.renders import (
    StoredRender,
    fail_render,
    finish_render,
    requeue_render,
    take_render,
    touch_render,
)
from .store.scripts import Script, get_script
from .store.storage import Storage

__all__ = ["Renderer"]

_log = logging.getLogger(__name__)

_LOOK_S: Final = 5.0
"""Nobody says that another server was killed."""
_TOUCH_S: Final = 1.0
_PAUSE_S: Final = 5.0
"""After it could not be done for a reason that passes."""
_LATE_NS: Final = 30_000_000_000
"""So much later than what is heard is due what nobody hears; after that, it is as urgent."""
_PASSING: Final = (ErrorCode.OVERLOADED, ErrorCode.STORAGE_UNAVAILABLE, ErrorCode.GOING_AWAY)


class Renderer:
    """Renders what is in the queue. `run` is one task of the caller's."""

    def __init__(self, host: Host, storage: Storage, files: BlobStore) -> None:
        self._host = replace(
            host,
            synthesis=_Patient(host.synthesis, host.now_ns),
            limits=structs.replace(host.limits, utterance_text=MAX_INTEGER),
            record=_forget,
        )
        self._storage = storage
        self._files = files
        self._woken = asyncio.Event()
        self._current: tuple[UUID, asyncio.Task[None]] | None = None

    def wake(self) -> None:
        """There is something in the queue."""
        self._woken.set()

    def stop(self, id: UUID) -> None:
        """If that is what is being rendered, it is not any more, after the frame that is drawn."""
        if self._current is not None and self._current[0] == id:
            self._current[1].cancel()

    async def run(self) -> None:
        """Renders for ever. When it is cancelled, what it was at waits again."""
        while True:
            self._woken.clear()
            try:
                is_busy = await self._render_next()
            except Exception:
                _log.exception("the queue of renders cannot be worked on")
                is_busy = False
            if not is_busy:
                with suppress(TimeoutError):
                    async with asyncio.timeout(_LOOK_S):
                        await self._woken.wait()

    async def _render_next(self) -> bool:
        """Whether there was something to render."""
        try:
            render = await self._take()
        except LipwireError:
            return False  # Without a database there is no queue.
        if render is not None:
            await self._render(render)
        return render is not None

    async def _take(self) -> StoredRender | None:
        """The next one. Who is stopped on the way gives back what he may have been given already:
        otherwise nobody would look after it for as long as it is his."""
        taking = asyncio.ensure_future(take_render(self._storage.asked()))
        try:
            return await asyncio.shield(taking)
        except asyncio.CancelledError:
            with suppress(Exception):
                if (render := await taking) is not None:
                    await self._requeue(render)
            raise

    async def _render(self, render: StoredRender) -> None:
        try:
            async with asyncio.TaskGroup() as group:
                work = group.create_task(self._attempt(render))
                self._current = render.id, work
                await asyncio.wait([work])
        except asyncio.CancelledError:
            await self._requeue(render)
            raise
        finally:
            self._current = None

    async def _attempt(self, render: StoredRender) -> None:
        path = self._files.new_draft().with_suffix(f".{render.format}")
        try:
            await self._make(render, path)
        except Exception as group:
            error = leaf(group)
            if isinstance(error, OSError):
                error = disk_fault(error)
            if isinstance(error, LipwireError) and error.code in _PASSING:
                await self._requeue(render)
                await asyncio.sleep((error.retry_after_ms or 0) / 1000 or _PAUSE_S)
            elif isinstance(error, LipwireError):
                await self._fail(render, str(error))
            else:
                _log.error("render %s failed", render.id, exc_info=error)
                await self._fail(render, "this should not have happened; the server's log has more")
        finally:
            with suppress(LipwireError):
                await self._files.discard(path)

    async def _make(self, render: StoredRender, path: Path) -> None:
        script = await get_script(self._storage.asked(), render.utterance_id)
        pictures = await self._film(render, script, path)
        content = await self._files.measure(path)
        media_type = MEDIA_TYPES[Kind(render.format)]
        await finish_render(
            self._storage.asked(), self._files, render, path, content, media_type, pictures
        )

    async def _film(self, render: StoredRender, script: Script, path: Path) -> int:
        """The whole movie; gives the number of its pictures."""
        terms = recalled(script.voice, script.settings, self._host.synthesis.voices())
        hello = _hello(render, script, terms)
        limit = self._host.limits.segment_text
        parts = await asyncio.to_thread(_parts, script, terms, limit)
        samples = script.count if script.is_cut else None

        async def take(message: Chunk | Idle) -> None:
            if isinstance(message, Chunk) and samples is not None:
                message = _first(message, samples - recital.samples)
            await camera.take(message)
            if isinstance(message, Chunk) and recital.samples + message.count == samples:
                recital.stop()
                await asyncio.sleep(0)  # Whoever calls is stopped here, before he sends more.

        with (
            Camera(path, self._host.studio, yields=True) as camera,
            Recital(self._host, hello, take) as recital,
        ):
            async with asyncio.TaskGroup() as group:
                touching = group.create_task(self._touch(render, camera))
                await camera.open(recital.ready)
                await recital.speak(*parts, emotion=render.emotion, first=camera.at_rest)
                fault = recital.fault()
                if fault is not None and recital.samples != samples:
                    raise fault
                await camera.finish()
                touching.cancel()
            return camera.pictures

    async def _touch(self, render: StoredRender, camera: Camera) -> None:
        """Says how far it is; stops it where it is not ours any more."""
        while True:
            await asyncio.sleep(_TOUCH_S)
            with suppress(LipwireError):
                if not await touch_render(self._storage.asked(), render, camera.pictures):
                    self.stop(render.id)

    async def _fail(self, render: StoredRender, error: str) -> None:
        # Without a database, it is begun again when there is one.
        with suppress(LipwireError):
            await fail_render(self._storage.asked(), render, error)

    async def _requeue(self, render: StoredRender) -> None:
        with suppress(LipwireError):
            await requeue_render(self._storage.asked(), render)


def _parts(script: Script, terms: Terms, limit: int) -> list[str]:
    """The text, cut where that is what it takes for its segments to be what they were.

    They follow from the text alone, unless something was not waited for: because a client said so,
    or sent nothing more for a while.
    """
    reader = Reader(terms.text, terms.lexicon, limit, language=terms.voice.language)
    found = {(segment.begin, segment.end) for segment in reader.push(script.text, last=True)}
    if found.issuperset(script.spans):
        return [script.text]
    places = [0, *(end for _, end in script.spans), len(script.text)]
    return [script.text[begin:end] for begin, end in pairwise(places) if begin < end]


def _hello(render: StoredRender, script: Script, terms: Terms) -> Hello:
    """As it was spoken, with the sound as it is before it is encoded."""
    same_voice = script.voice == script.settings_voice
    return Hello(
        voice=script.voice,
        speaker=terms.speaker if same_voice else None,
        rate_percent=script.rate_percent,
        volume_percent=terms.volume_percent,
        noise_percent=terms.noise_percent,
        lexicon=dict(terms.lexicon),
        seed=script.seed,
        text=terms.text,
        audio=AudioFormat(codec=Codec.PCM_F32LE, sample_rate=script.sample_rate),
        frames=Frames(mode=FrameMode.SPRITES, size=render.size, fps=render.fps),
        avatar=render.face,
        flow=Flow(mode=FlowMode.OFF),
        persist=False,
    )


def _first(chunk: Chunk, count: int) -> Chunk:
    """So many samples of it, and the frames that begin in them."""
    if count >= chunk.count:
        return chunk
    assert isinstance(chunk.audio, bytes)
    end = chunk.start + count
    frames = chunk.frames
    if frames is not UNSET:
        frames = tuple(frame for frame in frames if frame.start < end)
    return structs.replace(chunk, count=count, audio=chunk.audio[: 4 * count], frames=frames)


def _forget(record: Record, settled: Callable[[], None] | None = None, /) -> None:
    """What is spoken again is stored already."""


class _Patient:
    """Synthesis for those who do not listen: whoever does goes first."""

    def __init__(self, synthesis: Synthesis, now_ns: Callable[[], int]) -> None:
        self._synthesis = synthesis
        self._now_ns = now_ns

    def voices(self) -> tuple[VoiceInfo, ...]:
        return self._synthesis.voices()

    def stats(self) -> SpeechStats:
        return self._synthesis.stats()

    @contextmanager
    def seat(self, listener: Listener) -> Iterator[Seat]:
        patient = Listener(key=listener.key, dry_ns=lambda: self._now_ns() + _LATE_NS)
        with self._synthesis.seat(patient) as seat:
            yield seat

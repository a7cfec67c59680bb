"""`lipwire say`: the conversation of the server, with files instead of a socket."""

import json
import time
from collections.abc import Callable, Iterator
from contextlib import AsyncExitStack, ExitStack, contextmanager, nullcontext
from datetime import UTC, datetime
from pathlib import Path
from typing import BinaryIO, Self, TextIO

import numpy as np
from rich.console import Console
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn

from lipwire_protocol import (
    MAX_INTEGER,
    SETS,
    AudioGrant,
    Chunk,
    Codec,
    ErrorCode,
    Hello,
    Idle,
    Limits,
    LipwireError,
    Ready,
)

from .config import Settings
from .face.movie.kinds import kind_of
from .filming import Camera
from .observe.waiting import waiting
from .request import STANDARD_OUTPUT, Request, check, hello, look_of, sound_of, wrong
from .session.full_frames import FullFrames
from .session.host import Host
from .session.recital import Recital
from .speech.audio.files import SoundFile, open_sound
from .speech.audio.formats import TO_BYTES
from .speech.port import Synthesis
from .stage import find_faces, new_id, open_scheduler

__all__ = ["STANDARD_OUTPUT", "Request", "say"]


async def say(settings: Settings, request: Request, *, stdout: BinaryIO, err: TextIO) -> str:
    """Speaks a text into a sound file, a movie, and its timing into a JSON file; returns a line
    about it.

    Sound and movie are written while they are made. When a segment fails, the files have the
    others. `err` gets a bar when it is a terminal, and what was not understood of the text's
    markup.

    Raises LipwireError when there is nothing to say, a segment fails or a file cannot be written,
    BrokenPipeError when nobody reads standard output any more.
    """
    check(request)
    # What the command line or standard input had that is no character.
    text = request.text.encode("utf-8", "replace").decode()
    if not text.strip():
        raise LipwireError(ErrorCode.EMPTY_TEXT, "there is nothing to say in this text")
    sound = _Sound(request, stdout)
    async with AsyncExitStack() as stack:
        with waiting(err):
            scheduler = await stack.enter_async_context(open_scheduler(settings, time.monotonic_ns))
        show = stack.enter_context(_progress(err, len(text)))
        host = _host(settings, scheduler)
        camera = Camera(request.movie, host.studio) if request.movie else None
        file = _File(sound, show, camera)
        began = time.monotonic()
        try:
            with sound, camera or nullcontext():
                spoken = await _converse(host, hello(request), text, file, request.emotion)
        except* OSError:
            if sound.fault is None and (camera is None or camera.fault is None):
                raise
        took = time.monotonic() - began
    for path, writer in ((request.out, sound), (request.movie, camera)):
        if path is not None and writer is not None and writer.fault is not None:
            raise _unwritable(path, writer.fault)
    fault = spoken.fault()
    if fault is not None and not spoken.segments:
        raise fault
    for told in (
        *(warning.message for warning in spoken.warnings),
        *_less(request, spoken.ready),
    ):
        err.write(f"lipwire: {told}\n")
    if request.timing is not None:
        _write_timing(request.timing, text, spoken)
    if fault is not None:
        raise fault
    line = _line(request, spoken.samples / spoken.ready.audio.sample_rate, took)
    return line if camera is None else f"{line} ({_about(request, camera, spoken.ready)})"


def _line(request: Request, seconds: float, took: float) -> str:
    places = {STANDARD_OUTPUT: "standard output", None: ""}
    files = (request.out, request.timing, request.movie)
    names = " and ".join(filter(None, (places.get(path, str(path)) for path in files)))
    return f"{seconds:.1f} s of speech made in {took:.1f} s: {names or 'not kept, see --out'}"


def _about(request: Request, camera: Camera, ready: Ready) -> str:
    """The movie."""
    about = f"{camera.pictures} frames, {ready.frames.size} px"
    if request.movie is None or not request.movie.is_file():
        return about
    size = request.movie.stat().st_size
    return f"{about}, {size / 1e6:.1f} MB" if size >= 1e6 else f"{about}, {size / 1e3:.0f} kB"


def _less(request: Request, ready: Ready) -> Iterator[str]:
    """What a movie has not got."""
    look = look_of(request)
    if look is None or request.movie is None:
        return
    if ready.frames.size < look.size:
        yield f"the pictures of {ready.avatar} are {ready.frames.size} px wide, and no more"
    if kind_of(request.movie).silent and request.out is None:
        yield f"there is no sound in {request.movie}; --out makes a file of it"


# The conversation


class _Sound:
    """Where the audio goes. The file appears with its first sample."""

    def __init__(self, request: Request, stdout: BinaryIO) -> None:
        self.fault: OSError | None = None
        """Why it could not be written."""
        self._container, codec = sound_of(request)
        self._codec = Codec.PCM_F32LE if codec is Codec.OPUS else codec
        """Of what is written to the file; Opus is made of it there."""
        self._out = request.out
        self._stdout = stdout
        self._file: SoundFile | None = None
        self._stack = ExitStack()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        with self._stack, self._noting_faults():
            if self._file is not None and self.fault is None:
                self._file.finish()

    def write(self, audio: bytes, grant: AudioGrant) -> None:
        """Waits for whoever reads a pipe, and everything with it: what he does not read is not
        made."""
        if self._out is None:
            return
        if grant.codec is not self._codec:
            assert grant.codec is Codec.PCM_F32LE
            audio = TO_BYTES[self._codec](np.frombuffer(audio, "<f4"))
        with self._noting_faults():
            self._file = self._file or self._open(self._out, grant.sample_rate)
            self._file.write(audio)

    def _open(self, out: Path, rate: int) -> SoundFile:
        if out == STANDARD_OUTPUT:
            target, seekable = self._stdout, False
        else:
            target = self._stack.enter_context(out.open("wb"))
            seekable = target.seekable()
        return open_sound(target, self._container, self._codec, rate, seekable=seekable)

    @contextmanager
    def _noting_faults(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            self.fault = error
            raise


class _File:
    """Takes what is spoken, and tells how far it is."""

    def __init__(
        self, sound: _Sound, show: Callable[[int, float, int], None], camera: Camera | None = None
    ) -> None:
        """`show` is told how much of the text is spoken, how many seconds that is, and how many
        pictures."""
        self.camera = camera
        self._sound = sound
        self._show = show

    async def take(self, recital: Recital, message: Chunk | Idle) -> None:
        if isinstance(message, Chunk):
            assert isinstance(message.audio, bytes)
            self._sound.write(message.audio, recital.ready.audio)
        if self.camera is not None:
            await self.camera.take(message)
        if isinstance(message, Chunk):
            self._tell(recital, recital.samples + message.count)

    def _tell(self, recital: Recital, samples: int) -> None:
        segment = recital.segments[-1]
        begin, end = segment.span
        spoken = begin + (end - begin) * (samples - segment.start) // segment.count
        seconds = samples / recital.ready.audio.sample_rate
        self._show(spoken, seconds, self.camera.pictures if self.camera else 0)


@contextmanager
def _progress(err: TextIO, length: int) -> Iterator[Callable[[int, float, int], None]]:
    """A bar in a terminal, and nothing elsewhere: the line about the result is enough there."""
    if not err.isatty():
        yield lambda characters, seconds, pictures: None
        return
    columns = (BarColumn(), TaskProgressColumn(), TextColumn("{task.description}"))
    with Progress(
        *columns, TimeRemainingColumn(compact=True), console=Console(file=err), transient=True
    ) as bar:
        task = bar.add_task("reading", total=max(1, length))

        def show(characters: int, seconds: float, pictures: int) -> None:
            made = f"{seconds:.1f} s of speech" + (f", {pictures} frames" if pictures else "")
            bar.update(task, completed=characters, description=made)

        yield show


def _host(settings: Settings, synthesis: Synthesis) -> Host:
    studio, cast = find_faces(settings)
    return Host(
        synthesis=synthesis,
        default_voice=settings.voice,
        studio=studio,
        cast=cast,
        full_frames=FullFrames(1),
        limits=Limits(utterance_text=MAX_INTEGER),
        now_ns=time.monotonic_ns,
        wall=lambda: datetime.now(UTC),
        new_id=new_id,
        new_secret=lambda: "",
        record=lambda record, settled=None: None,
        storage_fault=lambda: None,
    )


async def _converse(
    host: Host, hello: Hello, text: str, file: _File, emotion: str | None = None
) -> Recital:
    camera = file.camera

    async def take(message: Chunk | Idle) -> None:
        await file.take(recital, message)

    with Recital(host, hello, take) as recital:
        if camera is not None:
            await camera.open(recital.ready)
        first = None if camera is None else camera.at_rest
        await recital.speak(text, emotion=emotion, first=first)
        if camera is not None and recital.samples:
            await camera.finish()
    return recital


def _write_timing(path: Path, text: str, spoken: Recital) -> None:
    ready, segments = spoken.ready, spoken.segments
    names = SETS["oculus"]
    document = {
        "voice": ready.voice.name,
        "speaker": ready.voice.speaker,
        "sample_rate": ready.audio.sample_rate,
        "samples": spoken.samples,
        "text": text,
        "words": [
            {"text": w.text, "begin": w.begin, "end": w.end, "start": w.start, "count": w.count}
            for segment in segments
            for w in segment.words or ()
        ],
        "phonemes": [
            {"symbol": p.symbol, "start": p.start, "count": p.count}
            for segment in segments
            for p in segment.phonemes or ()
        ],
        "visemes": [
            {"viseme": names[v.viseme], "start": v.start, "count": v.count, "weight": v.weight}
            for segment in segments
            for v in segment.visemes["oculus"]
        ],
        "marks": [
            {"name": mark.name, "at": mark.at}
            for segment in segments
            for mark in segment.marks or ()
        ],
    }
    try:
        path.write_text(json.dumps(document, ensure_ascii=False, indent=1) + "\n", "utf-8")
    except OSError as error:
        raise _unwritable(path, error) from error


# What can go wrong


def _unwritable(path: Path, error: OSError) -> Exception:
    if isinstance(error, BrokenPipeError) and path == STANDARD_OUTPUT:
        return error
    where = "standard output" if path == STANDARD_OUTPUT else str(path)
    return wrong(f"cannot write {where}: {error.strerror}")

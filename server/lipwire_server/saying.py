"""`lipwire say`: the conversation of the server, with a file instead of a socket."""

import asyncio
import json
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import BinaryIO, Final, Self, TextIO

from rich.console import Console
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn

from lipwire_protocol import (
    MAX_INTEGER,
    SETS,
    AudioFormat,
    Bye,
    Chunk,
    Codec,
    Error,
    ErrorCode,
    Flow,
    FlowMode,
    Hello,
    Limits,
    LipwireError,
    Ready,
    Segment,
    ServerMessage,
    Speak,
    TextOptions,
    Timing,
    Warning,
)

from .app import new_id, open_scheduler
from .config import Settings
from .session.host import Host
from .speech.audio.files import Container, SoundFile, container_of, open_sound, session_rate
from .speech.port import Synthesis

__all__ = ["STANDARD_OUTPUT", "Request", "say"]

STANDARD_OUTPUT: Final = Path("-")
_PIECE: Final = 1_000
"""Code points handed over at once, so that a whole book is not too much for a session."""
_PAUSE_S: Final = 0.02


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """What is to be said, how, and into what."""

    text: str
    reading: TextOptions = field(default_factory=TextOptions)
    lexicon: dict[str, str] = field(default_factory=dict)
    speaker: str | None = None
    rate_percent: int = 100
    volume_percent: int = 100
    noise_percent: int = 100
    seed: int = 0
    out: Path | None = None
    """`STANDARD_OUTPUT` is one of them."""
    container: Container | None = None
    """What `out` is; without it, what its name says."""
    codec: Codec | None = None
    """Of the samples in it, where the container leaves a choice."""
    sample_rate: int | None = None
    timing: Path | None = None


async def say(settings: Settings, request: Request, *, stdout: BinaryIO, err: TextIO) -> str:
    """Speaks a text into a sound file and its timing into a JSON file; returns a line about it.

    The sound is written while it is made. When a segment fails, the files have the others. `err`
    gets a bar when it is a terminal, and what was not understood of the text's markup.

    Raises LipwireError when there is nothing to say, a segment fails or a file cannot be written,
    BrokenPipeError when nobody reads standard output any more.
    """
    _check(request)
    # What the command line or standard input had that is no character.
    text = request.text.encode("utf-8", "replace").decode()
    if not text.strip():
        raise LipwireError(ErrorCode.EMPTY_TEXT, "there is nothing to say in this text")
    sound = _Sound(request, stdout)
    with _progress(err, len(text)) as show:
        file = _File(sound, show)
        async with open_scheduler(settings) as scheduler:
            began = time.monotonic()
            try:
                with sound:
                    await _converse(_host(settings, scheduler), _hello(request, sound), text, file)
            except* OSError:
                if sound.fault is None:
                    raise
            took = time.monotonic() - began
    if sound.fault is not None:
        assert request.out is not None
        raise _unwritable(request.out, sound.fault)
    if not file.segments:
        raise _as_exception(file)
    for warning in file.warnings:
        err.write(f"lipwire: {warning.message}\n")
    assert file.ready is not None
    if request.timing is not None:
        _write_timing(request.timing, file.ready, text, file)
    if file.errors:
        raise _as_exception(file)
    return _line(request, file.samples / file.ready.audio.sample_rate, took)


def _line(request: Request, seconds: float, took: float) -> str:
    places = {STANDARD_OUTPUT: "standard output", None: ""}
    files = (request.out, request.timing)
    names = " and ".join(filter(None, (places.get(path, str(path)) for path in files)))
    return f"{seconds:.1f} s of speech made in {took:.1f} s: {names or 'not kept, see --out'}"


# What was asked for


def _check(request: Request) -> None:
    """Everything that can be known to be wrong before the work."""
    for option, value, low, high in (
        ("--rate", request.rate_percent, 50, 200),
        ("--volume", request.volume_percent, 0, 200),
        ("--noise", request.noise_percent, 0, 200),
        ("--seed", request.seed, 0, MAX_INTEGER),
        ("--sample-rate", request.sample_rate, 8_000, 48_000),
    ):
        if value is not None and not low <= value <= high:
            raise _wrong(f"{option} is {value}; it is a number in {low}..{high}")
    container = _container(request)
    if container is Container.OPUS and request.codec is not None:
        raise _wrong(f"an Opus file holds Opus, not {request.codec}: leave --codec out")
    session_rate(container, request.sample_rate)
    if request.timing == STANDARD_OUTPUT:
        raise _wrong("--timing writes a file; standard output is for sound")
    paths = (request.out, request.timing)
    files = [path for path in paths if path is not None and path != STANDARD_OUTPUT]
    for path in files:
        if path.is_dir() or not path.absolute().parent.is_dir():
            raise _wrong(f"cannot write {path}: it is no file's place")
    if len(files) > len({path.absolute() for path in files}):
        raise _wrong("--out and --timing are the same file")


def _container(request: Request) -> Container:
    if request.container is not None:
        return request.container
    if request.out is None or request.out == STANDARD_OUTPUT:
        return Container.WAV
    return container_of(request.out)


def _hello(request: Request, sound: "_Sound") -> Hello:
    return Hello(
        speaker=request.speaker,
        rate_percent=request.rate_percent,
        volume_percent=request.volume_percent,
        noise_percent=request.noise_percent,
        lexicon=request.lexicon,
        seed=request.seed,
        audio=AudioFormat(
            codec=sound.codec, sample_rate=session_rate(sound.container, request.sample_rate)
        ),
        timing=Timing(words=True, phonemes=True),
        flow=Flow(mode=FlowMode.OFF),
        text=request.reading,
        persist=False,
    )


# The conversation


class _Sound:
    """Where the audio goes. The file appears with its first sample."""

    def __init__(self, request: Request, stdout: BinaryIO) -> None:
        self.container = _container(request)
        is_opus = self.container is Container.OPUS
        self.codec = Codec.PCM_F32LE if is_opus else request.codec or Codec.PCM_S16LE
        """Of what is written to this; Opus is made of it here."""
        self.fault: OSError | None = None
        """Why it could not be written."""
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

    def write(self, audio: bytes, rate: int) -> None:
        """Waits for whoever reads a pipe, and everything with it: what he does not read is not
        made."""
        if self._out is None:
            return
        with self._noting_faults():
            self._file = self._file or self._open(self._out, rate)
            self._file.write(audio)

    def _open(self, out: Path, rate: int) -> SoundFile:
        if out == STANDARD_OUTPUT:
            target, seekable = self._stdout, False
        else:
            target = self._stack.enter_context(out.open("wb"))
            seekable = target.seekable()
        return open_sound(target, self.container, self.codec, rate, seekable=seekable)

    @contextmanager
    def _noting_faults(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            self.fault = error
            raise


class _File:
    """Collects what is spoken, and tells how far it is."""

    def __init__(self, sound: _Sound, show: Callable[[int, float], None]) -> None:
        """`show` is told how much of the text is spoken, and how many seconds that is."""
        self.ready: Ready | None = None
        self.segments: list[Segment] = []
        self.samples = 0
        self.errors: list[Error] = []
        self.warnings: list[Warning] = []
        self._sound = sound
        self._show = show

    def control(self, message: ServerMessage) -> None:
        if isinstance(message, Ready):
            self.ready = message
        elif isinstance(message, Warning):
            self.warnings.append(message)

    async def media(self, message: ServerMessage, left: Callable[[], None] = lambda: None) -> None:
        left()
        match message:
            case Segment():
                self.segments.append(message)
            case Chunk():
                self._hear(message)
            case Error():
                self.errors.append(message)
            case Warning():
                self.warnings.append(message)

    def withdraw(self, utterance: int) -> list[ServerMessage]:
        return []

    def _hear(self, chunk: Chunk) -> None:
        assert self.ready is not None and isinstance(chunk.audio, bytes)
        rate = self.ready.audio.sample_rate
        self._sound.write(chunk.audio, rate)
        self.samples += chunk.count
        self._show(self.segments[-1].span[1], self.samples / rate)


@contextmanager
def _progress(err: TextIO, length: int) -> Iterator[Callable[[int, float], None]]:
    """A bar in a terminal, and nothing elsewhere: the line about the result is enough there."""
    if not err.isatty():
        yield lambda characters, seconds: None
        return
    columns = (BarColumn(), TaskProgressColumn(), TextColumn("{task.description}"))
    with Progress(
        *columns, TimeRemainingColumn(compact=True), console=Console(file=err), transient=True
    ) as bar:
        task = bar.add_task("reading", total=max(1, length))

        def show(characters: int, seconds: float) -> None:
            bar.update(task, completed=characters, description=f"{seconds:.1f} s of speech")

        yield show


def _host(settings: Settings, synthesis: Synthesis) -> Host:
    return Host(
        synthesis=synthesis,
        default_voice=settings.voice,
        limits=Limits(utterance_text=MAX_INTEGER),
        now_ns=time.monotonic_ns,
        wall=lambda: datetime.now(UTC),
        new_id=new_id,
        new_secret=lambda: "",
        record=lambda record: None,
        storage_fault=lambda: None,
    )


async def _converse(host: Host, hello: Hello, text: str, file: _File) -> None:
    conversation = host.open(hello, file).conversation
    async with asyncio.TaskGroup() as group:
        group.create_task(conversation.run())
        for begin in range(0, len(text), _PIECE):
            conversation.receive(Speak(utterance=1, text=text[begin : begin + _PIECE]))
            # There is no event for it: what is taken and cannot be spoken gives no message.
            while conversation.busy and conversation.waiting > host.limits.waiting_text // 2:  # noqa: ASYNC110
                await asyncio.sleep(_PAUSE_S)
        conversation.receive(Speak(utterance=1, end=True))
        conversation.receive(Bye())


def _write_timing(path: Path, ready: Ready, text: str, file: _File) -> None:
    names = SETS["oculus"]
    document = {
        "voice": ready.voice.name,
        "speaker": ready.voice.speaker,
        "sample_rate": ready.audio.sample_rate,
        "samples": file.samples,
        "text": text,
        "words": [
            {"text": w.text, "begin": w.begin, "end": w.end, "start": w.start, "count": w.count}
            for segment in file.segments
            for w in segment.words or ()
        ],
        "phonemes": [
            {"symbol": p.symbol, "start": p.start, "count": p.count}
            for segment in file.segments
            for p in segment.phonemes or ()
        ],
        "visemes": [
            {"viseme": names[v.viseme], "start": v.start, "count": v.count, "weight": v.weight}
            for segment in file.segments
            for v in segment.visemes["oculus"]
        ],
        "marks": [
            {"name": mark.name, "at": mark.at}
            for segment in file.segments
            for mark in segment.marks or ()
        ],
    }
    try:
        path.write_text(json.dumps(document, ensure_ascii=False, indent=1) + "\n", "utf-8")
    except OSError as error:
        raise _unwritable(path, error) from error


# What can go wrong


def _as_exception(file: _File) -> LipwireError:
    trouble: list[Error | Warning] = [*file.errors, *file.warnings]
    if trouble:
        return LipwireError(trouble[0].code, trouble[0].message)
    return LipwireError(ErrorCode.EMPTY_TEXT, "there is nothing to say in this text")


def _unwritable(path: Path, error: OSError) -> Exception:
    if isinstance(error, BrokenPipeError) and path == STANDARD_OUTPUT:
        return error
    where = "standard output" if path == STANDARD_OUTPUT else str(path)
    return _wrong(f"cannot write {where}: {error.strerror}")


def _wrong(text: str) -> LipwireError:
    return LipwireError(ErrorCode.BAD_MESSAGE, text)

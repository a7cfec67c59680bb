"""`lipwire say`: the conversation of the server, with a file instead of a socket."""

import asyncio
import json
import sys
import time
import wave
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import TextIO

from lipwire_protocol import (
    MAX_INTEGER,
    SETS,
    Bye,
    Chunk,
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
    Timing,
    Warning,
)

from .app import new_id, open_scheduler
from .config import Settings
from .session.host import Host
from .speech.port import Synthesis

__all__ = ["say"]

_PIECE = 1_000
"""Code points handed over at once, so that a whole book is not too much for a session."""
_PAUSE_S = 0.02


class _File:
    """Collects what is spoken, and tells how far it is."""

    def __init__(self, length: int, progress: TextIO | None) -> None:
        self.ready: Ready | None = None
        self.segments: list[Segment] = []
        self.audio: list[bytes] = []
        self.samples = 0
        self.errors: list[Error] = []
        self.warnings: list[Warning] = []
        self._length = max(1, length)
        self._progress = progress

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
                self._show(message.span[1])
            case Chunk():
                assert isinstance(message.audio, bytes)
                self.audio.append(message.audio)
                self.samples += message.count
            case Error():
                self.errors.append(message)
            case Warning():
                self.warnings.append(message)

    def withdraw(self, utterance: int) -> list[ServerMessage]:
        return []

    def _show(self, end: int) -> None:
        if self._progress is not None and self.ready is not None:
            seconds = self.samples / self.ready.voice.sample_rate
            filled = 30 * end // self._length
            self._progress.write(
                f"\r[{'#' * filled}{'.' * (30 - filled)}] {100 * end // self._length:3} %"
                f"  {seconds:6.1f} s of speech"
            )
            self._progress.flush()


async def say(
    settings: Settings,
    text: str,
    *,
    out: Path | None,
    timing: Path | None,
    rate_percent: int,
    seed: int,
) -> str:
    """Speaks `text` into a WAV file and its timing into a JSON file; returns a line about it.

    When a segment fails, the files have the others.

    Raises LipwireError when there is nothing to say, a segment fails or a file cannot be written.
    """
    if not 50 <= rate_percent <= 200:
        raise LipwireError(ErrorCode.BAD_MESSAGE, f"a rate of {rate_percent} % is not in 50..200")
    # What the command line or standard input had that is no character.
    text = text.encode("utf-8", "replace").decode()
    if not text.strip():
        raise LipwireError(ErrorCode.EMPTY_TEXT, "there is nothing to say in this text")
    if not 0 <= seed <= MAX_INTEGER:
        raise LipwireError(ErrorCode.BAD_MESSAGE, f"a seed of {seed} is not in 0..{MAX_INTEGER}")
    _check_files(out, timing)
    progress = sys.stderr if sys.stderr.isatty() else None
    file = _File(len(text), progress)
    hello = Hello(
        flow=Flow(mode=FlowMode.OFF),
        timing=Timing(words=True, phonemes=True),
        rate_percent=rate_percent,
        seed=seed,
        persist=False,
    )
    async with open_scheduler(settings) as scheduler:
        began = time.monotonic()
        await _converse(_host(settings, scheduler), hello, text, file)
        took = time.monotonic() - began
    if progress is not None:
        progress.write("\r\033[K")
    if not file.segments:
        raise _as_exception(file)
    assert file.ready is not None
    rate = file.ready.voice.sample_rate
    if out is not None:
        _write_wav(out, rate, b"".join(file.audio))
    if timing is not None:
        _write_timing(timing, file.ready, text, file)
    if file.errors:
        raise _as_exception(file)
    seconds = file.samples / rate
    names = " and ".join(str(path) for path in (out, timing) if path is not None)
    return f"{seconds:.1f} s of speech made in {took:.1f} s: {names or 'not kept, see --out'}"


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


def _check_files(*paths: Path | None) -> None:
    """Before the work, not after it."""
    given = [path for path in paths if path is not None]
    for path in given:
        if path.is_dir() or not path.absolute().parent.is_dir():
            raise LipwireError(ErrorCode.BAD_MESSAGE, f"cannot write {path}: it is no file's place")
    if len(given) > len({path.absolute() for path in given}):
        raise LipwireError(ErrorCode.BAD_MESSAGE, "--out and --timing are the same file")


def _as_exception(file: _File) -> LipwireError:
    trouble: list[Error | Warning] = [*file.errors, *file.warnings]
    if trouble:
        return LipwireError(trouble[0].code, trouble[0].message)
    return LipwireError(ErrorCode.EMPTY_TEXT, "there is nothing to say in this text")


def _write_wav(path: Path, rate: int, audio: bytes) -> None:
    try:
        with path.open("wb") as target, wave.open(target, "wb") as wav:
            wav.setnchannels(1)
            wav.setsampwidth(2)
            wav.setframerate(rate)
            wav.writeframes(audio)
    except OSError as error:
        raise _unwritable(path, error) from error


def _write_timing(path: Path, ready: Ready, text: str, file: _File) -> None:
    names = SETS["oculus"]
    document = {
        "voice": ready.voice.name,
        "sample_rate": ready.voice.sample_rate,
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
    }
    try:
        path.write_text(json.dumps(document, ensure_ascii=False, indent=1) + "\n", "utf-8")
    except OSError as error:
        raise _unwritable(path, error) from error


def _unwritable(path: Path, error: OSError) -> LipwireError:
    return LipwireError(ErrorCode.BAD_MESSAGE, f"cannot write {path}: {error.strerror}")

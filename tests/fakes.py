"""Stand-ins for what a session is given: a voice, a sink, clocks, ids and a recorder.

On a loop with the mark `virtual_time` everything here is exact: `FakeSynthesis` makes a fixed
number of samples of each character, at a rate at which one sample is one millisecond, after delays
that are given to it; a silence is a character without a sound. To extend it, give `FakeSynthesis`
another keyword and use it in `speak`.
"""

import asyncio
import itertools
import re
from collections import deque
from collections.abc import AsyncGenerator, Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import fields, replace
from datetime import UTC, datetime, timedelta
from uuid import UUID

import numpy as np
from msgspec import structs
from numpy.typing import NDArray

from lipwire_client import OrderChecker
from lipwire_protocol import (
    WEIGHT_SETS,
    ErrorCode,
    Limits,
    LipwireError,
    Oculus,
    Segment,
    ServerMessage,
)
from lipwire_server.access.gate import Gate
from lipwire_server.access.visitors import Visitors
from lipwire_server.face.cast import Cast
from lipwire_server.face.studio import Studio
from lipwire_server.session.full_frames import FullFrames
from lipwire_server.session.host import Host
from lipwire_server.session.journal import Recording
from lipwire_server.speech.port import (
    Job,
    Listener,
    PhonemeSpan,
    Plan,
    SpeechStats,
    VisemeSpan,
    VoiceInfo,
    Window,
    WordSpan,
)
from lipwire_server.store.keys import StoredKey
from lipwire_server.store.records import Record
from tests.tiny_avatar import NAME, SIZE, tiny_avatar

__all__ = [
    "BEGAN",
    "SECRET",
    "VOICE",
    "WATCH_SECRET",
    "WIRE_VOICE",
    "FakeMouth",
    "FakeSink",
    "FakeSynthesis",
    "fake_host",
    "now_ns",
    "open_gate",
    "plan_of",
    "recording",
]

VOICE = VoiceInfo(name="fake", language="en-US", sample_rate=1_000)
"""One sample a millisecond: positions read as milliseconds."""
WIRE_VOICE = replace(VOICE, sample_rate=8_000)
"""One whose rate the wire allows: the lowest."""
SECRET = "a secret"
WATCH_SECRET = "only to watch"
BEGAN = datetime(2026, 1, 1, tzinfo=UTC)
_WORD = re.compile(r"\w+")


def now_ns() -> int:
    """The clock of the running loop."""
    return round(asyncio.get_running_loop().time() * 1e9)


class FakeMouth:
    """Has the sets that it is given; weights tell the time: all of a row are its sample / 10."""

    def __init__(self, sets: Mapping[str, tuple[VisemeSpan, ...]] | None = None) -> None:
        self.sets = sets or {}

    def weights(self, name: str, times: NDArray[np.int64]) -> NDArray[np.uint8]:
        columns = len(WEIGHT_SETS[name])
        return np.repeat((times // 10 % 256)[:, np.newaxis], columns, axis=1).astype(np.uint8)


def plan_of(text: str, per_character: int, now_ns: int = 0) -> Plan:
    """Each character is a phoneme of `per_character` samples; the mouth is open for letters."""
    words = [found.span() for found in _WORD.finditer(text)]
    word_of = {at: word for word, span in enumerate(words) for at in range(*span)}
    return Plan(
        count=len(text) * per_character,
        words=tuple(
            WordSpan(
                text[begin:end], begin, end, begin * per_character, (end - begin) * per_character
            )
            for begin, end in words
        ),
        phonemes=tuple(
            PhonemeSpan(character, at * per_character, per_character, word_of.get(at, -1))
            for at, character in enumerate(text)
        ),
        mouth=FakeMouth(
            {
                "oculus": tuple(
                    VisemeSpan(_shape(character), at * per_character, per_character, 255)
                    for at, character in enumerate(text)
                )
            }
        ),
        phonemized_ns=now_ns,
        encoded_ns=now_ns,
    )


def _shape(character: str) -> int:
    return Oculus.AA if character.isalnum() else Oculus.SIL


class FakeSynthesis:
    """Speaks without a model. Jobs are numbered from 0 in the order in which they come.

    - `fail_plan`, `fail_middle`: numbers of jobs that fail before their plan, after a window.
    - `plan_after`, `window_after`: seconds of the loop's clock before a plan and each window.
    """

    def __init__(
        self,
        *,
        per_character: int = 100,
        window: int = 500,
        plan_after: float = 0.0,
        window_after: float = 0.0,
        fail_plan: Collection[int] = (),
        fail_middle: Collection[int] = (),
        error: Exception | None = None,
        known: Sequence[VoiceInfo] = (VOICE,),
    ) -> None:
        self.per_character = per_character
        self.window = window
        self.plan_after = plan_after
        self.window_after = window_after
        self.fail_plan = fail_plan
        self.fail_middle = fail_middle
        self.error = error or LipwireError(ErrorCode.SYNTHESIS_FAILED, "the voice failed")
        self.known = tuple(known)
        self.jobs: list[Job] = []
        """All that were begun."""
        self.cancelled: list[Job] = []
        """Those that were closed before their end."""
        self.listeners: list[Listener] = []
        """All that took a seat."""
        self.seated = 0
        """Those who have one now."""

    def voices(self) -> tuple[VoiceInfo, ...]:
        return self.known

    def stats(self) -> SpeechStats:
        nothing = dict.fromkeys((field.name for field in fields(SpeechStats)), 0)
        return SpeechStats(**{**nothing, "segments": len(self.jobs)})

    @contextmanager
    def seat(self, listener: Listener) -> Iterator["FakeSynthesis"]:
        self.listeners.append(listener)
        self.seated += 1
        try:
            yield self
        finally:
            self.seated -= 1

    async def speak(self, job: Job) -> AsyncGenerator[Plan | Window, None]:
        number = len(self.jobs)
        self.jobs.append(job)
        whole = False
        try:
            await asyncio.sleep(self.plan_after)
            if number in self.fail_plan:
                raise self.error
            if job.text and _WORD.search(job.text) is None:
                raise LipwireError(ErrorCode.EMPTY_TEXT, "there is nothing to say")
            text, per_character = job.text, self.per_character
            if not text:
                text, per_character = "\0", job.silence_ms
            yield plan_of(text, per_character, now_ns())
            async for window in self._windows(text, per_character):
                if number in self.fail_middle and window.index > 0:
                    raise self.error
                yield window
            whole = True
        except LipwireError:
            whole = True
            raise
        finally:
            if not whole:
                self.cancelled.append(job)

    async def _windows(self, text: str, per_character: int) -> AsyncGenerator[Window, None]:
        levels = np.array([ord(character) / 2**21 for character in text], np.float32)
        samples = np.repeat(levels, per_character)
        for index, start in enumerate(range(0, samples.size, self.window)):
            await asyncio.sleep(self.window_after)
            yield Window(index=index, start=start, samples=samples[start : start + self.window])


class FakeSink:
    """Numbers what leaves, like a connection does, and holds it to the protocol's order.

    - As it is, everything leaves at once.
    - After `hold()` media waits in `lane`, at most `room` messages, and whoever adds more blocks;
      `release()` lets it leave. Control messages still leave at once.
    """

    def __init__(self, segment: Segment | None = None, sample: int = 0) -> None:
        """`segment` and `sample`: where a stream that broke off goes on."""
        self.sent: list[ServerMessage] = []
        self.lane: deque[tuple[ServerMessage, Callable[[], None]]] = deque()
        self.room: int | None = None
        self.congested = False
        self._holding = False
        self._order = OrderChecker(segment, sample)
        self._changed = asyncio.Event()

    def hold(self, room: int | None = None) -> None:
        self._holding, self.room = True, room

    def release(self) -> None:
        self._holding = False
        while self.lane:
            message, left = self.lane.popleft()
            left()
            self._leave(message)
        self._changed.set()

    async def media(self, message: ServerMessage, left: Callable[[], None] = lambda: None) -> None:
        while self._holding and self.room is not None and len(self.lane) >= self.room:
            self._changed.clear()
            await self._changed.wait()
        if self._holding:
            self.lane.append((message, left))
        else:
            left()
            self._leave(message)

    def control(self, message: ServerMessage) -> None:
        self._leave(message)

    def withdraw(self, utterance: int) -> list[ServerMessage]:
        withdrawn = [m for m, _ in self.lane if getattr(m, "utterance", None) == utterance]
        self.lane = deque(item for item in self.lane if item[0] not in withdrawn)
        self._changed.set()
        return withdrawn

    def _leave(self, message: ServerMessage) -> None:
        message = structs.replace(message, seq=len(self.sent) + 1)
        self.sent.append(message)
        self._order.check(message)


def recording(records: list[Record]) -> Recording:
    """Keeps what is recorded; it is durable at once."""

    def record(item: Record, settled: Callable[[], None] | None = None, /) -> None:
        records.append(item)
        if settled is not None:
            settled()

    return record


def open_gate() -> Gate:
    """Lets everybody in."""

    async def load() -> list[StoredKey]:
        return []

    visitors = Visitors(0, lambda: 0.0)
    return Gate(load, locked=False, visitors=visitors, wall=lambda: BEGAN)


def fake_host(
    synthesis: FakeSynthesis,
    records: list[Record] | None = None,
    *,
    limits: Limits | None = None,
    fault: str | None = None,
    full_frames: int = 2,
) -> Host:
    """A host on the loop's clock; ids count from 1, and what is recorded goes into `records`."""
    numbers = itertools.count(1)
    secrets = itertools.cycle([SECRET, WATCH_SECRET])  # As a session that is opened asks for them.
    kept: list[Record] = [] if records is None else records
    return Host(
        synthesis=synthesis,
        default_voice=synthesis.known[0].name,
        studio=Studio({NAME: tiny_avatar}, NAME, cache_bytes=1 << 20),
        cast=Cast(NAME, {NAME: SIZE}),
        full_frames=FullFrames(full_frames),
        limits=limits or Limits(),
        now_ns=now_ns,
        wall=lambda: BEGAN + timedelta(microseconds=now_ns() // 1_000),
        new_id=lambda: UUID(int=next(numbers)),
        new_secret=lambda: next(secrets),
        record=recording(kept),
        storage_fault=lambda: fault,
    )

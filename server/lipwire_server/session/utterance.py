"""One utterance: text comes in at one end, segments go out at the other."""

import asyncio
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Final

from lipwire_protocol import (
    Ledger,
    Position,
    Segment,
    SegmentEnded,
    ServerMessage,
    UtteranceState,
    WordTiming,
)
from lipwire_protocol.utterance import advance

from ..speech.text.reader import Reader
from ..speech.text.segment import Segment as TextSegment
from ..speech.text.source import Problem
from .account import Line
from .resuming import Step, not_there

__all__ = ["FlushMark", "Utterance"]

_TURNS: Final = 3
"""Of the loop, until what lay in a socket has come: one that was held up runs its timers first."""


@dataclass(frozen=True, slots=True)
class FlushMark:
    """Stands among the segments where a `flush` was asked for."""


@dataclass(slots=True)
class Stamps:
    """Times of a segment's text, in nanoseconds of the session's clock."""

    first_text_ns: int = 0
    last_text_ns: int = 0


@dataclass(slots=True)
class Utterance:
    """Everything that is said for one request; its timeline starts at sample 0."""

    number: int
    reader: Reader
    idle_flush_ms: int
    """Text that stands still for so long is taken for complete."""
    state: UtteranceState = UtteranceState.QUEUED
    at: int = 0
    """Offset on the session's clock, in samples; set when it starts."""
    begin: int = 0
    """First sample that is spoken: another one than 0 only of a replay."""
    sent: int = 0
    """Where it is by now: samples whose chunks were handed to the outbox."""
    heard: int | None = None
    """Samples that the client last reported as heard."""
    open: bool = True
    """More text may come."""
    stamps: Stamps = field(default_factory=Stamps)
    left: bool = False
    """Its end is on the wire: nothing of it can be taken back any more."""
    adrift: bool = False
    """It was sent on a connection that was lost, and nothing was reported of it since."""
    failed: bool = False
    """A segment could not be synthesized."""
    segments_ended: int = 0
    segments: list[Segment] = field(default_factory=list)
    """What was sent of its timing, in order and complete."""
    first_segment: int = 0
    """Number of the first of `segments`: those before it were sent by another process."""
    passed: int = 0
    """Samples of the segments before those, where they are not spoken."""
    resumed: Position | None = None
    """Where the listener stands; until the segment that he was in the middle of is there again."""
    begun: bool = False
    """A segment is being planned."""
    paused: bool = False
    is_replay: bool = False
    on_flush: Callable[[], None] = lambda: None
    """Called when what has come is spoken without waiting for more."""
    length: int = 0
    """Code points of its text."""
    _parts: list[str] = field(default_factory=list)
    _steps: Iterator[Step] = field(default_factory=lambda: iter(()))
    """Text that came before this connection, and that the reader has not got yet."""
    _unread: int = 0
    """Code points of that."""
    _sought: tuple[int, int] | None = None
    """The span of the segment to go on with, until the reader has come to it."""
    _is_lost: bool = False
    """The reader never comes to it."""
    _problems_told: int = 0
    _ready: deque[TextSegment | FlushMark] = field(default_factory=deque)
    _changed: asyncio.Event = field(default_factory=asyncio.Event)

    @property
    def text(self) -> str:
        """All that came."""
        self._parts[:] = ["".join(self._parts)]
        return self._parts[0]

    @property
    def announced(self) -> Segment | None:
        """The segment of which only that is known which the listener said."""
        return self.segments[-1] if self.resumed is not None else None

    def advance(self, message: ServerMessage) -> None:
        """Raises LipwireError `bad_state` for a message that breaks the order."""
        self.state = advance(self.state, message)

    @property
    def waiting(self) -> int:
        """Code points that wait to be spoken; the white space between segments does not."""
        ready = (item.end - item.begin for item in self._ready if not isinstance(item, FlushMark))
        return self._unread + self.reader.pending + sum(ready)

    @property
    def open_segment(self) -> Segment | None:
        """The segment whose timing was sent, but not its end."""
        return self.segments[-1] if len(self.segments) > self.segments_ended else None

    @property
    def words(self) -> Iterator[WordTiming]:
        """Words that begin in what was sent: of a segment that failed, not those after it."""
        ends = [segment.start for segment in self.segments[1:]] + [self.sent]
        for segment, end in zip(self.segments, ends, strict=False):
            yield from (word for word in segment.words or () if word.start < end)

    @property
    def next_segment(self) -> tuple[int, int]:
        """Number and first sample of the next segment."""
        if self.resumed is not None:
            return self.resumed.segment, self.resumed.start
        is_passing = self.begin > 0 and not self.segments
        start = self.passed if is_passing else self.sent
        return self.first_segment + len(self.segments), start

    @property
    def next_unbegun(self) -> int:
        """Number of the next segment of which nothing is decided yet."""
        is_decided = self.begun or self.resumed is not None
        return self.next_segment[0] + is_decided

    def start(self, clock: int) -> None:
        """Its turn has come, there on the session's clock."""
        self.sent = max(self.sent, self.begin)
        self.at = clock - self.sent

    def skip_to(self, line: Line) -> None:
        """The text comes to that segment, and what lies before it is not spoken: where it ends is
        known without a plan of it."""
        self.first_segment, self.passed = line.segment, line.start
        self._sought = line.text.begin, line.text.end

    def passes_over(self, segment: Segment) -> bool:
        """Whether the next segment lies before what is to be spoken; then it is left behind."""
        end = segment.start + segment.count
        if self.segments or not self.begin or end > self.begin:
            return False
        self.first_segment += 1
        self.passed = end
        return True

    def add(self, segment: Segment) -> None:
        self.segments.append(segment)

    def resume(self, position: Position, at: int, known: Sequence[Segment] = ()) -> None:
        """Stands where another connection broke off, in the middle of a segment.

        All the text is still to come: what was spoken of it is passed over. `known` is what this
        process knows of its timing.
        """
        self.at, self.sent, self.state = at, position.sample, UtteranceState.SPEAKING
        self.resumed, self._sought = position, position.span
        earlier = [segment for segment in known if segment.segment < position.segment]
        self.first_segment = position.segment - len(earlier)
        self.segments = [*earlier, _announced(position)]
        self.segments_ended = len(earlier)

    def take_up(self, segment: Segment) -> int:
        """How many samples of the next segment are not to be sent: those that have arrived, of
        one that was broken off; those before the first that is wanted, of a replay.

        Raises LipwireError `not_found` where it is not the one that the listener knows.
        """
        if self.resumed is None:
            return 0 if self.segments else max(0, self.begin - segment.start)
        arrived = self.resumed.sample - self.resumed.start
        if arrived > segment.count:
            raise not_there(self.resumed)
        self.segments[-1] = segment
        self.resumed = None
        return arrived

    def withdraw(self, messages: list[ServerMessage], samples: int) -> None:
        """These messages, with so many samples, did not leave."""
        gone = {message.segment for message in messages if isinstance(message, Segment)}
        self.segments = [segment for segment in self.segments if segment.segment not in gone]
        self.segments_ended -= sum(isinstance(message, SegmentEnded) for message in messages)
        self.sent -= samples

    def append(self, text: str, now_ns: int, *, last: bool) -> None:
        """Takes more text; after the `last` of it, what is left is the last segment."""
        self._take(text, now_ns, last=last)
        while self._read_on():
            pass
        self._read(Step(text, last=last))
        self._changed.set()

    def follow(self, text: str, steps: Iterator[Step], now_ns: int, *, last: bool) -> None:
        """Takes text that came before: the reader gets it step by step, as it is needed."""
        self._take(text, now_ns, last=last)
        self._steps, self._unread = steps, len(text)
        self._read_on()
        self._changed.set()

    def _take(self, text: str, now_ns: int, *, last: bool) -> None:
        if not self.length:
            self.stamps.first_text_ns = now_ns
        self.stamps.last_text_ns = now_ns
        self._parts.append(text)
        self.length += len(text)
        self.open = not last

    def _read_on(self) -> bool:
        """Whether there was another step."""
        step = next(self._steps, None)
        if step is not None:
            self._unread -= len(step.text)
            self._read(step)
        return step is not None

    def _read(self, step: Step) -> None:
        self._extend(self.reader.push(step.text, last=step.last))
        if step.flushes:
            self._extend(self.reader.flush())
        self._is_lost = self._is_lost or (step.last and self._sought is not None)

    def close(self) -> None:
        """No more text comes."""
        if self.open:
            self.append("", self.stamps.last_text_ns, last=True)

    def new_problems(self) -> list[Problem]:
        """What was not understood of the text's markup since this was asked last."""
        problems = self.reader.problems[self._problems_told :]
        self._problems_told += len(problems)
        return problems

    def flush(self, *, mark: bool) -> None:
        """Turns what waits for the end of its sentence into a segment."""
        while self._read_on():
            pass
        if self.reader.pending:
            self.on_flush()
        self._extend(self.reader.flush())
        if mark:
            self._ready.append(FlushMark())
        self._changed.set()

    async def next(self) -> TextSegment | FlushMark | None:
        """The next segment or mark, as soon as it is certain; None after the last.

        Text that stands still for `idle_flush_ms` is taken for complete.

        Raises LipwireError `not_found` where the listener stands at a place that is not there.
        """
        while not self._ready:
            if self._is_lost:
                assert self.resumed is not None
                raise not_there(self.resumed)
            if self._read_on():
                await asyncio.sleep(0)  # A long text is not for one turn of the loop.
                continue
            if not self.open:
                return None
            if not await self._stands_still():
                continue
            if self.reader.pending:
                self.flush(mark=False)
            else:
                await self._changed.wait()
        return self._ready.popleft()

    async def _stands_still(self) -> bool:
        """Whether nothing comes for `idle_flush_ms`."""
        self._changed.clear()
        with suppress(TimeoutError):
            async with asyncio.timeout(self.idle_flush_ms / 1000):
                await self._changed.wait()
        turns = _TURNS
        while turns and not self._changed.is_set():
            await asyncio.sleep(0)
            turns -= 1
        return not self._changed.is_set()

    def _extend(self, segments: Sequence[TextSegment]) -> None:
        for segment in segments:
            if self._sought == (segment.begin, segment.end):
                self._sought = None
            if self._sought is None:
                self._ready.append(segment)
            elif segment.end > self._sought[0] and segment.begin >= self._sought[0]:
                self._is_lost = True


def _announced(position: Position) -> Segment:
    """What is known of a segment that another process sent."""
    return Segment(
        utterance=position.utterance,
        segment=position.segment,
        start=position.start,
        count=position.sample - position.start,
        text="",
        span=position.span,
        visemes={},
        ledger=Ledger(received=0, queued=0, phonemized=0, encoded=0),
    )

"""One utterance: text comes in at one end, segments go out at the other."""

import asyncio
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field

from lipwire_protocol import (
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

__all__ = ["FlushMark", "Utterance"]


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
    sent: int = 0
    """Samples whose chunks were handed to the outbox."""
    heard: int | None = None
    """Samples that the client last reported as heard."""
    text: str = ""
    open: bool = True
    """More text may come."""
    stamps: Stamps = field(default_factory=Stamps)
    left: bool = False
    """Its end is on the wire: nothing of it can be taken back any more."""
    failed: bool = False
    """A segment could not be synthesized."""
    segments_ended: int = 0
    segments: list[Segment] = field(default_factory=list)
    """What was sent of its timing, in order and complete."""
    paused: bool = False
    _problems_told: int = 0
    _ready: deque[TextSegment | FlushMark] = field(default_factory=deque)
    _changed: asyncio.Event = field(default_factory=asyncio.Event)

    def advance(self, message: ServerMessage) -> None:
        """Raises LipwireError `bad_state` for a message that breaks the order."""
        self.state = advance(self.state, message)

    @property
    def waiting(self) -> int:
        """Code points that wait to be spoken; the white space between segments does not."""
        ready = (item.end - item.begin for item in self._ready if not isinstance(item, FlushMark))
        return self.reader.pending + sum(ready)

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

    def add(self, segment: Segment) -> None:
        self.segments.append(segment)

    def withdraw(self, messages: list[ServerMessage], samples: int) -> None:
        """These messages, with so many samples, did not leave."""
        gone = {message.segment for message in messages if isinstance(message, Segment)}
        self.segments = [segment for segment in self.segments if segment.segment not in gone]
        self.segments_ended -= sum(isinstance(message, SegmentEnded) for message in messages)
        self.sent -= samples

    def append(self, text: str, now_ns: int, *, last: bool) -> None:
        """Takes more text; after the `last` of it, what is left is the last segment."""
        if not self.text:
            self.stamps.first_text_ns = now_ns
        self.stamps.last_text_ns = now_ns
        self.text += text
        self.open = not last
        self._ready.extend(self.reader.push(text, last=last))
        self._changed.set()

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
        self._ready.extend(self.reader.flush())
        if mark:
            self._ready.append(FlushMark())
        self._changed.set()

    async def next(self) -> TextSegment | FlushMark | None:
        """The next segment or mark, as soon as it is certain; None after the last.

        Text that stands still for `idle_flush_ms` is taken for complete.
        """
        while not self._ready:
            if not self.open:
                return None
            self._changed.clear()
            try:
                async with asyncio.timeout(self.idle_flush_ms / 1000):
                    await self._changed.wait()
            except TimeoutError:
                if not self.reader.pending:
                    await self._changed.wait()
                else:
                    self.flush(mark=False)
        return self._ready.popleft()

"""The account of a session: what was spoken of it, as its speaker came to it. Observers follow it.

Where a segment ends, and what holds for it, is decided once: by the conversation of the one who
speaks. It notes here what it has decided, and whoever watches speaks the same again, at his own
pace and in his own format.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Final, Protocol, TypeAlias

from lipwire_protocol import EndReason, Interrupted, LipwireError, Posed, Segment

from ..speech.text.segment import Segment as TextSegment
from ..stopping import without_frames
from .terms import Terms

__all__ = [
    "FREE",
    "MOST_CHARACTERS",
    "Account",
    "Cursor",
    "Follower",
    "Item",
    "Line",
    "Passage",
    "Payer",
]

MOST_CHARACTERS: Final = 100_000
_ALL: Final = 2**62
"""More characters than a text has."""
_PASSAGES: Final = 256
"""What is kept at most: of more, the utterances that ended longest ago are let go."""


class Payer(Protocol):
    """Whose key counts what is spoken a second time, made anew or not."""

    @property
    def key(self) -> str | None:
        """Names it; None where no keys are asked for."""

    def check_again(self) -> None:
        """Raises LipwireError (`rate_limited`) where it has had its share."""

    def owe_again(self, characters: int) -> None: ...


class _Free:
    key = None

    def check_again(self) -> None:
        pass

    def owe_again(self, characters: int) -> None:
        pass


FREE: Final[Payer] = _Free()


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """A segment whose timing the speaker was sent."""

    segment: int
    text: TextSegment
    terms: Terms
    start: int
    """Samples of the utterance before it, at the speaker's rate."""
    count: int


Item: TypeAlias = Line | LipwireError
"""An error stands where a segment could not be spoken."""


@dataclass(slots=True, eq=False)
class Passage:
    """One utterance, as far as it was spoken."""

    number: int
    begin: int = 0
    """First sample of it that was spoken here."""
    items: list[Item] = field(default_factory=list)
    interrupted: Interrupted | None = None
    """What the speaker was told when it was cut off."""
    reason: EndReason | None = None
    """Once it has ended."""
    spoken: int = 0
    """Characters of its text that were spoken already, or were said to another process."""

    @property
    def lines(self) -> Iterator[Line]:
        return (item for item in self.items if isinstance(item, Line))

    @property
    def last_segment(self) -> int:
        """Its number; -1 where there is none."""
        lines = (item for item in reversed(self.items) if isinstance(item, Line))
        return next((line.segment for line in lines), -1)

    def line_before(self, sample: int) -> Line | None:
        """The last one that begins there or before."""
        found = None
        for line in self.lines:
            if line.start > sample:
                break
            found = line
        return found

    @property
    def length(self) -> int:
        """Characters of it."""
        return sum(line.text.end - line.text.begin for line in self.lines)


@dataclass(frozen=True, slots=True)
class Cursor:
    """Where to begin: in this utterance, or before the first one after it if `item` is None."""

    utterance: int
    item: int | None = None
    sample: int = 0
    """Of that item, at the speaker's rate."""

    def at_start(self) -> "Cursor":
        """Of the item."""
        return replace(self, sample=0)


class Follower(Protocol):
    """Somebody who is told at once."""

    def notice(self) -> None:
        """There is more to follow, or something is held, released or at its end."""

    def stop(self, passage: Passage) -> None:
        """It was interrupted."""

    def pose(self, posed: Posed) -> None: ...


class Account:
    """Outlives the connections of a session. Bounded: see `MOST_CHARACTERS`."""

    def __init__(self, terms: Terms, *, is_whole: bool = True) -> None:
        """`is_whole`: nothing was spoken before."""
        self.passages: dict[int, Passage] = {}
        """By number, in the order in which they were spoken."""
        self.is_whole = is_whole
        self.forgotten = -1
        """Number of the last utterance that was let go."""
        self.terms = terms
        """Those that hold from `since` on."""
        self.since = (0, 0)
        """Utterance and segment."""
        self.posed: Posed | None = None
        self.is_over = False
        """Nothing will be spoken any more."""
        self.hearing: Callable[[], tuple[int, int] | None] = _nothing
        """Utterance and sample that the one who speaks is about to hear; None when he has heard
        all that was sent."""
        self.payer: Payer = FREE
        """Of the connection that there is now."""
        self.elsewhere: dict[int, int] = {}
        """Characters of each utterance that were said to another process, and counted there."""
        self._followers: set[Follower] = set()
        self._held: set[int] = set()
        self._all_held = False
        self._length = 0

    # What the speaker notes

    def begin(self, utterance: int) -> Passage:
        """Its turn has come."""
        passage = self.passages.get(utterance)
        if passage is None:
            spoken = self.elsewhere.pop(utterance, 0) if utterance > self.forgotten else _ALL
            passage = self.passages[utterance] = Passage(utterance, spoken=spoken)
            self._forget()
            self._tell()
        return passage

    def say(self, segment: Segment, text: TextSegment, terms: Terms, begin: int = 0) -> None:
        """What is spoken a second time, since it did not arrive, is noted once.

        `begin` is the first sample of the utterance that is spoken.
        """
        passage = self.begin(segment.utterance)
        if (again := min(text.end, passage.spoken) - text.begin) > 0:
            self.payer.owe_again(again)
        passage.spoken = max(passage.spoken, text.end)
        if not passage.items:
            passage.begin = max(begin, segment.start)
        if passage.reason is None and segment.segment > passage.last_segment:
            line = Line(
                segment=segment.segment,
                text=text,
                terms=terms,
                start=segment.start,
                count=segment.count,
            )
            passage.items.append(line)
            self._length += text.end - text.begin
            self._tell()

    def fail(self, utterance: int, error: LipwireError) -> None:
        """A segment could not be spoken at all."""
        passage = self.begin(utterance)
        if passage.reason is None:
            passage.items.append(without_frames(error))
            self._tell()

    def end(self, utterance: int, reason: EndReason) -> None:
        passage = self.passages.get(utterance)
        if passage is not None and passage.reason is None:
            passage.reason = reason
            self._tell()

    def stop(self, interrupted: Interrupted) -> None:
        """Of what never had its turn, nobody who watches knows."""
        passage = self.passages.get(interrupted.utterance)
        if passage is not None and passage.interrupted is None:
            passage.interrupted, passage.reason = interrupted, EndReason.INTERRUPTED
            for follower in list(self._followers):
                follower.stop(passage)

    def change(self, terms: Terms, since: tuple[int, int]) -> None:
        """Other terms hold from that utterance and segment on."""
        self.terms, self.since = terms, since
        self._tell()

    def pose(self, posed: Posed) -> None:
        self.posed = posed
        for follower in list(self._followers):
            follower.pose(posed)

    def hold(self, utterance: int | None, *, paused: bool) -> None:
        """As `pause` and `continue` say it."""
        if utterance is None:
            self._all_held = paused
            self._held = self._held if paused else set()
        elif paused:
            self._held.add(utterance)
        else:
            self._held.discard(utterance)
        self._tell()

    def release(self) -> None:
        """A pause does not outlast the connection that it was said on."""
        self.hold(None, paused=False)

    def close(self) -> None:
        """Nothing will be spoken any more."""
        self.is_over, self.hearing = True, _nothing
        for passage in self.passages.values():
            passage.reason = passage.reason or EndReason.ERROR
        self._tell()

    def recall(self, passages: Sequence[Passage]) -> None:
        """What was spoken before, by another process."""
        earlier = {passage.number: passage for passage in passages}
        for passage in passages:
            passage.spoken = _ALL
        # What is spoken here may come before what ended there without its turn.
        self.passages = dict(sorted({**earlier, **self.passages}.items()))
        self._length = sum(passage.length for passage in self.passages.values())
        self.is_whole = True
        self._forget()

    # What those who follow ask

    def join(self, follower: Follower) -> None:
        self._followers.add(follower)

    def leave(self, follower: Follower) -> None:
        self._followers.discard(follower)

    def is_held(self, passage: Passage) -> bool:
        """What has ended is spoken to its end."""
        if passage.reason is not None:
            return False
        return self._all_held or passage.number in self._held

    def after(self, utterance: int) -> Passage | None:
        """The first one that was spoken after it."""
        return next((p for number, p in self.passages.items() if number > utterance), None)

    def now(self) -> Cursor:
        """Where the one who speaks is, as far as that can be known."""
        hearing = self.hearing()
        if hearing is not None and (passage := self.passages.get(hearing[0])) is not None:
            return _place(passage, hearing[1])
        last = next(reversed(self.passages.values()), None)
        if last is None or last.reason is not None:
            return Cursor(self.forgotten if last is None else last.number)
        return Cursor(last.number, len(last.items))

    def beginning(self) -> Cursor:
        """Before everything that is here."""
        return Cursor(self.forgotten)

    def _tell(self) -> None:
        for follower in list(self._followers):
            follower.notice()

    def _forget(self) -> None:
        for number, passage in list(self.passages.items()):
            if self._length <= MOST_CHARACTERS and len(self.passages) <= _PASSAGES:
                return
            if passage.reason is not None:
                self._length -= passage.length
                self.forgotten, self.is_whole = number, False
                del self.passages[number]


def _nothing() -> None:
    """Nobody hears anything."""


def _place(passage: Passage, sample: int) -> Cursor:
    if passage.interrupted is None:
        for index, item in enumerate(passage.items):
            if isinstance(item, Line) and sample < item.start + item.count:
                return Cursor(passage.number, index, max(0, sample - item.start))
    if passage.reason is None:
        return Cursor(passage.number, len(passage.items))
    return Cursor(passage.number)

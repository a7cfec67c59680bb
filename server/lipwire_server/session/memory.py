"""What a session was told: all that it takes to go on with it on another connection."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from typing import Final

from lipwire_protocol import EndReason, Frames, Posed, Position, Speak

from .account import Account, Line
from .terms import Terms, sounding_like

__all__ = ["Manner", "Memory", "Script"]

_PIECE: Final = 100
"""What a piece of text takes up beside its characters, in characters, about."""
_CHARACTERS: Final = 500_000
_SCRIPTS: Final = 256
"""What is kept at most: of more, the utterances that ended longest ago are let go."""
_RECEIVED: Final = 10_000

_FOR_GOOD: Final = (EndReason.INTERRUPTED, EndReason.IDLE)
"""What ended like that is not spoken on, wherever the client is."""


Manner = tuple[tuple[int, Terms], ...]
"""By segment, the terms that hold from there on; those of the first segment come first."""


@dataclass(slots=True)
class Script:
    """All the text of one utterance, in the pieces in which it came."""

    terms: Terms
    """Those under which it was opened."""
    pieces: list[str] = field(default_factory=list)
    complete: bool = False
    flushes: set[int] = field(default_factory=set)
    """Pieces after which what had come was spoken without waiting for more."""
    replays: int | None = None
    """The utterance that this one says again."""
    begin: int = 0
    """First sample of it that is spoken."""
    manner: Manner = ()
    """How a replay sounds: like what it says again."""
    near: Line | None = None
    """Of that, what a replay may begin with, to come to its first sample."""
    numbers: list[int] = field(default_factory=list)
    reason: EndReason | None = None
    end: int = 0
    """On the session's clock, once it has ended."""
    heard: int | None = None
    """Samples of it that were, as far as that was known then."""

    @property
    def text(self) -> str:
        return "".join(self.pieces)

    @property
    def length(self) -> int:
        """Characters of its text."""
        return sum(map(len, self.pieces))

    @property
    def weight(self) -> int:
        """What it takes up, in characters: who says every letter on its own takes more."""
        return self.length + _PIECE * len(self.pieces)

    @property
    def is_over(self) -> bool:
        return self.reason in _FOR_GOOD


@dataclass(frozen=True, slots=True)
class _Change:
    utterance: int
    segment: int
    terms: Terms

    @property
    def place(self) -> tuple[int, int]:
        return self.utterance, self.segment


class Memory:
    """Outlives the connections of a session. Bounded: see `_CHARACTERS`."""

    def __init__(self, terms: Terms, *, clock: int = 0) -> None:
        """`clock`: samples of the session before the first utterance that is told."""
        self.scripts: dict[int, Script] = {}
        """By number, in the order in which they were opened."""
        self.highest = -1
        """Number of the last utterance that was opened."""
        self.on_settled: Callable[[int], None] = _unheard
        """Of the connection that there is now."""
        self.posed: Posed | None = None
        """How the face was told to look."""
        self.account = Account(terms)
        """What observers follow."""
        self.watch_secret: str | None = None
        """Opens the session to those who only watch; None where it cannot be watched."""
        self._clock = clock
        self._changes = [_Change(0, 0, terms)]
        self._weight = 0
        self._sequence = 0
        self._numbers: set[int] = set()
        self._unsettled: set[int] = set()

    def close(self) -> None:
        """No connection goes on with it, and none is told of it any more."""
        self.on_settled = _unheard
        self.account.close()

    @property
    def weight(self) -> int:
        """What is kept takes up so much, in characters."""
        return self._weight

    @property
    def terms(self) -> Terms:
        """Those that hold from now on."""
        return self._changes[-1].terms

    def terms_at(self, utterance: int, segment: int) -> Terms:
        """Those under which a segment is spoken, however often it is."""
        terms = self._terms_then(utterance, segment)
        script = self.scripts.get(utterance)
        if script is None or not script.manner:
            return terms
        return sounding_like(terms, _at(script.manner, segment))

    def _terms_then(self, utterance: int, segment: int) -> Terms:
        place = utterance, segment
        for change in reversed(self._changes):
            if change.place <= place:
                return change.terms
        return self._changes[0].terms

    def change(self, terms: Terms, utterance: int, segment: int) -> tuple[int, int]:
        """Other terms from that segment on, or from where the last change is, if that is later."""
        last = self._changes[-1]
        place = max((utterance, segment), last.place)
        if place == last.place:
            self._changes.pop()
        self._changes.append(_Change(*place, terms))
        return place

    def show(self, frames: Frames, avatar: str) -> None:
        """These frames, whatever they were before: they are not what a place in the sound decides.

        For a new connection.
        """
        self._changes = [
            replace(change, terms=replace(change.terms, frames=frames, avatar=avatar))
            for change in self._changes
        ]

    def next_sequence(self) -> int:
        self._sequence += 1
        return self._sequence

    def skip_to(self, sequence: int) -> None:
        """What is told next comes after that."""
        self._sequence = max(self._sequence, sequence)

    # Text

    def open(self, utterance: int) -> Script:
        """The script of an utterance; a new one where there is none."""
        script = self.scripts.get(utterance)
        if script is None:
            script = self.scripts[utterance] = Script(self.terms)
            self.highest = max(self.highest, utterance)
            self._forget()
        return script

    def say(self, message: Speak, *, settled: bool = False) -> None:
        """Adds what a client said; `settled` says whether it is safe already."""
        script = self.open(message.utterance)
        script.pieces.append(message.text)
        script.complete = script.complete or message.end
        self._weight += len(message.text) + _PIECE
        if message.number is not None:
            script.numbers.append(message.number)
            self._numbers.add(message.number)
            if not settled:
                self._unsettled.add(message.number)

    def flush(self, utterance: int) -> None:
        """What has come of an utterance was spoken without waiting for more."""
        script = self.scripts[utterance]
        if script.pieces:
            script.flushes.add(len(script.pieces) - 1)

    def replay(
        self, utterance: int, of: int, begin: int, source: "Memory", near: Line | None = None
    ) -> int:
        """Opens an utterance that says another one of `source` again, from a sample on, which lies
        `near`; gives the number of the one that was said first: what is replayed may be a replay.
        """
        said = source.scripts[of]
        origin = of if said.replays is None else said.replays
        self.scripts[utterance] = Script(
            said.terms,
            said.pieces,
            complete=True,
            flushes=said.flushes,
            replays=origin,
            begin=begin,
            manner=source.manner(of),
            near=near,
        )
        self.highest = max(self.highest, utterance)
        self._weight += said.weight
        self._forget()
        return origin

    def manner(self, utterance: int) -> Manner:
        """How an utterance sounds, or sounded."""
        manner = self.scripts[utterance].manner
        if manner:
            return manner
        first = (0, self._terms_then(utterance, 0))
        changes = [c for c in self._changes if c.utterance == utterance and c.segment]
        return (first, *((change.segment, change.terms) for change in changes))

    def knows(self, number: int) -> bool:
        """Whether a `speak` with that number is among what is kept."""
        return number in self._numbers

    def is_settled(self, number: int) -> bool:
        return number not in self._unsettled

    def settle(self, number: int) -> None:
        """The text with that number is safe."""
        self._unsettled.discard(number)
        self.on_settled(number)

    @property
    def received(self) -> tuple[int, ...]:
        """Numbers of the text that is safe and kept, of very many the last."""
        return tuple(sorted(self._numbers - self._unsettled)[-_RECEIVED:])

    def end(self, utterance: int, reason: EndReason, clock: int, heard: int | None = None) -> None:
        """An utterance has ended, there on the session's clock; so much of it was heard by then."""
        script = self.scripts.get(utterance)
        if script is not None:
            script.reason, script.end, script.heard = reason, clock, heard

    def _forget(self) -> None:
        for number, script in list(self.scripts.items()):
            if self._weight <= _CHARACTERS and len(self.scripts) <= _SCRIPTS:
                break
            if script.reason is not None:
                self._clock = max(self._clock, script.end)
                self._weight -= script.weight
                self._numbers.difference_update(script.numbers)
                self._unsettled.difference_update(script.numbers)
                del self.scripts[number]
        oldest = next(iter(self.scripts))
        while len(self._changes) > 1 and self._changes[1].place <= (oldest, 0):
            del self._changes[0]

    # Going on

    def clock_before(self, utterance: int) -> int:
        """Samples of the session that came before an utterance."""
        ends = (script.end for number, script in self.scripts.items() if number < utterance)
        return max((self._clock, *ends))

    def unspoken(self, position: Position | None) -> Iterator[tuple[int, Script]]:
        """What is to be spoken by a connection that stands there.

        Without a position, what has not ended; else what had ended, but did not arrive, too.
        """
        for number, script in self.scripts.items():
            if position is None:
                if script.reason is None:
                    yield number, script
            elif number == position.utterance or (
                number > position.utterance and not script.is_over
            ):
                yield number, script


def _unheard(number: int) -> None:
    """There is nobody to tell."""


def _at(manner: Manner, segment: int) -> Terms:
    return next(terms for first, terms in reversed(manner) if first <= segment)

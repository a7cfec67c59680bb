"""The utterances of a conversation: opened by text, or taken up from another connection."""

from collections.abc import Callable, Sequence
from functools import partial

from lipwire_protocol import Limits, Position, UtteranceState

from ..speech.text.reader import Reader
from .credit import Credit
from .memory import Memory
from .resuming import has_begun, steps
from .terms import Terms
from .utterance import Utterance

__all__ = ["Utterances", "reader_for"]


class Utterances:
    """Those that are spoken or wait, and those of which the listener may still hear the rest."""

    def __init__(
        self,
        memory: Memory,
        limits: Limits,
        credit: Credit,
        now_ns: Callable[[], int],
        on_flush: Callable[[int], None] = lambda number: None,
    ) -> None:
        """`on_flush` is told whose text is spoken without waiting for more."""
        self.active: dict[int, Utterance] = {}
        """By number, in the order in which they are spoken."""
        self.unheard: list[Utterance] = []
        """Sent to their end, in that order."""
        self.highest = -1
        """No utterance with a number up to this one can be opened."""
        self._memory = memory
        self._limits = limits
        self._credit = credit
        self._now_ns = now_ns
        self._on_flush = on_flush
        self._position: Position | None = None
        self._known: dict[int, Utterance] = {}

    @property
    def all(self) -> list[Utterance]:
        return [*self.unheard, *self.active.values()]

    @property
    def waiting(self) -> int:
        """Code points that are not spoken yet; those of replays are counted apart."""
        return sum(each.waiting for each in self.active.values() if not each.is_replay)

    @property
    def replayed(self) -> int:
        """Code points of the replays that are spoken or wait."""
        return sum(each.length for each in self.active.values() if each.is_replay)

    @property
    def next_place(self) -> tuple[int, int]:
        """Utterance and segment of which nothing is decided yet."""
        utterance = next(iter(self.active.values()), None)
        if utterance is None:
            return self.highest + 1, 0
        return utterance.number, utterance.next_unbegun

    def open(self, number: int) -> Utterance:
        script = self._memory.open(number)
        utterance = Utterance(
            number,
            reader_for(script.terms, self._limits),
            script.terms.text.idle_flush_ms,
            begin=script.begin,
            is_replay=script.replays is not None,
            on_flush=partial(self._on_flush, number),
        )
        self.active[number] = utterance
        self.highest = max(self.highest, number)
        position = self._position
        if position is not None and number == position.utterance and has_begun(position):
            self._stand(utterance, position)
        elif script.near is not None:
            utterance.skip_to(script.near)
        return utterance

    def reopen(self, number: int) -> Utterance:
        """Opens one with all the text that it has."""
        script = self._memory.open(number)
        utterance = self.open(number)
        pieces, flushes, last = tuple(script.pieces), frozenset(script.flushes), script.complete
        told = steps(utterance.reader, pieces, flushes, complete=last)
        utterance.follow(script.text, told, self._now_ns(), last=last)
        return utterance

    def is_closed(self, number: int) -> bool:
        """It takes no more text."""
        utterance = self.active.get(number)
        return number <= self.highest and (utterance is None or not utterance.open)

    def clear(self) -> None:
        self.unheard.clear()
        self.active.clear()

    def restore(self, position: Position | None, known: Sequence[Utterance]) -> None:
        """Opens what is unspoken for somebody who stands there, which was checked; `known` is what
        this process has of it."""
        memory = self._memory
        self.highest = memory.highest
        if position is not None:
            self.highest = max(self.highest, position.utterance - 1)
        self._position = position
        # No others: what they were spoken by would be kept from one connection to the next.
        at = None if position is None else position.utterance
        self._known = {utterance.number: utterance for utterance in known if utterance.number == at}
        unspoken = dict(memory.unspoken(position))
        # He may be hearing the rest of what had left, or have lost it: that he says.
        self.unheard = [each for each in known if each.left and each.number not in unspoken]
        for utterance in self.unheard:
            utterance.adrift = True
        first = min(unspoken, default=self.highest + 1)
        self._credit.begin(memory.clock_before(first if position is None else position.utterance))
        for number in unspoken:
            self.reopen(number)

    def _stand(self, utterance: Utterance, position: Position) -> None:
        known = self._known.pop(utterance.number, None)
        at = self._credit.sent - utterance.begin
        if known is not None and known.state is not UtteranceState.QUEUED:
            at = known.at
        utterance.resume(position, at, known.segments if known is not None else ())
        self._credit.begin(at + position.sample)


def reader_for(terms: Terms, limits: Limits) -> Reader:
    """A new one for the text of an utterance."""
    longest = limits.segment_text
    return Reader(terms.text, terms.lexicon, longest, language=terms.voice.language)

"""The utterances of a conversation: opened by text, or taken up from another connection."""

from collections import deque
from collections.abc import Callable, Mapping, Sequence

from lipwire_protocol import Limits, Position, UtteranceState

from ..speech.text.reader import Reader
from .credit import Credit
from .memory import Memory, Script
from .resuming import check_position, flushes_for, has_begun, not_there, runs
from .terms import Terms
from .utterance import Utterance

__all__ = ["Utterances"]


class Utterances:
    """Those that are spoken or wait, and those of which the listener may still hear the rest."""

    def __init__(
        self, memory: Memory, limits: Limits, credit: Credit, now_ns: Callable[[], int]
    ) -> None:
        self.active: dict[int, Utterance] = {}
        """By number, in the order in which they are spoken."""
        self.unheard: deque[Utterance] = deque()
        """Sent to their end, in that order."""
        self.highest = -1
        """No utterance with a number up to this one can be opened."""
        self._memory = memory
        self._limits = limits
        self._credit = credit
        self._now_ns = now_ns
        self._position: Position | None = None
        self._known: dict[int, Utterance] = {}

    @property
    def all(self) -> list[Utterance]:
        return [*self.unheard, *self.active.values()]

    @property
    def waiting(self) -> int:
        """Code points that are not spoken yet."""
        return sum(utterance.waiting for utterance in self.active.values())

    @property
    def next_place(self) -> tuple[int, int]:
        """Utterance and segment of which nothing is decided yet."""
        utterance = next(iter(self.active.values()), None)
        if utterance is None:
            return self.highest + 1, 0
        return utterance.number, utterance.next_unbegun

    def open(self, number: int) -> Utterance:
        terms = self._memory.open(number).terms
        utterance = Utterance(number, self._reader(terms), terms.text.idle_flush_ms)
        self.active[number] = utterance
        self.highest = max(self.highest, number)
        position = self._position
        if position is not None and number == position.utterance and has_begun(position):
            self._stand(utterance, position)
        return utterance

    def is_closed(self, number: int) -> bool:
        """It takes no more text."""
        utterance = self.active.get(number)
        return number <= self.highest and (utterance is None or not utterance.open)

    def clear(self) -> None:
        self.unheard.clear()
        self.active.clear()

    def restore(self, position: Position | None, known: Sequence[Utterance]) -> None:
        """Opens what is unspoken for somebody who stands there; `known` is what this process has
        of it.

        Raises LipwireError (`not_found`) where the text has no such position.
        """
        memory = self._memory
        self.highest = memory.highest
        if position is not None:
            check_position(position)
            self.highest = max(self.highest, position.utterance - 1)
        self._position = position
        self._known = {utterance.number: utterance for utterance in known}
        unspoken = dict(memory.unspoken(position))
        first = min(unspoken, default=self.highest + 1)
        self._credit.begin(memory.clock_before(first if position is None else position.utterance))
        flushes = self._flushes(unspoken)
        for number, script in unspoken.items():
            utterance = self.open(number)
            after = {piece for flushed, piece in flushes if flushed == number}
            for text, index in runs(utterance.reader, script.pieces, after):
                is_last = script.complete and index == len(script.pieces) - 1
                utterance.append(text, self._now_ns(), last=is_last)
                if index in after:
                    utterance.flush(mark=False)

    def _flushes(self, unspoken: Mapping[int, Script]) -> set[tuple[int, int]]:
        """Utterance and piece after which its reader is flushed, to come to the position again."""
        position = self._position
        if position is None or not has_begun(position):
            return set()
        script = unspoken.get(position.utterance)
        if script is None:
            if position.utterance <= self._memory.highest:
                raise not_there(position)
            return set()  # The client will send its text again.
        pieces, reader = script.pieces, lambda: self._reader(script.terms)
        flushes = flushes_for(reader, pieces, script.complete, position.span)
        if flushes is None:
            raise not_there(position)
        return {(position.utterance, piece) for piece in flushes}

    def _stand(self, utterance: Utterance, position: Position) -> None:
        known = self._known.pop(utterance.number, None)
        at = self._credit.sent
        if known is not None and known.state is not UtteranceState.QUEUED:
            at = known.at
        utterance.resume(position, at, known.segments if known is not None else ())
        self._credit.begin(at + position.sample)

    def _reader(self, terms: Terms) -> Reader:
        return Reader(
            terms.text, terms.lexicon, self._limits.segment_text, language=terms.voice.language
        )

"""Utterances that are spoken again: the same text, under another number."""

from collections.abc import Awaitable, Callable

from lipwire_protocol import ErrorCode, Limits, LipwireError, Replay

from .acceptance import check_replay, check_room
from .account import Line
from .journal import Journal
from .memory import Memory, Script
from .resuming import flushes_for
from .turns import Turns
from .utterances import Utterances, reader_for

__all__ = ["Recall", "Replays"]

Recall = Callable[[int], Awaitable[Memory | None]]
"""Reads from the database what was said for an utterance."""


class Replays:
    """Opens them as utterances that have all their text, and wait for their turn like others."""

    def __init__(
        self,
        utterances: Utterances,
        *,
        memory: Memory,
        turns: Turns,
        journal: Journal,
        limits: Limits,
        recall: Recall,
    ) -> None:
        self._utterances = utterances
        self._memory = memory
        self._turns = turns
        self._journal = journal
        self._limits = limits
        self._recall = recall

    async def open(self, wish: Replay, *, draining: bool) -> None:
        """Speaks what is remembered, else what is stored; the number is a new one.

        Raises LipwireError: `not_found` for an utterance that is neither, `bad_state` for one that
        has not ended, and what `check_replay` and `check_room` raise.
        """
        memory = await self._source(wish.of)
        script = memory.scripts[wish.of]
        if memory is self._memory and script.reason is None:
            text = f"utterance {wish.of} has not ended; ask again then"
            raise LipwireError(ErrorCode.BAD_STATE, text)
        check_replay(script.length, self._limits, replayed=self._utterances.replayed)
        check_room(self._limits, utterances=len(self._utterances.active), draining=draining)
        near = await self._near(script, wish)
        if self._turns.detached:
            return  # Another connection has taken over, and is not asked that.
        of = self._memory.replay(wish.utterance, wish.of, wish.from_, memory, near)
        sequence = self._memory.next_sequence()
        self._journal.replayed(wish.utterance, of, wish.from_, sequence)
        self._utterances.reopen(wish.utterance)
        self._turns.wake()

    async def _source(self, number: int) -> Memory:
        """What has the text of an utterance."""
        if number in self._memory.scripts:
            return self._memory
        memory = None
        if number <= self._utterances.highest and self._memory.terms.persist:
            memory = await self._recall(number)
        if memory is None or number not in memory.scripts:
            text = f"there is no utterance {number}, or it is not kept any more"
            raise LipwireError(ErrorCode.NOT_FOUND, text)
        return memory

    async def _near(self, script: Script, wish: Replay) -> Line | None:
        """The segment in which it is to begin, or one before it; None where only plans of all
        that comes before can tell."""
        of = wish.of if script.replays is None else script.replays
        passage = self._memory.account.passages.get(of)
        line = passage.line_before(wish.from_) if passage is not None and wish.from_ else None
        if line is None:
            return None
        span, flushes = (line.text.begin, line.text.end), frozenset(script.flushes)
        reader, pieces = reader_for(script.terms, self._limits), tuple(script.pieces)
        found = await flushes_for(reader, pieces, script.complete, span, flushes)
        return line if found == flushes else None

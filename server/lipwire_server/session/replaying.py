"""Utterances that are spoken again: the same text, under another number."""

from collections.abc import Awaitable, Callable

from lipwire_protocol import ErrorCode, Limits, LipwireError, Replay

from .acceptance import check_replay, check_room
from .journal import Journal
from .memory import Memory
from .turns import Turns
from .utterances import Utterances

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
        if self._turns.detached:
            return  # Another connection has taken over, and is not asked that.
        script = memory.scripts[wish.of]
        if memory is self._memory and script.reason is None:
            text = f"utterance {wish.of} has not ended; ask again then"
            raise LipwireError(ErrorCode.BAD_STATE, text)
        check_replay(script.length, self._limits, replayed=self._utterances.replayed)
        check_room(self._limits, utterances=len(self._utterances.active), draining=draining)
        of = self._memory.replay(wish.utterance, wish.of, wish.from_, memory)
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

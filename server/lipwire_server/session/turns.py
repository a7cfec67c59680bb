"""Whose turn it is: the utterances of a conversation are spoken one at a time, and end once."""

import asyncio
from collections.abc import Callable
from typing import Final

from lipwire_protocol import (
    EndReason,
    Error,
    ErrorCode,
    Interrupt,
    ServerMessage,
    UtteranceStarted,
    UtteranceState,
)

from ..bell import Bell
from .barge_in import interrupted_message, is_heard_now, samples_of
from .credit import Credit
from .journal import Journal
from .memory import Memory
from .score import segment_ended, utterance_ended
from .speaker import Sink, Speaker
from .utterance import Utterance
from .utterances import Utterances

__all__ = ["Turns"]

_REMEMBERED: Final = 8
"""Utterances that were sent to their end, and of which the listener may still hear the rest."""


class Turns:
    """Has the utterances spoken, first in first out, and closes the books on each of them."""

    def __init__(
        self,
        utterances: Utterances,
        *,
        memory: Memory,
        speaker: Speaker,
        credit: Credit,
        sink: Sink,
        journal: Journal,
        now_ns: Callable[[], int],
    ) -> None:
        self._utterances = utterances
        self._memory = memory
        self._speaker = speaker
        self._credit = credit
        self._sink = sink
        self._journal = journal
        self._now_ns = now_ns
        self._speaking: tuple[Utterance, asyncio.Task[None]] | None = None
        self._finishing = False
        self._detached = False
        self._work = Bell()

    @property
    def speaking(self) -> bool:
        """A segment is being synthesized or sent."""
        return self._speaking is not None and self._speaker.busy

    @property
    def detached(self) -> bool:
        """Another connection may go on with it, or has done so."""
        return self._detached

    def wake(self) -> None:
        """There is something to speak, or will be nothing more."""
        self._work.set()

    def close(self) -> None:
        """Nothing more is said: what was said is spoken, and then no more."""
        self._finishing = True
        for utterance in self._utterances.active.values():
            utterance.close()
        self.wake()

    async def run(self) -> None:
        """Speaks; returns after `close`, when nothing is left to be spoken."""
        self._stop_what_is_over()
        while (utterance := await self._next()) is not None:
            try:
                async with asyncio.TaskGroup() as group:
                    self._speaking = utterance, group.create_task(self._speak(utterance))
            finally:
                self._speaking = None

    def _stop_what_is_over(self) -> None:
        """It was interrupted, but the listener may not know."""
        for number in list(self._utterances.active):
            script = self._memory.scripts.get(number)
            if script is not None and script.is_over:
                self.interrupt(Interrupt(utterance=number, heard=script.heard))

    async def _next(self) -> Utterance | None:
        while self._detached or (not self._utterances.active and not self._finishing):
            self._work.clear()
            await self._work.wait()
        return next(iter(self._utterances.active.values()), None)

    async def _speak(self, utterance: Utterance) -> None:
        self._journal.started(utterance)
        self._memory.account.begin(utterance.number)
        reason = await self._speaker.speak(utterance)
        self._memory.account.end(utterance.number, reason)
        ended = utterance_ended(utterance, reason)
        utterance.advance(ended)
        await self._sink.media(ended, lambda: self._left(utterance, reason))
        self._utterances.active.pop(utterance.number)
        self._utterances.unheard.append(utterance)
        self.forget_heard()

    def _left(self, utterance: Utterance, reason: EndReason) -> None:
        """All of an utterance has left: from now on it is what it was."""
        heard_later = (utterance.heard or 0) < utterance.sent
        utterance.left = True
        self._end(utterance, reason, heard_later=heard_later)
        self.forget_heard()

    def _end(self, utterance: Utterance, reason: EndReason, *, heard_later: bool = False) -> None:
        end = utterance.at + utterance.sent
        self._memory.end(utterance.number, reason, end, utterance.heard)
        last = max(0, utterance.next_segment[0] - 1)
        terms = self._memory.terms_at(utterance.number, last)
        self._journal.ended(utterance, reason, heard_later=heard_later, terms=terms)

    def forget_heard(self) -> None:
        """Lets go of what was heard to its end, and of what is too long ago to be interrupted."""
        while self._utterances.unheard and self._utterances.unheard[0].left:
            oldest = self._utterances.unheard[0]
            if (oldest.heard or 0) < oldest.sent and len(self._utterances.unheard) <= _REMEMBERED:
                return
            self._journal.heard(self._utterances.unheard.pop(0))

    # The end of the connection

    def detach(self) -> None:
        """Nothing is spoken until another connection goes on with it."""
        self._detached = True
        self._memory.account.release()
        for utterance in self._utterances.all:
            self._silence(utterance)
            self._withdraw(utterance)

    def abandon(self, reason: EndReason) -> None:
        """Closes the books on what was not spoken, or did not leave."""
        for utterance in self._utterances.all:
            if utterance.left:
                self._journal.heard(utterance)
            else:
                self._give_up(utterance, reason)
        self._utterances.clear()

    def _give_up(self, utterance: Utterance, reason: EndReason) -> None:
        self._silence(utterance)
        withdrawn = self._withdraw(utterance)
        self._memory.account.end(utterance.number, reason)
        self._end(utterance, reason)
        started = [message for message in withdrawn if isinstance(message, UtteranceStarted)]
        if started or utterance.state is UtteranceState.QUEUED:
            # Without its turn it could not end.
            at, begin = self._credit.sent, min(utterance.begin, utterance.sent)
            self._sink.control(UtteranceStarted(utterance=utterance.number, at=at, from_=begin))
        self._break_off(utterance)
        self._sink.control(utterance_ended(utterance, reason))

    def _break_off(self, utterance: Utterance) -> None:
        """What was announced ends, and the client is told why it falls short."""
        segment = utterance.open_segment
        if segment is not None:
            text = "the server could not wait for the end of the segment"
            self._sink.control(
                Error(code=ErrorCode.GOING_AWAY, message=text, utterance=utterance.number)
            )
            now_ns = self._now_ns()
            self._sink.control(segment_ended(utterance, segment, now_ns, now_ns))

    # Barge-in

    def interrupt(self, message: Interrupt) -> bool:
        """Stops what it names, and says whether there was anything to stop."""
        position = self._credit.heard
        stopped = 0
        for utterance in self._utterances.all:
            if message.utterance in (None, utterance.number):
                is_heard = is_heard_now(utterance, message, position)
                withdrawn = self._withdraw(utterance)
                if is_heard or withdrawn or utterance.number in self._utterances.active:
                    # What was reported is about the utterance that is heard now: the first one.
                    self._stop(utterance, None if stopped else message.heard, position, withdrawn)
                    stopped += 1
        if not stopped and message.utterance is not None and message.heard is not None:
            self._journal.cut_short(message.utterance, message.heard)
        return stopped > 0

    def _stop(
        self,
        utterance: Utterance,
        heard: int | None,
        position: int,
        withdrawn: list[ServerMessage],
    ) -> None:
        self._silence(utterance)
        estimate = 0
        if utterance.state is not UtteranceState.QUEUED:
            estimate = position - utterance.at
            end = utterance.at + utterance.sent + samples_of(withdrawn)
            self._credit.discard(min(max(position, utterance.at), end), end)
        first = min(utterance.begin, utterance.sent)
        utterance.heard = max(first, min(estimate if heard is None else heard, utterance.sent))
        interrupted = interrupted_message(utterance, estimated=heard is None)
        utterance.advance(interrupted)
        self._sink.control(interrupted)
        self._memory.account.stop(interrupted)
        if self._utterances.active.pop(utterance.number, None) is None:
            self._utterances.unheard.remove(utterance)
        if utterance.left:
            # Nobody goes on with it, whatever arrived of its end.
            end = utterance.at + utterance.sent
            self._memory.end(utterance.number, EndReason.INTERRUPTED, end, utterance.heard)
            self._journal.heard(utterance, interrupted=True)
        else:
            self._sink.control(utterance_ended(utterance, EndReason.INTERRUPTED))
            self._end(utterance, EndReason.INTERRUPTED)

    def _silence(self, utterance: Utterance) -> None:
        # Not by its state: its task may not have begun, or be waiting to queue its end.
        if self._speaking is not None and self._speaking[0] is utterance:
            self._speaking[1].cancel()

    def _withdraw(self, utterance: Utterance) -> list[ServerMessage]:
        withdrawn = self._sink.withdraw(utterance.number)
        utterance.withdraw(withdrawn, samples_of(withdrawn))
        return withdrawn

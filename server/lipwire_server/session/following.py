"""Following a session: its utterances are spoken again, for those who watch."""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable
from contextlib import aclosing
from typing import Final

from msgspec import structs

from lipwire_protocol import (
    Chunk,
    EndReason,
    Error,
    ErrorCode,
    Interrupted,
    LipwireError,
    Played,
    Pose,
    Posed,
    ServerMessage,
    TextOptions,
    UtteranceStarted,
    UtteranceState,
    rescale,
)

from ..face.studio import Studio
from ..speech.port import Synthesis
from ..speech.text.reader import Reader
from ..speech.text.segment import Segment as TextSegment
from .account import FREE, Account, Cursor, Line, Passage, Payer
from .animation import Animation
from .credit import Credit
from .score import configured, utterance_ended
from .speaker import Sink, Speaker
from .terms import Terms
from .utterance import FlushMark, Utterance

__all__ = ["Following"]

_REMEMBERED: Final = 8
"""Utterances that were sent to their end, and of which something may still be reported."""


class _Followed(Utterance):
    """An utterance whose segments were decided by the conversation that speaks it."""

    def __init__(
        self, passage: Passage, begin: Cursor, tell: Callable[[Error], Awaitable[None]]
    ) -> None:
        super().__init__(passage.number, Reader(TextOptions()), idle_flush_ms=0)
        self.passage = passage
        self.line: Line | None = None
        """The one that is being spoken."""
        self._from = begin
        self._next = begin.item or 0
        self._tell = tell
        self._came = asyncio.Event()

    async def stand(self, rate: int) -> bool:
        """Waits for its first line, and stands there; says whether there is anything to speak.

        Spoken is what comes from the cursor's sample on.
        """
        while (first := self._first_line()) is None and self.passage.reason is None:
            self._came.clear()
            await self._came.wait()
        if first is None:
            return not self._from.item
        theirs, sample = first.terms.rate, max(first.start + self._from.sample, self.passage.begin)
        self.first_segment = first.segment
        self.passed = rescale(first.start, theirs, rate)
        self.begin = self.passed + rescale(sample - first.start, theirs, rate)
        return True

    def _first_line(self) -> Line | None:
        rest = self.passage.items[self._next :]
        return next((item for item in rest if isinstance(item, Line)), None)

    @property
    def next_segment(self) -> tuple[int, int]:
        number, start = super().next_segment
        return (number if self.line is None else self.line.segment), start

    def notice(self) -> None:
        self._came.set()

    async def next(self) -> TextSegment | FlushMark | None:
        while isinstance(item := await self._item(), LipwireError):
            self.failed = True
            await self._tell(
                Error(
                    code=item.code,
                    message=str(item),
                    utterance=self.number,
                    retry_after_ms=item.retry_after_ms,
                )
            )
        self.line = item
        return None if item is None else item.text

    async def _item(self) -> Line | LipwireError | None:
        while self._next >= len(self.passage.items):
            if self.passage.reason is not None:
                return None
            self._came.clear()
            await self._came.wait()
        self._next += 1
        return self.passage.items[self._next - 1]


class _Tap:
    """All that the emitter knows of whoever follows: a sink that looks at what goes by, and the
    terms."""

    def __init__(
        self,
        sink: Sink,
        is_over: Callable[[ServerMessage | None], bool],
        terms_at: Callable[[int, int], Terms],
    ) -> None:
        self._sink = sink
        self._is_over = is_over
        self._terms_at = terms_at
        self.control = sink.control
        self.withdraw = sink.withdraw

    def terms_at(self, utterance: int, segment: int) -> Terms:
        return self._terms_at(utterance, segment)

    def let_go(self) -> None:
        """Nothing is spoken any more: the two would have each other for ever."""
        del self._is_over, self._terms_at

    @property
    def congested(self) -> bool:
        return self._sink.congested

    async def media(self, message: ServerMessage, left: Callable[[], None] = lambda: None) -> None:
        # Where it began is told all the same: it need not be at sample 0.
        if not isinstance(message, UtteranceStarted) and self._is_over(None):
            await asyncio.sleep(0)  # Whoever speaks is cancelled, and learns of it here.
        await self._sink.media(message, left)
        self._is_over(message)


class Following:
    """Speaks what the account of a session says to a sink of its own, through the one emitter.

    What was interrupted is spoken as far as it was heard by then, at least. Bounded by the account:
    who falls so far behind that it has forgotten what comes next is given up.
    """

    def __init__(
        self,
        account: Account,
        begin: Cursor,
        *,
        observed: Callable[[Terms], Terms],
        key: str,
        synthesis: Synthesis,
        studio: Studio,
        sink: Sink,
        credit: Credit,
        now_ns: Callable[[], int],
        payer: Payer = FREE,
    ) -> None:
        """`observed` turns the terms of the session into those of its observers; what is spoken
        counts for `payer`."""
        self._account = account
        self._begin = begin
        self._observed = observed
        self._sink = sink
        self._now_ns = now_ns
        self._payer = payer
        self.terms = observed(_terms_at(account, begin))
        """Those that were told last."""
        self.fault: LipwireError | None = None
        """Why it was given up (`slow_consumer`)."""
        self._last = begin.utterance - (begin.item is not None)
        """Number of the last utterance that is left behind."""
        self.credit = credit
        self._animation = Animation(self.terms, studio, sink.media, sink.control)
        self._tap = _Tap(sink, self._is_over, self._terms_for)
        self._speaker = Speaker(
            self.terms,
            self._tap.terms_at,
            key=key,
            synthesis=synthesis,
            sink=self._tap,
            credit=credit,
            animation=self._animation,
            now_ns=now_ns,
        )
        self._draining = False
        self._current: _Followed | None = None
        self._task: asyncio.Task[EndReason] | None = None
        self._earlier: deque[Utterance] = deque(maxlen=_REMEMBERED)
        self._came = asyncio.Event()
        if account.posed is not None:
            self._strike(account.posed)

    async def run(self) -> None:
        """Returns when the session is over and all of it was spoken, or with a `fault`.

        Whoever runs it has joined it to the account before, and takes it out again.
        """
        async with asyncio.TaskGroup() as group:
            idling = group.create_task(self._idle())
            while (passage := await self._next()) is not None:
                await self._follow(passage, group)
            idling.cancel()

    def let_go(self) -> None:
        """`run` is over, or never began: nobody asks it anything any more."""
        self._current = self._task = None
        self._tap.let_go()

    async def _idle(self) -> None:
        async with aclosing(self._animation.idle_loops()) as loops:
            async for loop in loops:
                await self._sink.media(loop)

    async def _next(self) -> Passage | None:
        while not self._draining:
            if self._account.forgotten > self._last:
                text = "the session is spoken too fast for who watches it like this to keep up"
                self.fault = LipwireError(ErrorCode.SLOW_CONSUMER, text)
                return None
            if (passage := self._account.after(self._last)) is not None:
                return passage
            if self._account.is_over:
                return None
            self._apply(self._account.terms, self._account.since)
            self._came.clear()
            await self._came.wait()
        return None

    async def _follow(self, passage: Passage, group: asyncio.TaskGroup) -> None:
        is_first = self._begin.item is not None and self._begin.utterance == passage.number
        begin = self._begin if is_first else Cursor(passage.number, 0)
        self._last = passage.number
        utterance = self._current = _Followed(passage, begin, self._sink.media)
        if await utterance.stand(self.terms.rate):
            # Who watches sent no text: its ledger counts from when there was something to speak.
            stamps = utterance.stamps
            stamps.first_text_ns = stamps.last_text_ns = self._now_ns()
            utterance.paused = self._account.is_held(passage)
            self._task = group.create_task(self._speaker.speak(utterance))
            self._is_over(None)
            await asyncio.wait([self._task])
            await self._end(utterance, self._task)
            self._earlier.append(utterance)
        self._current = self._task = None

    async def _end(self, utterance: _Followed, task: asyncio.Task[EndReason]) -> None:
        passage = utterance.passage
        reason = EndReason.ERROR if task.cancelled() else task.result()
        if reason is EndReason.DONE and passage.reason is not None:
            reason = passage.reason
        if passage.interrupted is not None:
            position, end = self.credit.heard, utterance.at + utterance.sent
            if utterance.state is not UtteranceState.QUEUED:
                self.credit.discard(min(max(position, utterance.at), end), end)
            await self._sink.media(self._interrupted(utterance, passage.interrupted))
            reason = EndReason.INTERRUPTED
        ended = utterance_ended(utterance, reason)
        utterance.advance(ended)
        await self._sink.media(ended)
        if passage.interrupted is not None and reason is not EndReason.INTERRUPTED:
            # While he was waited for who is sent the end.
            self._sink.control(self._interrupted(utterance, passage.interrupted))

    def _interrupted(self, utterance: Utterance, told: Interrupted) -> Interrupted:
        """What the one who speaks was told, on the clock of those who watch."""
        heard = min(self._here(told.heard), utterance.sent)
        message = structs.replace(told, heard=heard, sent=utterance.sent)
        utterance.advance(message)
        return message

    def _here(self, sample: int) -> int:
        """At the rate of those who watch. The audio of a session never changes."""
        return rescale(sample, self._account.terms.rate, self.terms.rate)

    def drain(self) -> None:
        """Lets the segment that is being spoken be the last one."""
        self._draining = self._speaker.draining = True
        self._speaker.pause_changed()
        self.credit.lift()
        self.notice()

    # What the account tells

    def notice(self) -> None:
        self._came.set()
        if (utterance := self._current) is not None:
            utterance.notice()
            utterance.paused = self._account.is_held(utterance.passage)
            self._speaker.pause_changed()

    def stop(self, passage: Passage) -> None:
        if self._current is not None and self._current.passage is passage:
            self.notice()
            self._is_over(None)
            return
        for utterance in self._earlier:
            if utterance.number == passage.number and passage.interrupted is not None:
                self._sink.control(self._interrupted(utterance, passage.interrupted))

    def pose(self, posed: Posed) -> None:
        self._strike(posed)
        self._sink.control(posed)

    def _strike(self, posed: Posed) -> None:
        wish = Pose(emotion=posed.emotion, gaze=posed.gaze, head=posed.head)
        speaking = self._task is not None and self._speaker.busy
        self._animation.pose(wish, self.credit.sent, speaking=speaking)

    # What the emitter asks

    def _is_over(self, message: ServerMessage | None) -> bool:
        """Whether the utterance was interrupted, and as much of it was sent as was heard; then it
        is stopped."""
        utterance, task = self._current, self._task
        if utterance is None or task is None or (told := utterance.passage.interrupted) is None:
            return False
        sent = message.start + message.count if isinstance(message, Chunk) else utterance.sent
        if sent < self._here(told.heard):
            return False
        task.cancel()
        return True

    def _terms_for(self, utterance: int, segment: int) -> Terms:
        assert self._current is not None
        assert self._current.line is not None
        line = self._current.line
        self._payer.owe_again(line.text.end - line.text.begin)
        self._apply(line.terms, (utterance, segment))
        return self.terms

    def _apply(self, terms: Terms, since: tuple[int, int]) -> None:
        """Tells what is different from there on."""
        new = self._observed(terms)
        if configured(new, since) != configured(self.terms, since):
            self._sink.control(configured(new, since))
            self._animation.configure(new)
        self.terms = new

    # What a listener of its own says

    def played(self, message: Played) -> None:
        """How far he is, and how many frames he has room for."""
        if message.frame_credit is not None:
            self._animation.room = message.frame_credit
        current = [self._current] if self._current is not None else []
        for utterance in (*self._earlier, *current):
            is_started = utterance.state is not UtteranceState.QUEUED
            if utterance.number == message.utterance and is_started:
                self.credit.report(utterance.at + min(message.sample, utterance.sent))


def _terms_at(account: Account, begin: Cursor) -> Terms:
    """Those of the first line that is spoken, if there is one already."""
    passage = account.passages.get(begin.utterance) if begin.item is not None else None
    if begin.item is None:
        passage = account.after(begin.utterance)
    lines = passage.items[begin.item or 0 :] if passage is not None else []
    return next((line.terms for line in lines if isinstance(line, Line)), account.terms)

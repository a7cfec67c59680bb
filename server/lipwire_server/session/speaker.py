"""Speaks an utterance: segments in, messages out, no faster than the credit allows."""

import asyncio
from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing
from typing import Final, Protocol

import numpy as np
from msgspec import UNSET, UnsetType
from numpy.typing import NDArray

from lipwire_protocol import (
    Chunk,
    Codec,
    EndReason,
    Error,
    ErrorCode,
    Flushed,
    FrameCounts,
    LipwireError,
    Segment,
    ServerMessage,
    UtteranceStarted,
    UtteranceState,
    Warning,
    ms_to_samples,
)

from ..bell import Bell
from ..observe.context import UTTERANCE
from ..speech.audio.formats import SegmentEncoder, Span
from ..speech.port import Job, Listener, Plan, Seat, Synthesis, Window
from ..speech.text.segment import Segment as TextSegment
from .account import Account
from .animation import Animation, Take
from .credit import Credit
from .missing import Missing
from .score import frame_weights, segment_ended, segment_message, trimmed
from .terms import Terms
from .utterance import FlushMark, Utterance
from .windows import ahead, when_ready

__all__ = ["Sink", "Speaker", "job_of"]

_CHUNK_MS: Final = 750
"""Longer windows are cut: a chunk is what a listener has to wait for as a whole."""
_CHUNKS_IN_LEAD: Final = 4
"""A chunk waits for credit as a whole: in a large one, much of the lead would stay unused."""
_SHORT_LEAD_MS: Final = 1_000
"""With less, a window that is begun when there is credit for it would come too late."""
_SLOWEST, _FASTEST = 50, 200
"""Percent; what the protocol allows a session, a part of its text may not go beyond."""


def _unheeded(utterance: Utterance, start: int, samples: NDArray[np.float32]) -> None:
    """Nobody keeps how it sounded."""


class Sink(Protocol):
    """Where the messages go."""

    async def media(self, message: ServerMessage, left: Callable[[], None] = lambda: None) -> None:
        """Queues a message in the order of the timeline; waits while the queue is full.

        `left` is called when it can no longer be withdrawn.
        """

    def control(self, message: ServerMessage) -> None:
        """Queues a message that goes before all media."""

    def withdraw(self, utterance: int) -> list[ServerMessage]:
        """Takes back what is queued of an utterance and did not leave."""

    @property
    def congested(self) -> bool:
        """So much waits that frames are better left out."""


class Speaker:
    """The one emitter of a conversation; cancelling `speak` is what an interrupt does.

    A window is asked for when there is credit for it, so nothing is made that nobody may hear.
    """

    def __init__(
        self,
        terms: Terms,
        terms_at: Callable[[int, int], Terms],
        *,
        key: str,
        synthesis: Synthesis,
        sink: Sink,
        credit: Credit,
        animation: Animation,
        now_ns: Callable[[], int],
        sounded: Callable[[Utterance, int, NDArray[np.float32]], None] = _unheeded,
        account: Account | None = None,
    ) -> None:
        """`terms_at` says what holds for a segment of an utterance; `key`, whose share of the
        machine is used; `sounded` is given the samples that were sent, from which one on; in
        `account` is noted what is spoken."""
        self.draining = False
        """No segment is begun any more."""
        self.busy = False
        """A segment is being synthesized or sent."""
        self.paused = False
        """Nothing is sent, of any utterance."""
        self.held = False
        """It has something to send, and waits for the pause to end."""
        self._terms_at = terms_at
        self._synthesis = synthesis
        self._sink = sink
        self._credit = credit
        self._animation = animation
        self._sounded = sounded
        self._account = account
        self._now_ns = now_ns
        self._listener = Listener(key=key, dry_ns=credit.dry_ns)
        self._pause_changed = Bell()
        chunk_ms = min(terms.audio.chunk_ms or _CHUNK_MS, terms.flow.lead_ms // _CHUNKS_IN_LEAD)
        self._chunk = ms_to_samples(chunk_ms, terms.rate)

    def pause_changed(self) -> None:
        """`paused` here or of an utterance, or `draining`, has another value."""
        self._pause_changed.set()

    async def speak(self, utterance: Utterance) -> EndReason:
        """Speaks the whole utterance and returns how it ended, which is not told yet."""
        UTTERANCE.set(utterance.number)
        await self._going(utterance)
        if utterance.state is UtteranceState.QUEUED:
            await self._start(utterance)
        with self._synthesis.seat(self._listener) as seat:
            while (item := await self._next(utterance)) is not None and not self.draining:
                if isinstance(item, LipwireError):
                    await self._lose(utterance, item)
                    return EndReason.ERROR
                await self._going(utterance)
                if isinstance(item, FlushMark):
                    flushed = Flushed(utterance=utterance.number, sample=utterance.sent)
                    await self._emit(utterance, flushed)
                elif not await self._speak_segment(utterance, item, seat):
                    return EndReason.ERROR
        return await self._closing_words(utterance, unspoken=item is not None)

    async def _start(self, utterance: Utterance) -> None:
        utterance.start(self._credit.sent)
        number, begin = utterance.number, utterance.begin
        started = UtteranceStarted(utterance=number, at=utterance.at + begin, from_=begin)
        # Not before: while there is no room for it, whoever ends it has to tell that it began.
        await self._sink.media(started)
        utterance.advance(started)

    async def _next(self, utterance: Utterance) -> TextSegment | FlushMark | LipwireError | None:
        try:
            return await utterance.next()
        except LipwireError as error:
            return error

    async def _lose(self, utterance: Utterance, error: LipwireError) -> None:
        """What the listener was in the middle of does not go on: it ends where he stands."""
        await self._fail(utterance, error)
        utterance.resumed = None
        segment = utterance.open_segment
        assert segment is not None
        now_ns = self._now_ns()
        await self._emit(utterance, segment_ended(utterance, segment, now_ns, now_ns))
        utterance.segments_ended += 1

    async def _closing_words(self, utterance: Utterance, *, unspoken: bool) -> EndReason:
        if unspoken:
            text = "the server restarts; the rest of the text was not spoken"
            away = LipwireError(ErrorCode.GOING_AWAY, text)
            await (self._lose if utterance.resumed else self._fail)(utterance, away)
            return EndReason.ERROR
        if utterance.failed and not utterance.segments:
            return EndReason.ERROR
        if not utterance.segments and utterance.begin:
            text = f"utterance {utterance.number} has no sample {utterance.begin} to begin with"
            await self._fail(utterance, LipwireError(ErrorCode.NOT_FOUND, text))
            return EndReason.ERROR
        if not utterance.segments:
            text = "there is nothing to say in this text"
            await self._emit(
                utterance,
                Warning(code=ErrorCode.EMPTY_TEXT, message=text, utterance=utterance.number),
            )
        return EndReason.DONE

    async def _speak_segment(self, utterance: Utterance, text: TextSegment, seat: Seat) -> bool:
        """Whether the utterance goes on: without its beginning, for want of room, it does not."""
        self.busy = utterance.begun = True
        try:
            await self._synthesize(utterance, text, seat)
        except LipwireError as error:
            if utterance.resumed is not None:
                await self._lose(utterance, error)
                return error.code not in (ErrorCode.OVERLOADED, ErrorCode.NOT_FOUND)
            if error.code is not ErrorCode.EMPTY_TEXT:
                await self._fail(utterance, error)
                if self._account is not None:
                    self._account.fail(utterance.number, error)
            return error.code is not ErrorCode.OVERLOADED
        finally:
            self.busy = utterance.begun = False
        return True

    async def _synthesize(self, utterance: Utterance, text: TextSegment, seat: Seat) -> None:
        terms = self._terms_at(utterance.number, utterance.next_segment[0])
        queued_ns = self._now_ns()
        voice_rate = terms.voice.sample_rate
        async with aclosing(seat.speak(job_of(text, terms))) as parts:
            plan = await anext(parts)
            assert isinstance(plan, Plan)
            segment = segment_message(
                utterance,
                text,
                plan,
                queued_ns,
                timing=terms.timing,
                voice_rate=voice_rate,
                rate=terms.rate,
            )
            if utterance.passes_over(segment):
                return
            arrived = utterance.take_up(segment)
            if self._account is not None:
                self._account.say(segment, text, terms, utterance.begin)
            async with self._animation.take(plan, segment, terms, utterance.at) as take:
                if segment is not utterance.open_segment:
                    await self._emit(utterance, trimmed(segment, terms.timing))
                    utterance.add(segment)
                utterance.begun = False
                windows = self._send_windows(utterance, segment, plan, take, parts, terms, arrived)
                first_ns = await windows
        ended = segment_ended(
            utterance,
            segment,
            first_ns,
            self._now_ns(),
            cached=plan.cached,
            frames=FrameCounts(sent=take.sent, dropped=take.dropped),
        )
        await self._emit(utterance, ended)
        utterance.segments_ended += 1

    async def _send_windows(
        self,
        utterance: Utterance,
        segment: Segment,
        plan: Plan,
        take: Take,
        parts: AsyncGenerator[Plan | Window, None],
        terms: Terms,
        arrived: int,
    ) -> int:
        """Sends what comes, but for the samples that have arrived, and returns when the first of it
        came.

        A failure is told here: what was announced ends with `segment_ended` all the same.
        """
        first_ns: int | None = None
        encoder = SegmentEncoder(
            terms.audio,
            terms.voice.sample_rate,
            volume_percent=terms.volume_percent,
            longest=self._chunk,
        )
        missing = Missing(arrived)
        in_thread = terms.audio.codec is Codec.OPUS
        end = segment.start + segment.count

        async def ready() -> None:
            await self._may_send(utterance, min(self._chunk, end - utterance.sent))

        is_short = terms.flow.lead_ms < _SHORT_LEAD_MS
        windows = ahead(parts) if is_short else when_ready(parts, ready)
        try:
            async with aclosing(windows):
                async for window in windows:
                    first_ns = first_ns or self._now_ns()
                    spans = await _encoded(in_thread, encoder.push, window.samples, window.pcm)
                    await self._send(utterance, segment, plan, take, missing.of(spans), terms)
            spans = await _encoded(in_thread, encoder.finish)
            await self._send(utterance, segment, plan, take, missing.of(spans), terms)
        except LipwireError as error:
            await self._fail(utterance, error)
        return first_ns or self._now_ns()

    async def _send(
        self,
        utterance: Utterance,
        segment: Segment,
        plan: Plan,
        take: Take,
        spans: list[Span],
        terms: Terms,
    ) -> None:
        for span in spans:
            await self._may_send(utterance, span.count)
            start = utterance.sent
            footage = await take.span(start, start + span.count, congested=self._sink.congested)
            chunk = Chunk(
                utterance=utterance.number,
                segment=segment.segment,
                start=start,
                count=span.count,
                audio=span.audio,
                frames=footage.frames,
                pictures=footage.pictures,
                weights=_weights(segment, plan, terms, start, span.count),
            )
            await self._emit(utterance, chunk)
            utterance.sent += span.count
            self._sounded(utterance, start, span.samples)
            self._credit.send(span.count)

    async def _may_send(self, utterance: Utterance, count: int) -> None:
        """Returns when there is credit for so much, and no pause."""
        await self._going(utterance)
        while count > 0:
            await self._credit.wait(count)
            if not self._is_held(utterance):
                return
            await self._going(utterance)

    def _is_held(self, utterance: Utterance) -> bool:
        return (self.paused or utterance.paused) and not self.draining

    async def _going(self, utterance: Utterance) -> None:
        """Returns when there is no pause."""
        try:
            while self._is_held(utterance):
                self.held = True
                self._pause_changed.clear()
                await self._pause_changed.wait()
        finally:
            self.held = False

    async def _fail(self, utterance: Utterance, error: LipwireError) -> None:
        utterance.failed = True
        message = Error(
            code=error.code,
            message=str(error),
            utterance=utterance.number,
            retry_after_ms=error.retry_after_ms,
        )
        await self._emit(utterance, message)

    async def _emit(self, utterance: Utterance, message: ServerMessage) -> None:
        utterance.advance(message)
        await self._sink.media(message)


def _weights(
    segment: Segment, plan: Plan, terms: Terms, start: int, count: int
) -> bytes | UnsetType:
    if terms.weights is None:
        return UNSET
    voice_rate = terms.voice.sample_rate
    return frame_weights(
        segment,
        plan,
        terms.weights,
        start,
        start + count,
        voice_rate=voice_rate,
        rate=terms.rate,
    )


def job_of(text: TextSegment, terms: Terms) -> Job:
    return Job(
        text=text.text,
        silence_ms=text.silence_ms,
        voice=terms.voice.name,
        speaker=terms.speaker,
        rate_percent=max(_SLOWEST, min(_FASTEST, terms.rate_percent * text.rate_percent // 100)),
        noise_percent=terms.noise_percent,
        seed=terms.seed,
    )


async def _encoded(
    in_thread: bool, encode: Callable[..., list[Span]], *samples: object
) -> list[Span]:
    """Opus takes too long for the event loop."""
    return await asyncio.to_thread(encode, *samples) if in_thread else encode(*samples)

"""Speaks an utterance: segments in, messages out, no faster than the credit allows."""

from collections.abc import AsyncIterator, Callable
from contextlib import aclosing
from typing import Protocol

from lipwire_protocol import (
    Chunk,
    EndReason,
    Error,
    ErrorCode,
    Flushed,
    LipwireError,
    ServerMessage,
    UtteranceStarted,
    Warning,
    ms_to_samples,
)

from ..speech.audio.pcm import pcm_s16le
from ..speech.port import Job, Plan, Synthesis, Window
from ..speech.text.segmenter import Segment as TextSegment
from .credit import Credit
from .score import segment_ended, segment_message, trimmed
from .terms import Terms
from .utterance import FlushMark, Utterance

__all__ = ["Sink", "Speaker"]

_CHUNK_MS = 750
"""Longer windows are cut: a chunk is what a listener has to wait for as a whole."""
_CHUNKS_IN_LEAD = 4
"""A chunk waits for credit as a whole: in a large one, much of the lead would stay unused."""


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


class Speaker:
    """The one emitter of a conversation. Cancelling `speak` stops it at once."""

    def __init__(
        self,
        terms: Terms,
        *,
        synthesis: Synthesis,
        sink: Sink,
        credit: Credit,
        now_ns: Callable[[], int],
    ) -> None:
        self.draining = False
        """No segment is begun any more."""
        self.busy = False
        """A segment is being synthesized or sent."""
        self._terms = terms
        self._synthesis = synthesis
        self._sink = sink
        self._credit = credit
        self._now_ns = now_ns
        chunk_ms = min(terms.audio.chunk_ms or _CHUNK_MS, terms.flow.lead_ms // _CHUNKS_IN_LEAD)
        self._chunk = ms_to_samples(chunk_ms, terms.rate)

    async def speak(self, utterance: Utterance) -> EndReason:
        """Speaks the whole utterance and returns how it ended, which is not told yet."""
        utterance.at = self._credit.sent
        await self._emit(utterance, UtteranceStarted(utterance=utterance.number, at=utterance.at))
        while (item := await utterance.next()) is not None and not self.draining:
            if isinstance(item, FlushMark):
                flushed = Flushed(utterance=utterance.number, sample=utterance.sent)
                await self._emit(utterance, flushed)
            else:
                await self._speak_segment(utterance, item)
        return await self._closing_words(utterance, unspoken=item is not None)

    async def _closing_words(self, utterance: Utterance, *, unspoken: bool) -> EndReason:
        if unspoken:
            text = "the server restarts; the rest of the text was not spoken"
            await self._fail(utterance, LipwireError(ErrorCode.GOING_AWAY, text))
            return EndReason.ERROR
        if utterance.failed and not utterance.segments:
            return EndReason.ERROR
        if not utterance.segments:
            text = "there is nothing to say in this text"
            await self._emit(
                utterance,
                Warning(code=ErrorCode.EMPTY_TEXT, message=text, utterance=utterance.number),
            )
        return EndReason.DONE

    async def _speak_segment(self, utterance: Utterance, text: TextSegment) -> None:
        self.busy = True
        try:
            await self._synthesize(utterance, text)
        except LipwireError as error:
            if error.code is not ErrorCode.EMPTY_TEXT:
                await self._fail(utterance, error)
        finally:
            self.busy = False

    async def _synthesize(self, utterance: Utterance, text: TextSegment) -> None:
        job = Job(
            text=text.text,
            voice=self._terms.voice.name,
            rate_percent=self._terms.rate_percent,
            seed=self._terms.seed,
        )
        queued_ns = self._now_ns()
        async with aclosing(self._synthesis.speak(job)) as parts:
            plan = await anext(parts)
            assert isinstance(plan, Plan)
            segment = segment_message(utterance, text, plan, queued_ns)
            await self._emit(utterance, trimmed(segment, self._terms.timing))
            utterance.add(segment)
            first_ns = await self._send_windows(utterance, segment.segment, parts)
        ended = segment_ended(utterance, segment, first_ns, self._now_ns())
        await self._emit(utterance, ended)
        utterance.segments_ended += 1

    async def _send_windows(
        self, utterance: Utterance, segment: int, parts: AsyncIterator[Plan | Window]
    ) -> int:
        """Sends what comes, and returns when the first of it came.

        A failure is told here: what was announced ends with `segment_ended` all the same.
        """
        first_ns: int | None = None
        try:
            async for window in parts:
                assert isinstance(window, Window)
                first_ns = first_ns or self._now_ns()
                await self._send_window(utterance, segment, window)
        except LipwireError as error:
            await self._fail(utterance, error)
        return first_ns or self._now_ns()

    async def _send_window(self, utterance: Utterance, segment: int, window: Window) -> None:
        for begin in range(0, len(window.samples), self._chunk):
            samples = window.samples[begin : begin + self._chunk]
            await self._credit.wait(len(samples))
            chunk = Chunk(
                utterance=utterance.number,
                segment=segment,
                start=utterance.sent,
                count=len(samples),
                audio=pcm_s16le(samples),
            )
            await self._emit(utterance, chunk)
            utterance.sent += len(samples)
            self._credit.send(len(samples))

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

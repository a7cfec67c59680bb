"""From a plan to the messages that carry its timing, on the utterance's timeline."""

from collections.abc import Callable, Sequence

import numpy as np
from msgspec import UNSET, UnsetType, structs

from lipwire_protocol import (
    Configured,
    EndReason,
    FrameCounts,
    Ledger,
    MarkTiming,
    PhonemeTiming,
    Segment,
    SegmentEnded,
    Timing,
    UtteranceEnded,
    VisemeTiming,
    Weights,
    WordTiming,
    rescale,
)

from ..face.motion.grid import frames_between
from ..speech.port import Plan, WordSpan
from ..speech.text.segment import Segment as TextSegment
from .terms import Terms
from .utterance import Utterance

_NO_FRAMES = FrameCounts(sent=0, dropped=0)
_RECORDED = ("oculus",)
"""Viseme sets that are stored, whatever the client asks for."""
__all__ = [
    "configured",
    "frame_weights",
    "segment_ended",
    "segment_message",
    "trimmed",
    "utterance_ended",
]


def segment_message(
    utterance: Utterance,
    text: TextSegment,
    plan: Plan,
    queued_ns: int,
    *,
    timing: Timing,
    voice_rate: int,
    rate: int,
) -> Segment:
    """The whole timing of the segment that comes next in the utterance.

    Its visemes are those that `timing` asks for, and those that are stored. What is in the plan at
    the voice's rate is here at `rate`, the session's.
    """
    number, start = utterance.next_segment
    stamps = utterance.stamps

    def place(position: int, count: int) -> tuple[int, int]:
        if voice_rate == rate:  # As most are: this is called for every phoneme of everybody.
            return start + position, count
        begin = rescale(position, voice_rate, rate)
        return start + begin, rescale(position + count, voice_rate, rate) - begin

    words, word_of = _words(text, plan.words, place)
    return Segment(
        utterance=utterance.number,
        segment=number,
        start=start,
        count=rescale(plan.count, voice_rate, rate),
        text=text.shown,
        span=(text.begin, text.end),
        words=words,
        phonemes=tuple(
            PhonemeTiming(p.symbol, *place(p.start, p.count), word_of[p.word])
            for p in plan.phonemes
        ),
        visemes={
            name: tuple(VisemeTiming(v.viseme, *place(v.start, v.count), v.weight) for v in track)
            for name in dict.fromkeys((*timing.visemes, *_RECORDED))
            if (track := plan.mouth.sets.get(name)) is not None
        },
        marks=_marks(text, plan, start, voice_rate, rate),
        ledger=Ledger(
            received=_ms(stamps.last_text_ns - stamps.first_text_ns),
            queued=_ms(queued_ns - stamps.first_text_ns),
            phonemized=_ms(plan.phonemized_ns - stamps.first_text_ns),
            encoded=_ms(plan.encoded_ns - stamps.first_text_ns),
        ),
    )


def _words(
    text: TextSegment, spoken: Sequence[WordSpan], place: Callable[[int, int], tuple[int, int]]
) -> tuple[tuple[WordTiming, ...], dict[int, int]]:
    """The words that the caller wrote, and by the index of each one that is said the index of his.

    What is said for one of his words ("sequel" and "server" for "SQLServer") is one word here.
    """
    words: list[WordTiming] = []
    index_of = {-1: -1}
    for index, word in enumerate(spoken):
        shown, begin, end = text.word(word.begin, word.end)
        start, count = place(word.start, word.count)
        last = words[-1] if words else None
        if last is not None and (last.begin, last.end) == (begin, end):
            count, spoken_words = start + count - last.start, last.spoken + word.spoken
            words[-1] = WordTiming(shown, begin, end, last.start, count, spoken_words)
        else:
            words.append(WordTiming(shown, begin, end, start, count, word.spoken))
        index_of[index] = len(words) - 1
    return tuple(words), index_of


def _marks(
    text: TextSegment, plan: Plan, start: int, voice_rate: int, rate: int
) -> tuple[MarkTiming, ...] | UnsetType:
    """A mark is passed when the word after it begins, one after the last word at the end of it."""
    if not text.marks:
        return UNSET
    last = max((word.start + word.count for word in plan.words), default=0)

    def passed(at: int) -> int:
        return next((word.start for word in plan.words if word.end > at), last)

    return tuple(
        MarkTiming(mark.name, start + rescale(passed(mark.at), voice_rate, rate))
        for mark in text.marks
    )


def frame_weights(
    segment: Segment,
    plan: Plan,
    weights: Weights,
    begin: int,
    end: int,
    *,
    voice_rate: int,
    rate: int,
) -> bytes:
    """A row of weights for each frame that starts in these samples of the utterance.

    Frame `k` of the utterance starts at sample `k * rate / fps`, rounded up.
    """
    frames = frames_between(begin, end, rate, weights.fps)
    starts = -(-np.arange(frames.start, frames.stop, dtype=np.int64) * rate // weights.fps)
    times = (starts - segment.start) * voice_rate // rate
    return plan.mouth.weights(weights.set, times).tobytes()


def trimmed(segment: Segment, timing: Timing) -> Segment:
    """The segment with only the timing that the client asked for."""
    return structs.replace(
        segment,
        words=segment.words if timing.words else UNSET,
        phonemes=segment.phonemes if timing.phonemes else UNSET,
        visemes={name: segment.visemes[name] for name in timing.visemes},
    )


def segment_ended(
    utterance: Utterance,
    segment: Segment,
    first_ns: int,
    last_ns: int,
    *,
    cached: bool = False,
    frames: FrameCounts = _NO_FRAMES,
) -> SegmentEnded:
    """`count` is what was sent of it: all of it, unless its synthesis failed."""
    since = utterance.stamps.first_text_ns
    return SegmentEnded(
        utterance=utterance.number,
        segment=segment.segment,
        count=utterance.sent - segment.start,
        ledger=structs.replace(
            segment.ledger, first_chunk=_ms(first_ns - since), last_chunk=_ms(last_ns - since)
        ),
        frames=frames,
        cached=cached,
    )


def utterance_ended(utterance: Utterance, reason: EndReason) -> UtteranceEnded:
    return UtteranceEnded(utterance=utterance.number, count=utterance.sent, reason=reason)


def configured(terms: Terms, place: tuple[int, int]) -> Configured:
    """`place`: utterance and segment from which on they hold."""
    return Configured(
        from_=place,
        voice=terms.voice_grant,
        rate_percent=terms.rate_percent,
        volume_percent=terms.volume_percent,
        noise_percent=terms.noise_percent,
        timing=terms.timing,
        sets=terms.sets,
        weights=terms.weights,
        frames=terms.frames,
        avatar=terms.avatar,
    )


def _ms(ns: int) -> int:
    return max(0, ns) // 1_000_000

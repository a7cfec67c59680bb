"""From a plan to the messages that carry its timing, on the utterance's timeline."""

from msgspec import UNSET, structs

from lipwire_protocol import (
    FrameCounts,
    Ledger,
    PhonemeTiming,
    Segment,
    SegmentEnded,
    Timing,
    VisemeTiming,
    WordTiming,
)

from ..speech.port import Plan
from ..speech.text.segmenter import Segment as TextSegment
from .utterance import Utterance

__all__ = ["segment_ended", "segment_message", "trimmed"]


def segment_message(utterance: Utterance, text: TextSegment, plan: Plan, queued_ns: int) -> Segment:
    """The whole timing of a segment that starts where the utterance stands."""
    start = utterance.sent
    stamps = utterance.stamps
    return Segment(
        utterance=utterance.number,
        segment=len(utterance.segments),
        start=start,
        count=plan.count,
        text=text.text,
        span=(text.begin, text.end),
        words=tuple(
            WordTiming(w.text, text.begin + w.begin, text.begin + w.end, start + w.start, w.count)
            for w in plan.words
        ),
        phonemes=tuple(
            PhonemeTiming(p.symbol, start + p.start, p.count, p.word) for p in plan.phonemes
        ),
        visemes={
            name: tuple(VisemeTiming(v.viseme, start + v.start, v.count, v.weight) for v in track)
            for name, track in plan.visemes.items()
        },
        ledger=Ledger(
            received=_ms(stamps.last_text_ns - stamps.first_text_ns),
            queued=_ms(queued_ns - stamps.first_text_ns),
            phonemized=_ms(plan.phonemized_ns - stamps.first_text_ns),
            encoded=_ms(plan.encoded_ns - stamps.first_text_ns),
        ),
    )


def trimmed(segment: Segment, timing: Timing) -> Segment:
    """The segment with only the timing that the client asked for."""
    return structs.replace(
        segment,
        words=segment.words if timing.words else UNSET,
        phonemes=segment.phonemes if timing.phonemes else UNSET,
        visemes={name: segment.visemes[name] for name in timing.visemes},
    )


def segment_ended(
    utterance: Utterance, segment: Segment, first_ns: int, last_ns: int
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
        frames=FrameCounts(sent=0, dropped=0),
        cached=False,
    )


def _ms(ns: int) -> int:
    return max(0, ns) // 1_000_000

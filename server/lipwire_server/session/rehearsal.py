"""A text without its sound: what is said, when, and what the mouth does, as if it were spoken."""

from collections.abc import Mapping
from contextlib import aclosing
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lipwire_protocol import WEIGHT_SETS, ErrorCode, Hello, LipwireError, Segment, Weights

from ..speech.port import Listener, Plan, Seat
from ..speech.text.reader import Reader
from ..speech.text.segment import Segment as TextSegment
from .host import Host
from .score import frame_weights, segment_message
from .speaker import job_of
from .terms import Terms, agree
from .utterance import Utterance

__all__ = ["Rehearsal", "rehearse"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Rehearsal:
    terms: Terms
    utterance: Utterance
    """With the timing of all segments: exactly that of the speech, which was not made."""
    weights: Mapping[str, NDArray[np.uint8]]
    """Of the set that was asked for, shape (frames, shapes)."""
    problems: tuple[str, ...]
    """What was not understood of the text's markup."""

    @property
    def segments(self) -> list[Segment]:
        return self.utterance.segments


async def rehearse(host: Host, hello: Hello, text: str, *, key: str) -> Rehearsal:
    """Plans all segments of a text; `key` says whose share of the machine is used.

    No window of them is decoded, which is nine tenths of the work. Raises LipwireError for what
    cannot be agreed on, `empty_text` where there is nothing to say, and whatever a plan raises.
    """
    terms = agree(hello, host.synthesis.voices(), host.default_voice, host.cast, host.limits)
    reader = Reader(
        terms.text, terms.lexicon, host.limits.segment_text, language=terms.voice.language
    )
    utterance = Utterance(1, reader, terms.text.idle_flush_ms)
    utterance.append(text, host.now_ns(), last=True)
    rows: list[NDArray[np.uint8]] = []
    # Somebody waits for it, so it is due as soon as anybody's first sound.
    with host.synthesis.seat(Listener(key=key, dry_ns=lambda: 0)) as seat:
        while (item := await utterance.next()) is not None:
            assert isinstance(item, TextSegment)
            await _rehearse_segment(host, seat, terms, utterance, item, rows)
    if not utterance.segments:
        raise LipwireError(ErrorCode.EMPTY_TEXT, "there is nothing to say in this text")
    return Rehearsal(
        terms=terms,
        utterance=utterance,
        weights={terms.weights.set: np.concatenate(rows)} if terms.weights else {},
        problems=tuple(str(problem) for problem in utterance.new_problems()),
    )


async def _rehearse_segment(
    host: Host,
    seat: Seat,
    terms: Terms,
    utterance: Utterance,
    text: TextSegment,
    rows: list[NDArray[np.uint8]],
) -> None:
    voice_rate = terms.voice.sample_rate
    try:
        async with aclosing(seat.speak(job_of(text, terms))) as parts:
            plan = await anext(parts)
    except LipwireError as error:
        if error.code is ErrorCode.EMPTY_TEXT:
            return
        raise
    assert isinstance(plan, Plan)
    segment = segment_message(
        utterance,
        text,
        plan,
        host.now_ns(),
        timing=terms.timing,
        voice_rate=voice_rate,
        rate=terms.rate,
    )
    utterance.add(segment)
    utterance.sent += segment.count
    utterance.segments_ended += 1
    if terms.weights is not None:
        rows.append(_weights(segment, plan, terms.weights, voice_rate, terms.rate))


def _weights(
    segment: Segment, plan: Plan, weights: Weights, voice_rate: int, rate: int
) -> NDArray[np.uint8]:
    begin, end = segment.start, segment.start + segment.count
    track = frame_weights(segment, plan, weights, begin, end, voice_rate=voice_rate, rate=rate)
    return np.frombuffer(track, np.uint8).reshape(-1, len(WEIGHT_SETS[weights.set]))

"""Speech that nobody spoke, of the size that it has when somebody does."""

import random
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final
from uuid import UUID

import msgspec

from lipwire_protocol import VisemeTiming, WordTiming
from lipwire_server.store.records import (
    PhonemeRecord,
    SegmentRecord,
    SessionOpened,
    UtteranceRecord,
)

__all__ = ["PHONEMES", "Spoken", "session", "utterance", "wav"]

PHONEMES: Final = 100
_RATE: Final = 22_050
_SECONDS: Final = 6
_WORDS: Final = ("the", "quick", "brown", "fox", "jumps", "over", "the", "lazy", "dog")
_TEXT: Final = " ".join(_WORDS).capitalize() + "."
_SYMBOLS: Final = "ðəkwˈɪbɹaʊnfɑːksdʒʌmpsoʊvɚleɪzidɔɡ"
_SEGMENTS: Final = 2
_HALF: Final = PHONEMES // _SEGMENTS
_SPAN: Final = _RATE * _SECONDS // PHONEMES
"""Samples of a phoneme."""
_WHEN: Final = datetime(2026, 1, 1, 12, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Spoken:
    """An utterance, and how it sounded where that is to be kept."""

    record: UtteranceRecord
    wav: bytes | None = None


def session(id: UUID) -> SessionOpened:
    return SessionOpened(
        id=id,
        secret_sha256=bytes(32),
        voice="en_US-joe-medium",
        sample_rate=_RATE,
        settings=b'{"rate_percent": 100, "codec": "pcm_s16le"}',
        opened_at=_WHEN,
    )


def utterance(new_id: Callable[[], UUID], session: UUID, number: int) -> UtteranceRecord:
    count = PHONEMES * _SPAN
    return UtteranceRecord(
        id=new_id(),
        session_id=session,
        number=number,
        at=number * count,
        count=count,
        heard=count,
        text=" ".join([_TEXT] * _SEGMENTS),
        voice="en_US-joe-medium",
        rate_percent=100,
        seed=0,
        reason="done",
        started_at=_WHEN,
        ended_at=_WHEN + timedelta(seconds=_SECONDS),
        segments=tuple(_segment(part) for part in range(_SEGMENTS)),
    )


def wav(seed: int) -> bytes:
    """As many bytes as 6 s of 16-bit samples have: nobody looks into them, and no two are equal."""
    return random.Random(seed).randbytes(44 + 2 * PHONEMES * _SPAN)


def _segment(part: int) -> SegmentRecord:
    start = part * _HALF * _SPAN
    begin = part * (len(_TEXT) + 1)
    return SegmentRecord(
        number=part,
        start=start,
        count=_HALF * _SPAN,
        text=_TEXT,
        begin=begin,
        end=begin + len(_TEXT),
        timing=msgspec.json.encode(
            {"words": _words(begin, start), "visemes": {"oculus": _visemes(start)}}
        ),
        phonemes=tuple(
            PhonemeRecord(
                _SYMBOLS[at % len(_SYMBOLS)],
                at % 15,
                start + at * _SPAN,
                _SPAN,
                at * len(_WORDS) // _HALF,
            )
            for at in range(_HALF)
        ),
    )


def _words(begin: int, start: int) -> list[WordTiming]:
    span = _HALF * _SPAN // len(_WORDS)
    words = []
    for at, word in enumerate(_WORDS):
        words.append(WordTiming(word, begin, begin + len(word), start + at * span, span))
        begin += len(word) + 1
    return words


def _visemes(start: int) -> list[VisemeTiming]:
    return [VisemeTiming(at % 15, start + at * _SPAN, _SPAN, 200) for at in range(_HALF)]

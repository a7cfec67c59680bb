"""What a face needs to know of how a segment is said: what is stressed, and where the pauses are.

Times are in seconds from the start of the utterance.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Final, NamedTuple
from zlib import crc32

from ...speech.port import PhonemeSpan, Plan
from .chance import Draw, chance

__all__ = ["Emphasis", "Pause", "Prosody", "prosody"]

_STRESS: Final = "ˈ"
_PHRASE: Final = 0.12
"""A pause that is shorter ends no phrase."""
_LONG: Final = 0.28
"""Words that count as stressed where a voice writes no stress."""
_APART: Final = 0.48
"""Between what is emphasised: a nod must have ended before the next."""
_SHARE: Final = 0.4
"""Of the stressed words that are emphasised."""
_DULL: Final = 1.3
"""After so long without, the next stressed word is."""


class Pause(NamedTuple):
    begin: float
    end: float
    marks: str
    """The punctuation that made it."""


class Emphasis(NamedTuple):
    """A stressed word that the face goes along with."""

    at: float
    """When its stressed vowel begins."""
    end: float
    """Of the word."""
    strength: float
    """0..1."""


class _Stressed(NamedTuple):
    at: float
    end: float
    key: int
    """Of the word and where it is."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Prosody:
    begin: float
    end: float
    stressed: tuple[tuple[float, float], ...]
    """When stressed words are said, from the stress on."""
    emphases: tuple[Emphasis, ...]
    """Of those, the ones that the face goes along with."""
    pauses: tuple[Pause, ...]
    """Between phrases, not before the first nor after the last."""
    said_from: float
    """When the first sound begins; `end` if there is none."""
    said_to: float
    is_question: bool


def prosody(plan: Plan, start: int, rate: int, voice_rate: int, seed: int) -> Prosody:
    """Of a segment that starts at sample `start` of the utterance, at `rate`."""
    begin = start / rate
    end = begin + plan.count / voice_rate
    runs = [(word < 0, list(spans)) for word, spans in groupby(plan.phonemes, key=lambda p: p.word)]
    sounds = [span for span in plan.phonemes if span.word >= 0]
    said_from, said_to = end, end
    if sounds:
        said_from = begin + sounds[0].start / voice_rate
        said_to = begin + (sounds[-1].start + sounds[-1].count) / voice_rate
    pauses = tuple(
        pause
        for silent, spans in runs
        if silent
        for pause in (_pause(spans, begin, voice_rate),)
        if said_from < pause.begin and pause.end < said_to and pause.end - pause.begin >= _PHRASE
    )
    words = [spans for silent, spans in runs if not silent]
    stressed = _stressed(plan, words, begin, voice_rate)
    return Prosody(
        begin=begin,
        end=end,
        stressed=tuple((word.at, word.end) for word in stressed),
        emphases=_emphases(stressed, seed, start),
        pauses=pauses,
        said_from=said_from,
        said_to=said_to,
        is_question=bool(plan.phonemes) and "?" in plan.phonemes[-1].symbol,
    )


def _pause(spans: Sequence[PhonemeSpan], begin: float, rate: int) -> Pause:
    start = begin + spans[0].start / rate
    end = begin + (spans[-1].start + spans[-1].count) / rate
    return Pause(start, end, "".join(span.symbol for span in spans))


def _stressed(
    plan: Plan, words: Sequence[Sequence[PhonemeSpan]], begin: float, rate: int
) -> list[_Stressed]:
    found: list[_Stressed] = []
    writes_stress = any(_STRESS in span.symbol for spans in words for span in spans)
    for index, spans in enumerate(words):
        end = spans[-1].start + spans[-1].count
        if writes_stress:
            first = next((span.start for span in spans if _STRESS in span.symbol), None)
        else:
            is_long = end - spans[0].start >= _LONG * rate
            first = spans[0].start if is_long else None
        if first is not None:
            text = plan.words[spans[0].word].text
            key = crc32(text.encode("utf-8", "surrogatepass")) << 16 ^ index
            found.append(_Stressed(begin + first / rate, begin + end / rate, key))
    return found


def _emphases(stressed: Sequence[_Stressed], seed: int, start: int) -> tuple[Emphasis, ...]:
    """The first and the last, and by chance some between them."""
    found: list[Emphasis] = []
    for index, word in enumerate(stressed):
        is_edge = index in (0, len(stressed) - 1)
        since = word.at - found[-1].at if found else 0.0
        by_chance = chance(seed, Draw.NOD, start, word.key) < _SHARE
        if not (is_edge or by_chance or since > _DULL):
            continue
        if found and since < _APART:
            if not is_edge:
                continue
            found.pop()
        strength = 0.5 * chance(seed, Draw.STRENGTH, start, word.key) + (0.5 if is_edge else 0.0)
        found.append(Emphasis(word.at, word.end, strength))
    return tuple(found)

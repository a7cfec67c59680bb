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

__all__ = ["Emphasis", "Prosody", "Span", "prosody"]

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


class Span(NamedTuple):
    begin: float
    end: float


class Emphasis(NamedTuple):
    """A stressed word that the face goes along with."""

    at: float
    """When its stressed vowel begins."""
    strength: float
    """0..1."""


class _Stressed(NamedTuple):
    said: Span
    key: int
    """Of the word and where it is."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Prosody:
    begin: float
    end: float
    stressed: tuple[Span, ...]
    """When stressed words are said, from the stress on."""
    emphases: tuple[Emphasis, ...]
    """Of those, the ones that the face goes along with."""
    pauses: tuple[Span, ...]
    """Between phrases, not before the first nor after the last."""
    said_to: float
    """When the last sound ends."""
    is_question: bool


def prosody(plan: Plan, start: int, rate: int, voice_rate: int, seed: int) -> Prosody:
    """Of a segment that starts at sample `start` of the utterance, at `rate`."""
    begin = start / rate

    def span(first: PhonemeSpan, last: PhonemeSpan) -> Span:
        return Span(
            begin + first.start / voice_rate, begin + (last.start + last.count) / voice_rate
        )

    runs = [list(run) for _, run in groupby(plan.phonemes, key=lambda phoneme: phoneme.word)]
    words = [run for run in runs if run[0].word >= 0]
    pauses = [span(run[0], run[-1]) for run in runs[1:-1] if run[0].word < 0]
    stressed = [
        _Stressed(span(word[first], word[-1]), _key(plan, index, word[0].word))
        for index, (word, first) in enumerate(zip(words, _stresses(words, voice_rate), strict=True))
        if first is not None
    ]
    end = begin + plan.count / voice_rate
    return Prosody(
        begin=begin,
        end=end,
        stressed=tuple(word.said for word in stressed),
        emphases=_emphases(stressed, seed, start),
        pauses=tuple(pause for pause in pauses if pause.end - pause.begin >= _PHRASE),
        said_to=span(words[-1][0], words[-1][-1]).end if words else end,
        is_question=bool(plan.phonemes) and "?" in plan.phonemes[-1].symbol,
    )


def _stresses(words: Sequence[Sequence[PhonemeSpan]], rate: int) -> list[int | None]:
    """Which phoneme of each word is stressed."""
    found = [
        next((index for index, sound in enumerate(word) if _STRESS in sound.symbol), None)
        for word in words
    ]
    if any(index is not None for index in found):
        return found
    return [0 if sum(sound.count for sound in word) >= _LONG * rate else None for word in words]


def _key(plan: Plan, index: int, word: int) -> int:
    return crc32(plan.words[word].text.encode("utf-8", "surrogatepass")) << 16 ^ index


def _emphases(stressed: Sequence[_Stressed], seed: int, start: int) -> tuple[Emphasis, ...]:
    """The first and the last, and by chance some between them."""
    found: list[Emphasis] = []
    for index, word in enumerate(stressed):
        is_edge = index in (0, len(stressed) - 1)
        since = word.said.begin - found[-1].at if found else 0.0
        by_chance = chance(seed, Draw.NOD, start, word.key) < _SHARE
        if not (is_edge or by_chance or since > _DULL):
            continue
        if found and since < _APART:
            if not is_edge:
                continue
            found.pop()
        strength = 0.5 * chance(seed, Draw.STRENGTH, start, word.key) + (0.5 if is_edge else 0.0)
        found.append(Emphasis(word.said.begin, strength))
    return tuple(found)

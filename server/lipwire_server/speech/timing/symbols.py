"""What kind of thing each symbol of espeak's phonemes is, as far as timing needs to know."""

from collections.abc import Mapping
from typing import Final

__all__ = [
    "JOINED",
    "JOINT",
    "MODIFIERS",
    "PAUSES",
    "SPACE",
    "STRESS",
    "VOWELS",
    "is_spoken",
    "sounds_by_key",
]

SPACE: Final = " "

STRESS: Final = frozenset("ˈˌ")
"""Primary and secondary; espeak writes them before the vowel."""

PAUSES: Final = frozenset("!,.:;?")
"""Silence where a space or the end follows; inside a word espeak's own mnemonics leak through."""

MODIFIERS: Final = frozenset("'()-#\"_^$ːˑ0123456789↓↑ʲʰˤʷ˞") | frozenset(
    map(chr, (0x303, 0x308, 0x30A, 0x31D, 0x31E, 0x327, 0x329, 0x32A, 0x32F, 0x33A, 0x33B, 0x361))
)
"""Lengths, tones, diacritics and leaked mnemonics: they go on with the phoneme before them."""

_DIPHTHONGS = ("aɪ aʊ ɔɪ eɪ oʊ əʊ ɪə iə eə ɛə ʊə", "ai au ɔø ɔy ei ɛi œy ou ʌu ɑʊ ɑu")
_AFFRICATES = ("tʃ dʒ ts dz tɕ dʑ tʂ dʐ pf",)

JOINED: Final = frozenset(
    pair for pairs in (*_DIPHTHONGS, *_AFFRICATES) for pair in pairs.split(" ")
)
"""Pairs of symbols that are one phoneme: a vowel that moves, a closure and its friction."""


JOINT: Final = "·"
"""Between the sounds of a phoneme that has several: pinyin's `iang` is `j·a·ŋ`."""

VOWELS: Final = frozenset("aeiouyæøœɐɑɒɔəɘɚɛɜɝɞɤɨɪɯɵɶʉʊʌʏᵻ")


def is_spoken(symbol: str) -> bool:
    """Whether the symbol alone is a sound, not a pause, a mark or a space."""
    return not (symbol == SPACE or symbol in PAUSES or symbol in MODIFIERS or symbol in STRESS)


def sounds_by_key(*lines: str) -> Mapping[str, str]:
    """A table that is written as `a:a ш:ʃ`."""
    return {
        key: sound
        for line in lines
        for key, _, sound in (p.partition(":") for p in line.split(" "))
    }

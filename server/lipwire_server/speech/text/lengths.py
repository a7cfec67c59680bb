"""About how long it takes to say a character: what bounds a segment, before anything is phonemized.

It need not be exact. A segment that takes longer than it was taken for is read in parts
(`timing/parting.py`); but the whole of its timing has to be known before its first sound, so it
should not happen to what people write.
"""

import unicodedata
from functools import lru_cache
from typing import Final

__all__ = ["length_as_read"]

_WIDE: Final = 8
_DIGIT: Final = 7
_SYMBOL: Final = 12
_CUTTING: Final = 3

_CUTS_WORDS: Final = frozenset("\u200b\u200c\u2060\ufeff")
"""Not seen, but a word with one of them in it is spelt."""
_QUIET: Final = frozenset(
    ".,;:!?'\"()[]-…·•¿¡‐‑‒–—―‘’‚‛“”„‟«»‹›′″、。〈〉《》「」『』【】〔〕〖〗〜！，．：；？（）［］"
)
"""What every language may borrow: it makes a pause, or nothing."""
_FOREIGN: Final = 24
"""Of a letter whose number is read out: "letter four one one nine"."""

_OWN_VOICES: Final = 3
"""Of the scripts whose words espeak reads in their own language, whatever the voice is."""

_SCRIPTS: Final = {
    "LATIN": (_WIDE, "az ro vi"),
    "CYRILLIC": (5, "be bg kk ky mk mn ru sr tg tt uk uz"),
    "GREEK": (5, "el"),
    "ARABIC": (6, "ar ckb fa ku ps sd ug ur"),
    "HEBREW": (6, "he iw yi"),
    "ARMENIAN": (_OWN_VOICES, "hy"),
    "GEORGIAN": (_OWN_VOICES, "ka"),
    "DEVANAGARI": (_OWN_VOICES, "hi kok mr ne sa"),
    "BENGALI": (_OWN_VOICES, "as bn"),
    "GURMUKHI": (_OWN_VOICES, "pa"),
    "GUJARATI": (_OWN_VOICES, "gu"),
    "TAMIL": (_OWN_VOICES, "ta"),
    "KANNADA": (_OWN_VOICES, "kn"),
    "SINHALA": (_OWN_VOICES, "si"),
    "MALAYALAM": (_OWN_VOICES, "ml"),
    "TELUGU": (10, "te"),
    "ORIYA": (_FOREIGN, "or"),
    "THAI": (_FOREIGN, "th"),
    "LAO": (_FOREIGN, "lo"),
    "KHMER": (_FOREIGN, "km"),
    "MYANMAR": (_FOREIGN, "my"),
    "TIBETAN": (_FOREIGN, "bo dz"),
    "ETHIOPIC": (_FOREIGN, "am ti"),
    "MONGOLIAN": (_FOREIGN, "mn"),
    "CJK": (16, "cmn ja yue zh"),
    "HIRAGANA": (16, "ja"),
    "KATAKANA": (16, "ja"),
    "BOPOMOFO": (16, "cmn zh"),
    "HANGUL": (_WIDE, "ko"),
    "FULLWIDTH": (_WIDE, ""),
    "HALFWIDTH": (16, "ja"),
}
"""By the first word of its characters' names: how long one of them is for a voice of a language
that is not written in it, and those that are."""


@lru_cache(maxsize=8192)
def length_as_read(character: str, language: str = "") -> int:
    """About how many letters a character is read as: "7" is "seven", "%" is "percent".

    A voice of another language (`language` is the voice's, like "en-US") says the names of letters:
    to a voice for English, "я" is about five. Nothing is foreign to a voice of no language.
    """
    if character in _QUIET or character.isspace():
        return 1
    if character.isdigit():
        return _DIGIT
    if character in _CUTS_WORDS:
        return _CUTTING
    kind = unicodedata.category(character)
    own = _length_in_own_language(character, kind)
    if not language or own == _SYMBOL:
        return own
    return max(own, _foreign_length(character, kind, language.partition("-")[0]))


def _length_in_own_language(character: str, kind: str) -> int:
    if character.isalpha():
        return _WIDE if unicodedata.east_asian_width(character) in "WF" else 1
    return 1 if kind[0] in "MPZC" else _SYMBOL


def _foreign_length(character: str, kind: str, language: str) -> int:
    """1 for what is not foreign to the language."""
    if character < "\u0180" or "\u0250" <= character < "\u0370" or kind == "Cf":
        return 1  # Western Europe, IPA, and the marks that letters of any script may have.
    script = unicodedata.name(character, "").partition(" ")[0]
    known = _SCRIPTS.get(script)
    if known is not None:
        length, languages = known
        return 1 if language in languages.split() else length
    if script == "VARIATION":
        return 1
    return _FOREIGN if kind[0] in "LMC" else _SYMBOL

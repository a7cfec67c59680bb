"""Voices whose phonemes are pinyin (`phoneme_type` "pinyin" of Piper, Chinese).

A syllable is three ids, initial, final and tone, with a PAD after them; so is every punctuation
mark. Piper finds the readings with a model of 600 MB; here the dictionary of `pypinyin` does, which
is a few megabytes and works offline. It is not installed with Lipwire.
"""

import importlib
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Final, TypeAlias

from lipwire_protocol.errors import ErrorCode, LipwireError

from ..voices.config import BOS, EOS, PAD
from .phonemizer import PhonemeIds, Phonemizer
from .symbols import SPACE, sounds_by_key

__all__ = ["PinyinPhonemizer", "Syllables", "in_characters", "pypinyin_syllables"]

Syllables: TypeAlias = Callable[[str], Sequence[str]]
"""A text to its syllables with the tone behind (`hao3`), in order; other characters one by one."""

_SYLLABLE: Final = re.compile("(zh|ch|sh|[bpmfdtnlgkhjqxrzcsyw]?)([a-z]+)([1-5])")
_NO_INITIAL: Final = "Ø"
_TONES: Final = frozenset("12345")

_PAUSES: Final[Mapping[str, str]] = dict(
    zip("。？！—…、，：；.?!,:; ", ".?!,,,,:;.?!,:;,", strict=True)
)

_INITIALS: Final = sounds_by_key(
    "Ø:ʔ b:p p:p m:m f:f d:t t:t n:n l:l g:k k:k h:x j:tɕ q:tɕ x:ɕ zh:tʂ ch:tʂ sh:ʂ r:ʐ z:ts",
    "c:ts s:s y:j w:w",
)

_FINALS: Final = sounds_by_key(
    "a:a o:o e:ɤ ai:aɪ ei:eɪ ao:aʊ ou:oʊ an:a·n en:ə·n ang:ɑ·ŋ eng:ə·ŋ ong:ʊ·ŋ er:ɑ·ɻ",
    "i:i ia:j·a ie:j·ɛ iao:j·aʊ iu:j·oʊ ian:j·ɛ·n in:i·n iang:j·ɑ·ŋ ing:i·ŋ iong:j·ʊ·ŋ",
    "u:u ua:w·a uo:w·o uai:w·aɪ ui:w·eɪ uan:w·a·n un:w·ə·n uang:w·ɑ·ŋ ueng:w·ə·ŋ",
    "v:y ve:y·ɛ van:y·ɛ·n vn:y·n ue:y·ɛ",
)

_AFTER_PALATALS: Final[Mapping[str, str]] = {"u": "y", "uan": "y·ɛ·n", "un": "y·n", "an": "ɛ·n"}
"""What `u` is after j, q, x and y, and `an` after y."""
_NASAL_SYLLABLES: Final[Mapping[str, str]] = {"n": "en", "ng": "eng", "m": "en"}

_DIGITS: Final = "零一二三四五六七八九"
_PLACES: Final = ("", "十", "百", "千")
_MYRIADS: Final = ("", "万", "亿", "万亿")
_NUMBER: Final = re.compile(r"([-−])?(\d+)(?:\.(\d+))?(\s*(?:°\s*C|℃|%|％))?", re.ASCII)


class PinyinPhonemizer(Phonemizer):
    """Initials, finals and tones."""

    _between_parts = ()

    def __init__(self, phoneme_ids: Mapping[str, Sequence[int]], syllables: Syllables) -> None:
        super().__init__("", phoneme_ids)
        self._syllables = syllables

    def phonemes(self, text: str) -> list[str]:
        """Keys of the voice's map. Syllables in `[[...]]` are taken as they are: `[[ni3 hao3]]`."""
        # There are no spaces between words: every space is a pause.
        return [key for key in super().phonemes(text.strip()) if key in self._phoneme_ids]

    def ids(self, phonemes: Sequence[str]) -> PhonemeIds:
        """Numbers of the phonemes between BOS and EOS, a PAD after every tone and every pause.

        Phonemes that the voice does not know are left out. The symbol of a PAD is a space, so that
        every syllable is a word.
        """
        known = [symbol for symbol in phonemes if symbol in self._phoneme_ids]
        ids, symbols = [*self._phoneme_ids[BOS]], [BOS] * len(self._phoneme_ids[BOS])
        for key, sound in zip(known, self._sounds(known), strict=True):
            pairs = [(key, sound)]
            if key in _TONES or key in _PAUSES:
                pairs.append((PAD, SPACE))
            for number_of, symbol in pairs:
                numbers = self._phoneme_ids[number_of]
                ids += numbers
                symbols += [symbol] * len(numbers)
        ids += self._phoneme_ids[EOS]
        symbols += [EOS] * len(self._phoneme_ids[EOS])
        return PhonemeIds(tuple(ids), tuple(symbols))

    def _sounds(self, phonemes: Sequence[str]) -> Sequence[str]:
        return list(_heard(phonemes))

    def _read(self, text: str) -> list[str]:
        keys: list[str] = []
        for found in self._syllables(in_characters(text)):
            keys += _keys(found)
        return keys

    def _own(self, block: str) -> list[str]:
        return [key for syllable in block.split() for key in _keys(syllable)]


def pypinyin_syllables() -> Syllables:
    """Raises `LipwireError` (`unsupported`) when `pypinyin` is not installed."""
    try:
        pypinyin = importlib.import_module("pypinyin")
    except ImportError as error:
        raise LipwireError(
            ErrorCode.UNSUPPORTED,
            "voices that read pinyin need the package pypinyin: pip install pypinyin",
        ) from error

    def syllables(text: str) -> Sequence[str]:
        found: Sequence[str] = pypinyin.lazy_pinyin(
            text, style=pypinyin.Style.TONE3, neutral_tone_with_five=True, errors=list
        )
        return found

    return syllables


def in_characters(text: str) -> str:
    """The text with its numbers as they are read: `12%` becomes 百分之十二."""
    return _NUMBER.sub(_number, text)


def _number(match: re.Match[str]) -> str:
    sign, whole, fraction, unit = match.groups()
    said = _whole_number(whole) + ("点" + _one_by_one(fraction) if fraction else "")
    if unit is None:
        return ("负" if sign else "") + said
    if unit.strip() in "%％":
        return ("负" if sign else "") + "百分之" + said
    return ("零下" if sign else "") + said + "度"


def _whole_number(digits: str) -> str:
    """1005 is 一千零五; what begins with a zero or is above 10^16 is read digit by digit."""
    if len(digits) > 16 or (digits.startswith("0") and len(digits) > 1):
        return _one_by_one(digits)
    said = ""
    for index, myriad in enumerate(_MYRIADS):
        end = max(0, len(digits) - 4 * index)
        group = digits[max(0, end - 4) : end]
        if group.strip("0"):
            lower_begins_with_zero = bool(said) and digits[end] == "0"
            said = _thousands(group) + myriad + ("零" if lower_begins_with_zero else "") + said
    said = said.lstrip("零") or "零"
    return said[1:] if said.startswith("一十") else said


def _thousands(group: str) -> str:
    said = ""
    for place, digit in zip(reversed(_PLACES[: len(group)]), group, strict=True):
        if digit != "0":
            said += _DIGITS[int(digit)] + place
        elif said and not said.endswith("零"):
            said += "零"
    return said.rstrip("零")


def _one_by_one(digits: str) -> str:
    return "".join(_DIGITS[int(digit)] for digit in digits)


def _keys(found: str) -> list[str]:
    syllable = _SYLLABLE.fullmatch(found.replace("ü", "v").replace("u:", "v"))
    if syllable is None:
        return [found] if found in _PAUSES else []
    initial, final, tone = syllable.groups()
    final = _NASAL_SYLLABLES.get(final, final) if not initial else final
    return [initial or _NO_INITIAL, final, tone]


def _heard(keys: Sequence[str]) -> Iterator[str]:
    before = ""
    for key in keys:
        if key in _PAUSES:
            yield _PAUSES[key]
        elif key in _INITIALS:
            yield _INITIALS[key]
        elif before in ("z", "c", "s", "zh", "ch", "sh", "r") and key == "i":
            yield "ɨ"
        elif before == "y" or (before in ("j", "q", "x") and key != "an"):
            yield _AFTER_PALATALS.get(key, _FINALS.get(key, key))
        else:
            yield _FINALS.get(key, key)
        before = key

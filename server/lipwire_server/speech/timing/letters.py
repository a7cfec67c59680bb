"""Voices whose phonemes are the letters of the text (`phoneme_type` "text" of Piper).

Such a voice reads code points in canonical decomposition and was never told what they sound like.
The timing is exact all the same: a letter has its ids. For the lips every letter is given the sound
that it mostly has in the languages of its script; a letter of a script that is not in the table
stands for itself.
"""

import unicodedata
from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Final

from .phonemizer import Phonemizer
from .symbols import MODIFIERS, PAUSES, SPACE, sounds_by_key

__all__ = ["LetterPhonemizer", "sound_of"]

_SOUNDS: Final = sounds_by_key(
    # Latin; letters that are not here are their own IPA symbol.
    "c:k g:ɡ q:k x:k·s y:i ß:s æ:æ ø:ø œ:œ ð:ð þ:θ đ:d ł:w ı:ɯ ŋ:ŋ ə:ə",
    # Cyrillic
    "а:a б:b в:v г:ɡ ґ:ɡ д:d ђ:dʑ ѓ:ɟ е:ɛ є:j·ɛ ж:ʒ з:z ѕ:dz и:i і:i ї:i ј:j к:k л:l љ:ʎ м:m н:n",
    "њ:ɲ о:o п:p р:r с:s т:t ћ:tɕ ќ:c у:u ф:f х:x ц:ts ч:tʃ џ:dʒ ш:ʃ щ:ʃ ъ:ː ы:ɨ ь:ː э:ɛ ю:j·u",
    "я:j·a ғ:ɣ қ:q ң:ŋ ө:ø ү:y ұ:u һ:h ә:æ җ:ʒ ў:w",
    # Greek
    "α:a β:v γ:ɣ δ:ð ε:ɛ ζ:z η:i θ:θ ι:i κ:k λ:l μ:m ν:n ξ:k·s ο:o π:p ρ:r σ:s ς:s τ:t υ:i φ:f",
    "χ:x ψ:p·s ω:o",
    # Georgian
    "ა:a ბ:b გ:ɡ დ:d ე:ɛ ვ:v ზ:z თ:t ი:i კ:k ლ:l მ:m ნ:n ო:o პ:p ჟ:ʒ რ:r ს:s ტ:t უ:u ფ:p ქ:k ღ:ɣ",
    "ყ:q შ:ʃ ჩ:tʃ ც:ts ძ:dz წ:ts ჭ:tʃ ხ:x ჯ:dʒ ჰ:h",
    # Armenian
    "ա:a բ:b գ:ɡ դ:d ե:ɛ զ:z է:ɛ ը:ə թ:t ժ:ʒ ի:i լ:l խ:x ծ:ts կ:k հ:h ձ:dz ղ:ʁ ճ:tʃ մ:m յ:j ն:n",
    "շ:ʃ ո:o չ:tʃ պ:p ջ:dʒ ռ:r ս:s վ:v տ:t ր:ɹ ց:ts ւ:v փ:p ք:k օ:o ֆ:f",
    # Hebrew, with the points that are vowels
    "א:ʔ ב:v ג:ɡ ד:d ה:h ו:v ז:z ח:χ ט:t י:j כ:χ ך:χ ל:l מ:m ם:m נ:n ן:n ס:s ע:ʔ פ:f ף:f צ:ts",
    "ץ:ts ק:k ר:ʁ ש:ʃ ת:t \u05b0:ə \u05b4:i \u05b5:e \u05b6:ɛ \u05b7:a \u05b8:a \u05b9:o",
    "\u05bb:u",
    # Arabic, with the points that are vowels
    "ا:a ب:b پ:p ت:t ث:θ ج:dʒ چ:tʃ ح:ħ خ:x د:d ذ:ð ر:r ز:z ژ:ʒ س:s ش:ʃ ص:s ض:d ط:t ظ:z ع:ʕ غ:ɣ",
    "ف:f ق:q ك:k ک:k گ:ɡ ل:l م:m ن:n ه:h ة:a و:w ي:j ی:i ى:a ء:ʔ \u064e:a \u064f:u \u0650:i",
    # Hangul, which is decomposed into its parts: leading consonants, vowels, final consonants
    "ᄀ:k ᄁ:k ᄂ:n ᄃ:t ᄄ:t ᄅ:ɾ ᄆ:m ᄇ:p ᄈ:p ᄉ:s ᄊ:s ᄋ:ː ᄌ:tɕ ᄍ:tɕ ᄎ:tɕ ᄏ:k",
    "ᄐ:t ᄑ:p ᄒ:h ᅡ:a ᅢ:ɛ ᅣ:j·a ᅤ:j·ɛ ᅥ:ʌ ᅦ:e ᅧ:j·ʌ ᅨ:j·e ᅩ:o ᅪ:w·a ᅫ:w·ɛ ᅬ:w·e ᅭ:j·o",
    "ᅮ:u ᅯ:w·ʌ ᅰ:w·e ᅱ:w·i ᅲ:j·u ᅳ:ɯ ᅴ:ɯ·i ᅵ:i ᆨ:k ᆫ:n ᆮ:t ᆯ:l ᆷ:m ᆸ:p ᆺ:t ᆻ:t ᆼ:ŋ ᆽ:t",
    "ᆾ:t ᆿ:k ᇀ:t ᇁ:p ᇂ:ː ᆭ:n ᆹ:p",
)
"""Of every letter, in IPA."""

_PAUSES: Final[Mapping[str, str]] = {symbol: symbol for symbol in PAUSES} | dict(
    zip("。．？！，、：；،؛؟।…—–", "..?!,,:;,;?..,,", strict=True)
)

_SILENT: Final = "-"
"""One of the modifiers: its time is that of what is around it."""
_CLOSING: Final = frozenset("-'\")")
_LENGTH: Final = "ː"


class LetterPhonemizer(Phonemizer):
    """The code points of the text."""

    def __init__(self, phoneme_ids: Mapping[str, Sequence[int]]) -> None:
        super().__init__("", phoneme_ids)

    def _read(self, text: str) -> list[str]:
        return [
            self._known(symbol) for symbol in unicodedata.normalize("NFD", " ".join(text.split()))
        ]

    def _known(self, symbol: str) -> str:
        """Capitals as small letters where the voice has learned those alone."""
        small = symbol.lower()
        return small if symbol not in self._phoneme_ids and small in self._phoneme_ids else symbol

    def _sounds(self, phonemes: Sequence[str]) -> Sequence[str]:
        return _with_clear_pauses([sound_of(symbol) for symbol in phonemes])


def sound_of(symbol: str) -> str:
    """What is heard of a code point, in IPA; a modifier where it has no sound of its own."""
    symbol = symbol.lower()
    known = _SOUNDS.get(symbol) or _PAUSES.get(symbol)
    if known is not None:
        return known
    category = unicodedata.category(symbol[0])
    if category.startswith("M"):
        return _LENGTH
    if category.startswith("L") or symbol == SPACE or symbol in MODIFIERS:
        return symbol
    return _SILENT


def _with_clear_pauses(sounds: list[str]) -> list[str]:
    """Quotes and brackets that close after a full stop are part of its pause.

    A question mark inside a word is silent; of espeak it is the glottal stop.
    """
    for index, sound in enumerate(sounds):
        if index and sounds[index - 1] in PAUSES and sound in _CLOSING:
            sounds[index] = sounds[index - 1]
    for index, (sound, after) in enumerate(pairwise(sounds)):
        if sound == "?" and after != SPACE and after not in PAUSES:
            sounds[index] = _SILENT
    return sounds

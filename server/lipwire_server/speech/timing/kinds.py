"""Which phonemizer a voice needs."""

from collections.abc import Mapping, Sequence

from lipwire_protocol.errors import ErrorCode, LipwireError

from ..voices.config import PHONEME_TYPES
from .letters import LetterPhonemizer
from .phonemizer import Phonemizer
from .pinyin import PinyinPhonemizer, pypinyin_syllables

__all__ = ["phonemizer_for"]


def phonemizer_for(
    phoneme_type: str, espeak_voice: str, phoneme_ids: Mapping[str, Sequence[int]]
) -> Phonemizer:
    """Raises `LipwireError` (`unsupported`) for other types, or when a package is missing."""
    if phoneme_type == "espeak":
        return Phonemizer(espeak_voice, phoneme_ids)
    if phoneme_type == "text":
        return LetterPhonemizer(phoneme_ids)
    if phoneme_type == "pinyin":
        return PinyinPhonemizer(phoneme_ids, pypinyin_syllables())
    raise LipwireError(
        ErrorCode.UNSUPPORTED,
        f"phonemes of type {phoneme_type!r} are not spoken; those of type"
        f" {', '.join(PHONEME_TYPES)} are",
    )

"""Text to phonemes (espeak-ng) and to the numbers that a voice knows them by."""

import re
import threading
import unicodedata
from collections import OrderedDict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Final

from piper.phonemize_espeak import EspeakPhonemizer

from lipwire_protocol.errors import ErrorCode, LipwireError

from ..voices.config import BOS, EOS, PAD
from .symbols import JOINT

__all__ = ["PHONEME_BLOCK", "PhonemeIds", "Phonemizer"]

PHONEME_BLOCK: Final = re.compile(r"\[\[(.*?)\]\]", re.DOTALL)
"""Phonemes that the caller writes himself."""

TOKENS_REMEMBERED: Final = 4096
"""When more are needed, the token that was not used for longest is forgotten."""

# espeak-ng is one C library with global state, the current voice among it.
_espeak_lock = threading.Lock()
_espeak: list[EspeakPhonemizer] = []

_UNSPEAKABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]")


@dataclass(frozen=True, slots=True)
class PhonemeIds:
    """What the encoder reads: one number and, for whoever reads its durations, one symbol each."""

    ids: tuple[int, ...]
    symbols: tuple[str, ...]
    """What is heard, in IPA, with `JOINT` between the sounds of an id that has several."""


class Phonemizer:
    """Phonemes of one espeak voice. May be used from any number of threads at once.

    Voices whose phonemes are something else than IPA have subclasses of their own.
    """

    _between_parts: tuple[str, ...] = (" ",)
    """Stands between a block and what is around it."""

    def __init__(self, espeak_voice: str, phoneme_ids: Mapping[str, Sequence[int]]) -> None:
        self._espeak_voice = espeak_voice
        self._phoneme_ids = phoneme_ids
        self._tokens: OrderedDict[str, tuple[str, ...]] = OrderedDict()
        self._tokens_lock = threading.Lock()

    def phonemes(self, text: str) -> list[str]:
        """Code points (NFD) of the phonemes of a whole segment, as one sequence.

        espeak sees several sentences in some segments ("Jan. 3rd"): they are joined by a space.
        Phonemes between `[[` and `]]` are taken as they are. Raises `LipwireError` (`unsupported`)
        when espeak does not have the voice's language.
        """
        text = _UNSPEAKABLE.sub(" ", text)
        phonemes: list[str] = []
        for index, part in enumerate(PHONEME_BLOCK.split(text)):
            own = index % 2 == 1
            found = self._own(part.strip()) if own else self._read(part)
            if found and phonemes and phonemes[-1] != " ":
                phonemes += self._between_parts
            phonemes += found
        return phonemes

    def token_phonemes(self, token: str) -> tuple[str, ...]:
        """What is heard of one word, in IPA; that of recent words is remembered."""
        with self._tokens_lock:
            known = self._tokens.get(token)
            if known is not None:
                self._tokens.move_to_end(token)
                return known
        heard = self._sounds(self.phonemes(token))
        found = tuple(symbol for sound in heard for symbol in sound if symbol != JOINT)
        with self._tokens_lock:
            self._tokens[token] = found
            while len(self._tokens) > TOKENS_REMEMBERED:
                self._tokens.popitem(last=False)
        return found

    def ids(self, phonemes: Sequence[str]) -> PhonemeIds:
        """Numbers of the phonemes between BOS and EOS, a PAD after every phoneme, as in Piper.

        Phonemes that the voice does not know are left out.
        """
        ids: list[int] = []
        symbols: list[str] = []
        known = [symbol for symbol in phonemes if symbol in self._phoneme_ids]
        heard = self._sounds(known)
        pairs = (
            ((phoneme, sound), (PAD, PAD)) for phoneme, sound in zip(known, heard, strict=True)
        )
        for key, symbol in ((BOS, BOS), (PAD, PAD), *chain.from_iterable(pairs), (EOS, EOS)):
            numbers = self._phoneme_ids[key]
            ids += numbers
            symbols += [symbol] * len(numbers)
        return PhonemeIds(tuple(ids), tuple(symbols))

    def _own(self, block: str) -> list[str]:
        """The phonemes that a caller writes himself."""
        return list(unicodedata.normalize("NFD", block))

    def _sounds(self, phonemes: Sequence[str]) -> Sequence[str]:
        """For each of the voice's phonemes what is heard, in IPA."""
        return phonemes

    def _read(self, text: str) -> list[str]:
        """The voice's phonemes of a text without blocks."""
        if not text.strip():
            return []
        with _espeak_lock:
            if not _espeak:
                _espeak.append(EspeakPhonemizer())
            try:
                sentences = _espeak[0].phonemize(self._espeak_voice, text)
            except RuntimeError as error:
                raise LipwireError(
                    ErrorCode.UNSUPPORTED,
                    f"espeak-ng has no voice {self._espeak_voice!r}: correct espeak.voice in the"
                    " voice's configuration",
                ) from error
        joined: list[str] = []
        for sentence in sentences:
            if joined and sentence and joined[-1] != " ":
                joined.append(" ")
            joined += sentence
        return joined

"""Phonemes to try the mouth on, written as symbols and their lengths."""

from typing import TypeAlias

from hypothesis import strategies as st
from piper.phoneme_ids import DEFAULT_PHONEME_ID_MAP

from lipwire_server.speech.port import PhonemeSpan

__all__ = ["RATE", "Part", "phonemes_of", "words"]

RATE = 1000
"""With it, a sample is a millisecond."""

PAUSES = ("^", "$", ".", ",", "?", "!")

Part: TypeAlias = tuple[str, int]
"""A symbol, and how long it is heard."""


def phonemes_of(*parts: Part) -> list[PhonemeSpan]:
    """Phonemes one after another; punctuation, `^` and `$` are pauses."""
    spans: list[PhonemeSpan] = []
    start = 0
    for symbol, count in parts:
        spans.append(PhonemeSpan(symbol, start, count, -1 if symbol in PAUSES else 0))
        start += count
    return spans


_symbols = (
    st.sampled_from((*PAUSES, *DEFAULT_PHONEME_ID_MAP))
    | st.sampled_from(("p", "b", "m", "f", "v", "pʰ", "pf", "β"))
    | st.sampled_from(("ˈa", "ə", "uː", "ˌoʊ", "ɑ\u0303", "h", "ʔ", "s", "tʃ", "kʷ", "n\u0329"))
    | st.sampled_from(("☃", "", "s.", "\u0329"))
)

_lengths = st.sampled_from([0, 1, 11, 12, 23]) | st.integers(0, 500)

words = st.lists(st.tuples(_symbols, _lengths), max_size=25)
"""Whatever may come, with sounds of no length and of one step of the decoder among them."""

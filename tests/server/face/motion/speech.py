"""Segments to try a face on, written as symbols and how many milliseconds they last."""

from collections.abc import Sequence
from typing import Final

from hypothesis import strategies as st

from lipwire_server.lipsync.mouth import mouth
from lipwire_server.speech.port import PhonemeSpan, Plan, WordSpan
from tests.server.lipsync.phonemes import PAUSES, Part, words

__all__ = ["NEXT", "RATE", "SENTENCE", "VOICE_RATE", "plan_of", "plans"]

RATE: Final = 24_000
VOICE_RATE: Final = 22_050
NEXT: Part = (" ", 0)
"""Another word begins."""

SENTENCE: tuple[Part, ...] = (
    ("^", 150), ("p", 70), ("ˈiː", 110), ("t", 60), ("ɚ", 90), NEXT,
    ("m", 70), ("ˈuː", 110), ("v", 60), ("d", 50), NEXT, ("ð", 40), ("ə", 40), NEXT,
    ("b", 70), ("ˈɪ", 80), ("ɡ", 70), NEXT, ("b", 80), ("ˈɑː", 150), ("k", 60), ("s", 110),
    (",", 300), ("ˈæ", 80), ("n", 40), ("d", 40), NEXT, ("w", 60), ("ˈɛ", 90), ("n", 70), ("t", 80),
    NEXT, ("b", 60), ("ˈæ", 120), ("k", 80), NEXT, ("h", 70), ("ˈoʊ", 160), ("m", 120), (".", 350),
)  # fmt: skip
"""Three seconds with closed lips, stress and a pause in them."""


def plan_of(*parts: Part) -> Plan:
    """Of phonemes one after another; punctuation, `^` and `$` are pauses, and end words."""
    phonemes: list[PhonemeSpan] = []
    word, begins, passed = -1, True, 0
    for symbol, ms in parts:
        start, end = (ms * VOICE_RATE // 1000 for ms in (passed, passed + ms))
        passed += ms
        begins = begins or (symbol, ms) == NEXT
        if (symbol, ms) == NEXT:
            continue
        if symbol in PAUSES:
            begins = True
            phonemes.append(PhonemeSpan(symbol, start, end - start, -1))
            continue
        word += begins
        begins = False
        phonemes.append(PhonemeSpan(symbol, start, end - start, word))
    return Plan(
        count=passed * VOICE_RATE // 1000,
        words=_words(phonemes, word + 1),
        phonemes=tuple(phonemes),
        mouth=mouth(phonemes, VOICE_RATE),
        phonemized_ns=0,
        encoded_ns=0,
    )


def _words(phonemes: Sequence[PhonemeSpan], count: int) -> tuple[WordSpan, ...]:
    words: list[WordSpan] = []
    for word in range(count):
        own = [span for span in phonemes if span.word == word]
        start = own[0].start
        length = own[-1].start + own[-1].count - start
        words.append(WordSpan(f"word{word % 7}", 6 * word, 6 * word + 5, start, length))
    return tuple(words)


plans: Final[st.SearchStrategy[Plan]] = words.map(lambda parts: plan_of(*parts))
"""Whatever may come."""

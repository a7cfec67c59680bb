import pytest
from piper.phoneme_ids import DEFAULT_PHONEME_ID_MAP

from lipwire_server.speech.timing.symbols import MODIFIERS, PAUSES, SPACE, STRESS, is_spoken


@pytest.mark.parametrize("symbol", sorted([SPACE, *PAUSES, *STRESS, *MODIFIERS]))
def test_marks_and_pauses_are_not_spoken(symbol: str) -> None:
    assert not is_spoken(symbol)


def test_what_is_left_of_a_voices_symbols_are_sounds() -> None:
    spoken = [symbol for symbol in DEFAULT_PHONEME_ID_MAP if is_spoken(symbol)]
    assert len(spoken) == 120
    assert {"a", "ɝ", "ʔ", "ʘ", "aɪ"} <= set(spoken)


def test_the_kinds_do_not_overlap() -> None:
    assert not MODIFIERS & PAUSES
    assert not STRESS & (MODIFIERS | PAUSES)

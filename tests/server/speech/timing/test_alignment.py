from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st
from piper.phoneme_ids import DEFAULT_PHONEME_ID_MAP

from lipwire_server.speech.timing.alignment import Unit, has_sound, units_in_time
from lipwire_server.speech.timing.phonemizer import Phonemizer

PHONEMIZER = Phonemizer("en-us", DEFAULT_PHONEME_ID_MAP)


def _units(phonemes: str, frames: Sequence[int] | None = None) -> list[Unit]:
    """Units of phonemes whose ids take 10 steps, and whose PADs take 1, where nothing is told."""
    ids = PHONEMIZER.ids(list(phonemes))
    return units_in_time(ids, frames or [1 if symbol == "_" else 10 for symbol in ids.symbols])


def _spans(phonemes: str) -> list[tuple[str, int, int]]:
    return [(unit.symbol, unit.start, unit.end) for unit in _units(phonemes)]


def test_a_pad_belongs_to_the_phoneme_after_it() -> None:
    assert _spans("ab") == [("^", 0, 11), ("a", 11, 21), ("b", 21, 32), ("$", 32, 43)]


def test_a_stress_mark_belongs_to_the_phoneme_after_it() -> None:
    assert _spans("sˈa") == [("^", 0, 11), ("s", 11, 21), ("ˈa", 21, 43), ("$", 43, 54)]


def test_a_word_begins_where_the_id_of_its_space_begins() -> None:
    assert _spans("a ˈb") == [("^", 0, 11), ("a", 11, 22), ("ˈb", 22, 54), ("$", 54, 65)]


def test_after_a_pause_a_phoneme_begins_at_its_own_id() -> None:
    assert _spans("a, ˈb") == [
        ("^", 0, 11),
        ("a", 11, 21),
        (",", 21, 55),
        ("ˈb", 55, 65),
        ("$", 65, 76),
    ]


def test_length_and_diacritics_go_on_with_the_phoneme_before_them() -> None:
    assert _spans("iːʲ")[1:2] == [("iːʲ", 11, 43)]


@pytest.mark.parametrize("pair", ["aɪ", "oʊ", "tʃ", "dʒ", "pf"])
def test_diphthongs_and_affricates_are_one_phoneme(pair: str) -> None:
    assert [unit.symbol for unit in _units(pair)] == ["^", pair, "$"]


@pytest.mark.parametrize("apart", ["t ʃ", "aˈɪ", "aːɪ"])
def test_symbols_with_something_between_them_are_two_phonemes(apart: str) -> None:
    assert len(_units(apart)) == 4


def test_three_symbols_do_not_join_into_one_phoneme() -> None:
    assert [unit.symbol for unit in _units("aɪə")] == ["^", "aɪ", "ə", "$"]


def test_words_are_counted_and_pauses_are_none() -> None:
    assert [unit.word for unit in _units("ab c, d.")] == [-1, 0, 0, 1, -1, 2, -1]


def test_several_marks_in_a_row_are_one_pause() -> None:
    assert [unit.symbol for unit in _units("a?! b...")] == ["^", "a", "?", "b", "."]


def test_a_question_mark_inside_a_word_is_a_glottal_stop() -> None:
    assert [unit.symbol for unit in _units("a?b")] == ["^", "a", "ʔ", "b", "$"]


def test_other_marks_inside_a_word_make_no_pause() -> None:
    assert [unit.symbol for unit in _units("s.a")] == ["^", "s.", "a", "$"]


def test_a_symbol_of_several_ids_is_one_phoneme() -> None:
    ids = Phonemizer("en-us", {"^": [1], "_": [0], "$": [2], "a": [7, 8]}).ids(["a"])
    found = units_in_time(ids, [1, 1, 2, 3, 1, 1])
    assert found[1] == Unit("a", 2, 7, 0)


def test_phonemes_without_time_are_left_out() -> None:
    ids = PHONEMIZER.ids(["a", "b"])
    found = units_in_time(ids, [1, 0, 0, 0, 5, 0, 2])
    assert [(unit.symbol, unit.start, unit.end) for unit in found] == [
        ("^", 0, 1),
        ("b", 1, 6),
        ("$", 6, 8),
    ]


@pytest.mark.parametrize(("phonemes", "sound"), [("", False), (" .,ˈ-", False), (". a", True)])
def test_marks_and_pauses_are_no_sound(phonemes: str, sound: bool) -> None:
    assert has_sound(list(phonemes)) is sound


@given(st.data())
def test_units_are_contiguous_whatever_espeak_writes(data: st.DataObject) -> None:
    phonemes = data.draw(st.lists(st.sampled_from(sorted(DEFAULT_PHONEME_ID_MAP)), max_size=30))
    ids = PHONEMIZER.ids(phonemes)
    size = len(ids.ids)
    frames = data.draw(st.lists(st.integers(0, 5), min_size=size, max_size=size))
    units = units_in_time(ids, frames)
    edges = [0, *(unit.end for unit in units)]
    assert [unit.start for unit in units] == edges[:-1]
    assert edges[-1] == sum(frames)
    words = [unit.word for unit in units if unit.word >= 0]
    assert words == sorted(words)

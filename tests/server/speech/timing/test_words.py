import pytest
from hypothesis import given
from hypothesis import strategies as st
from piper.phoneme_ids import DEFAULT_PHONEME_ID_MAP

from lipwire_protocol.timeline import HOP
from lipwire_server.speech.port import WordSpan
from lipwire_server.speech.timing.alignment import Unit, units_in_time
from lipwire_server.speech.timing.phonemizer import Phonemizer
from lipwire_server.speech.timing.words import place_words

ENGLISH = Phonemizer("en-us", DEFAULT_PHONEME_ID_MAP)


def _units(text: str) -> list[Unit]:
    ids = ENGLISH.ids(ENGLISH.phonemes(text))
    return units_in_time(ids, [1 if symbol == "_" else 3 for symbol in ids.symbols])


def _words(text: str) -> tuple[WordSpan, ...]:
    return place_words(text, _units(text), ENGLISH.token_phonemes)[0]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Hello, world!", ["Hello", "world"]),
        ("He of the house, did it.", ["He", "of", "the", "house", "did", "it"]),
        ("In 1984, it's £5.", ["In", "1984", "it's", "£5"]),
        ("well — yes", ["well", "yes"]),
        ("half & half", ["half", "&", "half"]),
        ("I'd've gone on Jan. 3rd", ["I'd've", "gone", "on", "Jan", "3rd"]),
        ("visit https://example.org/a?b=1!", ["visit", "https://example.org/a?b=1"]),
        ("say [[hˈɛloʊ]] (now)", ["say", "hˈɛloʊ", "now"]),
    ],
)
def test_words_are_found_in_the_callers_text(text: str, expected: list[str]) -> None:
    words = _words(text)
    assert [word.text for word in words] == expected
    assert [text[word.begin : word.end] for word in words] == expected


def test_a_token_of_several_words_reaches_from_the_first_to_the_last() -> None:
    text = "in 1984 we"
    units = _units(text)
    words, word_of_unit = place_words(text, units, ENGLISH.token_phonemes)
    own = [unit for unit, word in zip(units, word_of_unit, strict=True) if word == 1]
    assert words[1].start == own[0].start * HOP
    assert words[1].start + words[1].count == own[-1].end * HOP


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("of the house", [1, 0, 1]),
        ("it's £5", [1, 2]),
        ("in 1984, at 10:30 p.m.", [1, 3, 1, 2, 1]),
        ("half & half", [1, 1, 1]),
    ],
)
def test_it_is_told_how_many_words_are_heard_of_each(text: str, expected: list[int]) -> None:
    assert [word.spoken for word in _words(text)] == expected
    assert sum(expected) == len({unit.word for unit in _units(text) if unit.word >= 0})


def test_tokens_that_espeak_joins_share_its_time_at_their_own_phonemes() -> None:
    text = "of the house"
    units = [
        Unit("^", 0, 2, -1),
        Unit("ʌ", 2, 4, 0),
        Unit("v", 4, 5, 0),
        Unit("ð", 5, 6, 0),
        Unit("ə", 6, 9, 0),
        Unit("h", 9, 10, 1),
        Unit("ˈaʊ", 10, 13, 1),
        Unit("s", 13, 15, 1),
    ]
    words, word_of_unit = place_words(text, units, ENGLISH.token_phonemes)
    assert [(word.text, word.start // HOP, word.count // HOP) for word in words] == [
        ("of", 2, 3),
        ("the", 5, 4),
        ("house", 9, 6),
    ]
    assert word_of_unit == [-1, 0, 0, 1, 1, 2, 2, 2]


def test_tokens_without_phonemes_in_the_group_share_its_time_by_letters() -> None:
    spoken = {"aa": ["a"], "bbb": ["b"]}
    units = [Unit("a", 0, 10, 0)]
    words, word_of_unit = place_words("aa bbb", units, spoken.__getitem__)
    assert [(word.start, word.count) for word in words] == [(0, 4 * HOP), (4 * HOP, 6 * HOP)]
    assert word_of_unit == [1]


def test_where_nothing_is_known_of_the_tokens_the_first_gets_the_time() -> None:
    words, _ = place_words("a b", [Unit("ʃ", 0, 5, 0)], lambda token: ())
    assert [(word.text, word.count) for word in words] == [("a", 5 * HOP)]


def test_a_word_that_is_aligned_with_nothing_goes_on_with_the_last_token_heard() -> None:
    spoken = {"aaa": ["a"] * 3, "b": ["b"]}
    units = [Unit("a", 0, 1, 0), Unit("a", 1, 2, 0), Unit("a", 2, 3, 0), Unit("b", 3, 4, 0)]
    units += [Unit("ʃ", 4, 6, 1)]
    words, word_of_unit = place_words("aaa b", units, spoken.__getitem__)
    assert [(word.text, word.start // HOP, word.count // HOP) for word in words] == [
        ("aaa", 0, 4),
        ("b", 4, 2),
    ]
    assert word_of_unit == [0, 0, 0, 0, 1]


def test_a_sign_of_which_espeak_says_nothing_beside_a_comma_is_a_word() -> None:
    german = Phonemizer("de", DEFAULT_PHONEME_ID_MAP)
    text = "Es kostet 5,50 €; gut."
    ids = german.ids(german.phonemes(text))
    words, _ = place_words(text, units_in_time(ids, [2] * len(ids.ids)), german.token_phonemes)
    assert [word.text for word in words] == ["Es", "kostet", "5,50", "€", "gut"]


def test_a_segment_of_pauses_has_no_words() -> None:
    assert place_words("...", [Unit(".", 0, 5, -1)], ENGLISH.token_phonemes) == ((), [-1])


nasty = st.text(alphabet=st.sampled_from("ab the1984$%&.,'\"-—()你好é😀[]\n"), max_size=60)


@given(nasty)
def test_words_neither_overlap_nor_leave_the_text(text: str) -> None:
    units = _units(text)
    words, word_of_unit = place_words(text, units, ENGLISH.token_phonemes)
    assert len(word_of_unit) == len(units)
    assert all(
        (word < 0) == (unit.word < 0) for unit, word in zip(units, word_of_unit, strict=True)
    )
    position = time = 0
    for word in words:
        assert position <= word.begin < word.end <= len(text)
        assert word.text == text[word.begin : word.end]
        assert time <= word.start
        assert word.count > 0
        position, time = word.end, word.start + word.count
    assert time <= units[-1].end * HOP
    assert sum(word.spoken for word in words) == len({u.word for u in units if u.word >= 0})

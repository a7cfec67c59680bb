import pytest
from piper.phoneme_ids import DEFAULT_PHONEME_ID_MAP, phonemes_to_ids

from lipwire_protocol.errors import ErrorCode, LipwireError
from lipwire_server.speech.timing import phonemizer as module
from lipwire_server.speech.timing.phonemizer import Phonemizer


@pytest.fixture
def english() -> Phonemizer:
    return Phonemizer("en-us", DEFAULT_PHONEME_ID_MAP)


def _read(phonemizer: Phonemizer, text: str) -> str:
    return "".join(phonemizer.phonemes(text))


def test_text_becomes_phonemes_with_its_punctuation(english: Phonemizer) -> None:
    assert _read(english, "Hello, world!") == "həlˈoʊ, wˈɜːld!"


def test_sentences_that_espeak_sees_are_joined(english: Phonemizer) -> None:
    assert _read(english, "Hello. Two.") == "həlˈoʊ. tˈuː."


def test_phonemes_in_double_brackets_are_taken_as_they_are(english: Phonemizer) -> None:
    assert _read(english, "Say [[bˈʌp]] now.") == "sˈeɪ bˈʌp nˈaʊ."


def test_phonemes_are_decomposed(english: Phonemizer) -> None:
    assert english.phonemes("[[ç]]") == ["c", "\u0327"]


@pytest.mark.parametrize("text", ["", "   ", "…", "— …"])
def test_where_nothing_is_said_there_are_no_sounds(english: Phonemizer, text: str) -> None:
    assert not any(symbol.isalpha() for symbol in english.phonemes(text))


@pytest.mark.parametrize("text", ["a\x00b", "a\ud800b", "a\x1bb"])
def test_characters_that_espeak_cannot_take_are_spaces(english: Phonemizer, text: str) -> None:
    assert _read(english, text) == _read(english, "a b")


def test_a_language_that_espeak_lacks_is_reported() -> None:
    with pytest.raises(LipwireError, match="xx-none") as caught:
        Phonemizer("xx-none", DEFAULT_PHONEME_ID_MAP).phonemes("a")
    assert caught.value.code is ErrorCode.UNSUPPORTED


def test_ids_are_those_of_piper(english: Phonemizer) -> None:
    phonemes = english.phonemes("The quick brown fox, isn't it?")
    assert list(english.ids(phonemes).ids) == phonemes_to_ids(phonemes, DEFAULT_PHONEME_ID_MAP)


def test_every_id_has_its_symbol(english: Phonemizer) -> None:
    found = english.ids(["h", "i", "."])
    assert found.symbols == ("^", "_", "h", "_", "i", "_", ".", "_", "$")
    assert found.ids == (1, 0, 20, 0, 21, 0, 10, 0, 2)


def test_phonemes_that_the_voice_lacks_are_left_out(english: Phonemizer) -> None:
    assert english.ids(["h", "☃", "i"]) == english.ids(["h", "i"])


def test_a_phoneme_of_several_ids_has_its_symbol_at_each() -> None:
    phonemizer = Phonemizer("en-us", {"^": [1], "_": [0], "$": [2], "a": [7, 8]})
    found = phonemizer.ids(["a"])
    assert found.ids == (1, 0, 7, 8, 0, 2)
    assert found.symbols == ("^", "_", "a", "a", "_", "$")


def test_no_more_tokens_are_remembered_than_the_limit(
    english: Phonemizer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "TOKENS_REMEMBERED", 2)
    first = english.token_phonemes("one")
    assert english.token_phonemes("one") is first
    english.token_phonemes("two")
    english.token_phonemes("one")
    english.token_phonemes("three")
    assert english.token_phonemes("one") is first
    english.token_phonemes("two")
    english.token_phonemes("three")
    assert english.token_phonemes("one") is not first
    assert english.token_phonemes("one") == first


def test_two_languages_do_not_disturb_each_other(english: Phonemizer) -> None:
    german = Phonemizer("de", DEFAULT_PHONEME_ID_MAP)
    before = english.phonemes("was")
    assert german.phonemes("was") != before
    assert english.phonemes("was") == before

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lipwire_protocol.timeline import HOP
from lipwire_server.lipsync.table import viseme_table
from lipwire_server.speech.timing import letters
from lipwire_server.speech.timing.alignment import Unit, has_sound, units_in_time
from lipwire_server.speech.timing.letters import LetterPhonemizer, sound_of
from lipwire_server.speech.timing.phonemizer import Phonemizer
from lipwire_server.speech.timing.words import place_words

MAP = {"^": [1], "_": [0], "$": [2]} | {
    symbol: [index]
    for index, symbol in enumerate(" ,.?!-»…абвгґдеєжзиіїклмнопрстуфхцчшщьюя\u0306\u0308'", 3)
}


@pytest.fixture
def ukrainian() -> LetterPhonemizer:
    return LetterPhonemizer(MAP)


def _units(phonemizer: Phonemizer, text: str) -> list[Unit]:
    ids = phonemizer.ids(phonemizer.phonemes(text))
    return units_in_time(ids, [1 if symbol == "_" else 3 for symbol in ids.symbols])


def test_the_phonemes_are_the_code_points_of_the_text_in_their_parts(
    ukrainian: LetterPhonemizer,
) -> None:
    assert ukrainian.phonemes(" мій \n їжак.") == [*"ми", *"\u0456"][:1] + list(
        "і" + "и\u0306" + " " + "і\u0308" + "жак."
    )


def test_capitals_are_small_where_the_voice_knows_only_those(ukrainian: LetterPhonemizer) -> None:
    assert ukrainian.phonemes("Так") == list("так")
    assert LetterPhonemizer(MAP | {"Т": [99]}).phonemes("Так") == list("Так")


def test_ids_are_those_of_the_letters_and_symbols_are_what_is_heard(
    ukrainian: LetterPhonemizer,
) -> None:
    found = ukrainian.ids(list("шия"))
    assert found.ids == tuple(
        number for key in ("^", "_", "ш", "_", "и", "_", "я", "_", "$") for number in MAP[key]
    )
    assert found.symbols == ("^", "_", "ʃ", "_", "i", "_", "j·a", "_", "$")


def test_marks_go_on_with_their_letter_and_letters_of_two_sounds_are_both(
    ukrainian: LetterPhonemizer,
) -> None:
    symbols = [unit.symbol for unit in _units(ukrainian, "їй, моя тінь")]
    assert symbols == ["^", "iː", "iː", ",", "m", "o", "j", "a", "t", "i", "nː", "$"]


def test_a_letter_of_two_sounds_gives_the_vowel_two_thirds(ukrainian: LetterPhonemizer) -> None:
    ids = ukrainian.ids(["я"])
    units = units_in_time(ids, [0, 0, 9, 0, 0])
    assert units == [Unit("j", 0, 3, 0), Unit("a", 3, 9, 0)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("так, ні.", ["^", ",", "."]),
        ("так - ні…", ["^", "."]),
        ("так.» ні", ["^", ".", "$"]),
        ("так.\u201d ні", ["^", ".", "$"]),
    ],
)
def test_punctuation_pauses_also_inside_quotes(
    ukrainian: LetterPhonemizer, text: str, expected: list[str]
) -> None:
    assert [unit.symbol for unit in _units(ukrainian, text) if unit.word < 0] == expected


def test_words_are_found_in_the_text(ukrainian: LetterPhonemizer) -> None:
    text = "«Моя» їжа - це щось!"
    units = _units(ukrainian, text)
    words, _ = place_words(text, units, ukrainian.token_phonemes)
    assert [(word.text, word.spoken) for word in words] == [
        ("Моя", 1), ("їжа", 1), ("це", 1), ("щось", 1),
    ]  # fmt: skip
    assert [word.start // HOP for word in words] == [
        next(unit.start for unit in units if unit.word == index) for index in range(4)
    ]


def test_every_sound_of_the_table_of_letters_has_a_mouth_shape() -> None:
    sounds = "".join(letters._SOUNDS.values()).replace("·", "").replace("ː", "")
    assert {symbol for symbol in sounds if not viseme_table().sounds(symbol)} == set()


@pytest.mark.parametrize(
    ("letter", "sound"),
    [("Ж", "ʒ"), ("q", "k"), ("ñ"[0], "ñ"), ("ξ", "k·s"), ("\u0301", "ː"), ("—", ","), ("%", "-")],
)
def test_what_is_heard_of_a_letter(letter: str, sound: str) -> None:
    assert sound_of(letter) == sound


@given(st.text(alphabet=st.sampled_from("абїйяш .,!?»-—…1\n[]'"), max_size=40))
def test_any_text_is_in_time_without_a_gap(text: str) -> None:
    phonemizer = LetterPhonemizer(MAP)
    ids = phonemizer.ids(phonemizer.phonemes(text))
    units = units_in_time(ids, [2] * len(ids.ids))
    assert [unit.start for unit in units] == [0, *(unit.end for unit in units[:-1])]
    assert units[-1].end == 2 * len(ids.ids)
    assert has_sound(ids.symbols) == any(unit.word >= 0 for unit in units)

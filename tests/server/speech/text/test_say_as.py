import pytest

from lipwire_server.speech.text.say_as import read_as


@pytest.mark.parametrize(
    ("text", "interpret_as", "say"),
    [
        ("aB 1", "characters", "a.B 1"),
        ("NHS", "spell-out", "N.H.S"),
        ("A1-ß", "verbatim", "A 1 - ß"),
        ("2024", "digits", "2 0 2 4"),
        ("20 24", "digits", "2 0 2 4"),
        ("+1 (555) 010", "telephone", "+ 1, 5 5 5, 0 1 0"),
        (" 12", "cardinal", "12"),
        ("12 ", "number", "12"),
        ("1", "ordinal", "1st"),
        (" 3 ", "ordinal", "3rd"),
    ],
)
def test_a_word_is_read_as_it_is_wanted(text: str, interpret_as: str, say: str) -> None:
    assert read_as(text, interpret_as, "en") == say


@pytest.mark.parametrize(
    ("number", "say"),
    [("2", "2nd"), ("10", "10th"), ("11", "11th"), ("12", "12th"), ("13", "13th"), ("21", "21st")]
    + [("22", "22nd"), ("23", "23rd"), ("111", "111th"), ("101", "101st"), ("0", "0th")],
)
def test_english_ordinals_end_as_they_are_said(number: str, say: str) -> None:
    assert read_as(number, "ordinal", "en-GB") == say


@pytest.mark.parametrize(
    ("number", "language", "say"),
    [
        ("3", "es-MX", "3º"),
        ("3", "IT", "3º"),
        ("3", "pt_BR", "3º"),
        ("3", "nl", "3."),
        ("3", "sv_SE", "3:e"),
        ("2", "sv", "2:a"),
        ("21", "sv", "21:a"),
        ("12", "sv", "12:e"),
    ],
)
def test_ordinals_are_those_of_the_language(number: str, language: str, say: str) -> None:
    assert read_as(number, "ordinal", language) == say


@pytest.mark.parametrize("language", ["ja", "", "-", "english"])
def test_an_ordinal_of_another_language_is_not_known(language: str) -> None:
    assert read_as("3", "ordinal", language) is None


@pytest.mark.parametrize("text", ["", "third", "3.5", "-3", "3rd", "٣", "²"])
def test_only_a_number_has_an_ordinal(text: str) -> None:
    assert read_as(text, "ordinal", "en") is None


@pytest.mark.parametrize("interpret_as", ["", "date", "currency", "Characters", "x" * 1_000])
def test_it_is_told_where_a_way_of_reading_is_not_known(interpret_as: str) -> None:
    assert read_as("3", interpret_as, "en") is None


@pytest.mark.parametrize("interpret_as", ["characters", "digits", "telephone", "cardinal"])
def test_of_nothing_nothing_is_said(interpret_as: str) -> None:
    assert read_as(" ", interpret_as, "en") == ""

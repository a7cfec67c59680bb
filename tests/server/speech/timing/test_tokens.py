import pytest
from hypothesis import given
from hypothesis import strategies as st

from lipwire_server.speech.timing.tokens import spoken_span, tokens


def _texts(text: str) -> list[str]:
    return [text[begin:end] for begin, end in tokens(text)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("One, two.", ["One,", "two."]),
        ("  a\n\tb ", ["a", "b"]),
        ("say [[a b c]] now", ["say", "[[a b c]]", "now"]),
        ("x[[a b]]y", ["x", "[[a b]]", "y"]),
        ("a [[b", ["a", "[[b"]),
        ("你好。", ["你", "好", "。"]),
        ("OK你好", ["OK", "你", "好"]),
        ("ที่นี่", ["ที่", "นี่"]),
        ("", []),
    ],
)
def test_tokens_are_words_or_characters_of_scripts_without_spaces(
    text: str, expected: list[str]
) -> None:
    assert _texts(text) == expected


@given(st.text(max_size=60))
def test_tokens_hold_everything_but_space(text: str) -> None:
    spans = tokens(text)
    assert all(begin < end for begin, end in spans)
    outside = set(range(len(text))) - {i for span in spans for i in range(*span)}
    assert all(text[index].isspace() for index in outside)
    assert spans == sorted(spans)


@pytest.mark.parametrize(
    ("token", "expected"),
    [
        ('"Hello,"', "Hello"),
        ("(she)", "she"),
        ("don't", "don't"),
        ("50%", "50%"),
        ("$1,234.56.", "$1,234.56"),
        ("C++", "C++"),
        ("20°C.", "20°C"),
        ("—", "—"),
        ("&", "&"),
        ("¿Qué?", "Qué"),
        ("`code`", "code"),
    ],
)
def test_the_punctuation_around_a_word_is_not_spoken(token: str, expected: str) -> None:
    begin, end = spoken_span(token, (0, len(token)))
    assert token[begin:end] == expected

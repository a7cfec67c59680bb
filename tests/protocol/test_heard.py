from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.vectors import load

from lipwire_protocol import Heard, WordTiming, split_heard

TEXT = "Well, hello there!"
WORDS = [
    WordTiming("Well", 0, 4, 100, 100),
    WordTiming("hello", 6, 11, 300, 101),
    WordTiming("there", 12, 17, 401, 99),
]


@pytest.mark.parametrize(
    ("samples", "character"),
    [
        (0, 0),
        (149, 0),
        (150, 4),
        (200, 4),
        (350, 4),
        (351, 11),
        (450, 11),
        (451, 18),  # punctuation at the end belongs to the last word
        (10**9, 18),
    ],
)
def test_a_word_is_spoken_when_half_of_it_was_heard(samples: int, character: int) -> None:
    heard = split_heard(TEXT, WORDS, samples)
    assert heard == Heard(TEXT[:character], TEXT[character:], character)


@pytest.mark.parametrize("vector", load("heard"), ids=lambda v: v["name"])
def test_the_vectors_that_the_browser_client_is_held_to(vector: dict[str, Any]) -> None:
    words = [WordTiming(*word) for word in vector["words"]]
    heard = split_heard(vector["text"], words, vector["samples"])
    assert (heard.spoken, heard.remaining) == (vector["spoken"], vector["remaining"])
    assert heard.character == vector["character"]


def test_without_a_word_nothing_was_spoken() -> None:
    assert split_heard(TEXT, [], 10**9) == Heard("", TEXT, 0)
    assert split_heard("", [], 0) == Heard("", "", 0)


def test_text_that_was_never_synthesized_remains() -> None:
    text = TEXT + " More."
    assert split_heard(text, WORDS, 10**9).character == 17


def test_marks_of_a_text_that_was_never_spoken_do_not_count_as_a_word() -> None:
    assert split_heard("Yes. 3.", [WordTiming("Yes", 0, 3, 0, 10)], 10).character == 3


def test_offsets_are_code_points() -> None:
    text = "👩‍🚀 und Größe"
    word = WordTiming("und", 4, 7, 0, 10)
    assert split_heard(text, [word], 10).spoken == "👩‍🚀 und"


@given(st.integers(0, 1_000), st.integers(0, 1_000))
def test_who_hears_more_was_told_more_and_no_text_is_lost(one: int, other: int) -> None:
    less, more = (split_heard(TEXT, WORDS, samples) for samples in sorted((one, other)))
    assert less.character <= more.character
    for heard in (less, more):
        assert heard.spoken + heard.remaining == TEXT
        assert len(heard.spoken) == heard.character

import pytest

from lipwire_server.speech.text.abbreviations import (
    ABBREVIATIONS,
    AMBIGUOUS,
    BEFORE_NUMBERS,
    BEFORE_ORDINALS,
    STARTERS,
    TITLES,
)
from lipwire_server.speech.text.sentences import first_sentence_end

STOPPED = [ABBREVIATIONS, TITLES, BEFORE_NUMBERS, AMBIGUOUS]


def ends_after(begin: str, rest: str) -> bool:
    """Whether a sentence ends between the two."""
    text = f"{begin} {rest}"
    end, _ = first_sentence_end(text, 0, 0, len(text), final=True)
    return end == len(begin)


@pytest.mark.parametrize("words", [*STOPPED, BEFORE_ORDINALS, STARTERS])
def test_words_are_written_as_they_are_looked_up(words: frozenset[str]) -> None:
    assert words
    assert [word for word in words if not word or word != word.lower().strip(" .'’")] == []


def test_no_word_with_a_full_stop_is_of_two_kinds() -> None:
    assert len(frozenset().union(*STOPPED)) == sum(map(len, STOPPED))


def test_an_abbreviation_ends_no_sentence() -> None:
    ended = [word for word in ABBREVIATIONS if ends_after(f"So {word}.", "The end")]
    assert ended == []


def test_a_title_ends_none_where_it_has_a_capital() -> None:
    assert [title for title in TITLES if ends_after(f"So {title.title()}.", "The end")] == []
    assert [title for title in TITLES if not ends_after(f"So {title}.", "The end")] == []


def test_before_a_number_some_words_are_abbreviations() -> None:
    assert [word for word in BEFORE_NUMBERS if ends_after(f"So {word}.", "5 of it")] == []
    assert [word for word in BEFORE_NUMBERS if not ends_after(f"So {word}.", "The end")] == []


def test_a_word_that_begins_sentences_decides_after_some() -> None:
    assert [word for word in AMBIGUOUS if ends_after(f"So {word}.", "Smith did")] == []
    assert [word for word in AMBIGUOUS if not ends_after(f"So {word}.", "The end")] == []


def test_each_word_that_begins_sentences_does_it_with_a_capital_only() -> None:
    starters = sorted(STARTERS)
    assert [
        word for word in starters if not ends_after("We met at 5 p.m.", f"{word.title()} x")
    ] == []
    assert [word for word in starters if ends_after("We met at 5 p.m.", f"{word} x")] == []


def test_after_some_german_words_a_number_is_an_ordinal() -> None:
    assert [word for word in BEFORE_ORDINALS if ends_after(f"Er kam {word} 3.", "Mai dazu")] == []
    assert ends_after("Er kam um 3.", "Mai dazu")

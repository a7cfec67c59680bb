import pytest

from lipwire_server.speech.text.lexicon import MAX_ENTRY, Lexicon, Match, is_inside_word
from lipwire_server.speech.text.sentences import Undecided

LEXICON = Lexicon(
    {
        "sql": "sequel",
        "New York": "the big apple",
        "New York City": "NYC",
        "US": "you ess",
        "us": "you and me",
        "SI": "units",
        "approx.": "about",
        "C++": "see plus plus",
        "don't": "do not",
        "東京": "とうきょう",
        "gone": "",
    }
)


@pytest.mark.parametrize(
    ("text", "written", "say"),
    [
        ("SQL, then", "SQL", "sequel"),
        ("sql's", "sql", "sequel"),
        ("sql-like", "sql", "sequel"),
        ("NEW \n york is", "NEW \n york", "the big apple"),
        ("New York City is", "New York City", "NYC"),
        ("New York Cit", "New York", "the big apple"),
        ("US", "US", "you ess"),
        ("Us", "Us", "you and me"),
        ("approx. ten", "approx.", "about"),
        ("C++ and", "C++", "see plus plus"),
        ("don’t", "don’t", "do not"),
        ("東京都", "東京", "とうきょう"),
        ("gone", "gone", ""),
    ],
)
def test_the_longest_entry_is_found(text: str, written: str, say: str) -> None:
    assert LEXICON.match(text, 0, final=True) == Match(len(written), say)


@pytest.mark.parametrize(
    "text",
    ["sql2", "sqls", "sql_x", "sql\u0301", "New", "New Yorker", "si", "Si", "C+", "東", "", " "],
)
def test_only_whole_words_as_they_are_spelled_are_found(text: str) -> None:
    assert LEXICON.match(text, 0, final=True) is None


def test_an_entry_is_found_where_it_stands() -> None:
    assert LEXICON.match("my sql", 3, final=True) == Match(6, "sequel")
    assert LEXICON.match("my sql", 0, final=True) is None


@pytest.mark.parametrize(
    ("arrived", "more", "say"),
    [
        ("s", "ql", "sequel"),
        ("sql", "", "sequel"),
        ("New York", " City", "NYC"),
        ("New York ", "is", "the big apple"),
        ("approx", ". ", "about"),
    ],
)
def test_more_text_decides_while_an_entry_may_go_on(arrived: str, more: str, say: str) -> None:
    assert LEXICON.match(arrived, 0, final=False) is Undecided.MORE_TEXT_NEEDED
    found = LEXICON.match(arrived + more, 0, final=True)
    assert isinstance(found, Match)
    assert found.say == say


@pytest.mark.parametrize("text", [".", "( ", "都", "word "])
def test_what_begins_no_entry_is_not_waited_for(text: str) -> None:
    assert LEXICON.match(text, 0, final=False) is None


@pytest.mark.parametrize("written", ["", " ", "\n\t"])
def test_an_entry_without_a_word_is_none(written: str) -> None:
    lexicon = Lexicon({written: "something"})
    assert not lexicon
    assert lexicon.match(" a", 0, final=False) is None


def test_a_lexicon_is_true_when_it_has_entries() -> None:
    assert LEXICON
    assert not Lexicon({})


def test_a_word_that_is_too_long_is_neither_found_nor_waited_for() -> None:
    longest = "x" * MAX_ENTRY
    lexicon = Lexicon({longest: "short"})
    assert lexicon.match(longest, 0, final=True) == Match(MAX_ENTRY, "short")
    assert lexicon.match(longest + "x", 0, final=False) is None


@pytest.mark.parametrize(
    ("before", "character", "inside"),
    [
        ("a", "b", True),
        ("_", "1", True),
        ("\u0301", "b", True),
        (" ", "b", False),
        ("-", "b", False),
        ("a", "+", False),
        ("東", "京", False),
        ("a", "京", False),
    ],
)
def test_an_entry_begins_where_a_word_does(before: str, character: str, inside: bool) -> None:
    assert is_inside_word(before, character) is inside

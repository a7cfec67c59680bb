import pytest

from lipwire_server.speech.text.sentences import Undecided, clause_ends, first_sentence_end


def _end(text: str, *, final: bool = False) -> str | Undecided:
    """The first sentence, or why there is none."""
    end, _ = first_sentence_end(text, 0, 0, len(text), final)
    return text[:end] if isinstance(end, int) else end


@pytest.mark.parametrize(
    "text",
    [
        "Hello.",
        "Well...",
        "Yes?",
        "“Go.”",
        "你好。",
        "At 10 p.m. Th",
        "Say no. ",
        "end.N",
        "Mr. [[a. b",
    ],
)
def test_an_end_is_not_certain_before_the_next_character_is_known(text: str) -> None:
    assert _end(text) is Undecided.MORE_TEXT_NEEDED


@pytest.mark.parametrize(
    "text", ["Hello", "3.14 is", "Dr. Smith", "e.g. this", "No. 5", "U.S. Army is", "x (y.z) w"]
)
def test_where_no_sentence_ends_none_is_found(text: str) -> None:
    assert _end(text) is Undecided.NO_END


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("I said no. Then I left.", "I said no."),
        ("It was I. He knew.", "It was I."),
        ("(He left.) We came.", "(He left.)"),
        ("“Stop!” he said. Then", "“Stop!” he said."),
        ("Title\n\nText", "Title"),
        ("one.Two is", "one."),
        ("what?!Really", "what?!"),
    ],
)
def test_the_end_of_a_sentence_is_found(text: str, sentence: str) -> None:
    assert _end(text) == sentence


def test_at_the_end_of_the_text_a_stop_ends_the_sentence() -> None:
    assert _end("At the end.", final=True) == "At the end."


def test_scanning_goes_on_where_it_stopped() -> None:
    _, scan = first_sentence_end("no end in here", 0, 0, 14, False)
    assert scan == 14
    _, scan = first_sentence_end("a line\n ", 0, 0, 8, False)
    assert scan == 6
    _, scan = first_sentence_end("half a [", 0, 0, 8, False)
    assert scan <= 7


@pytest.mark.parametrize(
    ("text", "clauses"),
    [
        ("one, two; three: four", ["one,", "one, two;", "one, two; three:"]),
        ("1,000 and 10:30", []),
        ("so — yes", ["so —"]),
        ("1914–1918 and a–b", ["1914–1918 and a–"]),
        ("well - yes", ["well -"]),
        ("你，好", ["你，"]),
        ("(one,) two", []),
        ("one,", []),
        ("[[a, b]], c", ["[[a, b]],"]),
        ("[[a, b", []),
    ],
)
def test_clauses_end_at_marks_with_something_after_them(text: str, clauses: list[str]) -> None:
    assert [text[:end] for end in clause_ends(text, 0, len(text))] == clauses

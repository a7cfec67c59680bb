import pytest
from hypothesis import given
from hypothesis import strategies as st

from lipwire_server.speech.text.source import Problem, Run, Tape, joined

PLAIN = Run("hello", 10, 15)
SUBSTITUTE = Run("sequel", 10, 13, "SQL")


def tape_of(*runs: Run) -> Tape:
    tape = Tape()
    for run in runs:
        tape.append(run)
    return tape


def test_people_see_what_is_said_or_what_is_shown_instead() -> None:
    assert (PLAIN.seen, PLAIN.is_substitute) == ("hello", False)
    assert (SUBSTITUTE.seen, SUBSTITUTE.is_substitute) == ("SQL", True)
    assert not Run("&", 0, 5, "&").is_substitute
    assert Run("um", 0, 2, "").is_substitute


def test_a_stretch_of_plain_text_stands_where_it_stood() -> None:
    assert PLAIN.cut(1, 4) == Run("ell", 11, 14)
    assert PLAIN.cut(0, 5) is PLAIN


def test_only_the_first_stretch_of_a_substitute_shows_it() -> None:
    assert SUBSTITUTE.cut(0, 3) == Run("seq", 10, 13, "SQL")
    assert SUBSTITUTE.cut(3, 6) == Run("uel", 13, 13, "")
    assert SUBSTITUTE.cut(0, 6) is SUBSTITUTE


@pytest.mark.parametrize(
    ("runs", "result"),
    [
        ([], []),
        ([Run("a", 0, 1), Run("b", 1, 2), Run("c", 2, 3)], [Run("abc", 0, 3)]),
        ([Run("a", 0, 1), Run("b", 3, 4)], [Run("a", 0, 1), Run("b", 3, 4)]),
        ([SUBSTITUTE, Run("s", 13, 14)], [SUBSTITUTE, Run("s", 13, 14)]),
        ([Run("a", 9, 10), SUBSTITUTE], [Run("a", 9, 10), SUBSTITUTE]),
        ([SUBSTITUTE, Run("x", 13, 16, "SQL")], [SUBSTITUTE, Run("x", 13, 16, "SQL")]),
        ([SUBSTITUTE, Run("x", 13, 13, "")], [SUBSTITUTE, Run("x", 13, 13, "")]),
    ],
)
def test_neighbours_become_one_run_where_nothing_lies_between(
    runs: list[Run], result: list[Run]
) -> None:
    assert joined(runs) == result
    assert joined(iter(runs)) == result


def test_a_tape_gives_stretches_across_runs() -> None:
    tape = tape_of(PLAIN, SUBSTITUTE)
    assert tape.take(0) == []
    assert tape.take(2) == [Run("he", 10, 12)]
    assert tape.take(5) == [Run("llo", 12, 15), Run("se", 10, 13, "SQL")]
    assert tape.take(4) == [Run("quel", 13, 13, "")]


def test_a_run_with_nothing_to_say_is_not_on_the_tape() -> None:
    assert tape_of(Run("", 0, 5, "😀"), PLAIN).take(5) == [PLAIN]


def test_more_than_there_is_cannot_be_taken() -> None:
    with pytest.raises(IndexError):
        tape_of(PLAIN).take(6)
    with pytest.raises(IndexError):
        Tape().take(1)


@given(st.lists(st.text(max_size=5), max_size=8), st.lists(st.integers(0, 9)))
def test_however_it_is_taken_it_is_the_same_text(texts: list[str], counts: list[int]) -> None:
    text = "".join(texts)
    tape, begin = Tape(), 0
    for part in texts:
        tape.append(Run(part, begin, begin + len(part)))
        begin += len(part)
    taken, left = [], len(text)
    for count in [*counts, left]:
        taken += tape.take(min(count, left))
        left -= min(count, left)
    assert joined(taken) == ([Run(text, 0, len(text))] if text else [])


def test_a_problem_says_where_it_is() -> None:
    assert str(Problem(12, "there is no <x>")) == "there is no <x> (at 12)"

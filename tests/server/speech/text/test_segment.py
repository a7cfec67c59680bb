import pytest

from lipwire_server.speech.text.segment import Segment
from lipwire_server.speech.text.source import Run

# "Ask **SQL**, please", and what is said for it.
BOLD = Segment(
    text="Ask sequel, please",
    begin=0,
    end=19,
    runs=(Run("Ask ", 0, 4), Run("sequel", 6, 9, "SQL"), Run(", please", 11, 19)),
)


def segment_of(*runs: Run) -> Segment:
    return Segment("".join(run.spoken for run in runs), runs[0].begin, runs[-1].end, runs)


def test_text_as_the_caller_wrote_it_is_shown_as_it_is() -> None:
    segment = Segment("Hello there.", 7, 19)
    assert segment.shown == "Hello there."
    assert segment.word(6, 11) == ("there", 13, 18)


def test_people_read_what_the_caller_wrote() -> None:
    assert BOLD.shown == "Ask SQL, please"


@pytest.mark.parametrize(
    ("runs", "shown"),
    [
        ([Run("Hi ", 0, 3), Run("!", 4, 5)], "Hi!"),
        ([Run("Hi ", 0, 3), Run(" you", 4, 8)], "Hi you"),
        ([Run("Hi", 0, 2), Run(" you", 4, 8)], "Hi you"),
        ([Run("Hi", 0, 2), Run("you", 4, 7)], "Hiyou"),
        ([Run("Hi ", 0, 3), Run(" you", 3, 7)], "Hi  you"),
        ([Run("Hi ", 0, 3), Run("um", 3, 5, ""), Run("you", 5, 8)], "Hi you"),
        ([Run(" Hi ", 3, 7)], "Hi"),
        ([Run("um", 0, 2, "")], ""),
        ([Run("你 ", 0, 2), Run("。", 5, 6)], "你。"),
    ],
)
def test_what_was_left_out_leaves_no_second_space(runs: list[Run], shown: str) -> None:
    assert segment_of(*runs).shown == shown


@pytest.mark.parametrize(
    ("begin", "end", "word"),
    [
        (0, 3, ("Ask", 0, 3)),
        (4, 10, ("SQL", 6, 9)),
        (5, 6, ("SQL", 6, 9)),
        (4, 11, ("SQL,", 6, 12)),
        (0, 18, ("Ask SQL, please", 0, 19)),
        (12, 18, ("please", 13, 19)),
    ],
)
def test_a_word_is_what_people_read_of_it(begin: int, end: int, word: tuple[str, int, int]) -> None:
    assert BOLD.word(begin, end) == word


@pytest.mark.parametrize(("begin", "end"), [(18, 18), (4, 4), (30, 40), (10, 4)])
def test_of_no_text_there_is_no_word(begin: int, end: int) -> None:
    assert BOLD.word(begin, end) == ("", 19, 19)


def test_a_silence_shows_nothing() -> None:
    silence = Segment("", 5, 12, silence_ms=500)
    assert silence.shown == ""
    assert silence.word(0, 0) == ("", 5, 5)

import pytest

from lipwire_server.speech.text.markdown_lines import (
    MAX_LINE_START,
    Line,
    LineStart,
    ends_before,
    read,
)


def start_of(line: str, fence: str = "") -> LineStart:
    start = read(line, 0, fence, final=True)
    assert start is not None
    return start


@pytest.mark.parametrize(
    ("line", "kind", "said"),
    [
        ("Text", Line.TEXT, "Text"),
        ("  text", Line.TEXT, "text"),
        ("# A title", Line.HEADING, "A title"),
        ("###### A title", Line.HEADING, "A title"),
        ("####### seven", Line.TEXT, "####### seven"),
        ("#hashtag", Line.TEXT, "#hashtag"),
        ("# 1", Line.TEXT, "# 1"),
        ("# 1. Intro", Line.HEADING, "1. Intro"),
        ("- milk", Line.ITEM, "milk"),
        ("  * milk", Line.ITEM, "milk"),
        ("• milk", Line.ITEM, "milk"),
        ("- [x] done", Line.ITEM, "done"),
        ("-5 degrees", Line.TEXT, "-5 degrees"),
        ("12. twelve", Line.ITEM, "12. twelve"),
        ("1984. A year", Line.TEXT, "1984. A year"),
        ("| a | b |", Line.TABLE, "a | b |"),
        ("> quoted", Line.TEXT, "quoted"),
        ("> > - milk", Line.ITEM, "milk"),
        ("5 > 3", Line.TEXT, "5 > 3"),
    ],
)
def test_a_line_is_what_it_begins_with(line: str, kind: Line, said: str) -> None:
    start = start_of(line + "\n")
    assert (start.line, line[start.begin :], start.is_over) == (kind, said, False)


@pytest.mark.parametrize(
    "line", ["", "  \t", "---", "* * *", "_____", "===", "|---|:-:|", " --- | --- ", "> ", ">> ***"]
)
def test_of_a_line_without_text_nothing_is_said(line: str) -> None:
    start = start_of(line + "\nnext")
    assert (start.is_over, start.begin, start.fence) == (True, len(line) + 1, None)


@pytest.mark.parametrize(
    ("line", "fence"),
    [("```", "```"), ("  ````python", "````"), ("~~~ python", "~~~"), ("> ```", "```")],
)
def test_a_fence_opens_a_block_of_code(line: str, fence: str) -> None:
    assert start_of(line + "\ncode") == LineStart(len(line) + 1, is_over=True, fence=fence)


@pytest.mark.parametrize("line", ["``", "```a`b", "`code`", "~~"])
def test_fewer_signs_or_code_in_a_line_open_none(line: str) -> None:
    assert start_of(line + "\n").fence is None


def test_a_block_ends_with_as_many_signs_of_its_kind_or_more() -> None:
    for line in ("```", "  ````  "):
        assert start_of(line + "\n", "```").fence == ""
    for line in ("``", "~~~", "```python", "# a", "- b", ""):
        assert start_of(line + "\n", "```") == LineStart(0)
    assert start_of("~~~~\n", "~~~").fence == ""
    assert start_of("```\n", "````").fence is None


@pytest.mark.parametrize(
    "begun",
    [
        "",
        " ",
        "#",
        "# ",
        "# 1",
        "-",
        "- ",
        "- [x",
        "1",
        "12.",
        "``",
        "```py",
        "````",
        "|",
        "> ",
        "--",
    ],
)
def test_more_text_decides_while_the_line_may_be_markup(begun: str) -> None:
    assert read(begun, 0, "", final=False) is None
    assert read(begun, 0, "", final=True) is not None


@pytest.mark.parametrize("begun", ["a", "# T", "- m", "1. o", "1984", "> q", "| a"])
def test_text_is_not_kept_back_once_the_line_is_known(begun: str) -> None:
    assert read(begun, 0, "", final=False) is not None


def test_code_is_waited_for_only_where_its_end_may_come() -> None:
    assert read("``", 0, "```", final=False) is None
    assert read("x = 1", 0, "```", final=False) == LineStart(0)


@pytest.mark.parametrize("sign", [" ", "-", "*", "`", "~", "|", "> ", "- [", "_ "])
def test_a_line_without_end_is_not_waited_for_for_ever(sign: str) -> None:
    assert read(sign * 100_000, 0, "", final=False) is not None
    assert read(sign * 100_000, 0, "```", final=False) is not None


@pytest.mark.parametrize("sign", [" ", "-", "*", "`", "~", "|", "> ", "_ "])
def test_until_then_it_may_still_be_markup(sign: str) -> None:
    begun = (sign * MAX_LINE_START)[: MAX_LINE_START - 1]
    assert read(begun, 0, "", final=False) is None


def test_a_line_is_read_where_it_begins() -> None:
    assert read("a\n# b\n", 2, "", final=False) == LineStart(4, Line.HEADING)


@pytest.mark.parametrize(
    ("line", "following", "ends"),
    [
        (Line.TEXT, "more text", False),
        (Line.TEXT, "- item", True),
        (Line.TEXT, "# Title", True),
        (Line.TEXT, "", True),
        (Line.ITEM, "goes on", False),
        (Line.ITEM, "  Goes on", False),
        (Line.ITEM, "Is over", True),
        (Line.HEADING, "goes on", True),
        (Line.TABLE, "goes on", True),
    ],
)
def test_a_sentence_ends_with_its_line_or_goes_on(line: Line, following: str, ends: bool) -> None:
    assert ends_before(line, start_of(following + "\n")) is ends

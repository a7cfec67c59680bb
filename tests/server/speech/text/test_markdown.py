import pytest

from lipwire_protocol import Split, TextOptions, Treatment
from lipwire_server.speech.text.markdown import MAX_LINK, MAX_LINK_TEXT, MAX_TAG
from lipwire_server.speech.text.reader import Reader

STRIP = TextOptions(markdown=Treatment.STRIP)
NO_CODE = TextOptions(markdown=Treatment.STRIP, code=Treatment.STRIP)


def said(text: str, options: TextOptions = STRIP) -> list[str]:
    segments = Reader(options).push(text, last=True)
    singly = Reader(options)
    pieces = [s for character in "Oh.\n\n" + text for s in singly.push(character)]
    pieces += singly.push("", last=True)
    assert [s.text for s in pieces[1:]] == [s.text for s in segments]
    return [segment.text for segment in segments]


@pytest.mark.parametrize(
    ("text", "plain"),
    [
        ("a *b* c", "a b c"),
        ("a **b** and __c__ or _d_", "a b and c or d"),
        ("***both*** and **bold *in* it**", "both and bold in it"),
        ("**注意：**文字", "注意：文字"),
        ("un**believ**able", "unbelievable"),
        ("~~old~~ new", "old new"),
        ("run `a*b*c` now", "run a*b*c now"),
        ("``x ` y`` z", "x  y z"),
        ("[a link](https://x.org/a_(b) 'title') here", "a link here"),
        ("[a **bold** one](<x y>)", "a bold one"),
        ("![a picture](p.png)", "a picture"),
        ("[![alt](i.png)](x.org) on", "alt on"),
        ("a[^1] b", "a b"),
        ("mail <me@x.org> or <https://x.org>", "mail me@x.org or https://x.org"),
        ("one<br>two <b>three</b> <!-- no --><span class='x'>four</span>", "one two three four"),
        ("fish &amp; chips&hellip;", "fish & chips…"),
        (r"\*not\* \# \_this\_", "*not* # _this_"),
        ("say [[hɛˈloʊ]] *now*", "say [[hɛˈloʊ]] now"),
    ],
)
def test_markup_is_not_said(text: str, plain: str) -> None:
    assert said(text) == [plain]


@pytest.mark.parametrize(
    "prose",
    [
        "2 * 3 * 4",
        "5*3 and 2**3 and a*b*c",
        "snake_case_name and a_b",
        "a < b and b > c",
        "a<b and b>c",
        "vector<int>",
        "we are # 1",
        "# 1",
        "C# and F#",
        "5 > 3",
        "~5 or ~ 6",
        "f(x)[0] and [1]",
        "[text](not a link)",
        "[text] (aside)",
        "price* and *.txt",
        "f*** you ****",
        "AT&T, R&D; a & b; &nope;",
        r"C:\Users\me",
        "-5 degrees",
        "1984 was a year",
        "**",
        "wow!",
    ],
)
def test_prose_stays_as_it_is(prose: str) -> None:
    assert " ".join(said(prose)) == prose


@pytest.mark.parametrize(
    ("text", "sentences"),
    [
        ("# A title\nSome text", ["A title", "Some text"]),
        ("## C# ##\ntext", ["C#", "text"]),
        ("Title\n=====\ntext", ["Title", "text"]),
        ("# 1. Intro\ntext", ["1. Intro", "text"]),
        ("Buy:\n- milk\n* eggs\n+ tea\n• jam", ["Buy:", "milk", "eggs", "tea", "jam"]),
        ("- [ ] one\n- [x] two", ["one", "two"]),
        ("1. one\n2) two\n10. ten", ["1. one", "2) two", "10. ten"]),
        ("- one\n  goes on\n- two\nThe end", ["one\ngoes on", "two", "The end"]),
        ("> a quote\n> goes on", ["a quote\ngoes on"]),
        ("one\n\n***\n\ntwo\n\n- - -\nthree", ["one", "two", "three"]),
        ("| a | b |\n|---|:-:|\n| 1 |  | 2 |\n\nEnd", ["a, b", "1, 2", "End"]),
        ("one\n \ntwo", ["one", "two"]),
        ("one\ntwo", ["one\ntwo"]),
    ],
)
def test_headings_items_and_rows_end_a_sentence(text: str, sentences: list[str]) -> None:
    assert said(text) == sentences


def test_blocks_of_code_are_said_or_left_out() -> None:
    text = "Look:\n```python\na = [1]\n\n# *b*\n```\nDone.\n~~~\n```\n~~~"
    assert said(text) == ["Look:", "a = [1]", "# *b*", "Done.", "```"]
    assert said(text, NO_CODE) == ["Look:", "Done."]


def test_code_that_never_ends_is_still_code() -> None:
    assert said("Look:\n```\na. B.", NO_CODE) == ["Look:"]


def test_nothing_but_a_pause_ends_a_line_where_nothing_is_cut() -> None:
    options = TextOptions(markdown=Treatment.STRIP, split=Split.NONE)
    [segment] = Reader(options).push("# A\n- b\n- c", last=True)
    assert segment.text.split() == ["A", "b", "c"]


def test_words_lie_where_the_caller_wrote_them() -> None:
    text = "So **un**believ`able` [is it](x.org)."
    [segment] = Reader(STRIP).push(text, last=True)
    assert segment.text == segment.shown == "So unbelievable is it."
    assert segment.word(3, 15) == ("unbelievable", 5, 20)
    assert text[5:20] == "un**believ`able"
    assert segment.word(16, 18) == ("is", 23, 25)
    assert (segment.begin, segment.end) == (0, len(text))


@pytest.mark.parametrize(
    ("text", "longest"),
    [
        ("**bold and never closed", 1),
        ("a [bracket" + " and prose" * 60, MAX_LINK_TEXT),
        ("[a](see here, " + "it is long " * 60, MAX_LINK_TEXT),
        ("[a](" + "x" * 3_000, MAX_LINK + 10),
        ("a <b and prose" * 50, 10),
        ("<!-- never closed " * 50, MAX_TAG),
        ("`code and no end" * 20, 1),
        ("- " * 300, 200),
        ("[" * 1_000, MAX_LINK_TEXT + 300),
    ],
)
def test_markup_that_never_ends_keeps_little_back(text: str, longest: int) -> None:
    reader = Reader(STRIP)
    given = ""
    for index, character in enumerate(text):
        segments = reader.push(character)
        given += "".join(segment.text for segment in segments)
        assert reader.pending <= longest + 450, index
    given += "".join(segment.text for segment in reader.push("", last=True))
    letters = [c for c in text if c.isalpha()]
    assert [c for c in given if c.isalpha()] == letters


def test_a_flush_gives_what_may_be_markup() -> None:
    reader = Reader(STRIP)
    assert reader.push("see [this") == []
    assert reader.pending
    assert [s.text for s in reader.flush()] == ["see [this"]
    assert not reader.pending
    assert [s.text for s in reader.push("](x) **now**", last=True)] == ["](x) now"]

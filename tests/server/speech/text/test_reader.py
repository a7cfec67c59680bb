from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from lipwire_protocol import Split, TextOptions, Treatment, Urls
from lipwire_server.speech.text.markdown import MAX_LINK, Markdown
from lipwire_server.speech.text.reader import Reader
from lipwire_server.speech.text.segment import Segment
from lipwire_server.speech.text.segmenter import MAX_SEGMENT, Segmenter
from lipwire_server.speech.text.ssml import Ssml
from lipwire_server.speech.text.words import Words

CLEAN = TextOptions(markdown=Treatment.STRIP, emoji=Treatment.STRIP, urls=Urls.HOST)
SSML = TextOptions(ssml=True, emoji=Treatment.STRIP, urls=Urls.STRIP)
PLAIN = TextOptions()
LEXICON = {"SQL": "sequel", "New York": "the big apple", "b": "[[biː]]", "e.g.": "for example"}


def whole(reader: Reader, text: str) -> list[Segment]:
    return reader.push(text, last=True)


def in_pieces(reader: Reader, pieces: list[str]) -> list[Segment]:
    return [s for piece in pieces for s in reader.push(piece)] + reader.push("", last=True)


fragments = st.lists(
    st.one_of(
        st.sampled_from(
            [
                "Hello",
                " ",
                ". ",
                "?",
                "!",
                "…",
                "Dr. ",
                "3.14",
                "[",
                "]",
                "[[",
                "]]",
                "(",
                ")",
                "\n",
            ]
            + [
                "\n\n",
                "*",
                "**",
                "_",
                "__",
                "`",
                "```",
                "~~",
                "#",
                "# ",
                "- ",
                "1. ",
                "| ",
                "|",
                "> ",
            ]
            + [
                "[a](b)",
                "](<",
                ">)",
                "a](b 'c')",
                "~~~",
                "](",
                "![",
                "<",
                ">",
                "<b>",
                "</b>",
                "<!--",
                "-->",
                "&",
                "&amp;",
                "&#6",
                ";",
            ]
            + [
                "\\",
                "---",
                "SQL",
                "new york",
                "New ",
                "b",
                "e.g.",
                "http",
                "://",
                "https://a.bc/d?E",
            ]
            + [
                "www.",
                "😀",
                "👩‍🔬",
                "\u200d",
                "\ufe0f",
                "\u20e3",
                "🇩",
                "1",
                "e\u0301",
                "。",
                "日本",
                "i",
            ]
            + ["<p>", "</p>", "<s/>", "<break/>", '<mark name="m"/>', "<sub alias='x y'>", "</sub>"]
            + [
                '<prosody rate="50%">',
                "</prosody>",
                "<![CDATA[",
                "]]>",
                "=",
                '"',
                "'",
                "/",
                " a='1'",
            ]
            + ["<say-as interpret-as='digits'>", "</say-as>", "<phoneme ph='ə'>", "</phoneme>"]
        ),
        st.text(max_size=3),
    ),
    max_size=30,
)


@pytest.mark.parametrize("options", [CLEAN, SSML], ids=["markdown", "ssml"])
@given(pieces=fragments)
@example(pieces=["```", "a"])
@example(pieces=["»"])
@example(pieces=["_", "¹", "https://a.bc/d?E"])
@settings(deadline=None, max_examples=150)
def test_segments_do_not_depend_on_how_the_text_arrives(
    options: TextOptions, pieces: list[str]
) -> None:
    text = "Oh.\n\n" + "".join(pieces)
    at_once = Reader(options, LEXICON)
    segments = at_once.push(text) + at_once.push("", last=True)
    singly = Reader(options, LEXICON)
    assert in_pieces(singly, list(text)) == segments
    assert singly.problems == at_once.problems
    assert in_pieces(Reader(options, LEXICON), ["Oh.\n\n", *pieces]) == segments


@given(pieces=fragments, options=st.sampled_from([CLEAN, SSML]), split=st.sampled_from(Split))
@settings(deadline=None, max_examples=150)
def test_segments_lie_in_the_text_in_order(
    pieces: list[str], options: TextOptions, split: Split
) -> None:
    options = TextOptions(
        split=split, markdown=options.markdown, emoji=options.emoji, ssml=options.ssml
    )
    text, position = "".join(pieces), 0
    for segment in in_pieces(Reader(options, LEXICON), pieces):
        assert position <= segment.begin <= segment.end <= len(text)
        position = segment.end
        if segment.runs:
            assert "".join(run.spoken for run in segment.runs) == segment.text
        for run in segment.runs:
            if run.shown is None and not options.ssml:
                assert text[run.begin : run.end] == run.spoken
        for index in range(len(segment.text)):
            _, begin, end = segment.word(index, index + 1)
            assert segment.begin <= begin <= end <= segment.end


@given(pieces=fragments, split=st.sampled_from(Split))
@settings(deadline=None)
def test_text_that_is_kept_as_it_is_is_what_the_segmenter_makes_of_it(
    pieces: list[str], split: Split
) -> None:
    reader, segmenter = Reader(TextOptions(split=split)), Segmenter(split)
    for piece in pieces:
        assert reader.push(piece) == segmenter.push(piece)
        assert reader.pending == segmenter.pending
    assert reader.flush() == segmenter.flush()


@pytest.mark.parametrize("options", [PLAIN, CLEAN, SSML], ids=["plain", "markdown", "ssml"])
@pytest.mark.parametrize(
    "unit",
    ["x", "7", " ", "\n", "*", "* ", "*a", "_", "`a", "[", "[a](", "[a](b", "[[a", "<", '<a x="']
    + ["<!--", "<![CDATA[", "<p>", "&", "&#", "#", "# ", "| ", "- ", "1. ", "\\", "😀", "👩\u200d"]
    + ["👍🏽", "🇩", "http://", "https://a.b/", "www.", ".", "a ", "« ", "„“", "\u200f", "\u200b"]
    + ["\u0301", "\ud800"],
)
def test_of_hostile_text_little_is_kept_back(unit: str, options: TextOptions) -> None:
    reader = Reader(options, LEXICON if options is not PLAIN else None)
    text = (unit * 6_000)[:6_000]
    last = 0
    for begin in range(0, len(text), 50):
        segments = reader.push(text[begin : begin + 50])
        assert reader.pending <= MAX_LINK + 500
        assert all(len(segment.text) <= MAX_SEGMENT for segment in segments)
        last = segments[-1].end if segments else last
    rest = reader.push("", last=True)
    assert reader.pending == 0
    assert all(last <= segment.begin <= segment.end <= len(text) for segment in rest)


@pytest.mark.parametrize("stage", [Markdown, Ssml, Words])
def test_each_character_is_looked_at_a_bounded_number_of_times(
    stage: type[Markdown | Ssml | Words], monkeypatch: pytest.MonkeyPatch
) -> None:
    steps = 0
    step = stage._step

    def counted(*arguments: Any) -> Any:
        nonlocal steps
        steps += 1
        return step(*arguments)

    monkeypatch.setattr(stage, "_step", counted)
    text = "*[<&😀 sql " * 2_000
    Reader(SSML if stage is Ssml else CLEAN, LEXICON).push(text, last=True)
    assert 2_000 < steps <= len(text) * 1.5


def test_a_huge_text_without_an_end_is_cut_into_segments() -> None:
    for options in (PLAIN, CLEAN, SSML):
        segments = Reader(options).push("x" * 300_000, last=True)
        assert sum(len(segment.text) for segment in segments) == 300_000
        assert max(len(segment.text) for segment in segments) <= MAX_SEGMENT


def test_a_sentence_is_given_as_soon_with_markup_as_without() -> None:
    for options in (PLAIN, CLEAN, SSML):
        reader = Reader(options)
        assert reader.push("Hello there.") == []
        assert [segment.text for segment in reader.push(" ")] == ["Hello there."]


def test_a_segment_knows_its_place_in_the_callers_text() -> None:
    [segment] = Reader(CLEAN).push("  Grüß Gott, 👋 you.  ", last=True)
    assert segment.shown == "Grüß Gott, you."
    assert segment.word(0, 4) == ("Grüß", 2, 6)
    assert segment.word(len(segment.text) - 4, len(segment.text)) == ("you.", 15, 19)
    [segment] = Reader().push("  Grüß Gott. ", last=True)
    assert segment == Segment("Grüß Gott.", 2, 12)
    assert segment.shown == segment.text
    assert segment.word(5, 9) == ("Gott", 7, 11)


def test_after_a_flush_the_text_goes_on() -> None:
    for options in (PLAIN, CLEAN, SSML):
        reader = Reader(options, LEXICON)
        reader.push("Ask SQL")
        assert reader.pending
        assert [segment.shown for segment in reader.flush()] == ["Ask SQL"]
        assert not reader.pending
        [segment] = reader.push(" twice", last=True)
        assert (segment.text, segment.begin, segment.end) == ("twice", 8, 13)


@pytest.mark.parametrize("text", ["", " ", "\n\n", "\t"])
def test_white_space_is_nothing_to_say(text: str) -> None:
    for options in (PLAIN, CLEAN, SSML):
        assert Reader(options).push(text, last=True) == []

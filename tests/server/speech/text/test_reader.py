import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from lipwire_protocol import Split, TextOptions, Treatment, Urls
from lipwire_server.speech.text.reader import Reader
from lipwire_server.speech.text.segment import Segment
from lipwire_server.speech.text.segmenter import Segmenter

CLEAN = TextOptions(markdown=Treatment.STRIP, emoji=Treatment.STRIP, urls=Urls.HOST)
SSML = TextOptions(ssml=True, emoji=Treatment.STRIP, urls=Urls.STRIP)
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
@settings(deadline=None, max_examples=300)
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
@settings(deadline=None, max_examples=300)
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

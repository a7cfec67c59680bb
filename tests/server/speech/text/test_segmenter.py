import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lipwire_protocol import Split
from lipwire_server.speech.text import segmenter
from lipwire_server.speech.text.lengths import length_as_read
from lipwire_server.speech.text.segmenter import (
    MAX_SEGMENT,
    Segment,
    Segmenter,
)


def _whole(text: str, split: Split = Split.SENTENCE) -> list[str]:
    return [segment.text for segment in Segmenter(split).push(text, last=True)]


def _in_pieces(pieces: list[str], split: Split = Split.SENTENCE) -> list[Segment]:
    segmenter = Segmenter(split)
    return [segment for piece in pieces for segment in segmenter.push(piece)] + segmenter.flush()


@pytest.mark.parametrize(
    "sentences",
    [
        ["Hello there.", "How are you?", "Fine!"],
        ["Dr. Smith paid $3.14 to Mr. Jones vs. Mrs. Day.", "Then he left."],
        ["See https://example.org/a?B=1.", "Mail me@x.com.", "Use node.js."],
        ["It costs 1,000.50, i.e. more, e.g. than No. 5.", "Right?"],
        ["We met at 10 p.m. on Jan. 3rd in the U.S. Army.", "It rained."],
        ["In the U.S.", "The law is clear."],
        ["Well... maybe.", "And… who knows?"],
        ["He said “Stop!” and left.", "“Go.”", "She went."],
        ["J. K. Rowling wrote it.", "It was I.", "He knew."],
        ["1. First do this.", "2. Then that."],
        ["Say [[hˈɛ.loʊ. wˈɜːld]] to him.", "Now."],
        ["Really?!", "Yes!!!", "No..."],
        ["Was it max.", "Or min.", "I said no.", "Then p. 12 and vol. 3."],
        ["नमस्ते।", "आप कैसे हैं?"],
        ["مرحبا؟", "كيف الحال۔", "بخير."],
        ["C'est M. Dupont.", "Z.B. das hier."],
    ],
)
def test_sentences_are_segments(sentences: list[str]) -> None:
    text = " ".join(sentences)
    assert _whole(text) == sentences
    # With a short segment before it the first-clause rule is out of the way.
    pieces = ["Oh. ", *text]
    assert [segment.text for segment in _in_pieces(pieces)] == ["Oh.", *sentences]


def test_sentences_without_a_space_between_them_are_two() -> None:
    assert _whole("How are you today?I am fine.") == ["How are you today?", "I am fine."]
    assert _whole("你好。我很好！真的吗？") == ["你好。", "我很好！", "真的吗？"]
    assert _whole("That is the end.Next we go.") == ["That is the end.", "Next we go."]


def test_a_blank_line_ends_a_sentence_and_a_line_does_not() -> None:
    assert _whole("A title\n \nSome text\nof two lines") == ["A title", "Some text\nof two lines"]


def test_a_sentence_is_given_when_the_next_character_is_known() -> None:
    segmenter = Segmenter()
    assert segmenter.push("Hello there.") == []
    assert segmenter.push(" ") == [Segment("Hello there.", 0, 12)]


def test_a_price_is_not_cut_while_it_arrives() -> None:
    segmenter = Segmenter()
    assert segmenter.push("It costs $29.") == []
    assert segmenter.push("95. ") == [Segment("It costs $29.95.", 0, 16)]


def test_flush_gives_what_was_kept_back() -> None:
    segmenter = Segmenter()
    segmenter.push("Hello")
    assert segmenter.flush() == [Segment("Hello", 0, 5)]
    assert segmenter.flush() == []


def test_it_tells_whether_something_is_kept_back() -> None:
    segmenter = Segmenter()
    segmenter.push("One. ")
    assert not segmenter.pending
    segmenter.push("Two")
    assert segmenter.pending
    segmenter.flush()
    assert not segmenter.pending


def test_offsets_go_on_after_a_flush() -> None:
    segmenter = Segmenter()
    segmenter.push("One")
    segmenter.flush()
    assert segmenter.push(" two", last=True) == [Segment("two", 4, 7)]


def test_the_first_segment_may_be_a_clause() -> None:
    segmenter = Segmenter()
    assert segmenter.push("Well, that is a very good question, and") == [
        Segment("Well, that is a very good question,", 0, 35)
    ]
    assert segmenter.push(" the answer is long, very long, and") == []


def test_a_short_clause_is_not_a_segment() -> None:
    assert Segmenter().push("Well, yes, of course, and") == []


@pytest.mark.parametrize("pieces", [1, 2])
def test_a_text_with_its_end_in_it_is_not_cut_at_a_comma(pieces: int) -> None:
    text = "Well, that is a very good question, and here is the answer. And more."
    segmenter = Segmenter()
    segments = segmenter.push(text, last=pieces == 1) + segmenter.flush()
    assert [segment.text for segment in segments] == [text[:59], text[60:]]


def test_clauses_are_segments_where_that_is_wanted() -> None:
    text = "Well, that is a very good question, and here is the answer to it; no more. Yes, sir."
    assert _whole(text, Split.CLAUSE) == [
        "Well, that is a very good question,",
        "and here is the answer to it;",
        "no more.",
        "Yes, sir.",
    ]


def test_nothing_is_cut_where_that_is_wanted() -> None:
    text = "One. Two.\n\nThree."
    assert Segmenter(Split.NONE).push(text) == []
    assert _whole(text, Split.NONE) == [text]


def test_a_long_text_is_cut_after_its_last_sentence_where_none_is_wanted() -> None:
    assert (
        _whole("A sentence, no more. " * 30, Split.NONE)[0] == ("A sentence, no more. " * 19)[:-1]
    )


@pytest.mark.parametrize(
    ("text", "first"),
    [
        ("word, " * 100, "word, " * 66),
        ("word " * 100, "word " * 80),
        ("x" * 1000, "x" * 400),
        ("e\u0301" * 500, "e\u0301" * 200),
        ("ab" + "e\u0301\u0302" * 300, "ab" + "e\u0301\u0302" * 132),
        ("\u0301" * 500, "\u0301" * 400),
        ("👩\u200d🔬" * 200, "👩\u200d🔬" * 16),
        ("7 " * 300, "7 " * 50),
        ("日" * 300, "日" * 50),
    ],
)
def test_a_sentence_that_is_too_long_is_cut(text: str, first: str) -> None:
    assert _whole(text)[0] == first.rstrip()


@pytest.mark.parametrize("text", ["", " ", "\n\n\n", " \t "])
def test_space_alone_is_no_segment(text: str) -> None:
    assert _whole(text) == []


def test_a_cut_in_front_of_a_sentence_end_is_made_once() -> None:
    pieces = ["word …U.S. €\u0301\n\n]]" * 5, "a.bDr. a.ba.b😀" * 120]
    segments = _in_pieces(pieces, Split.NONE)
    assert sum(len(segment.text) for segment in segments) > 1_500


def test_whatever_is_kept_back_is_bounded() -> None:
    segmenter = Segmenter()
    given_back = 0
    for _ in range(1000):
        given_back += sum(segment.end - segment.begin for segment in segmenter.push("x" * 10))
    assert 10_000 - given_back <= MAX_SEGMENT + 50


fragments = st.lists(
    st.one_of(
        st.sampled_from(
            ["Hello", " ", ". ", "? ", "!", "…", "Dr. ", "U.S. ", "3.14", "[[", "]]", "\n", "\n\n"]
            + [", ", "; ", "— ", "“", "”", "。", "The ", "i", "e\u0301", "http://a.b/c?D"]
            + ["x" * 150]
        ),
        st.text(max_size=5),
    ),
    max_size=40,
)


@given(fragments, st.sampled_from(Split))
@settings(deadline=None)
def test_segments_are_spans_of_the_text_and_nothing_but_space_is_left_out(
    pieces: list[str], split: Split
) -> None:
    text = "".join(pieces)
    position = 0
    for segment in _in_pieces(pieces, split):
        assert text[segment.begin : segment.end] == segment.text == segment.text.strip()
        assert 0 < len(segment.text) <= MAX_SEGMENT
        assert text[position : segment.begin].strip() == ""
        position = segment.end
    assert text[position:].strip() == ""


@given(fragments, st.sampled_from(Split), st.integers(0, 4), st.sampled_from([60, MAX_SEGMENT]))
@settings(deadline=None)
def test_segments_do_not_depend_on_how_the_text_arrives(
    pieces: list[str], split: Split, first: int, limit: int
) -> None:
    text = "Oh. " + "".join(pieces)
    at_once, singly, by_piece = (Segmenter(split, limit) for _ in range(3))
    expected = at_once.push(text, last=True)
    assert [s for letter in text for s in singly.push(letter)] + singly.flush() == expected
    parts = [text[: 4 + first], text[4 + first :]]
    assert [s for part in parts for s in by_piece.push(part)] + by_piece.flush() == expected


@pytest.mark.parametrize("split", Split)
@pytest.mark.parametrize(
    "text",
    ["This is said letter by letter, all of it. ", "A! ", "[[", "so it goes on, ", "1. 2", "— "],
)
@pytest.mark.parametrize("whole", [True, False], ids=["whole", "letter by letter"])
def test_every_character_is_measured_twice_at_most(
    monkeypatch: pytest.MonkeyPatch, text: str, split: Split, whole: bool
) -> None:
    measured = 0

    def count(character: str, language: str) -> int:
        nonlocal measured
        measured += 1
        return length_as_read(character, language)

    monkeypatch.setattr(segmenter, "length_as_read", count)
    text = text * (6_000 // len(text))
    cutting = Segmenter(split)
    for piece in [text] if whole else text:
        cutting.push(piece)
    cutting.flush()
    # Once more for each push that comes to the end of what can be said in one go.
    assert measured <= 2 * len(text) + 33 * (len(text) // 100)


def test_a_sentence_in_a_foreign_script_is_cut_sooner_than_in_the_voices_own() -> None:
    text = "Сегодня мы идём гулять " * 30
    own, foreign = (
        [segment.text for segment in Segmenter(language=name).push(text, last=True)]
        for name in ("ru-RU", "en-US")
    )
    assert " ".join(foreign) == " ".join(own) == text.strip()
    assert max(map(len, own)) > 350
    assert max(map(len, foreign)) <= 100
    assert {segment[0] for segment in foreign} <= set("Смиг")


def test_long_phonemes_are_not_cut_for_being_foreign() -> None:
    block = f"[[{'lˈɪpwaɪɚ ðə θˈɪŋɡ ' * 15}]]"
    segments = Segmenter(language="en-US").push(f"It is {block} here.", last=True)
    assert [segment.text for segment in segments] == [f"It is {block} here."]

import re

from hypothesis import given
from hypothesis import strategies as st

from lipwire_server.lipsync.exports.captions import captions, srt, webvtt, webvtt_words
from lipwire_server.lipsync.exports.transcript import Sentence, Transcript
from lipwire_server.speech.port import WordSpan
from tests.server.lipsync.exports.utterances import transcript


def _said(text: str, *, each: int = 300, pause: int = 1000) -> Transcript:
    """Every word takes `each` ms, and a pause follows the last one."""
    words = tuple(
        WordSpan(found.group(), *found.span(), each * index, each)
        for index, found in enumerate(re.finditer(r"[\w'&<>-]+|[\u4e00-\u9fff]", text))
    )
    count = each * len(words) + pause
    whole = Sentence(text, 0, len(text), 0, count)
    return Transcript(text=text, sample_rate=1000, count=count, sentences=(whole,), words=words)


def _texts(text: str) -> list[str]:
    return [caption.text for caption in captions(_said(text))]


def test_a_caption_stands_for_a_second_where_there_is_time() -> None:
    assert webvtt(transcript()) == (
        "WEBVTT\n\n"
        "00:00:00.052 --> 00:00:01.052\nHéy “you”!\n\n"
        "00:00:01.250 --> 00:00:02.000\nBye.\n"
    )


def test_srt_numbers_its_captions_and_has_commas_in_times() -> None:
    assert srt(transcript()) == (
        "1\n00:00:00,052 --> 00:00:01,052\nHéy “you”!\n\n2\n00:00:01,250 --> 00:00:02,000\nBye.\n"
    )


def test_words_have_timestamps_inside_when_asked_for() -> None:
    assert "Héy <00:00:00.300>“you”!\n" in webvtt_words(transcript())


def test_a_sentence_of_two_lines_breaks_at_a_clause() -> None:
    assert _texts("When the evening comes to the town, the lights go on.") == [
        "When the evening comes to the town,\nthe lights go on."
    ]


def test_a_long_sentence_is_cut_where_a_clause_ends() -> None:
    assert _texts(
        "The quick brown fox jumps over the lazy dog that lay in the grass, and then it rests"
        " beneath the old oak tree until the evening comes."
    ) == [
        "The quick brown fox jumps over the\nlazy dog that lay in the grass,",
        "and then it rests beneath the old\noak tree until the evening comes.",
    ]


def test_scripts_without_spaces_have_half_the_columns() -> None:
    (caption,) = captions(_said("人" * 20 + "，" + "生" * 18))
    assert caption.text == "人" * 20 + "，\n" + "生" * 18


def test_a_word_that_is_longer_than_a_line_is_divided() -> None:
    lines = [line for text in _texts("x" * 200) for line in text.split("\n")]
    assert "".join(lines) == "x" * 200
    assert max(map(len, lines)) <= 42


def test_markup_is_escaped_in_webvtt_and_no_arrow_is_in_srt() -> None:
    whole = _said("a<b> & c-->d")
    assert "a&lt;b&gt; &amp; c--&gt;d" in webvtt(whole)
    assert srt(whole).count("-->") == 1


def test_line_feeds_in_the_text_are_spaces() -> None:
    assert _texts("one\n\ntwo") == ["one two"]


def test_fast_speech_stays_until_it_can_be_read_when_nothing_follows() -> None:
    whole = _said("wonderful things happened yesterday evening", each=100, pause=5000)
    (caption,) = captions(whole)
    assert caption.end - caption.start == len(caption.text) * 1000 // 17


def test_without_words_there_is_nothing_to_show() -> None:
    assert webvtt(Transcript(text="", sample_rate=1000, count=0)) == "WEBVTT\n"
    assert srt(Transcript(text="", sample_rate=1000, count=0)) == ""


def test_hours_are_counted() -> None:
    late = Transcript(
        text="a",
        sample_rate=1000,
        count=3_600_000 * 101,
        sentences=(Sentence("a", 0, 1, 0, 1),),
        words=(WordSpan("a", 0, 1, 3_600_000 * 100 + 61_001, 10),),
    )
    assert "100:01:01.001 --> 100:01:02.001" in webvtt(late)


def test_a_sentence_without_an_end_takes_time_in_proportion() -> None:
    assert len(webvtt(_said("word " * 2000))) > 10_000


_shown = st.text(alphabet=st.sampled_from("ab .,!?-—\n'\"&<>世界éא"), max_size=300)


@given(_shown, st.integers(1, 400))
def test_captions_are_in_order_fit_and_lose_nothing(text: str, each: int) -> None:
    whole = _said(text, each=each)
    last = 0
    for caption in captions(whole):
        assert last <= caption.start < caption.end
        last = caption.end
        assert 1 <= len(caption.lines) <= 2
        assert all(len(line) <= 42 for line in caption.text.split("\n"))
    shown = "".join(caption.text for caption in captions(whole))
    if whole.words:
        assert re.sub(r"\s", "", shown) == re.sub(r"\s", "", text)

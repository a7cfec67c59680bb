from hypothesis import given
from hypothesis import strategies as st
from msgspec import UNSET

from lipwire_protocol import (
    MarkTiming,
    Segment,
    TextOptions,
    Timing,
    Weights,
    WeightSet,
    WordTiming,
)
from lipwire_server.session.score import frame_weights, segment_ended, segment_message, trimmed
from lipwire_server.session.utterance import Utterance
from lipwire_server.speech.text.reader import Reader
from lipwire_server.speech.text.segment import Mark
from lipwire_server.speech.text.segment import Segment as TextSegment
from tests.fakes import plan_of

MS = 1_000_000


def utterance(sent: int = 0) -> Utterance:
    made = Utterance(7, Reader(), 500, sent=sent)
    made.stamps.first_text_ns, made.stamps.last_text_ns = 1_000 * MS, 1_200 * MS
    return made


def message(
    sent: int = 0, *, text: TextSegment | None = None, voice_rate: int = 1_000, rate: int = 1_000
) -> Segment:
    text = text or TextSegment("Hi yo", 20, 25)
    plan = plan_of(text.text, 10, 1_450 * MS)
    return segment_message(
        utterance(sent),
        text,
        plan,
        1_300 * MS,
        timing=Timing(),
        voice_rate=voice_rate,
        rate=rate,
    )


def test_positions_are_moved_to_where_the_utterance_stands() -> None:
    segment = message(sent=5_000)
    assert (segment.utterance, segment.segment) == (7, 0)
    assert (segment.start, segment.count, segment.span) == (5_000, 50, (20, 25))
    assert segment.words
    assert [(w.begin, w.end, w.start, w.count) for w in segment.words] == [
        (20, 22, 5_000, 20),
        (23, 25, 5_030, 20),
    ]
    assert segment.phonemes
    assert [p.start for p in segment.phonemes] == list(range(5_000, 5_050, 10))
    assert [v.start for v in segment.visemes["oculus"]] == list(range(5_000, 5_050, 10))


def test_the_ledger_is_in_milliseconds_since_the_first_text() -> None:
    ledger = message().ledger
    assert (ledger.received, ledger.queued) == (200, 300)
    assert (ledger.phonemized, ledger.encoded) == (450, 450)
    ended = segment_ended(utterance(sent=50), message(), 1_500 * MS, 1_999 * MS)
    assert (ended.ledger.first_chunk, ended.ledger.last_chunk) == (500, 999)
    assert (ended.ledger.received, ended.count) == (200, 50)


def test_a_clock_that_is_behind_gives_no_negative_times() -> None:
    text = TextSegment("Hi", 0, 2)
    plan = plan_of("Hi", 10, 0)
    ledger = segment_message(
        utterance(), text, plan, 0, timing=Timing(), voice_rate=1, rate=1
    ).ledger
    assert (ledger.queued, ledger.encoded) == (0, 0)


def test_a_segment_is_trimmed_to_what_was_asked_for() -> None:
    whole = message()
    assert trimmed(whole, Timing(words=True, phonemes=True, visemes=("oculus",))) == whole
    bare = trimmed(whole, Timing(words=False, phonemes=False, visemes=()))
    assert (bare.words, bare.phonemes, bare.visemes) == (UNSET, UNSET, {})
    assert (bare.start, bare.count, bare.text) == (whole.start, whole.count, whole.text)


def test_positions_are_told_at_the_rate_of_the_session() -> None:
    segment = message(sent=5_000, voice_rate=1_000, rate=2_500)
    assert (segment.start, segment.count) == (5_000, 125)
    assert segment.words
    assert [(w.start, w.count) for w in segment.words] == [(5_000, 50), (5_075, 50)]
    assert segment.phonemes
    ends = [phoneme.start + phoneme.count for phoneme in segment.phonemes]
    assert ends == [phoneme.start for phoneme in segment.phonemes[1:]] + [5_125]


def test_a_mark_is_passed_when_the_word_after_it_begins() -> None:
    marks = (Mark("first", 0), Mark("second", 3), Mark("last", 5))
    text = TextSegment("Hi yo", 20, 25, marks=marks)
    assert message(100, text=text).marks == (
        MarkTiming("first", 100),
        MarkTiming("second", 130),
        MarkTiming("last", 150),
    )
    assert message().marks is UNSET


def test_people_read_what_the_caller_wrote() -> None:
    (text,) = Reader(TextOptions(ssml=True)).push('<sub alias="hi yo">X2</sub>', last=True)
    segment = message(100, text=text)
    assert segment.text == "X2"
    assert segment.words == (WordTiming("X2", 19, 21, 100, 50, 2),)
    assert segment.phonemes
    assert {phoneme.word for phoneme in segment.phonemes} == {0, -1}


@given(st.lists(st.integers(1, 400), min_size=1, max_size=12), st.integers(10, 60))
def test_a_row_of_weights_is_in_the_span_in_which_its_frame_starts(
    spans: list[int], fps: int
) -> None:
    segment, plan = message(), plan_of("Hi yo", 10)
    weights = Weights(set=WeightSet.OCULUS, fps=fps)
    begin = 0
    for count in spans:
        end = begin + count
        rows = frame_weights(segment, plan, weights, begin, end, voice_rate=1_000, rate=1_000)
        starts = [at for at in (-(-k * 1_000 // fps) for k in range(5_000)) if begin <= at < end]
        assert len(rows) == 15 * len(starts)
        begin = end

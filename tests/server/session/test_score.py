from msgspec import UNSET

from lipwire_protocol import Segment, TextOptions, Timing
from lipwire_server.session.score import segment_ended, segment_message, trimmed
from lipwire_server.session.utterance import Utterance
from lipwire_server.speech.text.segmenter import Segment as TextSegment
from tests.fakes import plan_of

MS = 1_000_000


def utterance(sent: int = 0) -> Utterance:
    made = Utterance(7, TextOptions(), sent=sent)
    made.stamps.first_text_ns, made.stamps.last_text_ns = 1_000 * MS, 1_200 * MS
    return made


def message(sent: int = 0) -> Segment:
    text = TextSegment("Hi yo", 20, 25)
    return segment_message(utterance(sent), text, plan_of("Hi yo", 10, 1_450 * MS), 1_300 * MS)


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
    ledger = segment_message(utterance(), text, plan_of("Hi", 10, 0), 0).ledger
    assert (ledger.queued, ledger.encoded) == (0, 0)


def test_a_segment_is_trimmed_to_what_was_asked_for() -> None:
    whole = message()
    assert trimmed(whole, Timing(words=True, phonemes=True, visemes=("oculus",))) == whole
    bare = trimmed(whole, Timing(words=False, phonemes=False, visemes=()))
    assert (bare.words, bare.phonemes, bare.visemes) == (UNSET, UNSET, {})
    assert (bare.start, bare.count, bare.text) == (whole.start, whole.count, whole.text)

from dataclasses import replace
from datetime import UTC, datetime
from uuid import UUID

import msgspec
import pytest

from lipwire_protocol import SETS
from lipwire_server.http.stored_timing import stored_transcript
from lipwire_server.lipsync.exports.formats import FORMATS
from lipwire_server.store.records import PhonemeRecord, SegmentRecord, UtteranceRecord

NOW = datetime(2026, 1, 1, tzinfo=UTC)
RATE = 22_050
HOP = 1_000
SYMBOLS = ["m", "ˈa", "p", "iː", "t"]


def segment(number: int, text: str, begin: int) -> SegmentRecord:
    """A word of five phonemes and a pause after it."""
    start = number * 6 * HOP
    words = [[text, begin, begin + len(text), start, 5 * HOP, 1]]
    return SegmentRecord(
        number=number,
        start=start,
        count=6 * HOP,
        text=text,
        begin=begin,
        end=begin + len(text),
        timing=msgspec.json.encode({"words": words, "visemes": {}}),
        phonemes=tuple(
            PhonemeRecord(symbol, 0, start + at * HOP, HOP, -1 if at == 5 else 0)
            for at, symbol in enumerate([*SYMBOLS, "_"])
        ),
    )


UTTERANCE = UtteranceRecord(
    id=UUID(int=1),
    session_id=UUID(int=2),
    number=1,
    at=0,
    count=12 * HOP,
    heard=None,
    text="mappy mappy",
    voice="joe",
    rate_percent=100,
    seed=0,
    reason="done",
    started_at=NOW,
    ended_at=NOW,
    segments=(segment(0, "mappy", 0), segment(1, "mappy", 6)),
)


@pytest.mark.parametrize("name", FORMATS)
def test_every_format_can_be_written_of_what_is_stored(name: str) -> None:
    form = FORMATS[name]
    content = form.write(stored_transcript(UTTERANCE, RATE, form))
    assert len(content) > 40


@pytest.mark.parametrize("name", FORMATS)
def test_every_format_can_be_written_of_silence(name: str) -> None:
    silent = replace(UTTERANCE, segments=(), count=0, text="")
    FORMATS[name].write(stored_transcript(silent, RATE, FORMATS[name]))


def test_words_and_phonemes_are_counted_through_all_segments() -> None:
    made = stored_transcript(UTTERANCE, RATE, FORMATS["json"])
    assert made.count == 12 * HOP
    assert [(word.text, word.start) for word in made.words] == [("mappy", 0), ("mappy", 6 * HOP)]
    assert [phoneme.word for phoneme in made.phonemes] == [0] * 5 + [-1] + [1] * 5 + [-1]
    assert [phoneme.start for phoneme in made.phonemes] == [at * HOP for at in range(12)]


def test_shapes_that_were_not_sent_are_worked_out_for_the_whole_time() -> None:
    made = stored_transcript(UTTERANCE, RATE, FORMATS["json"])
    assert set(made.visemes) == set(SETS)
    for track in made.visemes.values():
        at = 0
        for span in track.spans:
            assert span.start == at
            at += span.count
        assert at == 12 * HOP
    closed = SETS["oculus"].index("PP")
    starts = [span.start for span in made.visemes["oculus"].spans if span.viseme == closed]
    assert 6 * HOP in starts


def test_shapes_that_were_sent_are_told_as_they_were_sent() -> None:
    sent = {"words": [], "visemes": {"rhubarb": [[3, 0, 6 * HOP, 200]]}}
    first = replace(UTTERANCE.segments[0], timing=msgspec.json.encode(sent))
    made = stored_transcript(replace(UTTERANCE, segments=(first,)), RATE, FORMATS["rhubarb_tsv"])
    assert set(made.visemes) == {"rhubarb"}
    (span,) = made.visemes["rhubarb"].spans
    assert (span.viseme, span.start, span.count, span.weight) == (3, 0, 6 * HOP, 200)


def test_weights_move_at_their_rate_through_all_segments() -> None:
    made = stored_transcript(UTTERANCE, RATE, FORMATS["azure_blend_shapes"])
    weights = made.weights["arkit"]
    assert weights.fps == 60
    assert len(weights.values) == -(-12 * HOP * 60 // RATE)
    jaw = weights.values[:, weights.names.index("jawOpen")]
    half = 6 * HOP * 60 // RATE
    assert jaw[:half].max() > 20
    assert jaw[half + 1 :].max() > 20

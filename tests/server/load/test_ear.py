"""An ear is told what came, and when: its rate is 1,000 samples a second here."""

from collections.abc import Sequence
from typing import Any

import pytest

from lipwire_protocol import (
    Chunk,
    EndReason,
    Error,
    ErrorCode,
    Interrupted,
    Segment,
    SegmentEnded,
    UtteranceEnded,
    UtteranceStarted,
)
from lipwire_protocol.server_messages import FrameCounts, Ledger, VisemeTiming
from lipwire_server.load.broadcast import Broadcast
from lipwire_server.load.ear import CUSHION_S, Ear
from lipwire_server.load.tally import Tally

LEDGER = Ledger(received=0, queued=0, phonemized=0, encoded=0)


class Wire:
    """Numbers what is said into an ear."""

    def __init__(self, broadcast: bool = False) -> None:
        self.tally = Tally()
        self.ear = Ear(self.tally, Broadcast(self.tally) if broadcast else None)
        self.ear.rate = 1_000
        self.seq = 0

    def say(self, kind: type[Any], now: float = 0.0, **fields: Any) -> None:
        self.seq += 1
        self.ear.hear(kind(seq=self.seq, **fields), now)

    def start(self, utterance: int = 1, begin: int = 0) -> None:
        self.say(UtteranceStarted, utterance=utterance, at=0, from_=begin)

    def segment(
        self,
        start: int = 0,
        count: int = 1_000,
        number: int = 0,
        shapes: Sequence[tuple[int, int]] | None = None,
    ) -> None:
        visemes = tuple(VisemeTiming(0, *span, 255) for span in shapes or [(start, count)])
        self.say(
            Segment,
            utterance=self.ear.utterance or 1,
            segment=number,
            start=start,
            count=count,
            text="Hello.",
            span=(0, 6),
            visemes={"oculus": visemes},
            ledger=LEDGER,
        )

    def chunk(self, start: int, count: int, now: float = 0.0, segment: int = 0) -> None:
        utterance = self.ear.utterance or 1
        fields = {"utterance": utterance, "segment": segment, "start": start, "count": count}
        self.say(Chunk, now, audio=b"", **fields)

    def close(self, count: int = 1_000, segment: int = 0) -> None:
        self.say(
            SegmentEnded,
            utterance=self.ear.utterance or 1,
            segment=segment,
            count=count,
            ledger=LEDGER,
            frames=FrameCounts(sent=0, dropped=0),
            cached=False,
        )

    def end(self, count: int = 1_000, reason: EndReason = EndReason.DONE) -> None:
        utterance = self.ear.utterance or 1
        self.say(UtteranceEnded, utterance=utterance, count=count, reason=reason)

    def interrupted(self, heard: int = 0) -> None:
        self.say(
            Interrupted,
            utterance=self.ear.utterance or 1,
            heard=heard,
            sent=heard,
            text_spoken="",
            text_remaining="Hello.",
            character=0,
        )


@pytest.fixture
def wire() -> Wire:
    return Wire()


def test_an_utterance_as_it_should_be_has_no_fault(wire: Wire) -> None:
    for utterance in (1, 2):
        wire.start(utterance)
        wire.segment()
        wire.chunk(0, 400)
        wire.chunk(400, 600)
        wire.close()
        wire.segment(1_000, 500, number=1)
        wire.chunk(1_000, 500, segment=1)
        wire.close(500, segment=1)
        wire.end(1_500)
    assert wire.tally.faults == {}
    assert wire.tally.gap_ms.count == 0
    assert wire.tally.drift_samples == 0
    assert wire.tally.counts["utterances"] == wire.tally.counts["ended done"] == 2


def test_the_first_sound_is_timed_until_a_player_would_begin(wire: Wire) -> None:
    wire.ear.ask(10.0)
    wire.start()
    wire.segment()
    wire.chunk(0, 400, now=10.2)
    wire.chunk(400, 600, now=10.3)
    assert wire.tally.first_sound_ms.values == pytest.approx([200 + CUSHION_S * 1_000])
    assert wire.tally.lead_ms.values == pytest.approx([360])
    assert wire.tally.streamed_sound_ms.count == 0


def test_text_in_pieces_is_timed_on_its_own(wire: Wire) -> None:
    wire.ear.ask(10.0, in_pieces=True)
    wire.start()
    wire.segment()
    wire.chunk(0, 400, now=10.2)
    assert wire.tally.first_sound_ms.count == 0
    assert wire.tally.streamed_sound_ms.count == 1


def test_a_player_plays_in_real_time_what_is_there(wire: Wire) -> None:
    assert wire.ear.heard(5.0) == 0
    assert wire.ear.done_at is None
    wire.start()
    wire.segment()
    wire.chunk(0, 400, now=1.0)
    begin = 1.0 + CUSHION_S
    assert wire.ear.heard(1.0) == 0
    assert wire.ear.heard(begin + 0.2) == pytest.approx(200, abs=1)
    assert wire.ear.heard(begin + 9) == 400
    assert wire.ear.done_at == pytest.approx(begin + 0.4)


def test_a_chunk_that_comes_after_the_sound_ran_out_is_a_gap(wire: Wire) -> None:
    wire.start()
    wire.segment()
    wire.chunk(0, 400, now=1.0)
    wire.chunk(400, 300, now=1.0 + CUSHION_S + 0.5)
    assert wire.tally.gap_ms.values == pytest.approx([100])
    # The player stopped, and begins with a cushion again.
    wire.chunk(700, 300, now=1.0 + CUSHION_S + 0.5 + CUSHION_S + 0.29)
    assert wire.tally.gap_ms.count == 1


@pytest.mark.parametrize(("looked", "gaps", "unsure"), [(1.4, 0, 1), (1.48, 1, 0), (1.56, 1, 0)])
def test_a_gap_in_which_nobody_looked_may_be_the_load_tests_own(
    wire: Wire, looked: float, gaps: int, unsure: int
) -> None:
    wire.start()
    wire.segment()
    wire.chunk(0, 400, now=1.0)
    wire.tally.beat = looked  # The sound is due at 1.46.
    wire.chunk(400, 300, now=1.6)
    assert (wire.tally.figure("gaps"), wire.tally.figure("unsure_gaps")) == (gaps, unsure)


def test_a_gap_that_never_ended_is_one_too(wire: Wire) -> None:
    wire.start()
    wire.segment()
    wire.chunk(0, 400, now=1.0)
    wire.ear.leave(1.4)
    assert wire.tally.gap_ms.count == 0
    wire.ear.leave(3.0 + CUSHION_S)
    assert wire.tally.gap_ms.values == pytest.approx([1_600])


def test_who_leaves_before_any_sound_was_not_answered(wire: Wire) -> None:
    wire.ear.ask(1.0)
    wire.ear.leave(2.0)
    assert wire.tally.figure("unanswered") == 1
    assert wire.tally.first_sound_ms.count == 0


def test_who_gives_up_has_waited_that_long_at_least(wire: Wire) -> None:
    wire.ear.give_up(9.0)
    wire.ear.ask(1.0)
    wire.ear.give_up(31.0)
    assert wire.tally.first_sound_ms.values == [30_000]


def test_a_text_that_was_refused_is_not_waited_for(wire: Wire) -> None:
    wire.ear.ask(1.0)
    wire.say(Error, code=ErrorCode.RATE_LIMITED, message="x", utterance=1)
    wire.ear.leave(2.0)
    assert wire.tally.figure("unanswered") == 0


def test_who_leaves_after_all_was_heard_has_no_gap(wire: Wire) -> None:
    wire.ear.leave(1.0)
    wire.start()
    wire.segment()
    wire.chunk(0, 1_000, now=1.0)
    wire.ear.leave(99.0)
    wire.close()
    wire.end()
    wire.ear.leave(99.0)
    assert wire.tally.gap_ms.count == 0


def test_a_jump_in_the_numbers_is_told_once(wire: Wire) -> None:
    wire.start()
    wire.seq += 1
    wire.segment()
    wire.chunk(0, 1_000)
    assert wire.tally.faults == {"a message was left out or came twice": 1}


def test_sound_that_is_missing_or_comes_twice_is_a_fault(wire: Wire) -> None:
    wire.start()
    wire.segment()
    wire.chunk(0, 400)
    wire.chunk(500, 100)
    wire.chunk(500, 100)
    assert wire.tally.faults == {"sound is missing, or came twice": 2}


def test_a_first_chunk_that_is_missing_is_seen(wire: Wire) -> None:
    wire.start()
    wire.segment()
    wire.chunk(400, 600)
    assert wire.tally.faults == {"sound is missing, or came twice": 1}


def test_sound_without_a_segment_comes_before_its_timing(wire: Wire) -> None:
    wire.start()
    wire.chunk(0, 400)
    wire.segment()
    wire.chunk(0, 400, segment=1)
    assert wire.tally.faults == {"sound before its timing": 2}


def test_more_sound_than_was_announced_is_a_fault(wire: Wire) -> None:
    wire.start()
    wire.segment(count=300)
    wire.chunk(0, 301)
    assert wire.tally.faults == {"more sound than was announced": 1}


def test_segments_follow_each_other(wire: Wire) -> None:
    wire.start()
    wire.segment()
    wire.chunk(0, 1_000)
    wire.close()
    wire.segment(1_001, number=1)
    assert wire.tally.faults == {"a segment is not where the one before it ended": 1}


@pytest.mark.parametrize(
    ("shapes", "drift"),
    [
        ([(0, 400), (400, 600)], 0),
        ([(0, 400), (403, 597)], 3),
        ([(0, 400), (400, 599)], 1),
        ([(5, 995)], 5),
        ([(0, 1_000), (500, 500)], 500),
    ],
)
def test_mouth_shapes_fill_their_segment(
    wire: Wire, shapes: Sequence[tuple[int, int]], drift: int
) -> None:
    wire.start()
    wire.segment(shapes=shapes)
    assert wire.tally.drift_samples == drift


def test_a_segment_that_ends_too_early_is_a_fault(wire: Wire) -> None:
    wire.start()
    wire.segment()
    wire.chunk(0, 400)
    wire.close()
    wire.close(400)
    assert wire.tally.faults == {
        "a segment ended before all its sound had come": 1,
        "a segment was cut short without a word": 1,
    }


def test_a_segment_that_failed_may_be_short_but_the_failure_is_a_fault(wire: Wire) -> None:
    wire.start()
    wire.segment()
    wire.chunk(0, 400)
    wire.say(Error, code=ErrorCode.SYNTHESIS_FAILED, message="x", utterance=1)
    wire.close(400)
    wire.end(400)
    assert wire.tally.faults == {"error synthesis_failed": 1}


def test_a_refusal_is_no_fault(wire: Wire) -> None:
    wire.say(Error, code=ErrorCode.OVERLOADED, message="x", utterance=1)
    assert wire.tally.faults == {}


def test_the_end_of_a_segment_that_had_not_begun_is_a_fault(wire: Wire) -> None:
    wire.start()
    wire.close()
    assert wire.tally.faults == {"the end of a segment that had not begun": 1}


def test_an_utterance_ends_once_and_after_all_of_its_sound(wire: Wire) -> None:
    wire.start()
    wire.segment()
    wire.chunk(0, 1_000)
    wire.close()
    wire.end(1_200)
    wire.end(1_000)
    assert wire.tally.faults == {
        "an utterance ended before all its sound had come": 1,
        "an utterance ended twice": 1,
    }


def test_one_utterance_is_spoken_at_a_time(wire: Wire) -> None:
    wire.start(1)
    wire.start(2)
    assert wire.tally.faults == {"two utterances at a time": 1}


def test_after_an_interrupt_comes_nothing_but_the_end(wire: Wire) -> None:
    wire.start()
    wire.segment()
    wire.chunk(0, 400)
    wire.interrupted(300)
    wire.end(400, EndReason.INTERRUPTED)
    assert wire.tally.faults == {}
    wire.start(2)
    wire.segment()
    wire.chunk(0, 400)
    wire.interrupted(300)
    wire.chunk(400, 100)
    wire.close(500)
    assert wire.tally.faults == {
        "sound after an interrupt was answered": 1,
        "more than its end after an interrupt was answered": 1,
    }


def resumed(wire: Wire, start: int, now: float = 9.0) -> None:
    wire.start()
    wire.segment()
    wire.chunk(0, 400, now=1.0)
    wire.ear.take_up()
    wire.seq = 0
    assert wire.ear.is_taking_up
    wire.chunk(start, 1_000 - start, now=now)
    assert not wire.ear.is_taking_up


def test_a_stream_goes_on_where_it_broke_off(wire: Wire) -> None:
    resumed(wire, 400)
    assert wire.ear.went_on_well
    assert wire.tally.faults == {}
    # That the sound ran out was the loss of the connection.
    assert wire.tally.gap_ms.count == 0


def test_a_stream_that_goes_on_elsewhere_is_a_fault_of_its_own(wire: Wire) -> None:
    resumed(wire, 380)
    assert not wire.ear.went_on_well
    assert wire.tally.faults == {"a stream was taken up at another sample": 1}


def test_where_nothing_was_left_its_end_is_enough(wire: Wire) -> None:
    wire.start()
    wire.segment()
    wire.chunk(0, 1_000)
    wire.ear.take_up()
    wire.seq = 0
    wire.close()
    assert wire.ear.went_on_well
    assert not wire.ear.is_taking_up
    assert wire.tally.faults == {}


def test_who_joins_in_the_middle_is_told_the_whole_segment(wire: Wire) -> None:
    wire.start(7, begin=600)
    wire.segment()
    wire.chunk(600, 400, now=1.0)
    wire.close()
    wire.end()
    assert wire.tally.faults == {}
    assert wire.ear.heard(1.0 + CUSHION_S + 0.1) == pytest.approx(700, abs=1)


def test_who_joins_in_the_middle_misses_nothing_from_there_on(wire: Wire) -> None:
    wire.start(7, begin=600)
    wire.segment()
    wire.chunk(700, 300)
    assert wire.tally.faults == {"sound is missing, or came twice": 1}


def test_listeners_of_one_broadcast_are_compared() -> None:
    wire = Wire(broadcast=True)
    wire.start()
    wire.segment()
    wire.chunk(0, 400, now=1.0)
    assert wire.tally.chunk_late_ms.count == 0
    assert wire.tally.counts["chunks"] == 1

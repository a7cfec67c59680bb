import pytest

from lipwire_client import OrderChecker, Place
from lipwire_protocol import (
    Chunk,
    EndReason,
    FrameCounts,
    GoAway,
    Ledger,
    LipwireError,
    Pong,
    Position,
    Segment,
    SegmentEnded,
    ServerMessage,
    UtteranceEnded,
    UtteranceStarted,
)

LEDGER = Ledger(received=0, queued=0, phonemized=0, encoded=0)


def segment(utterance: int, number: int, start: int) -> Segment:
    return Segment(
        utterance=utterance,
        segment=number,
        start=start,
        count=10,
        text="Hi.",
        span=(4 * number, 4 * number + 3),
        visemes={},
        ledger=LEDGER,
    )


def chunk(utterance: int, number: int, start: int, count: int, seq: int = 0) -> Chunk:
    return Chunk(seq=seq, utterance=utterance, segment=number, start=start, count=count, audio=b"")


def segment_ended(utterance: int, number: int, seq: int = 0) -> SegmentEnded:
    return SegmentEnded(
        seq=seq,
        utterance=utterance,
        segment=number,
        count=10,
        ledger=LEDGER,
        frames=FrameCounts(sent=0, dropped=0),
        cached=False,
    )


def ended(utterance: int, reason: EndReason = EndReason.DONE, seq: int = 0) -> UtteranceEnded:
    return UtteranceEnded(seq=seq, utterance=utterance, count=20, reason=reason)


def start_of(utterance: int) -> Position:
    return Position(utterance=utterance, segment=0, span=(0, 0), start=0, sample=0)


def after(*messages: ServerMessage) -> Place:
    place = Place()
    for message in messages:
        place = place.after(message)
    return place


def test_before_anything_has_arrived_everything_is_wanted() -> None:
    assert Place().position == start_of(0)
    assert after(Pong(stamp=1, now_ms=2), UtteranceStarted(utterance=5, at=0)).position == (
        start_of(0)
    )


def test_in_the_middle_it_is_the_end_of_what_has_arrived() -> None:
    begun = after(segment(3, 1, 10))
    assert begun.position == Position(utterance=3, segment=1, span=(4, 7), start=10, sample=10)
    spoken = begun.after(chunk(3, 1, 10, 6))
    assert spoken.position == Position(utterance=3, segment=1, span=(4, 7), start=10, sample=16)


def test_after_the_end_it_is_the_start_of_the_next_utterance() -> None:
    place = after(segment(3, 0, 0), chunk(3, 0, 0, 10), ended(3))
    assert place.position == start_of(4)
    assert place.has_ended(3)
    assert not place.has_ended(4)


def test_the_end_of_one_that_never_spoke_does_not_end_the_one_that_does() -> None:
    assert after(segment(3, 0, 0), ended(2, EndReason.INTERRUPTED)).position.utterance == 3


def test_what_a_server_that_goes_breaks_off_is_wanted_still() -> None:
    going = after(segment(3, 0, 0), chunk(3, 0, 0, 10), GoAway(in_ms=1))
    assert going.after(ended(3, EndReason.ERROR)).position.utterance == 3
    assert going.after(ended(3)).position == start_of(4)


def test_the_order_is_checked_from_there_on() -> None:
    order = OrderChecker(segment(3, 1, 10), 16)
    for message in (
        chunk(3, 1, 16, 4, seq=1),
        segment_ended(3, 1, seq=2),
        ended(3, seq=3),
        UtteranceStarted(seq=4, utterance=4, at=100),
    ):
        order.check(message)


@pytest.mark.parametrize(
    "message",
    [
        chunk(3, 1, 15, 5, seq=1),
        chunk(3, 1, 16, 5, seq=1),
        chunk(3, 0, 16, 4, seq=1),
        UtteranceStarted(seq=1, utterance=3, at=0),
        UtteranceStarted(seq=1, utterance=4, at=0),
        ended(3, seq=1),
    ],
    ids=["again", "too much", "another segment", "started again", "another starts", "too early"],
)
def test_what_does_not_follow_is_found(message: ServerMessage) -> None:
    with pytest.raises(LipwireError):
        OrderChecker(segment(3, 1, 10), 16).check(message)


def test_a_replay_that_has_just_begun_is_at_the_sample_that_it_begins_with() -> None:
    begun = after(UtteranceStarted(utterance=3, at=0, from_=14), segment(3, 1, 10))
    assert (begun.position.start, begun.position.sample) == (10, 14)
    assert begun.after(chunk(3, 1, 14, 2)).position.sample == 16
    assert begun.after(segment(3, 2, 16)).position.sample == 16
    later = begun.after(ended(3)).after(UtteranceStarted(utterance=4, at=9))
    assert later.after(segment(4, 0, 0)).position.sample == 0

from collections.abc import Callable

import pytest
from msgspec import structs

from lipwire_client import OrderChecker
from lipwire_protocol import (
    Chunk,
    EndReason,
    Error,
    ErrorCode,
    Flushed,
    Frame,
    FrameCounts,
    Idle,
    Interrupted,
    Ledger,
    LipwireError,
    Picture,
    Pong,
    Segment,
    SegmentEnded,
    ServerMessage,
    Sprite,
    Sprites,
    UtteranceEnded,
    UtteranceStarted,
    Warning,
)

LEDGER = Ledger(received=0, queued=0, phonemized=0, encoded=0)


def started(utterance: int, at: int = 0) -> UtteranceStarted:
    return UtteranceStarted(utterance=utterance, at=at)


def segment(utterance: int, number: int, start: int, count: int) -> Segment:
    return Segment(
        utterance=utterance,
        segment=number,
        start=start,
        count=count,
        text="x",
        span=(0, 1),
        visemes={},
        ledger=LEDGER,
    )


def chunk(utterance: int, number: int, start: int, count: int) -> Chunk:
    return Chunk(
        utterance=utterance, segment=number, start=start, count=count, audio=bytes(2 * count)
    )


def segment_ended(utterance: int, number: int, count: int) -> SegmentEnded:
    return SegmentEnded(
        utterance=utterance,
        segment=number,
        count=count,
        ledger=LEDGER,
        frames=FrameCounts(sent=0, dropped=0),
        cached=False,
    )


def interrupted(utterance: int, sent: int) -> Interrupted:
    return Interrupted(
        utterance=utterance, heard=0, sent=sent, text_spoken="", text_remaining="x", character=0
    )


def ended(utterance: int, count: int) -> UtteranceEnded:
    return UtteranceEnded(utterance=utterance, count=count, reason=EndReason.DONE)


def failed(code: ErrorCode, utterance: int) -> Error:
    return Error(code=code, message="no", utterance=utterance)


def two_utterances() -> list[ServerMessage]:
    return [
        Pong(stamp=1, now_ms=1),
        started(1),
        segment(1, 0, 0, 30),
        chunk(1, 0, 0, 20),
        Flushed(utterance=2, sample=0),
        chunk(1, 0, 20, 10),
        segment_ended(1, 0, 30),
        failed(ErrorCode.SYNTHESIS_FAILED, 1),
        segment(1, 1, 30, 5),
        chunk(1, 1, 30, 5),
        segment_ended(1, 1, 5),
        ended(1, 35),
        Warning(code=ErrorCode.UTTERANCE_CLOSED, message="late", utterance=1),
        started(2, at=35),
        segment(2, 0, 0, 30),
        chunk(2, 0, 0, 20),
        interrupted(3, 0),
        ended(3, 0),
        interrupted(2, 20),
        ended(2, 20),
    ]


def check(messages: list[ServerMessage]) -> None:
    checker = OrderChecker()
    for seq, message in enumerate(messages, 1):
        checker.check(structs.replace(message, seq=seq))


def test_a_stream_in_order_is_accepted() -> None:
    check(two_utterances())


@pytest.mark.parametrize("code", ErrorCode)
def test_an_error_may_come_whatever_the_utterance_does(code: ErrorCode) -> None:
    whole = two_utterances()
    for position in range(len(whole) + 1):
        check([*whole[:position], failed(code, 1), failed(code, 2), *whole[position:]])


def test_a_segment_that_failed_in_the_middle_is_followed_by_the_next() -> None:
    check(
        [
            started(1),
            segment(1, 0, 0, 30),
            chunk(1, 0, 0, 20),
            failed(ErrorCode.SYNTHESIS_FAILED, 1),
            segment_ended(1, 0, 20),
            segment(1, 1, 20, 5),
            chunk(1, 1, 20, 5),
            segment_ended(1, 1, 5),
            ended(1, 25),
        ]
    )


def test_a_segment_is_cut_short_only_by_an_error() -> None:
    with pytest.raises(LipwireError, match="20 samples came"):
        check([started(1), segment(1, 0, 0, 30), chunk(1, 0, 0, 20), segment_ended(1, 0, 20)])


def without(*positions: int) -> Callable[[list[ServerMessage]], list[ServerMessage]]:
    return lambda whole: [m for at, m in enumerate(whole) if at not in positions]


def swapped(first: int, second: int) -> Callable[[list[ServerMessage]], list[ServerMessage]]:
    def swap(whole: list[ServerMessage]) -> list[ServerMessage]:
        whole[first], whole[second] = whole[second], whole[first]
        return whole

    return swap


def inserted(
    position: int, message: ServerMessage
) -> Callable[[list[ServerMessage]], list[ServerMessage]]:
    return lambda whole: [*whole[:position], message, *whole[position:]]


@pytest.mark.parametrize(
    ("broken", "complaint"),
    {
        "no start": (without(1), "Segment while the utterance is queued"),
        "audio before its timing": (swapped(2, 3), "Chunk while the utterance is started"),
        "audio without timing": (without(2), "Chunk while the utterance is started"),
        "a chunk is missing": (without(3), "goes on at 20, not at 0"),
        "a chunk comes twice": (inserted(4, chunk(1, 0, 0, 20)), "goes on at 0, not at 20"),
        "the last chunk is missing": (without(5), "20 samples came"),
        "more than was planned": (inserted(6, chunk(1, 0, 30, 1)), "has 30 samples, not 31"),
        "a chunk of another segment": (inserted(4, chunk(1, 7, 20, 1)), "segment 7 in the middle"),
        "no end of the segment": (without(6, 7), "Segment while the utterance is speaking"),
        "no end of the utterance": (without(11), "utterance 2 speaks before 1 has ended"),
        "two at a time": (inserted(4, started(2, at=20)), "utterance 2 speaks before 1 has ended"),
        "out of turn": (inserted(13, started(0, at=35)), "utterance 0 starts after 1"),
        "back on the clock": (inserted(13, started(2, at=34)), "utterance 2 is at 34, not 35"),
        "media after the interruption": (
            inserted(19, chunk(2, 0, 20, 5)),
            "Chunk while the utterance is interrupted",
        ),
        "media after the end": (
            inserted(12, chunk(1, 1, 35, 5)),
            "Chunk while the utterance is ended",
        ),
        "two ends": (inserted(12, ended(1, 35)), "UtteranceEnded while the utterance is ended"),
        "an end with another count": (
            lambda whole: [*whole[:11], ended(1, 36), *whole[12:]],
            "has 35 samples, not 36",
        ),
    }.values(),
)
def test_a_broken_guarantee_is_noticed(
    broken: Callable[[list[ServerMessage]], list[ServerMessage]], complaint: str
) -> None:
    with pytest.raises(LipwireError, match=complaint) as caught:
        check(broken(two_utterances()))
    assert caught.value.code is ErrorCode.BAD_STATE


@pytest.mark.parametrize("seq", [0, 1, 3])
def test_a_message_that_was_lost_or_doubled_is_noticed(seq: int) -> None:
    checker = OrderChecker()
    checker.check(Pong(seq=1, stamp=0, now_ms=0))
    with pytest.raises(LipwireError, match=f"message 2 has seq {seq}"):
        checker.check(Pong(seq=seq, stamp=0, now_ms=0))


def sprites(*ids: int) -> Sprites:
    return Sprites(
        sprites=tuple(
            Sprite(id=id_, key="", mime="image/webp", width=1, height=1, x=0, y=0, data=b"")
            for id_ in ids
        )
    )


def framed(start: int, count: int, *frames: Frame) -> Chunk:
    return structs.replace(chunk(1, 0, start, count), frames=frames)


BEGUN = (started(1), segment(1, 0, 0, 30))


def test_frames_in_their_place_of_sprites_that_were_sent_are_accepted() -> None:
    check(
        [
            sprites(0, 1),
            Idle(count=10, frames=(Frame(0, (0, 0, 0, 0)),)),
            *BEGUN,
            sprites(2),
            framed(0, 20, Frame(0, (0, 0, 0, 0, 2, 1, 1, 0)), Frame(19, (1, 0, 0, 0))),
            framed(20, 10, Frame(20, ())),
        ]
    )


@pytest.mark.parametrize(
    ("messages", "complaint"),
    [
        ([sprites(0), sprites(1, 0)], "sprite 0 comes twice"),
        ([*BEGUN, framed(0, 20, Frame(0, (7, 0, 0, 0)))], "sprite 7 is drawn before"),
        ([*BEGUN, framed(0, 20, Frame(0, (7, 0, 0)))], "3 numbers are no draws"),
        ([*BEGUN, framed(0, 20, Frame(5, ()), Frame(5, ()))], "not one after another"),
        ([*BEGUN, framed(0, 20, Frame(20, ()))], "do not start in their span"),
        ([*BEGUN, framed(0, 9), framed(9, 9, Frame(8, ()))], "do not start in their span"),
        ([Idle(count=10, pictures=(Picture(10, True, b""),))], "do not start in their span"),
    ],
)
def test_frames_out_of_order_are_noticed(messages: list[ServerMessage], complaint: str) -> None:
    with pytest.raises(LipwireError, match=complaint):
        check(messages)


def begun(sample: int, *, at: int = 0) -> UtteranceStarted:
    return UtteranceStarted(utterance=7, at=at, from_=sample)


def test_a_replay_may_begin_in_the_middle_of_a_segment() -> None:
    check(
        [
            begun(110),
            segment(7, 3, 100, 20),
            chunk(7, 3, 110, 10),
            segment_ended(7, 3, 20),
            segment(7, 4, 120, 5),
            chunk(7, 4, 120, 5),
            segment_ended(7, 4, 5),
            UtteranceEnded(utterance=7, count=125, reason=EndReason.DONE),
            started(8, 15),
        ]
    )


@pytest.mark.parametrize(
    ("messages", "complaint"),
    [
        ([begun(110), segment(7, 3, 90, 20)], "begins at 110, not at 90"),
        ([begun(110), segment(7, 3, 111, 20)], "begins at 110, not at 111"),
        ([begun(110), segment(7, 3, 100, 20), chunk(7, 3, 100, 20)], "goes on at 100, not at 110"),
        (
            [
                begun(110),
                segment(7, 3, 100, 20),
                chunk(7, 3, 110, 10),
                segment_ended(7, 3, 20),
                segment(7, 4, 115, 9),
            ],
            "goes on at 115, not at 120",
        ),
        ([started(7), segment(7, 3, 100, 20)], "goes on at 100, not at 0"),
    ],
)
def test_a_replay_begins_where_it_said(messages: list[ServerMessage], complaint: str) -> None:
    with pytest.raises(LipwireError, match=complaint):
        check(messages)

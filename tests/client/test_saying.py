import asyncio
from collections.abc import AsyncIterator

import pytest

from lipwire_client.saying import Saying, Spoken, pieces
from lipwire_protocol import Error, ErrorCode, Replay, Warning
from tests.client.fake_socket import HI


async def taken(saying: Saying) -> list[tuple[str, bool]]:
    found = []
    while (piece := await saying.next()) is not None:
        found.append(piece)
    return found


async def test_a_text_is_cut_into_what_a_message_can_hold() -> None:
    assert [piece async for piece in pieces("x" * 10_001)] == [
        ("x" * 5_000, False),
        ("x" * 5_000, False),
        ("x", True),
    ]
    assert [piece async for piece in pieces("")] == [("", True)]


async def test_whoever_is_cancelled_while_he_waits_takes_it_the_next_time() -> None:
    came = asyncio.Event()

    async def slowly() -> AsyncIterator[str]:
        await came.wait()
        yield "Hi."

    saying = Saying(1, pieces(slowly()))
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(saying.next(), 0.01)
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(saying.next(), 0.01)
    came.set()
    assert await taken(saying) == [("Hi.", False), ("", True)]


async def test_what_nobody_waits_for_any_more_is_not_waited_for() -> None:
    async def never() -> AsyncIterator[str]:
        await asyncio.Event().wait()
        yield ""

    tasks = asyncio.all_tasks()
    saying = Saying(1, pieces(never()))
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(saying.next(), 0.01)
    assert asyncio.all_tasks() != tasks
    saying.give_up()
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    assert asyncio.all_tasks() == tasks


def test_what_arrives_is_kept_in_its_places() -> None:
    spoken = Spoken()
    for message in HI:
        spoken.add(message)
    assert (spoken.audio, spoken.reached, spoken.ended) == (b"abcd", 3, HI[-1])


def test_it_is_known_whether_a_segment_is_being_spoken() -> None:
    spoken = Spoken()
    assert [spoken.add(message).is_speaking for message in HI] == [False, True, True, False, False]


def refusal(code: ErrorCode, *, utterance: int = 1) -> Error:
    return Error(code=code, message="no", utterance=utterance)


def said() -> Saying:
    return Saying(1, pieces("Hi."))


def replayed() -> Saying:
    return Saying(1, pieces(""), replay=Replay(utterance=1, of=9))


@pytest.mark.parametrize(
    ("code", "ends_a_text", "ends_a_replay"),
    [
        (ErrorCode.TEXT_LIMIT, True, True),
        (ErrorCode.OVERLOADED, True, True),
        (ErrorCode.NOT_FOUND, False, True),
        (ErrorCode.SYNTHESIS_FAILED, False, False),
    ],
)
def test_a_refusal_ends_what_it_refuses(
    code: ErrorCode, ends_a_text: bool, ends_a_replay: bool
) -> None:
    assert said().is_ended_by(refusal(code)) is ends_a_text
    assert replayed().is_ended_by(refusal(code)) is ends_a_replay
    assert not said().is_ended_by(refusal(code, utterance=2))


@pytest.mark.parametrize("code", [ErrorCode.OVERLOADED, ErrorCode.NOT_FOUND])
def test_what_has_begun_goes_on_after_it(code: ErrorCode) -> None:
    begun = replayed()
    begun.spoken.add(HI[1])
    assert not begun.is_ended_by(refusal(code))


def test_only_a_replay_may_be_closed_when_it_is_asked_for_again() -> None:
    closed = Warning(code=ErrorCode.UTTERANCE_CLOSED, message="it has ended", utterance=1)
    assert replayed().is_echo(closed)
    assert not said().is_echo(closed)

"""What `configure` and `pose` are answered with, on a socket that is two lists."""

import asyncio

import pytest
from msgspec import structs

from lipwire_protocol import (
    Configure,
    Configured,
    Error,
    ErrorCode,
    Frames,
    LipwireError,
    Pong,
    Pose,
    Posed,
    ServerMessage,
    Timing,
    VoiceGrant,
)
from tests.client.fake_socket import HI, FakeSocket, session

CONFIGURED = Configured(
    from_=(1, 0),
    voice=VoiceGrant(name="joe", language="en-US", sample_rate=8_000, speakers=1),
    rate_percent=150,
    volume_percent=100,
    noise_percent=100,
    timing=Timing(),
    sets={},
    frames=Frames(),
    avatar="joe",
)
FASTER = Configure(rate_percent=150)
REFUSED = Error(code=ErrorCode.NOT_FOUND, message="no voice named 'nobody'")


async def test_configure_returns_what_holds_then() -> None:
    socket = FakeSocket(CONFIGURED)
    assert (await session(socket).configure(FASTER)).rate_percent == 150
    assert socket.sent == [FASTER]


async def test_what_arrives_before_the_answer_is_not_lost() -> None:
    talking = session(FakeSocket(Pong(stamp=1, now_ms=1), CONFIGURED, *HI))
    await talking.configure(FASTER)
    seen: list[ServerMessage] = []
    assert (await talking.say("Hi.", on_message=seen.append)).audio == b"abcd"
    assert [type(message) for message in seen[:2]] == [Pong, Configured]


async def test_a_configure_that_is_refused_is_raised_and_the_next_one_is_not() -> None:
    talking = session(FakeSocket(REFUSED, CONFIGURED))
    with pytest.raises(LipwireError, match="nobody") as caught:
        await talking.configure(Configure(voice="nobody"))
    assert caught.value.code is ErrorCode.NOT_FOUND
    assert await talking.configure(FASTER) == structs.replace(CONFIGURED, seq=2)


async def test_an_error_of_an_utterance_is_no_answer_to_configure() -> None:
    failed = Error(code=ErrorCode.SYNTHESIS_FAILED, message="no", utterance=1)
    talking = session(FakeSocket(HI[0], failed, CONFIGURED))
    assert (await talking.configure(FASTER)).rate_percent == 150


async def test_pose_returns_how_the_face_looks_then_or_says_why_not() -> None:
    posed = Posed(emotion="happy", gaze=(0, 0), head=(0, 0, 0))
    unknown = Error(code=ErrorCode.NOT_FOUND, message="no emotion named 'odd'")
    talking = session(FakeSocket(unknown, posed, CONFIGURED))
    with pytest.raises(LipwireError, match="odd"):
        await talking.pose(Pose(emotion="odd"))
    assert (await talking.pose(Pose(emotion="happy"))).emotion == "happy"
    assert (await talking.configure(FASTER)).rate_percent == 150


@pytest.mark.parametrize("place", range(len(HI)))
async def test_configure_works_while_something_is_said(place: int) -> None:
    talking = session(FakeSocket(*HI[:place], CONFIGURED, *HI[place:]))
    async with asyncio.TaskGroup() as group:
        saying = group.create_task(talking.say("Hi."))
        configuring = group.create_task(talking.configure(FASTER))
    assert saying.result().audio == b"abcd"
    assert configuring.result().rate_percent == 150


async def test_nobody_waits_for_the_answer_of_a_socket_that_is_closed() -> None:
    with pytest.raises(LipwireError, match="1012"):
        await session(FakeSocket(code=1012)).configure(FASTER)


async def test_an_answer_that_nobody_waits_for_is_not_taken_for_the_next_one() -> None:
    socket = FakeSocket(*[Pong(stamp=1, now_ms=1)] * 20)
    talking = session(socket)
    waiting = asyncio.create_task(talking.configure(Configure(voice="nobody")))
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    waiting.cancel()
    await asyncio.wait([waiting])
    answers: list[ServerMessage] = [REFUSED, CONFIGURED]
    begin = 20 - len(socket.answers)
    socket.answers = [structs.replace(a, seq=begin + n) for n, a in enumerate(answers, 1)]
    assert (await talking.configure(FASTER)).rate_percent == 150

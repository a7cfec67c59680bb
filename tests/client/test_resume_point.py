"""Going on after a lost connection, on sockets that are two lists."""

import asyncio
import json
from collections.abc import AsyncIterator, Sequence
from typing import cast

import pytest
import websockets
from msgspec import structs
from websockets.asyncio.client import ClientConnection

from lipwire_client import ResumePoint, Session, Spoken, connect
from lipwire_protocol import (
    JSON,
    Accepted,
    Chunk,
    EndReason,
    Error,
    ErrorCode,
    GoAway,
    Hello,
    LipwireError,
    Ready,
    Replay,
    ServerMessage,
    Speak,
    UtteranceEnded,
    Warning,
)
from tests.client.fake_socket import HI, FakeSocket
from tests.vectors import load

READY = next(vector for vector in load("messages") if vector["name"] == "ready")
STARTED, SEGMENT, CHUNK, SEGMENT_ENDED, ENDED = HI
assert isinstance(CHUNK, Chunk)
FIRST = structs.replace(CHUNK, count=1, audio=b"ab")
SECOND = structs.replace(CHUNK, start=1, count=1, audio=b"cd")


def ready(*received: int) -> Ready:
    decoded = JSON.decode_server(json.dumps(READY["message"]).encode())
    assert isinstance(decoded, Ready)
    return structs.replace(decoded, session=structs.replace(decoded.session, received=received))


async def session(
    *answers: ServerMessage, resume: ResumePoint | None = None, received: Sequence[int] = ()
) -> tuple[Session, FakeSocket]:
    socket = FakeSocket(ready(*received), *answers)
    talking = Session(cast(ClientConnection, socket), resume)
    await talking.start(Hello())
    return talking, socket


async def lost(*answers: ServerMessage) -> ResumePoint:
    talking, _ = await session(*answers)
    with pytest.raises(LipwireError) as gone:
        await talking.say("Hi.")
    assert gone.value.code is ErrorCode.GOING_AWAY
    return talking.resume_point


async def finished(point: ResumePoint, *answers: ServerMessage) -> Spoken:
    talking, _ = await session(*answers, resume=point, received=[1])
    return await talking.finish()


async def test_what_had_arrived_and_the_rest_are_one() -> None:
    point = await lost(STARTED, SEGMENT, FIRST)
    position = point.place.position
    assert (position.utterance, position.sample, position.span) == (1, 1, (0, 3))
    spoken = await finished(point, SECOND, SEGMENT_ENDED, ENDED)
    assert spoken.audio == b"abcd"
    assert len(spoken.segments) == 1
    assert spoken.ended is not None


async def test_a_socket_that_takes_nothing_any_more_is_lost_too() -> None:
    talking, socket = await session(STARTED, SEGMENT)

    async def refuse(data: bytes) -> None:
        raise websockets.ConnectionClosedError(None, None)

    socket.send = refuse  # type: ignore[method-assign]
    with pytest.raises(LipwireError) as gone:
        await talking.say("Hi.")
    assert gone.value.code is ErrorCode.GOING_AWAY
    point = talking.resume_point
    assert [speak.text for speak in point.unaccepted] == ["Hi."]
    assert (await finished(point, *HI)).audio == b"abcd"


async def test_a_server_that_dies_in_the_handshake_is_nobody() -> None:
    async def hang_up(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readline()
        writer.close()
        await writer.wait_closed()

    server = await asyncio.start_server(hang_up, "127.0.0.1", 0)
    async with server:
        port = server.sockets[0].getsockname()[1]
        with pytest.raises(OSError, match="went away"):
            async with connect(f"ws://127.0.0.1:{port}/v1/stream"):
                pass


async def test_text_that_was_still_to_come_goes_to_the_next_connection() -> None:
    more = asyncio.Event()

    async def pieces() -> AsyncIterator[str]:
        yield "H"
        await more.wait()
        yield "i."

    talking, first = await session(STARTED)
    with pytest.raises(LipwireError):
        await talking.say(pieces())
    later, second = await session(*HI, resume=talking.resume_point, received=[1])
    more.set()
    await later.finish()
    assert [message for message in (*first.sent, *second.sent) if isinstance(message, Speak)] == [
        Speak(utterance=1, text="H", number=1),
        Speak(utterance=1, text="i.", number=2),
        Speak(utterance=1, end=True, number=3),
    ]


async def test_it_may_be_lost_again() -> None:
    point = await lost(STARTED, SEGMENT)
    talking, _ = await session(FIRST, resume=point)
    with pytest.raises(LipwireError):
        await talking.finish()
    assert (await finished(talking.resume_point, SECOND, SEGMENT_ENDED, ENDED)).audio == b"abcd"


async def test_text_that_the_server_may_not_have_is_sent_again_with_its_number() -> None:
    speak = Speak(utterance=1, text="Hi.", end=True, number=1)
    point = await lost()
    assert point.unaccepted == (speak,)
    _, socket = await session(resume=point)
    assert socket.sent[1:] == [speak]
    _, socket = await session(resume=point, received=[1])
    assert socket.sent[1:] == []


async def test_text_that_was_accepted_is_forgotten_and_numbers_go_on() -> None:
    point = await lost(Accepted(number=1), STARTED, SEGMENT)
    assert point.unaccepted == ()
    talking, socket = await session(resume=point)
    await talking.send(Speak(utterance=2, text="More."))
    assert socket.sent[-1] == Speak(utterance=2, text="More.", number=2)


async def test_text_of_an_utterance_that_is_over_is_forgotten() -> None:
    talking, _ = await session(*HI)
    await talking.say("Hi.")
    point = talking.resume_point
    assert point.unaccepted == ()
    assert point.place.position.utterance == 2
    with pytest.raises(LipwireError) as nothing:
        await talking.finish()
    assert nothing.value.code is ErrorCode.NOTHING_SPEAKING


async def test_what_a_server_breaks_off_as_it_goes_can_be_finished() -> None:
    broken = UtteranceEnded(utterance=1, count=2, reason=EndReason.ERROR)
    told = Error(code=ErrorCode.GOING_AWAY, message="the rest was not spoken", utterance=1)
    point = await lost(STARTED, SEGMENT, CHUNK, GoAway(in_ms=1), SEGMENT_ENDED, told, broken)
    assert point.place.position.sample == 2
    spoken = await finished(point, SEGMENT_ENDED, ENDED)
    assert spoken.audio == b"abcd"
    assert spoken.ended is not None
    assert spoken.ended.reason is EndReason.DONE


async def replay_lost(*answers: ServerMessage) -> ResumePoint:
    talking, _ = await session(*answers)
    with pytest.raises(LipwireError):
        await talking.replay(0)
    return talking.resume_point


@pytest.mark.parametrize("arrived", [0, 3])
async def test_a_replay_is_asked_for_again_since_the_server_may_have_lost_it(arrived: int) -> None:
    point = await replay_lost(*[STARTED, SEGMENT, FIRST][:arrived])
    closed = Warning(code=ErrorCode.UTTERANCE_CLOSED, message="it had come", utterance=1)
    rest = [SECOND, SEGMENT_ENDED, ENDED] if arrived else HI
    talking, socket = await session(closed, *rest, resume=point)
    spoken = await talking.finish()
    assert Replay(utterance=1, of=0) in socket.sent
    assert (spoken.audio, spoken.warnings) == (b"abcd", [])

"""The client's session on a socket that is two lists. The real one is in tests/integration."""

import asyncio
from collections.abc import AsyncIterator
from typing import cast

import pytest
import websockets
from msgspec import structs
from websockets.asyncio.client import ClientConnection
from websockets.frames import Close

from lipwire_client import Session, to_pcm_s16le
from lipwire_protocol import (
    MSGPACK,
    Chunk,
    ClientMessage,
    Codec,
    Configure,
    Configured,
    Continue,
    EndReason,
    Error,
    ErrorCode,
    FrameCounts,
    Frames,
    Hello,
    Interrupt,
    Interrupted,
    Ledger,
    LipwireError,
    Pause,
    Ping,
    Pong,
    Pose,
    Posed,
    Replay,
    Segment,
    SegmentEnded,
    ServerMessage,
    Speak,
    Timing,
    UtteranceEnded,
    UtteranceStarted,
    VoiceGrant,
    Warning,
    Watch,
)
from tests.vectors import load

LEDGER = Ledger(received=0, queued=0, phonemized=0, encoded=0)
HEARD = Interrupted(
    utterance=1, heard=1, sent=2, text_spoken="", text_remaining="Hi.", character=0, estimated=True
)
HI: list[ServerMessage] = [
    UtteranceStarted(utterance=1, at=0),
    Segment(
        utterance=1,
        segment=0,
        start=0,
        count=2,
        text="Hi.",
        span=(0, 3),
        visemes={},
        ledger=LEDGER,
    ),
    Chunk(utterance=1, segment=0, start=0, count=2, audio=b"abcd"),
    SegmentEnded(
        utterance=1,
        segment=0,
        count=2,
        ledger=LEDGER,
        frames=FrameCounts(sent=0, dropped=0),
        cached=False,
    ),
    UtteranceEnded(utterance=1, count=2, reason=EndReason.DONE),
]
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


class FakeSocket:
    """Gives `answers` numbered, then is closed with `code`; keeps what was sent."""

    def __init__(self, *answers: ServerMessage, code: int | None = 1000) -> None:
        self.answers = [structs.replace(answer, seq=n) for n, answer in enumerate(answers, 1)]
        self.close = None if code is None else Close(code, "")
        self.sent: list[ClientMessage] = []
        self.patience = 8
        """Turns of the loop before each answer."""

    async def send(self, data: bytes) -> None:
        self.sent.append(MSGPACK.decode_client(data))

    async def recv(self, *, decode: bool) -> bytes:
        assert not decode
        for _ in range(self.patience):
            await asyncio.sleep(0)
        if not self.answers:
            raise websockets.ConnectionClosedOK(self.close, None)
        return MSGPACK.encode(self.answers.pop(0))


def session(socket: FakeSocket) -> Session:
    return Session(cast(ClientConnection, socket))


async def test_what_is_said_is_collected() -> None:
    socket = FakeSocket(*HI)
    seen: list[ServerMessage] = []
    spoken = await session(socket).say("Hi.", on_message=seen.append)
    assert socket.sent == [Speak(utterance=1, text="Hi.", end=True, number=1)]
    assert spoken.audio == b"abcd"
    assert [segment.text for segment in spoken.segments] == ["Hi."]
    assert spoken.ended is not None
    assert len(seen) == len(HI)


async def test_text_is_sent_as_it_comes_and_utterances_count_up() -> None:
    again = [structs.replace(m, utterance=2) for m in HI]
    again[0] = UtteranceStarted(utterance=2, at=2)
    socket = FakeSocket(*HI, *again)

    async def pieces() -> AsyncIterator[str]:
        yield "H"
        yield "i."

    talking = session(socket)
    await talking.say("Hi.")
    await talking.say(pieces())
    assert socket.sent[1:] == [
        Speak(utterance=2, text="H", number=2),
        Speak(utterance=2, text="i.", number=3),
        Speak(utterance=2, end=True, number=4),
    ]


async def test_a_text_that_is_too_long_for_a_message_is_sent_in_pieces() -> None:
    socket = FakeSocket(*HI)
    await session(socket).say("x" * 5_001)
    assert [(len(m.text), m.end) for m in socket.sent if isinstance(m, Speak)] == [
        (5_000, False),
        (1, True),
    ]


async def test_warnings_errors_and_what_was_heard_are_kept() -> None:
    trouble: list[ServerMessage] = [
        Error(code=ErrorCode.SYNTHESIS_FAILED, message="no", utterance=1),
        Warning(code=ErrorCode.EMPTY_TEXT, message="nothing", utterance=1),
        HEARD,
    ]
    spoken = await session(FakeSocket(HI[0], *trouble, structs.replace(HI[-1], count=0))).say("Hi.")
    assert [w.code for w in spoken.warnings] == ["synthesis_failed", "empty_text"]
    assert spoken.interrupted == structs.replace(HEARD, seq=4)


@pytest.mark.parametrize("code", [ErrorCode.TEXT_LIMIT, ErrorCode.UTTERANCE_LIMIT])
async def test_text_that_is_refused_is_not_waited_for(code: ErrorCode) -> None:
    refusal = Error(code=code, message="too much", utterance=1)
    with pytest.raises(LipwireError, match="too much") as caught:
        await session(FakeSocket(refusal)).say("Hi.")
    assert caught.value.code is code


async def test_text_that_breaks_off_with_an_error_is_not_waited_for() -> None:
    async def pieces() -> AsyncIterator[str]:
        yield "H"
        raise ZeroDivisionError

    socket = FakeSocket(*[Pong(stamp=1, now_ms=1)] * 99)
    with pytest.raises(ZeroDivisionError):
        await session(socket).say(pieces())
    # Else it would stay open, and every later utterance would wait for it.
    assert socket.sent[-1] == Interrupt(utterance=1)


async def test_a_socket_that_is_closed_while_speaking_is_an_error() -> None:
    with pytest.raises(LipwireError, match="1012") as caught:
        await session(FakeSocket(*HI[:3], code=1012)).say("Hi.")
    assert caught.value.code is ErrorCode.GOING_AWAY


async def test_a_fatal_error_is_raised_with_its_code() -> None:
    fatal = Error(code=ErrorCode.OVERLOADED, message="full", fatal=True, retry_after_ms=9)
    with pytest.raises(LipwireError, match="full") as caught:
        await session(FakeSocket(HI[0], fatal)).say("Hi.")
    assert (caught.value.code, caught.value.retry_after_ms) == (ErrorCode.OVERLOADED, 9)


async def test_a_refused_hello_is_raised_with_the_servers_code() -> None:
    socket = FakeSocket(Error(code=ErrorCode.NOT_FOUND, message="no voice", fatal=True))
    with pytest.raises(LipwireError, match="no voice") as caught:
        await session(socket).start(Hello(voice="nobody"))
    assert caught.value.code is ErrorCode.NOT_FOUND
    assert socket.sent == [Hello(voice="nobody")]


async def test_another_answer_than_ready_is_refused() -> None:
    with pytest.raises(LipwireError, match="Pong instead of ready"):
        await session(FakeSocket(Pong(stamp=1, now_ms=1))).start(Hello())


async def test_a_message_out_of_order_is_refused() -> None:
    with pytest.raises(LipwireError) as caught:
        async for _ in session(FakeSocket(HI[0], HI[2])):
            pass
    assert caught.value.code is ErrorCode.BAD_STATE


@pytest.mark.parametrize(("code", "shown"), [(4408, "4408"), (None, "1001")])
async def test_a_closed_socket_is_an_error_with_the_close_code(
    code: int | None, shown: str
) -> None:
    talking = session(FakeSocket(code=code))
    await talking.send(Ping())
    with pytest.raises(LipwireError, match=shown) as caught:
        await talking.receive()
    assert caught.value.code is ErrorCode.GOING_AWAY


async def test_iteration_gives_every_message_until_the_socket_is_closed() -> None:
    assert len([message async for message in session(FakeSocket(*HI))]) == len(HI)


def overloaded(utterance: int) -> Error:
    return Error(code=ErrorCode.OVERLOADED, message="full", utterance=utterance, retry_after_ms=700)


async def test_an_utterance_that_there_is_no_room_for_is_raised_with_when_to_come_back() -> None:
    # It may have more sentences, each of which would wait in vain.
    socket = FakeSocket(HI[0], overloaded(1))
    with pytest.raises(LipwireError, match="full") as caught:
        await session(socket).say("Hi.")
    assert (caught.value.code, caught.value.retry_after_ms) == (ErrorCode.OVERLOADED, 700)
    assert socket.sent[-1] == Interrupt(utterance=1)


async def test_it_can_be_said_again_in_the_same_session() -> None:
    stopped = structs.replace(HEARD, heard=0, sent=0)
    ended = UtteranceEnded(utterance=1, count=0, reason=EndReason.INTERRUPTED)
    again = [structs.replace(message, utterance=2) for message in HI]
    talking = session(FakeSocket(HI[0], overloaded(1), stopped, ended, *again))
    with pytest.raises(LipwireError):
        await talking.say("Hi.")
    assert (await talking.say("Hi.")).audio == b"abcd"


async def test_a_place_that_is_lost_in_the_middle_is_a_warning() -> None:
    spoken = await session(FakeSocket(*HI[:4], overloaded(1), HI[4])).say("Hi. Hi.")
    assert [warning.code for warning in spoken.warnings] == [ErrorCode.OVERLOADED]
    assert spoken.audio == b"abcd"


async def test_opus_packets_are_told_apart_by_their_segments() -> None:
    segment, ended = HI[1], HI[3]
    assert isinstance(segment, Segment) and isinstance(ended, SegmentEnded)
    spoken = await session(
        FakeSocket(
            HI[0],
            segment,
            Chunk(utterance=1, segment=0, start=0, count=1, audio=(b"a", b"b")),
            Chunk(utterance=1, segment=0, start=1, count=1, audio=(b"c",)),
            ended,
            structs.replace(segment, segment=1, start=2),
            Chunk(utterance=1, segment=1, start=2, count=2, audio=(b"d",)),
            structs.replace(ended, segment=1),
            UtteranceEnded(utterance=1, count=4, reason=EndReason.DONE),
        )
    ).say("Hi. Hi.")
    assert spoken.packets == [[b"a", b"b", b"c"], [b"d"]]
    assert spoken.audio == b""


async def test_bytes_have_no_packets() -> None:
    spoken = await session(FakeSocket(*HI)).say("Hi.")
    assert spoken.packets == []
    assert to_pcm_s16le(spoken.audio, Codec.PCM_S16LE) == b"abcd"


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


async def test_pause_and_resume_are_of_everything_or_of_one_utterance() -> None:
    socket = FakeSocket()
    talking = session(socket)
    await talking.pause()
    await talking.resume()
    await talking.pause(1)
    await talking.resume(1)
    assert socket.sent == [Pause(), Continue(), Pause(utterance=1), Continue(utterance=1)]


AGAIN = [structs.replace(message, utterance=2) for message in HI]
AGAIN[0] = UtteranceStarted(utterance=2, at=2)


async def test_a_replay_is_collected_under_the_next_number() -> None:
    socket = FakeSocket(*HI, *AGAIN)
    talking = session(socket)
    first = await talking.say("Hi.")
    again = await talking.replay(1)
    assert again.audio == first.audio
    assert socket.sent[1:] == [Replay(utterance=2, of=1)]


async def test_a_replay_from_the_middle_begins_there() -> None:
    middle = [
        UtteranceStarted(utterance=2, at=2, from_=1),
        AGAIN[1],
        Chunk(utterance=2, segment=0, start=1, count=1, audio=b"cd"),
        *AGAIN[3:],
    ]
    socket = FakeSocket(*HI, *middle)
    talking = session(socket)
    await talking.say("Hi.")
    assert (await talking.replay(1, start=1)).audio == b"cd"
    assert socket.sent[1:] == [Replay(utterance=2, of=1, from_=1)]


@pytest.mark.parametrize(
    "code", [ErrorCode.NOT_FOUND, ErrorCode.BAD_STATE, ErrorCode.STORAGE_UNAVAILABLE]
)
async def test_a_replay_that_is_refused_is_not_waited_for(code: ErrorCode) -> None:
    refused = Error(code=code, message="no", utterance=1)
    with pytest.raises(LipwireError) as caught:
        await session(FakeSocket(refused)).replay(9)
    assert caught.value.code is code


async def test_who_watches_says_so_and_has_nothing_to_go_on_with() -> None:
    (vector,) = (vector for vector in load("messages") if vector["name"] == "ready_watching")
    ready = MSGPACK.decode_server(bytes.fromhex(vector["hex"]))
    wish = Watch(session="1", watch_secret="only to watch")
    socket = FakeSocket(ready)
    watching = session(socket)
    await watching.start(wish)
    assert socket.sent == [wish]
    assert watching.ready.watching
    with pytest.raises(LipwireError) as caught:
        _ = watching.resume_point
    assert caught.value.code is ErrorCode.BAD_STATE

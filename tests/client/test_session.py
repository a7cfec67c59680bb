"""The client's session on a socket that is two lists. The real one is in tests/integration."""

import asyncio
from collections.abc import AsyncIterator

import pytest
from msgspec import structs

from lipwire_client import to_pcm_s16le
from lipwire_protocol import (
    MSGPACK,
    Chunk,
    Codec,
    Continue,
    EndReason,
    Error,
    ErrorCode,
    Hello,
    Interrupt,
    Interrupted,
    LipwireError,
    Pause,
    Ping,
    Pong,
    Replay,
    Segment,
    SegmentEnded,
    ServerMessage,
    Speak,
    UtteranceEnded,
    UtteranceStarted,
    Warning,
    Watch,
)
from tests.client.fake_socket import HI, FakeSocket, session
from tests.vectors import load

HEARD = Interrupted(
    utterance=1, heard=1, sent=2, text_spoken="", text_remaining="Hi.", character=0, estimated=True
)


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


class SlowSocket(FakeSocket):
    """Five seconds go by before each answer; knows how much text waited at most."""

    def __init__(self, *answers: ServerMessage) -> None:
        super().__init__(*answers)
        self.waited = 0
        self._reached = 0

    @property
    def text(self) -> str:
        return "".join(message.text for message in self.sent if isinstance(message, Speak))

    async def send(self, data: bytes) -> None:
        await super().send(data)
        self.waited = max(self.waited, len(self.text) - self._reached)

    async def recv(self, *, decode: bool) -> bytes:
        await asyncio.sleep(5)
        if self.answers and isinstance(segment := self.answers[0], Segment):
            self._reached = segment.span[1]
        return await super().recv(decode=decode)


@pytest.mark.virtual_time
async def test_a_long_text_waits_for_a_slow_server_and_is_never_more_than_it_takes() -> None:
    started, segment, chunk, segment_ended, ended = HI
    answers: list[ServerMessage] = [started]
    for n in range(10):
        span, at = (4_000 * n, 4_000 * n + 4_000), 2 * n
        answers += [
            structs.replace(segment, segment=n, start=at, span=span),
            structs.replace(chunk, segment=n, start=at),
            structs.replace(segment_ended, segment=n),
        ]
    socket = SlowSocket(*answers, structs.replace(ended, count=20))
    await session(socket).say("x" * 40_000)
    assert len(socket.text) == 40_000
    assert socket.waited <= 20_000


@pytest.mark.virtual_time
async def test_a_long_text_that_gives_no_sound_is_sent_all_the_same() -> None:
    nothing: list[ServerMessage] = [Pong(stamp=1, now_ms=1)] * 20
    ended = UtteranceEnded(utterance=1, count=0, reason=EndReason.DONE)
    socket = SlowSocket(HI[0], *nothing, ended)
    await session(socket).say("." * 40_000)
    assert len(socket.text) == 40_000


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

import asyncio
import json

import msgpack
import pytest

from lipwire_protocol import (
    JSON,
    MSGPACK,
    Bye,
    Chunk,
    EndReason,
    Error,
    ErrorCode,
    Flow,
    FlowMode,
    GoAway,
    Hello,
    Interrupt,
    Interrupted,
    Limits,
    Ping,
    Pong,
    Ready,
    Replay,
    Segment,
    SegmentEnded,
    Speak,
    UtteranceEnded,
    UtteranceStarted,
    Warning,
    Watch,
)
from lipwire_server.store.records import SessionEnded, SessionOpened, UtteranceRecord
from tests.server.access.keys import Cupboard, stored
from tests.server.ws.peer import Peer, connected, wire_synthesis

pytestmark = pytest.mark.virtual_time

OFF = Hello(flow=Flow(mode=FlowMode.OFF))
HELLO_MS = Limits().hello_ms / 1000
IDLE_S = Limits().idle_ms / 1000


async def assert_refused(peer: Peer, code: ErrorCode, close_code: int) -> Error:
    await peer.serving
    error = peer.one(Error)
    assert (error.code, error.fatal) == (code, True)
    assert peer.heard[-1] is error
    assert peer.closed == close_code
    return error


@pytest.mark.parametrize("format_", [MSGPACK, JSON], ids=["msgpack", "json"])
async def test_a_session_from_hello_to_bye(format_: type) -> None:
    async with connected(format_) as peer:  # type: ignore[arg-type]
        peer.say(OFF, Speak(utterance=1, text="Hello there.", end=True), Bye())
        await peer.serving
        assert peer.closed == 1000
        assert [m.seq for m in peer.heard] == list(range(1, len(peer.heard) + 1))
        assert isinstance(peer.heard[0], Ready)
        assert sum(chunk.count for chunk in peer.all(Chunk)) == 1_200
        assert peer.one(UtteranceEnded).reason is EndReason.DONE
        assert isinstance(peer.records[-1], SessionEnded)
        assert peer.records[-1].close_code == 1000


async def test_a_client_that_offers_no_subprotocol_is_understood_by_its_first_message() -> None:
    for format_ in (MSGPACK, JSON):
        async with connected(format_, offers=[]) as peer:
            peer.say(OFF)
            await peer.hears(Ready)
            assert peer.accepted is not None
            assert peer.accepted["subprotocol"] is None


async def test_without_hello_the_connection_is_closed_after_its_time() -> None:
    async with connected() as peer:
        await asyncio.sleep(HELLO_MS - 0.01)
        assert peer.closed is None
        error = await assert_refused(peer, ErrorCode.IDLE, 4408)
        assert "no hello" in error.message
        assert peer.records == []


async def test_text_before_hello_is_refused() -> None:
    async with connected() as peer:
        peer.say(Speak(utterance=1, text="Hi."))
        error = await assert_refused(peer, ErrorCode.BAD_STATE, 4400)
        assert "say hello first" in error.message


@pytest.mark.parametrize(
    "data",
    [b"", b"\xc1", b"junk", msgpack.packb({"type": "hello", "rate_percent": 1.0}), b"\x90"],
)
async def test_a_malformed_message_before_hello_closes(data: bytes) -> None:
    async with connected() as peer:
        peer.send_raw(data)
        await assert_refused(peer, ErrorCode.BAD_MESSAGE, 4400)


async def test_an_unknown_type_before_hello_closes() -> None:
    async with connected() as peer:
        peer.send_raw(msgpack.packb({"type": "nonsense"}))
        await assert_refused(peer, ErrorCode.UNKNOWN_TYPE, 4400)


async def test_who_watches_what_is_not_there_is_refused() -> None:
    async with connected() as peer:
        peer.say(Watch(session="1", watch_secret="x"))
        await assert_refused(peer, ErrorCode.NOT_FOUND, 4404)


@pytest.mark.parametrize(
    ("hello", "code", "close_code"),
    [
        (Hello(voice="nobody"), ErrorCode.NOT_FOUND, 4404),
        (Hello(language="de"), ErrorCode.UNSUPPORTED, 4400),
    ],
)
async def test_a_hello_that_cannot_be_followed_closes(
    hello: Hello, code: ErrorCode, close_code: int
) -> None:
    async with connected() as peer:
        peer.say(hello)
        await assert_refused(peer, code, close_code)
        assert peer.records == []


async def test_after_a_fatal_error_nothing_more_is_taken() -> None:
    async with connected() as peer:
        peer.send_raw(b"junk")
        peer.say(OFF, Speak(utterance=1, text="Hello.", end=True))
        await assert_refused(peer, ErrorCode.BAD_MESSAGE, 4400)
        assert peer.records == []


async def test_a_malformed_message_after_hello_is_answered_and_the_session_goes_on() -> None:
    async with connected() as peer:
        peer.say(OFF)
        peer.send_raw(b"junk")
        peer.send_text('{"type": "ping"}')
        peer.say(Ping(stamp=7))
        await peer.hears(Pong)
        errors = peer.all(Error)
        assert [e.code for e in errors] == [ErrorCode.BAD_MESSAGE] * 2
        assert not any(e.fatal for e in errors)
        assert errors[1].message == "lipwire.v1 is MessagePack in binary messages"


async def test_a_binary_message_in_a_json_session_is_refused() -> None:
    async with connected(JSON) as peer:
        peer.say(OFF)
        await peer.hears(Ready)
        peer._events.put_nowait({"type": "websocket.receive", "bytes": MSGPACK.encode(Ping())})
        error = await peer.hears(Error)
        assert error.message == "lipwire.v1.json is JSON in text messages"


async def test_an_unknown_type_is_a_warning() -> None:
    async with connected() as peer:
        peer.say(OFF)
        peer.send_raw(msgpack.packb({"type": "dance", "steps": 3}))
        warning = await peer.hears(Warning)
        assert warning.code is ErrorCode.UNKNOWN_TYPE
        assert "'dance'" in warning.message


async def test_a_second_hello_is_refused_and_the_session_goes_on() -> None:
    async with connected() as peer:
        peer.say(OFF, OFF, Speak(utterance=1, text="Hello.", end=True))
        await peer.hears(UtteranceEnded)
        assert peer.one(Error).code is ErrorCode.BAD_STATE
        assert len(peer.all(Ready)) == 1


async def test_text_after_bye_is_refused() -> None:
    async with connected() as peer:
        peer.say(OFF, Speak(utterance=1, text="Hello."), Bye(), Speak(utterance=2, text="More."))
        await peer.serving
        assert peer.one(Error).code is ErrorCode.BAD_STATE
        assert peer.one(UtteranceEnded).utterance == 1


async def test_what_is_refused_names_its_utterance_and_harms_nothing() -> None:
    async with connected(limits=Limits(message_text=10)) as peer:
        peer.say(
            Hello(), Speak(utterance=1, text="Hello there.", end=True), Replay(utterance=7, of=5)
        )
        peer.say(Speak(utterance=1, text="Hello.", end=True))
        await peer.hears(UtteranceEnded)
        limit, unknown = peer.all(Error)
        assert (limit.code, limit.utterance) == (ErrorCode.TEXT_LIMIT, 1)
        assert (unknown.code, unknown.utterance) == (ErrorCode.NOT_FOUND, 7)


async def test_a_refusal_in_the_middle_of_a_segment_does_not_break_it() -> None:
    limits = Limits(message_text=10)
    async with connected(limits=limits, synthesis=wire_synthesis(window_after=1)) as peer:
        peer.say(OFF, Speak(utterance=1, text="Hello. "))
        await peer.hears(Chunk)
        peer.say(Speak(utterance=1, text="x" * 11), Speak(utterance=1, end=True))
        await peer.hears(UtteranceEnded)
        assert peer.one(SegmentEnded).count == 600


async def test_a_client_that_says_nothing_is_closed_after_its_time() -> None:
    async with connected() as peer:
        peer.say(OFF)
        await asyncio.sleep(IDLE_S - 1)
        peer.say(Ping())
        await asyncio.sleep(IDLE_S - 1)
        assert peer.closed is None
        await asyncio.sleep(2)
        await assert_refused(peer, ErrorCode.IDLE, 4408)


async def test_an_utterance_that_was_left_open_ends_when_its_client_is_idle() -> None:
    async with connected() as peer:
        peer.say(OFF, Speak(utterance=1, text="Hello. "), Speak(utterance=2, text=" "))
        await peer.serving
        assert peer.closed == 4408
        assert [e.reason for e in peer.all(UtteranceEnded)] == [EndReason.IDLE] * 2
        assert [r.reason for r in peer.records if isinstance(r, UtteranceRecord)] == ["idle"] * 2


async def test_nobody_is_idle_while_something_is_spoken() -> None:
    limits = Limits(idle_ms=1_000)
    async with connected(limits=limits, synthesis=wire_synthesis(per_character=8_000)) as peer:
        peer.say(Hello(), Speak(utterance=1, text="Hello there.", end=True))
        await peer.hears(UtteranceEnded)
        assert asyncio.get_running_loop().time() > 8
        assert not peer.all(Error)


async def test_nobody_is_idle_while_something_is_synthesized() -> None:
    async with connected(synthesis=wire_synthesis(plan_after=3 * IDLE_S)) as peer:
        peer.say(OFF, Speak(utterance=1, text="Hello there.", end=True))
        await peer.hears(UtteranceEnded)
        assert not peer.all(Error)


async def test_a_client_that_does_not_read_is_cut_off() -> None:
    async with connected(synthesis=wire_synthesis(window_after=1)) as peer:
        peer.say(OFF, Speak(utterance=1, text="Hello there. " * 20, end=True))
        await peer.hears(Segment)
        peer.stall()
        await asyncio.wait_for(peer.serving, Limits().stall_ms / 1000 + 30)
        assert isinstance(peer.records[-1], SessionEnded)
        assert peer.records[-1].close_code == 4408


async def test_a_slow_client_that_reads_in_time_is_closed_with_the_reason() -> None:
    async with connected(synthesis=wire_synthesis(window_after=1)) as peer:
        peer.say(OFF, Speak(utterance=1, text="Hello there. " * 20, end=True))
        await peer.hears(Segment)
        peer.stall()
        await asyncio.sleep(Limits().stall_ms / 1000 + 2)
        peer.read()
        await peer.serving
        assert peer.closed == 4408


async def test_a_client_that_vanishes_in_the_middle_leaves_its_records() -> None:
    synthesis = wire_synthesis(window_after=1)
    async with connected(synthesis=synthesis) as peer:
        peer.say(OFF, Speak(utterance=1, text="Hello there.", end=True))
        peer.say(Speak(utterance=2, text="Waits."))
        await peer.hears(Chunk)
        peer.leave()
        await peer.serving
        assert isinstance(peer.records[0], SessionOpened)
        ended = peer.records[-1]
        assert isinstance(ended, SessionEnded)
        assert ended.close_code == 1006
        assert synthesis.cancelled == synthesis.jobs
        assert synthesis.seated == 0
        await asyncio.sleep(Limits().resume_ms / 1000 - 1)
        assert peer.records[-1] is ended
        await asyncio.sleep(1)
        first, second = peer.records[-2:]
        assert isinstance(first, UtteranceRecord)
        assert isinstance(second, UtteranceRecord)
        assert (first.reason, first.count) == ("error", 500)
        assert (second.reason, second.count, second.text) == ("error", 0, "Waits.")


async def test_a_client_that_closes_is_let_go() -> None:
    async with connected() as peer:
        peer.say(OFF)
        await peer.hears(Ready)
        peer.leave(1001)
        await peer.serving
        assert isinstance(peer.records[-1], SessionEnded)
        assert peer.records[-1].close_code == 1001


async def test_a_close_counts_though_an_answer_was_still_on_its_way() -> None:
    async with connected() as peer:
        peer.say(OFF)
        await peer.hears(Ready)
        peer.say(Ping(stamp=1))
        peer.leave(1000)
        await peer.serving
        assert isinstance(peer.records[-1], SessionEnded)
        assert peer.records[-1].close_code == 1000


async def test_a_restart_lets_the_segment_end() -> None:
    async with connected(synthesis=wire_synthesis(window_after=0.5)) as peer:
        peer.say(OFF, Speak(utterance=1, text="Hello there. Good bye.", end=True))
        peer.say(Speak(utterance=2, text="Waits."))
        await peer.hears(Chunk)
        assert await peer.connections.drain(5_000) == 0
        await peer.serving
        assert peer.one(GoAway).in_ms == 5_000
        assert peer.one(SegmentEnded).count == 1_200
        assert [e.reason for e in peer.all(UtteranceEnded)] == [EndReason.ERROR] * 2
        assert peer.closed == 1012


async def test_a_restart_before_hello_closes_at_once() -> None:
    async with connected() as peer:
        await asyncio.sleep(1)
        peer.say(OFF)
        assert await peer.connections.drain(5_000) == 0
        assert (peer.closed, peer.records) == (1012, [])
        assert isinstance(peer.heard[-1], GoAway)


async def test_an_unexpected_exception_closes_and_is_recorded(
    caplog: pytest.LogCaptureFixture,
) -> None:
    synthesis = wire_synthesis(fail_plan=[0], error=ZeroDivisionError("a secret"))
    async with connected(synthesis=synthesis) as peer:
        peer.say(OFF, Speak(utterance=1, text="Hello there.", end=True))
        await peer.serving
        assert (peer.closed, "new session" in str(peer.reason)) == (1011, True)
        assert isinstance(peer.records[-1], SessionEnded)
        assert peer.records[-1].close_code == 1011
        assert isinstance(peer.records[-2], UtteranceRecord)
    assert "a connection failed" in caplog.text


async def test_an_interrupt_overtakes_the_media_that_a_slow_socket_holds() -> None:
    async with connected() as peer:
        peer.say(OFF)
        await peer.hears(Ready)
        peer.stall()
        peer.say(Speak(utterance=1, text="Hello there.", end=True))
        await asyncio.sleep(3)
        peer.say(Interrupt(utterance=1))
        await asyncio.sleep(3)
        peer.read()
        await peer.hears(Interrupted)
        await asyncio.sleep(3)
        assert not peer.all(Chunk)
        assert len(peer.all(UtteranceStarted)) <= 1
        assert peer.one(UtteranceEnded).reason is EndReason.INTERRUPTED


async def test_a_flood_of_pings_is_not_read_faster_than_it_is_answered() -> None:
    async with connected() as peer:
        peer.say(OFF)
        await peer.hears(Ready)
        peer.stall()
        peer.say(*[Ping(stamp=stamp) for stamp in range(2_000)])
        await asyncio.sleep(5)
        assert peer._events.qsize() > 1_500
        peer.read()
        await peer.hears(Pong, 2_000)
        assert [pong.stamp for pong in peer.all(Pong)] == list(range(2_000))


async def test_json_can_be_typed_by_hand() -> None:
    async with connected(JSON) as peer:
        peer.send_text('{"type":"hello","flow":{"mode":"off"}}')
        peer.send_text('{"type":"speak","utterance":1,"text":"Hello there.","end":true}')
        await peer.hears(UtteranceEnded)
        assert json.loads(JSON.encode(peer.heard[0]))["type"] == "ready"


async def test_what_is_said_again_counts_for_the_key_too() -> None:
    gate = Cupboard(stored(characters_per_minute=25)).gate()
    hello = Hello(token="lipwire_ours", flow=Flow(mode=FlowMode.OFF))
    async with connected(gate=gate) as peer:
        peer.say(hello, Speak(utterance=1, text="Ten in all", end=True))
        await peer.hears(UtteranceEnded)
        for number in (2, 2, 3):  # What opens nothing costs nothing.
            peer.say(Replay(utterance=number, of=1))
        await peer.hears(UtteranceEnded, 3)
        peer.say(Replay(utterance=4, of=1))
        error = await peer.hears(Error)
        assert (error.code, error.utterance) == (ErrorCode.RATE_LIMITED, 4)
        assert error.retry_after_ms == 12_001

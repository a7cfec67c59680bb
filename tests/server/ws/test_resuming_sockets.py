"""A session on one socket after another."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace

import pytest
from starlette.types import Message

from lipwire_protocol import (
    MSGPACK,
    Chunk,
    Error,
    ErrorCode,
    Flow,
    FlowMode,
    GoAway,
    Hello,
    Ping,
    Pong,
    Position,
    Ready,
    Resume,
    SegmentEnded,
    Speak,
    UtteranceEnded,
    WireFormat,
)
from lipwire_server.access.gate import Gate
from lipwire_server.store.records import SessionEnded
from lipwire_server.ws.endpoint import StreamEndpoint
from tests.fakes import fake_host, open_gate
from tests.server.ws.peer import Peer, connected, wire_synthesis

pytestmark = pytest.mark.virtual_time

OFF = Hello(flow=Flow(mode=FlowMode.OFF))
SPEAK = Speak(utterance=1, text="Hello there. Good bye.", end=True)


class Server:
    """Takes any number of sockets."""

    def __init__(self, group: asyncio.TaskGroup, gate: Gate) -> None:
        self.group = group
        self.gate = gate
        self.host = fake_host(wire_synthesis(window_after=0.5))
        self.peers: list[Peer] = []

    def socket(self, format_: WireFormat = MSGPACK) -> Peer:
        peer = Peer(format_)
        endpoint = StreamEndpoint(self.host, peer.connections, self.gate)
        event: Message = {"type": "websocket.connect"}
        peer._events.put_nowait(event)
        socket = peer.socket([format_.subprotocol])
        peer.serving = self.group.create_task(endpoint.serve(socket))
        self.peers.append(peer)
        return peer


@asynccontextmanager
async def sockets(gate: Gate | None = None) -> AsyncIterator[Server]:
    async with asyncio.TaskGroup() as group:
        server = Server(group, gate or open_gate())
        yield server
        for peer in server.peers:
            peer.leave()
    server.host.registry.close()


def resume(ready: Ready, utterance: int = 0) -> Hello:
    """From the start of an utterance."""
    position = Position(utterance=utterance, segment=0, span=(0, 0), start=0, sample=0)
    session = ready.session
    assert session.secret is not None
    return Hello(session=Resume(id=session.id, secret=session.secret, position=position))


async def test_a_socket_that_is_lost_is_followed_by_another() -> None:
    async with sockets() as server:
        first = server.socket()
        first.say(OFF, SPEAK)
        await first.hears(Chunk)
        first.leave()
        await first.serving
        second = server.socket()
        second.say(resume(first.one(Ready)))
        await second.hears(UtteranceEnded)
        assert second.one(Ready).session.resumed
        assert second.one(UtteranceEnded).count == 2_100


async def test_who_takes_over_closes_the_socket_that_is_there() -> None:
    async with sockets() as server:
        first = server.socket()
        first.say(OFF, SPEAK)
        await first.hears(Chunk)
        second = server.socket()
        second.say(resume(first.one(Ready)))
        await second.hears(Ready)
        await first.serving
        error = first.heard[-1]
        assert isinstance(error, Error)
        assert (error.code, error.fatal) == (ErrorCode.TAKEN_OVER, True)
        assert first.closed == 4409
        second.say(Ping())
        await second.hears(Pong)
        await second.hears(UtteranceEnded)


async def test_a_session_that_is_not_there_is_refused_and_the_socket_closed() -> None:
    async with connected() as peer:
        peer.say(Hello(session=Resume(id="nothing", secret="x")))
        await peer.serving
        error = peer.one(Error)
        assert (error.code, error.fatal, peer.closed) == (ErrorCode.NOT_FOUND, True, 4404)
        assert peer.records == []


async def test_a_client_that_was_idle_finds_its_session_again_and_nothing_to_hear() -> None:
    async with sockets() as server:
        first = server.socket()
        first.say(OFF, Speak(utterance=1, text="Hello. "))
        await first.serving
        assert first.closed == 4408
        second = server.socket()
        second.say(resume(first.one(Ready), 2), Ping())
        await second.hears(Pong)
        assert not second.all(Chunk)


async def test_what_a_restart_broke_off_goes_on_elsewhere() -> None:
    async with sockets() as server:
        first = server.socket()
        first.say(OFF, SPEAK)
        await first.hears(Chunk)
        await first.connections.drain(5_000)
        assert first.all(GoAway)
        assert first.one(SegmentEnded).count == 1_200
        assert first.one(UtteranceEnded).count == 1_200
        second = server.socket()
        position = Position(utterance=1, segment=0, span=(0, 12), start=0, sample=1_200)
        hello = resume(first.one(Ready))
        assert hello.session is not None
        session = Resume(id=hello.session.id, secret=hello.session.secret, position=position)
        second._order = type(second._order)(first.heard[2], 1_200)  # type: ignore[arg-type]
        second.say(Hello(session=session))
        ended = await second.hears(UtteranceEnded)
        assert (ended.count, ended.reason) == (2_100, "done")


async def test_a_client_that_closes_its_socket_in_good_order_is_gone() -> None:
    async with sockets() as server:
        first = server.socket()
        first.say(OFF, SPEAK)
        await first.hears(Chunk)
        first.leave(1000)
        await first.serving
        second = server.socket()
        second.say(resume(first.one(Ready)))
        await second.serving
        assert second.closed == 4404


async def test_a_client_that_closes_for_a_bug_of_its_own_may_come_back() -> None:
    async with sockets() as server:
        first = server.socket()
        first.say(OFF, SPEAK)
        await first.hears(Chunk)
        first.leave(1011)
        await first.serving
        second = server.socket()
        second.say(resume(first.one(Ready)))
        assert (await second.hears(UtteranceEnded)).count == 2_100


async def test_who_comes_back_after_a_bug_of_the_server_is_told_to_open_a_new_session() -> None:
    async with sockets() as server:
        broken = wire_synthesis(fail_plan=[0], error=ZeroDivisionError())
        server.host = replace(server.host, synthesis=broken)
        first = server.socket()
        first.say(OFF, SPEAK)
        await first.serving
        assert first.closed == 1011
        second = server.socket()
        second.say(resume(first.one(Ready)))
        await second.serving
        told = second.one(Error)
        assert (told.code, second.closed) == (ErrorCode.NOT_FOUND, 4404)
        assert "open a new one" in told.message


async def test_the_bug_of_a_client_is_recorded_as_a_loss() -> None:
    async with connected() as peer:
        peer.say(OFF)
        await peer.hears(Ready)
        peer.leave(1011)
        await peer.serving
        ended = peer.records[-1]
        assert isinstance(ended, SessionEnded)
        assert ended.close_code == 1006


async def test_a_loss_is_recorded_at_once() -> None:
    async with connected() as peer:
        peer.say(OFF)
        await peer.hears(Ready)
        peer.leave()
        await peer.serving
        ended = peer.records[-1]
        assert isinstance(ended, SessionEnded)
        assert (ended.close_code, ended.epoch) == (1006, 0)

"""The WebSocket of a peer over a wire that does as it likes: chance says what is read, and when."""

import asyncio
import os
import random
import struct
from typing import Any

import pytest
import uvicorn
from uvicorn.server import ServerState

from lipwire_protocol import CloseCode
from lipwire_server.edge import guard
from lipwire_server.edge.guard import GuardedHttp, GuardedWebSocket
from tests.server.edge.test_guard import CLOSE, PING, TEXT, UPGRADE, frame


class Wire(asyncio.Transport):
    """A transport whose kernel has bytes as long as they are not read: they come in whatever pieces
    and whenever chance has it, but never while reading is paused."""

    def __init__(self, data: bytes, chance: random.Random) -> None:
        super().__init__()
        self.data = bytearray(data)
        self.reading = True
        self.closing = False
        self.written = bytearray()
        self._chance = chance

    def pause_reading(self) -> None:
        self.reading = False

    def resume_reading(self) -> None:
        self.reading = True

    def is_closing(self) -> bool:
        return self.closing

    def close(self) -> None:
        self.closing = True

    def write(self, data: Any) -> None:
        self.written += data

    def set_protocol(self, protocol: asyncio.BaseProtocol) -> None:
        self.protocol = protocol

    def get_protocol(self) -> asyncio.BaseProtocol:
        return self.protocol

    def get_extra_info(self, name: str, default: Any = None) -> Any:
        return default

    async def bring(self, protocol: asyncio.Protocol) -> None:
        while self.data and not self.closing:
            if self.reading:
                size = self._chance.choice((1, 7, 300, 1_500, 20_000))
                piece, self.data[:size] = bytes(self.data[:size]), b""
                protocol.data_received(piece)
            await asyncio.sleep(self._chance.choice((0, 0, 0.001)))


def upgraded(app: Any, wire: Wire) -> GuardedWebSocket:
    """The protocol of a peer who has just asked for a WebSocket over that wire."""
    config = uvicorn.Config(app, ws=GuardedWebSocket, ws_per_message_deflate=False, log_config=None)
    config.load()
    protocol = GuardedWebSocket(config, ServerState(), {}, asyncio.get_running_loop())
    protocol.connection_made(wire)
    protocol.data_received(UPGRADE)
    return protocol


def listening(ends: list[Any]) -> Any:
    """An application that takes the first thing that comes from the peer."""

    async def app(scope: Any, receive: Any, send: Any) -> None:
        await receive()
        await send({"type": "websocket.accept"})
        ends.append(await receive())

    return app


@pytest.mark.virtual_time
@pytest.mark.parametrize("seed", range(20))
async def test_however_reading_and_taking_fall_together_nothing_is_left_lying(seed: int) -> None:
    """What a socket waits for is either on its way, or asked for: it never stands still."""
    chance = random.Random(seed)
    sizes = (0, 1, 90, 1_100, 5_000)
    texts = [os.urandom(chance.choice(sizes)).hex().encode() for _ in range(chance.randrange(200))]
    said = [frame(TEXT, text) for text in texts]
    for place in sorted(chance.sample(range(len(said) + 1), min(20, len(said))), reverse=True):
        said.insert(place, frame(PING))
    taken: list[bytes] = []

    async def app(scope: Any, receive: Any, send: Any) -> None:
        await receive()
        await send({"type": "websocket.accept"})
        while (event := await receive())["type"] == "websocket.receive":
            taken.append(event["text"].encode())
            # As the connection does: whoever is not patient for ever asks again.
            await asyncio.sleep(chance.choice((0, 0, 0, 0.002)))

    wire = Wire(b"".join([*said, frame(CLOSE, struct.pack("!H", 1_000))]), chance)
    protocol = upgraded(app, wire)
    async with asyncio.timeout(60):
        await wire.bring(protocol)
        while protocol.tasks:  # noqa: ASYNC110
            await asyncio.sleep(0.01)
    protocol.connection_lost(None)
    assert taken == texts


@pytest.mark.virtual_time
async def test_an_answer_to_a_close_is_read_though_it_waits_behind_what_was_not_taken() -> None:
    """Else the socket would linger for uvicorn's ten seconds."""

    async def app(scope: Any, receive: Any, send: Any) -> None:
        await receive()
        await send({"type": "websocket.accept"})
        await asyncio.sleep(1)
        await send({"type": "websocket.close", "code": 1_000})
        while (await receive())["type"] != "websocket.disconnect":
            pass

    answer = frame(CLOSE, struct.pack("!H", 1_000))
    wire = Wire(frame(TEXT, b"x" * 100) + frame(PING) * 170 + answer, random.Random(0))
    protocol = upgraded(app, wire)
    await asyncio.sleep(0.1)
    while wire.data and wire.reading:
        piece, wire.data[:] = bytes(wire.data), b""
        protocol.data_received(piece)
    await asyncio.sleep(2)
    assert wire.closing
    protocol.connection_lost(None)


@pytest.mark.virtual_time
async def test_who_answers_no_ping_is_gone_and_nobody_is_to_blame() -> None:
    """Though the transport still has something for him, and so is not closed yet."""
    ends: list[BaseException] = []

    async def app(scope: Any, receive: Any, send: Any) -> None:
        await receive()
        await send({"type": "websocket.accept"})
        try:
            while True:
                await send({"type": "websocket.send", "bytes": b"x"})
                await asyncio.sleep(1)
        except OSError as gone:
            ends.append(gone)

    wire = Wire(b"", random.Random(0))
    protocol = upgraded(app, wire)
    await asyncio.sleep(60)
    assert wire.closing
    assert len(ends) == 1
    protocol.connection_lost(None)


@pytest.mark.virtual_time
async def test_who_answered_no_ping_reads_later_that_he_may_come_back() -> None:
    """His network was away: for a bug of the server's, 1011, he would give his session up."""
    ends: list[Any] = []
    wire = Wire(b"", random.Random(0))
    protocol = upgraded(listening(ends), wire)
    await asyncio.sleep(60)
    assert wire.closing
    assert [end["code"] for end in ends] == [CloseCode.TIMEOUT]
    last = bytes(wire.written).rpartition(b"\x88")[2]
    assert last[1:3] == CloseCode.TIMEOUT.to_bytes(2)
    protocol.connection_lost(None)


@pytest.mark.virtual_time
async def test_a_server_that_stops_leaves_alone_who_has_said_good_bye_and_does_not_read() -> None:
    """What was for him before is still to be read, so that he is not gone yet."""
    ends: list[Any] = []
    wire = Wire(b"", random.Random(0))
    protocol = upgraded(listening(ends), wire)
    await asyncio.sleep(1)
    protocol.data_received(frame(CLOSE, struct.pack("!H", 1_000)))
    await asyncio.sleep(1)
    protocol.shutdown()
    assert wire.closing
    assert [end["code"] for end in ends] == [1_000]
    protocol.connection_lost(None)


@pytest.mark.virtual_time
@pytest.mark.parametrize(("pause", "is_whole"), [(0.9, True), (1.1, False)])
async def test_an_upload_may_take_its_time_as_long_as_it_goes_on(
    pause: float, is_whole: bool
) -> None:
    bodies: list[bytes] = []

    async def app(scope: Any, receive: Any, send: Any) -> None:
        body, more = b"", True
        while more and (event := await receive())["type"] == "http.request":
            body, more = body + event["body"], event["more_body"]
        bodies.append(body)
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b""})

    config = uvicorn.Config(app, log_config=None)
    config.load()
    wire = Wire(b"", random.Random(0))
    protocol = GuardedHttp(config, ServerState(), {}, asyncio.get_running_loop())
    protocol.connection_made(wire)
    wire.set_protocol(protocol)
    protocol.data_received(b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 8\r\n\r\n")
    for _ in range(8):
        await asyncio.sleep(pause * guard._BODY_S)
        if not wire.closing:
            protocol.data_received(b"x")
    await asyncio.sleep(1)
    assert (b"HTTP/1.1 200" in wire.written, b"x" * 8 in bodies) == (is_whole, is_whole)
    assert is_whole or wire.closing
    protocol.connection_lost(None)
    await asyncio.sleep(1)

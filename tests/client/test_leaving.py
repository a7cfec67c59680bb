"""Leaving a connection while much waits unread, on real sockets."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, suppress
from typing import Any

import pytest
import websockets
from msgspec import structs
from websockets.asyncio.client import ClientConnection
from websockets.asyncio.server import ServerConnection, serve

from lipwire_client import Session, connect
from lipwire_protocol import MSGPACK, Chunk, ErrorCode, LipwireError, Segment, ServerMessage
from tests.client.fake_socket import HI
from tests.client.test_resume_point import ready

STARTED, SEGMENT, CHUNK, *_ = HI
assert isinstance(SEGMENT, Segment)
assert isinstance(CHUNK, Chunk)
MANY = 400
"""Chunks of 64 kB: more than a socket and a client hold."""


class Flood:
    """A server that says more than anybody reads."""

    def __init__(self) -> None:
        self.full = asyncio.Event()
        """It waits for somebody to read, or has said all."""
        self.gone: asyncio.Future[int | None] = asyncio.get_running_loop().create_future()
        """With which code it was left, as it heard."""

    async def __call__(self, socket: ServerConnection) -> None:
        await socket.recv()
        with suppress(websockets.ConnectionClosed):
            for seq, message in enumerate(_messages(), 1):
                await self._send(socket, structs.replace(message, seq=seq))
        self.full.set()
        await socket.wait_closed()
        self.gone.set_result(socket.close_code)

    async def _send(self, socket: ServerConnection, message: ServerMessage) -> None:
        sending = asyncio.ensure_future(socket.send(MSGPACK.encode(message)))
        for _ in range(100):
            await asyncio.sleep(0)
            if sending.done():
                break
        else:
            self.full.set()
        await sending


def _messages() -> Iterator[ServerMessage]:
    audio = bytes(65_536)
    count = len(audio) // 2
    yield from (ready(), STARTED, structs.replace(SEGMENT, count=count * MANY))
    for index in range(MANY):
        yield structs.replace(CHUNK, start=index * count, count=count, audio=audio)


@asynccontextmanager
async def flood() -> AsyncIterator[tuple[str, Flood]]:
    flooding = Flood()
    spoken = [websockets.Subprotocol(MSGPACK.subprotocol)]
    async with serve(flooding, "127.0.0.1", 0, subprotocols=spoken) as server:
        port = next(iter(server.sockets)).getsockname()[1]
        yield f"ws://127.0.0.1:{port}", flooding


@pytest.fixture
def opened(monkeypatch: pytest.MonkeyPatch) -> list[ClientConnection]:
    """The client's sockets: after an answer that was not seen, their code is 1006."""
    sockets: list[ClientConnection] = []
    connect = websockets.connect

    async def noted(*arguments: Any, **options: Any) -> ClientConnection:
        sockets.append(await connect(*arguments, **options))
        return sockets[-1]

    monkeypatch.setattr(websockets, "connect", noted)
    return sockets


async def test_what_is_left_unread_does_not_keep_it_from_closing_cleanly(
    opened: list[ClientConnection],
) -> None:
    async with flood() as (url, flooding):
        async with connect(url):
            await flooding.full.wait()
        assert await flooding.gone == 1000
    assert [socket.close_code for socket in opened] == [1000]


async def test_in_the_middle_of_reading_it_closes_cleanly_too(
    opened: list[ClientConnection],
) -> None:
    async with flood() as (url, flooding):
        async with connect(url) as session:
            async for message in session:
                if isinstance(message, Chunk):
                    break
            await flooding.full.wait()
        assert await flooding.gone == 1000
    assert [socket.close_code for socket in opened] == [1000]


async def test_an_exception_closes_so_that_it_can_be_gone_on_with_and_is_raised(
    opened: list[ClientConnection],
) -> None:
    async with flood() as (url, flooding):
        with pytest.raises(ZeroDivisionError):
            async with connect(url):
                await flooding.full.wait()
                raise ZeroDivisionError
        assert await flooding.gone == 1011
    assert [socket.close_code for socket in opened] == [1011]


async def test_who_reads_in_another_task_is_told_that_it_is_closed() -> None:
    async def read_all(session: Session) -> int:
        return len([message async for message in session])

    async with flood() as (url, flooding):
        async with connect(url) as session:
            reading = asyncio.create_task(read_all(session))
            await flooding.full.wait()
        assert await flooding.gone == 1000
        assert 0 <= await reading <= MANY + 2


async def test_after_leaving_there_is_nothing_more_to_say_and_leaving_again_does_nothing() -> None:
    async with flood() as (url, flooding), connect(url) as session:
        await session.leave()
        assert await flooding.gone == 1000
        with pytest.raises(LipwireError) as caught:
            await session.receive()
        assert caught.value.code is ErrorCode.GOING_AWAY

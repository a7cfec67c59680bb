import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

import pytest
from websockets.asyncio.server import ServerConnection, serve
from websockets.typing import Subprotocol

from lipwire_protocol import MSGPACK, Ping, Pong, ServerMessage
from lipwire_server.load import socket as load_socket
from lipwire_server.load.socket import Closed, LoadSocket, open_socket
from tests.server.load.scene import raw

PROTOCOL = Subprotocol(MSGPACK.subprotocol)


@asynccontextmanager
async def answering(handle: Callable[[ServerConnection], Awaitable[None]]) -> AsyncIterator[str]:
    async with serve(handle, "127.0.0.1", 0, subprotocols=[PROTOCOL]) as server:
        yield f"ws://127.0.0.1:{next(iter(server.sockets)).getsockname()[1]}/v1/stream"


async def echo(client: ServerConnection) -> None:
    async for data in client:
        assert isinstance(data, bytes)
        ping = MSGPACK.decode_client(data)
        assert isinstance(ping, Ping)
        await client.send(MSGPACK.encode(Pong(stamp=ping.stamp, now_ms=1)))


async def until(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(60):
        while not condition():  # noqa: ASYNC110
            await asyncio.sleep(0.005)


async def closed(socket: LoadSocket) -> int:
    async with asyncio.timeout(60):
        return await socket.closed


async def test_what_comes_is_heard_in_the_callback_in_which_it_came() -> None:
    heard: list[ServerMessage] = []
    async with answering(echo) as url:
        socket = await open_socket(url, heard.append)
        for stamp in range(3):
            socket.send(Ping(stamp=stamp))
        await until(lambda: len(heard) == 3)
        socket.close()
        assert await closed(socket) == 1000
    assert [each.stamp for each in heard if isinstance(each, Pong)] == [0, 1, 2]
    assert socket.received_bytes > 0
    assert socket.unreadable == 0


async def test_a_message_in_parts_is_one_and_what_is_none_is_counted() -> None:
    async def handle(client: ServerConnection) -> None:
        whole = MSGPACK.encode(Pong(stamp=7, now_ms=1))
        await client.send(iter([whole[:5], whole[5:9], whole[9:]]))
        await client.send(b"\xc1 no message")
        await client.send(whole)
        await client.wait_closed()

    heard: list[ServerMessage] = []
    async with answering(handle) as url:
        socket = await open_socket(url, heard.append)
        await until(lambda: len(heard) == 2)
        assert socket.unreadable == 1
        socket.cut()


async def test_pings_of_the_transport_are_answered() -> None:
    answered = asyncio.Event()

    async def handle(client: ServerConnection) -> None:
        await (await client.ping())
        answered.set()
        await client.wait_closed()

    async with answering(handle) as url, asyncio.timeout(60):
        socket = await open_socket(url, lambda message: None)
        await answered.wait()
        socket.cut()


async def test_the_code_of_a_close_is_told_and_nothing_can_be_said_after_it() -> None:
    async def handle(client: ServerConnection) -> None:
        await client.close(4503)

    async with answering(handle) as url:
        socket = await open_socket(url, lambda message: None)
        assert await closed(socket) == 4503
        with pytest.raises(Closed) as caught:
            socket.send(Ping())
        assert caught.value.code == 4503
        socket.close()
        socket.pause()
        socket.go_on()


async def test_who_is_being_closed_cannot_say_anything_either() -> None:
    async with answering(lambda client: client.close(4503)) as url:
        said: list[int] = []

        def hear(message: ServerMessage) -> None:
            raise AssertionError

        socket = await open_socket(url, hear)
        async with asyncio.timeout(60):
            while not said:
                try:
                    socket.send(Ping())
                    await asyncio.sleep(0)
                except Closed as closed:
                    said.append(closed.code)
        assert said == [4503]


async def test_what_is_cut_is_closed_without_a_word() -> None:
    codes: list[int | None] = []

    async def handle(client: ServerConnection) -> None:
        await client.wait_closed()
        codes.append(client.close_code)

    async with answering(handle) as url:
        socket = await open_socket(url, lambda message: None)
        socket.cut()
        assert await closed(socket) == 1006
        await until(lambda: bool(codes))
    assert codes == [1006]


async def test_who_pauses_takes_nothing_until_he_goes_on() -> None:
    heard: list[ServerMessage] = []
    async with answering(echo) as url:
        socket = await open_socket(url, heard.append)
        socket.pause()
        socket.send(Ping(stamp=1))
        await asyncio.sleep(0.05)
        assert heard == []
        socket.go_on()
        await until(lambda: len(heard) == 1)
        socket.cut()


@pytest.mark.parametrize(
    ("answer", "code"),
    [
        (b"HTTP/1.1 503 Busy\r\nContent-Length: 0\r\n\r\n", 503),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", 200),
        (b"this is no HTTP\r\n\r\n", 1006),
        (b"", 1006),
    ],
)
async def test_who_is_not_let_in_is_told_why(answer: bytes, code: int) -> None:
    async with raw(answer) as url:
        with pytest.raises(Closed) as caught:
            await open_socket(url, lambda message: None)
        assert caught.value.code == code


async def test_a_server_that_says_nothing_is_not_waited_for_without_end(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(load_socket, "_OPEN_S", 0.2)

    async with raw(None) as url:
        with pytest.raises(TimeoutError):
            await open_socket(url, lambda message: None)

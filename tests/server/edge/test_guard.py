"""Raw bytes against a real uvicorn with our protocols, and an application that echoes."""

import asyncio
import gc
import os
import struct
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager

import pytest
import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route, WebSocketRoute
from starlette.websockets import WebSocket, WebSocketDisconnect
from websockets.server import ServerProtocol

from lipwire_server.edge import guard
from lipwire_server.edge.guard import GuardedHttp, GuardedWebSocket
from lipwire_server.serving import listen
from lipwire_server.ws.posting import post_of

UPGRADE = (
    b"GET /echo HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n"
)
CONT, TEXT, BINARY, CLOSE, PING = 0x0, 0x1, 0x2, 0x8, 0x9


def frame(opcode: int, data: bytes = b"", *, last: bool = True) -> bytes:
    size = bytes([len(data) | 0x80]) if len(data) < 126 else b"\xfe" + struct.pack("!H", len(data))
    mask = os.urandom(4)
    masked = bytes(byte ^ mask[i % 4] for i, byte in enumerate(data))
    return bytes([opcode | (0x80 if last else 0)]) + size + mask + masked


async def echo(socket: WebSocket) -> None:
    await socket.accept()
    try:
        while True:
            await socket.send_text(await socket.receive_text())
    except WebSocketDisconnect:
        pass


async def post(socket: WebSocket) -> None:
    """Posts a message of each size that was asked for until one would have to wait; then it says
    how many it could post, and posts again when that was read."""
    await socket.accept()
    write = post_of(socket)
    assert write is not None
    size, count = int(await socket.receive_text()), 0
    while count < 200 and write(b"front", bytes(size)):
        count += 1
    await socket.send_text(str(count))
    await socket.receive_text()
    assert write(b"again", b"")
    await socket.close()
    assert not write(b"after", b"the end")


async def upload(request: Request) -> Response:
    return PlainTextResponse(str(len(await request.body())))


@asynccontextmanager
async def serving() -> AsyncIterator[tuple[str, int]]:
    app = Starlette(
        routes=[
            WebSocketRoute("/echo", echo),
            WebSocketRoute("/post", post),
            Route("/upload", upload, methods=["POST"]),
        ]
    )
    config = uvicorn.Config(
        app,
        http=GuardedHttp,
        ws=GuardedWebSocket,
        ws_max_size=65_536,
        ws_per_message_deflate=False,
        lifespan="off",
        log_config=None,
    )
    server = _Server(config)
    with listen("127.0.0.1", 0) as listener:
        async with asyncio.TaskGroup() as group:
            group.create_task(server.serve(sockets=[listener]))
            try:
                yield listener.getsockname()
            finally:
                server.should_exit = server.force_exit = True


class _Server(uvicorn.Server):
    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


@asynccontextmanager
async def raw(place: tuple[str, int]) -> AsyncIterator["Raw"]:
    reader, writer = await asyncio.open_connection(*place)
    try:
        yield Raw(reader, writer)
    finally:
        writer.transport.abort()


class Raw:
    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader = reader
        self.writer = writer

    async def upgrade(self, path: bytes = b"/echo") -> "Raw":
        self.writer.write(UPGRADE.replace(b"/echo", path))
        assert b"101" in await self.reader.readuntil(b"\r\n\r\n")
        return self

    async def frame(self) -> tuple[int, bytes]:
        head = await self.reader.readexactly(2)
        size = head[1]
        if size == 126:
            (size,) = struct.unpack("!H", await self.reader.readexactly(2))
        elif size == 127:
            (size,) = struct.unpack("!Q", await self.reader.readexactly(8))
        return head[0] & 0xF, await self.reader.readexactly(size)

    async def close_code(self) -> int:
        while True:
            opcode, data = await self.frame()
            if opcode == CLOSE:
                return int(struct.unpack("!H", data[:2])[0])


async def test_messages_of_any_size_in_pieces_of_any_size_arrive_whole() -> None:
    texts = [b"a", b"b" * 200, b"c" * 5_000, b"d" * 65_000, b""]
    data = b"".join(frame(TEXT, text) for text in texts)
    async with serving() as place, raw(place) as peer:
        await peer.upgrade()
        for i in range(0, len(data), 777):
            peer.writer.write(data[i : i + 777])
            await asyncio.sleep(0)
        assert [await peer.frame() for _ in texts] == [(TEXT, text) for text in texts]


@pytest.mark.parametrize("size", [0, 100, 121, 5_000, 70_000])
async def test_messages_are_posted_whole_until_one_has_to_wait(size: int) -> None:
    async with serving() as place, raw(place) as peer:
        await peer.upgrade(b"/post")
        peer.writer.write(frame(TEXT, str(size).encode()))
        posted = []
        while (message := await peer.frame())[0] == BINARY:
            posted.append(message[1])
        assert posted == [b"front" + bytes(size)] * int(message[1])
        assert (len(posted) < 200) == (size > 1_000)
        peer.writer.write(frame(TEXT, b"go on"))
        assert await peer.frame() == (BINARY, b"again")
        assert await peer.close_code() == 1000


async def test_a_socket_that_is_closed_is_freed_without_a_collection() -> None:
    """Of thousands that come and go, a collection would have to find each."""

    def there() -> list[object]:
        return [each for each in gc.get_objects() if isinstance(each, GuardedWebSocket)]

    async with serving() as place:
        gc.collect()
        gc.freeze()
        gc.disable()
        try:
            async with raw(place) as peer:
                await peer.upgrade()
                peer.writer.write(frame(TEXT, b"hello"))
                assert await peer.frame() == (TEXT, b"hello")
                assert len(there()) == 1
            async with asyncio.timeout(60):
                while there():  # noqa: ASYNC110
                    await asyncio.sleep(0.01)
        finally:
            gc.enable()
            gc.unfreeze()


async def test_many_small_messages_at_once_are_all_answered_in_order() -> None:
    texts = [str(i).encode() for i in range(3_000)]
    async with serving() as place, raw(place) as peer:
        await peer.upgrade()
        peer.writer.write(b"".join(frame(TEXT, text) for text in texts))
        assert [(await peer.frame())[1] for _ in texts] == texts


@pytest.fixture
def slices(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[int]]:
    """How many bytes were parsed in one turn of the loop; what is thrown away was not."""
    turns: list[int] = []
    parse, receive = GuardedWebSocket._parse, ServerProtocol.receive_data

    def counting(self: GuardedWebSocket) -> None:
        turns.append(0)
        parse(self)

    def received(self: ServerProtocol, data: bytes) -> None:
        if turns:
            turns[-1] += len(data)
        receive(self, data)

    monkeypatch.setattr(GuardedWebSocket, "_parse", counting)
    monkeypatch.setattr(ServerProtocol, "receive_data", received)
    yield turns


@pytest.mark.parametrize(
    "flood",
    [frame(PING), frame(TEXT, b"x"), frame(CONT, last=False)],
    ids=["pings", "tiny messages", "endless fragments"],
)
async def test_a_flood_leaves_others_their_turn(flood: bytes, slices: list[int]) -> None:
    """One read brings up to 256 KiB: it is not parsed in one go."""
    opening = frame(TEXT, b"y", last=False) if flood[0] == CONT else b""
    async with serving() as place, raw(place) as peer, raw(place) as other:
        await peer.upgrade()
        await other.upgrade()
        peer.writer.write(opening + flood * 20_000)
        other.writer.write(frame(TEXT, b"and me?"))
        assert await other.frame() == (TEXT, b"and me?")
        assert max(slices) <= 2 * guard._SLICE


async def test_who_sends_frames_without_end_is_read_from_later(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(guard, "_FRAMES_AT_ONCE", 100.0)
    monkeypatch.setattr(guard, "_FRAMES_PER_S", 0.001)
    async with serving() as place, raw(place) as peer, raw(place) as other:
        await peer.upgrade()
        await other.upgrade()
        peer.writer.write(frame(TEXT, b"x") * 5_000)
        other.writer.write(frame(TEXT, b"and me?"))
        assert await other.frame() == (TEXT, b"and me?")
        for _ in range(100):
            await peer.frame()
        more = 0
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.3):
                while await peer.frame():
                    more += 1
        # The slice in which the budget ended was still parsed.
        assert more <= guard._SLICE // 6


async def test_a_message_in_very_many_fragments_is_refused() -> None:
    async with serving() as place, raw(place) as peer:
        await peer.upgrade()
        peer.writer.write(frame(TEXT, b"y", last=False) + frame(CONT, last=False) * 2_000)
        assert await peer.close_code() == 1_008


async def test_a_message_in_some_fragments_is_put_together() -> None:
    async with serving() as place, raw(place) as peer:
        await peer.upgrade()
        for _ in range(3):
            pieces = [frame(CONT, b"z", last=False)] * 500
            peer.writer.write(b"".join([frame(TEXT, b"y", last=False), *pieces, frame(CONT, b"!")]))
            assert await peer.frame() == (TEXT, b"y" + b"z" * 500 + b"!")


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (frame(TEXT, b"x" * 60_000, last=False) + frame(CONT, b"x" * 60_000), 1_009),
        (b"\x81\xff" + struct.pack("!Q", 2**40) + b"mask", 1_009),
        (b"\x81\x01x", 1_002),
        (frame(TEXT, b"\xff"), 1_007),
        (frame(CLOSE, struct.pack("!H", 1_000)), 1_000),
    ],
    ids=["too much in fragments", "a huge frame", "unmasked", "no UTF-8", "good bye"],
)
async def test_what_is_against_the_rules_is_closed_with_the_code_for_it(
    data: bytes, code: int
) -> None:
    async with serving() as place, raw(place) as peer:
        await peer.upgrade()
        peer.writer.write(data)
        assert await peer.close_code() == code


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (frame(TEXT, b"\xff"), 1_007),
        (frame(TEXT, b"x\xc3"), 1_007),
        (frame(TEXT, b"\xc3", last=False) + frame(CONT, b"x"), 1_007),
        (frame(TEXT, b"\xed\xa0\x80") + frame(PING) * 20 + frame(TEXT, b"and?"), 1_007),
        # His own close is answered before anybody looks at the text.
        (frame(TEXT, b"\xff") + frame(CLOSE, struct.pack("!H", 1_000)), 1_000),
    ],
    ids=["a byte", "half a letter", "in pieces", "with more behind it", "with a good bye"],
)
async def test_a_text_that_is_none_closes_the_socket_and_is_nobodys_fault(
    data: bytes, code: int, caplog: pytest.LogCaptureFixture
) -> None:
    async with serving() as place, raw(place) as peer:
        await peer.upgrade()
        peer.writer.write(data)
        assert await peer.close_code() == code
    assert not [line for line in caplog.records if line.exc_info or line.levelname == "ERROR"]


async def test_a_letter_may_be_torn_between_two_pieces() -> None:
    async with serving() as place, raw(place) as peer:
        await peer.upgrade()
        peer.writer.write(frame(TEXT, b"\xc3", last=False) + frame(CONT, b"\xbc"))
        assert await peer.frame() == (TEXT, b"\xc3\xbc")


@pytest.mark.parametrize(
    "said",
    [
        b"",
        b"GET /upload HT",
        b"POST /upload HTTP/1.1\r\nHost: x\r\nContent-Length: 8\r\n\r\nxx",
    ],
    ids=["nothing", "half a head", "half a body"],
)
async def test_who_does_not_get_on_with_a_request_is_left(
    said: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(guard, "_HEAD_S", 0.05)
    monkeypatch.setattr(guard, "_BODY_S", 0.05)
    async with serving() as place, raw(place) as peer:
        peer.writer.write(said)
        async with asyncio.timeout(60):
            await peer.reader.read()  # To its end: the server has closed.


async def test_who_does_not_get_on_with_another_request_is_left(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async with serving() as place, raw(place) as peer:
        peer.writer.write(b"POST /upload HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n")
        await peer.reader.readuntil(b"\r\n\r\n0")
        monkeypatch.setattr(guard, "_HEAD_S", 0.05)
        peer.writer.write(b"GET / HT")
        async with asyncio.timeout(60):  # uvicorn waits for a whole request, for ever.
            await peer.reader.read()


async def test_a_handshake_that_is_none_is_refused_and_nothing_fails() -> None:
    failures: list[object] = []
    asyncio.get_running_loop().set_exception_handler(lambda _, what: failures.append(what))
    async with serving() as place, raw(place) as peer:
        peer.writer.write(UPGRADE.replace(b"Version: 13", b"Version: 12"))
        async with asyncio.timeout(60):
            assert (await peer.reader.read()).startswith(b"HTTP/1.1 4")
        peer.writer.close()
    assert not failures

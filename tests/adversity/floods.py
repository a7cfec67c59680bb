"""Bytes that no client would send, and sockets to send them from."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from tests.server_process import ServerProcess

__all__ = ["FLOODS", "PING", "TEXT", "UPGRADE", "flood", "frame", "raw", "upgrade"]

UPGRADE = (
    b"GET /v1/stream HTTP/1.1\r\nHost: 127.0.0.1\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    b"Sec-WebSocket-Protocol: lipwire.v1.json\r\n"
    b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n"
)
CONT, TEXT, PING = 0x0, 0x1, 0x9


def frame(opcode: int, data: bytes = b"", *, last: bool = True) -> bytes:
    assert len(data) < 126
    mask = b"\1\2\3\4"
    masked = bytes(byte ^ mask[i % 4] for i, byte in enumerate(data))
    return bytes([opcode | (0x80 if last else 0), 0x80 | len(data)]) + mask + masked


Wires = tuple[asyncio.StreamReader, asyncio.StreamWriter]


@asynccontextmanager
async def raw(server: ServerProcess) -> AsyncIterator[Wires]:
    reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
    try:
        yield reader, writer
    finally:
        writer.transport.abort()


async def upgrade(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    writer.write(UPGRADE)
    assert b" 101 " in await reader.readuntil(b"\r\n\r\n")


FLOODS = {
    "pings": (b"", frame(PING, b"x")),
    "tiny messages": (frame(TEXT, b'{"type":"hello"}'), frame(TEXT, b'{"type":"ping"}')),
    "messages that are none": (frame(TEXT, b'{"type":"hello"}'), frame(TEXT, b"x")),
    "empty fragments": (frame(TEXT, b"{", last=False), frame(CONT, last=False)),
    "fragments without end": (frame(TEXT, b"{", last=False), frame(CONT, b" " * 60, last=False)),
}


async def flood(server: ServerProcess, opening: bytes, drop: bytes, times: int = 20) -> None:
    """Sends as much as is taken, from one socket; it may be shown the door."""
    try:
        async with raw(server) as (reader, writer):
            await upgrade(reader, writer)
            writer.write(opening)
            draining = asyncio.create_task(swallow(reader))
            for _ in range(times):
                writer.write(drop * 2_000)
                await writer.drain()
            await draining
    except ConnectionError:
        pass


async def swallow(reader: asyncio.StreamReader) -> None:
    while await reader.read(65_536):
        pass

"""The clients of the peers, against servers that speak as the peers do."""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

import pytest

from benches.workers.peer_clients import piper_http, wyoming

Handler = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


@asynccontextmanager
async def serving(handler: Handler) -> AsyncIterator[str]:
    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await handler(reader, writer)
        writer.close()

    server = await asyncio.start_server(handle, "127.0.0.1", 0)
    async with server:
        yield f"tcp://127.0.0.1:{server.sockets[0].getsockname()[1]}"


async def test_a_sentence_is_posted_and_its_samples_are_counted() -> None:
    asked: list[object] = []

    async def handler(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode()
        assert head.startswith("POST /synthesize ")
        length = int(head.partition("Content-Length: ")[2].split()[0])
        asked.append(json.loads(await reader.readexactly(length)))
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Type: audio/wav\r\n\r\n" + bytes(44 + 2 * 1_000))

    async with serving(handler) as url:
        assert [count async for count in piper_http(url)("One.")] == [1_000]
    assert asked == [{"text": "One."}]


async def test_an_answer_that_is_no_sound_is_an_error() -> None:
    async def handler(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 500 Internal Server Error\r\n\r\noh no")

    async with serving(handler) as url:
        with pytest.raises(ValueError, match="500"):
            [count async for count in piper_http(url)("One.")]


async def test_wyoming_chunks_are_counted_as_they_come() -> None:
    def event(kind: str, data: dict[str, int], payload: bytes = b"") -> bytes:
        more = json.dumps(data).encode()
        header = {"type": kind, "data_length": len(more), "payload_length": len(payload)}
        return json.dumps(header).encode() + b"\n" + more + payload

    async def handler(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        asked = json.loads(await reader.readline())
        assert (asked["type"], asked["data"]) == ("synthesize", {"text": "One."})
        writer.write(event("audio-start", {"rate": 22_050}))
        writer.write(event("audio-chunk", {"rate": 22_050}, bytes(2 * 1_024)))
        writer.write(event("audio-chunk", {"rate": 22_050}, bytes(2 * 7)))
        writer.write(b'{"type": "audio-stop"}\n')

    async with serving(handler) as url:
        assert [count async for count in wyoming(url)("One.")] == [1_024, 7]


async def test_a_peer_that_hangs_up_is_an_error() -> None:
    async def handler(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readline()

    async with serving(handler) as url:
        with pytest.raises(EOFError, match="middle of a sentence"):
            [count async for count in wyoming(url)("One.")]

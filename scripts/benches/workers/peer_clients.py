"""The smallest clients that can hear the peers' servers."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from urllib.parse import urlsplit

from benches.workers.listeners import Fetch

__all__ = ["FETCHERS", "piper_http", "wyoming"]

_WAV_HEADER = 44
_SAMPLE = 2
_BIG = 1 << 20


@asynccontextmanager
async def _connection(
    url: str,
) -> AsyncIterator[tuple[asyncio.StreamReader, asyncio.StreamWriter]]:
    parts = urlsplit(url)
    reader, writer = await asyncio.open_connection(parts.hostname, parts.port, limit=_BIG)
    try:
        yield reader, writer
    finally:
        writer.close()


def piper_http(url: str) -> Fetch:
    """`piper.http_server`: a sentence is posted, a whole WAV comes back."""

    async def fetch(sentence: str) -> AsyncIterator[int]:
        body = json.dumps({"text": sentence}).encode()
        async with _connection(url) as (reader, writer):
            writer.write(
                b"POST /synthesize HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n"
                b"Content-Type: application/json\r\n"
                + f"Content-Length: {len(body)}\r\n\r\n".encode()
                + body
            )
            status = await reader.readline()
            if status.split()[1:2] != [b"200"]:
                raise ValueError(f"it answered {status.decode(errors='replace').strip()}")
            while (await reader.readline()).strip():
                pass
            sound = await reader.read(-1)
        yield (len(sound) - _WAV_HEADER) // _SAMPLE

    return fetch


def wyoming(url: str) -> Fetch:
    """`wyoming-piper`: events as a line of JSON, further JSON, then bytes."""

    async def fetch(sentence: str) -> AsyncIterator[int]:
        async with _connection(url) as (reader, writer):
            event = {"type": "synthesize", "data": {"text": sentence}}
            writer.write(json.dumps(event).encode() + b"\n")
            while True:
                line = await reader.readline()
                if not line:
                    raise EOFError("it closed the connection in the middle of a sentence")
                header = json.loads(line)
                await reader.readexactly(header.get("data_length") or 0)
                payload = await reader.readexactly(header.get("payload_length") or 0)
                if header["type"] == "audio-chunk":
                    yield len(payload) // _SAMPLE
                elif header["type"] == "audio-stop":
                    return
                elif header["type"] == "error":
                    raise ValueError("it answered with an error")

    return fetch


FETCHERS: dict[str, Callable[[str], Fetch]] = {"piper-http": piper_http, "wyoming": wyoming}

"""A server for load tests that speaks without a voice, and somebody in the middle who meddles."""

import asyncio
import ssl
import time
from collections.abc import AsyncIterator, Callable, Iterable
from contextlib import asynccontextmanager, suppress
from pathlib import Path

from websockets.asyncio.client import connect
from websockets.asyncio.server import ServerConnection, serve
from websockets.exceptions import ConnectionClosed
from websockets.frames import CloseCode
from websockets.typing import Subprotocol

from lipwire_protocol import MSGPACK, ServerMessage
from lipwire_server.load.crowd import Plan, run
from lipwire_server.load.roles import Role
from lipwire_server.load.tally import Tally
from tests.server.test_serving import serving

__all__ = ["LINE", "Meddler", "Unhurried", "healthy", "measure", "meddled", "raw"]

LINE = "This is a line that is so long that there is time to lose a connection in its middle."
"""At 50 ms a character it takes more than four seconds."""

Meddler = Callable[[ServerMessage], Iterable[ServerMessage]]
"""Is given what the server sends, and says what comes out instead."""

_PROTOCOL = Subprotocol(MSGPACK.subprotocol)
_MOST_S = 0.1


class Unhurried:
    """The clock of a load test that a busy machine takes nothing away from: while the process
    stands still, so does its time. A load test looks at it twenty times a second."""

    def __init__(self) -> None:
        self._seen = time.perf_counter()
        self._now = 0.0

    def __call__(self) -> float:
        seen = time.perf_counter()
        self._now += min(_MOST_S, seen - self._seen)
        self._seen = seen
        return self._now


@asynccontextmanager
async def healthy(folder: Path, **synthesis: float) -> AsyncIterator[str]:
    """A server whose first windows are long, so that a busy machine makes no gaps."""
    pace = {"per_character": 400, "window": 8_000, **synthesis}
    async with serving(folder, **pace) as (_, _, url, _):
        yield url


@asynccontextmanager
async def meddled(
    upstream: str, make: Callable[[], Meddler], tls: ssl.SSLContext | None = None
) -> AsyncIterator[str]:
    """The same server, of which each connection goes through a meddler of its own."""

    async def handle(client: ServerConnection) -> None:
        with suppress(ConnectionClosed):
            async with connect(upstream, subprotocols=[_PROTOCOL], max_size=None) as server:
                meddle = make()

                async def up() -> None:
                    with suppress(ConnectionClosed):
                        async for data in client:
                            await server.send(data)
                    if client.close_code != CloseCode.NORMAL_CLOSURE:
                        # What is lost on this side is lost on the other, too.
                        server.transport.abort()
                    await server.close()

                forwarding = asyncio.create_task(up())
                try:
                    async for data in server:
                        assert isinstance(data, bytes)
                        for message in meddle(MSGPACK.decode_server(data)):
                            await client.send(MSGPACK.encode(message))
                finally:
                    forwarding.cancel()

    async with serve(
        handle, "127.0.0.1", 0, subprotocols=[_PROTOCOL], max_size=None, ssl=tls
    ) as proxy:
        port = next(iter(proxy.sockets)).getsockname()[1]
        yield f"{'ws' if tls is None else 'wss'}://127.0.0.1:{port}/v1/stream"


@asynccontextmanager
async def raw(answer: bytes | None) -> AsyncIterator[str]:
    """Says that to whoever comes, or nothing, and then closes."""
    gone = asyncio.Event()

    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            await reader.readuntil(b"\r\n\r\n")
            if answer is None:
                await reader.read()
            else:
                writer.write(answer)
        finally:
            writer.close()
            with suppress(OSError):
                await writer.wait_closed()
            gone.set()

    async with await asyncio.start_server(handle, "127.0.0.1", 0) as server, asyncio.timeout(60):
        yield f"ws://127.0.0.1:{server.sockets[0].getsockname()[1]}/v1/stream"
        await gone.wait()


async def measure(url: str, *roles: Role, seconds: float = 1.5) -> Tally:
    """What two of each of these find out about it."""
    plan = Plan(
        url=url,
        sockets=2 * len(roles),
        ramp_s=0.1,
        duration_s=seconds,
        mix=dict.fromkeys(roles, 1),
        lines=[LINE],
    )
    return (await run(plan, now=Unhurried())).tally

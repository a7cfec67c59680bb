"""The way between a page and its server: bytes that arrive late, or not for a while."""

import asyncio
import contextlib
import random
import re
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

__all__ = ["CLEAN", "Network", "network"]

_READ = 16_384
_ORIGIN = re.compile(rb"^origin:.*\r\n", re.IGNORECASE | re.MULTILINE)
_WAITING = 256
"""Reads on their way at once; who sends more waits."""
_SPEECH_BYTES = 8_192
"""Of one connection: what is sent beyond that is speech."""


@dataclass(frozen=True, slots=True)
class Network:
    jitter_ms: float = 0.0
    """Each read arrives up to that much later, never before the one in front of it."""
    hold_after_s: float = 0.0
    hold_ms: float = 0.0
    """So long after the first speech nothing arrives, for so long."""


CLEAN = Network()


@contextmanager
def network(url: str, way: Network, seed: int = 0) -> Iterator[str]:
    """The address at which a server is reached that way; `url` begins with `ws://`."""
    host, _, rest = url.removeprefix("ws://").partition("/")
    name, _, port = host.partition(":")
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever)
    thread.start()

    async def listen() -> asyncio.Server:
        way_of = _Way(name, int(port), way, random.Random(seed))
        return await asyncio.start_server(way_of.join, "127.0.0.1", 0)

    server = asyncio.run_coroutine_threadsafe(listen(), loop).result()
    try:
        yield f"ws://127.0.0.1:{server.sockets[0].getsockname()[1]}/{rest}"
    finally:
        asyncio.run_coroutine_threadsafe(_end(server), loop).result()
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()


async def _end(server: asyncio.Server) -> None:
    server.close()
    tasks = asyncio.all_tasks() - {asyncio.current_task()}
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)


class _Way:
    def __init__(self, host: str, port: int, way: Network, chance: random.Random) -> None:
        self._host, self._port, self._way, self._chance = host, port, way, chance

    async def join(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        from_server, to_server = await asyncio.open_connection(self._host, self._port)
        late: asyncio.Queue[tuple[float, bytes]] = asyncio.Queue(_WAITING)
        try:
            async with asyncio.TaskGroup() as group:
                group.create_task(_ask(reader, to_server))
                group.create_task(self._take(from_server, late))
                group.create_task(_deliver(late, writer))
        except* (OSError, asyncio.IncompleteReadError):
            pass  # One of the two has hung up.
        finally:
            for one in (writer, to_server):
                with contextlib.suppress(OSError):
                    one.close()

    async def _take(
        self, reader: asyncio.StreamReader, late: asyncio.Queue[tuple[float, bytes]]
    ) -> None:
        read, spoken_at = 0, 0.0
        while data := await reader.read(_READ):
            now = time.monotonic()
            read += len(data)
            if not spoken_at and read > _SPEECH_BYTES:
                spoken_at = now
            due = now + self._chance.uniform(0, self._way.jitter_ms) / 1000
            await late.put((max(due, self._released(now, spoken_at)), data))
        await late.put((0.0, b""))

    def _released(self, now: float, spoken_at: float) -> float:
        """When what arrives now is let through."""
        begin = spoken_at + self._way.hold_after_s
        end = begin + self._way.hold_ms / 1000
        return end if spoken_at and begin <= now < end else now


async def _deliver(late: asyncio.Queue[tuple[float, bytes]], writer: asyncio.StreamWriter) -> None:
    while True:
        due, data = await late.get()
        if not data:
            break
        await asyncio.sleep(due - time.monotonic())
        writer.write(data)
        await writer.drain()
    writer.close()


async def _ask(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    head = await reader.readuntil(b"\r\n\r\n")
    # The page is another site's than the server's, which asks no program where it comes from.
    writer.write(_ORIGIN.sub(b"", head))
    while data := await reader.read(_READ):
        writer.write(data)
        await writer.drain()
    writer.close()

"""A line between client and server that is as bad as one likes: a proxy on this machine.

Bytes of each direction come late by a delay that changes all the time, in their order, as TCP has
them; and the whole connection may be reset in the middle of whatever it carries.
"""

import asyncio
import random
import socket
import struct
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field

__all__ = ["Line", "bad_line"]

_PIECE = 4_096
_RESET = struct.pack("ii", 1, 0)


@dataclass(slots=True)
class Line:
    """How bad it is; what is changed holds from then on."""

    port: int
    delay_s: tuple[float, float]
    chance: random.Random
    connections: list[asyncio.StreamWriter] = field(default_factory=list)

    @property
    def stream(self) -> str:
        return f"ws://127.0.0.1:{self.port}/v1/stream"

    def reset(self) -> None:
        """Every connection ends with an RST, wherever it is."""
        for writer in self.connections:
            raw: socket.socket = writer.get_extra_info("socket")
            with suppress(OSError):
                raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET)
            writer.transport.abort()
        self.connections.clear()

    async def carry(self, source: asyncio.StreamReader, target: asyncio.StreamWriter) -> None:
        """What comes first arrives first, however long that took."""
        due = 0.0
        loop = asyncio.get_running_loop()
        waiting: asyncio.Queue[tuple[float, bytes]] = asyncio.Queue(256)

        async def deliver() -> None:
            while True:
                moment, data = await waiting.get()
                await asyncio.sleep(moment - loop.time())
                target.write(data)
                if not data:
                    target.close()
                    return
                await target.drain()

        with suppress(ConnectionError):
            async with asyncio.TaskGroup() as group:
                delivering = group.create_task(_quietly(deliver()))
                while data := await source.read(_PIECE):
                    due = max(due, loop.time() + self.chance.uniform(*self.delay_s))
                    await waiting.put((due, data))
                await waiting.put((due, b""))
                await delivering


async def _quietly(work: object) -> None:
    assert asyncio.iscoroutine(work)
    with suppress(ConnectionError):
        await work


@asynccontextmanager
async def bad_line(to_port: int, delay_s: tuple[float, float], seed: int) -> AsyncIterator[Line]:
    """A line to that port on this machine."""
    line = Line(0, delay_s, random.Random(seed))

    async def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        far_reader, far_writer = await asyncio.open_connection("127.0.0.1", to_port)
        line.connections += [writer, far_writer]
        with suppress(ConnectionError):
            async with asyncio.TaskGroup() as group:
                group.create_task(line.carry(reader, far_writer))
                group.create_task(line.carry(far_reader, writer))

    server = await asyncio.start_server(connected, "127.0.0.1", 0)
    line.port = server.sockets[0].getsockname()[1]
    try:
        yield line
    finally:
        line.reset()
        server.close()
        await asyncio.sleep(0.1)

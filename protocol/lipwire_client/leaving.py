"""How a connection is left: the other side's answer comes behind everything that it had sent."""

import asyncio

import websockets
from websockets.asyncio.client import ClientConnection

__all__ = ["leave"]


async def leave(socket: ClientConnection, reading: asyncio.Lock, code: int) -> None:
    """Closes a connection, and reads for nobody what is still on its way.

    Else the answer would not be seen while much waits unread, and the connection would count as
    lost after ten seconds. Whoever reads holds `reading`; he is told that it is closed.
    """
    async with asyncio.TaskGroup() as group:
        group.create_task(socket.close(code))
        await _read_all(socket, reading)


async def _read_all(socket: ClientConnection, reading: asyncio.Lock) -> None:
    while True:
        async with reading:
            try:
                await socket.recv(decode=False)
            except websockets.ConnectionClosed:
                return

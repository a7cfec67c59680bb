"""Thousands of lean sockets in one process, and what each of them hears."""

import asyncio
import time
from collections import deque
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from functools import partial
from typing import Final

from websockets.uri import parse_uri

from lipwire_protocol import (
    Chunk,
    ClientMessage,
    Error,
    Ready,
    ServerMessage,
    Speak,
    UtteranceEnded,
)
from lipwire_server.load.ear import Ear
from lipwire_server.load.socket import LoadSocket
from lipwire_server.load.tally import Tally

__all__ = ["AT_ONCE", "PATIENCE_S", "Crowd", "Desk", "Listener", "crowd"]

AT_ONCE: Final = 50
"""Sockets that are being opened at a time."""
PATIENCE_S: Final = 60.0
_READ_AT_ONCE: Final = 8
"""Messages, about: then the clock is looked at for what has come meanwhile."""


class Desk:
    """Notes when data came before any of it is read: reading what a thousand sockets got at once
    takes longer than it took to come."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self.clock = clock
        self.now = 0.0
        """When what is being read came."""
        self._waiting: deque[tuple[float, Callable[[], None]]] = deque()
        self._called = False
        self._loop = asyncio.get_running_loop()

    def put(self, read: Callable[[], None]) -> None:
        self._waiting.append((self.clock(), read))
        if not self._called:
            self._called = True
            self._loop.call_soon(self._work)

    def _work(self) -> None:
        try:
            for _ in range(min(_READ_AT_ONCE, len(self._waiting))):
                self.now, read = self._waiting.popleft()
                read()
        finally:
            self._called = bool(self._waiting)
            if self._called:
                self._loop.call_soon(self._work)


class PunctualSocket(LoadSocket):
    """Hands what comes to a desk."""

    def __init__(self, url: str, heard: Callable[[ServerMessage], None], desk: Desk) -> None:
        super().__init__(url, heard)
        self._desk = desk

    def data_received(self, data: bytes) -> None:
        self._desk.put(partial(super().data_received, data))

    def eof_received(self) -> None:
        self._desk.put(super().eof_received)

    def connection_lost(self, exc: Exception | None) -> None:
        self._desk.put(partial(super().connection_lost, exc))


class Listener:
    """One socket, the ear that hears it, and when each chunk of what it heard came."""

    def __init__(self, tally: Tally, desk: Desk) -> None:
        self.ready: asyncio.Future[Ready] = asyncio.get_running_loop().create_future()
        self.begun = asyncio.Event()
        """Its first sound has come, or never will."""
        self.ended = asyncio.Event()
        self.refused: Error | None = None
        self.arrivals: dict[int, float] = {}
        """By the first sample of the chunk."""
        self.socket: LoadSocket
        self._ear = Ear(tally)
        self._desk = desk

    async def open(self, url: str, first: ClientMessage) -> Ready:
        """Raises OSError or TimeoutError."""
        uri = parse_uri(url)
        async with asyncio.timeout(PATIENCE_S):
            _, self.socket = await asyncio.get_running_loop().create_connection(
                lambda: PunctualSocket(url, self._hear, self._desk), uri.host, uri.port
            )
            self.socket.closed.add_done_callback(self._lose)
            await self.socket.opened
            self.socket.send(first)
            return await self.ready

    def speak(self, text: str) -> None:
        self._ear.ask(self._desk.clock())
        self.socket.send(Speak(utterance=1, text=text, end=True))

    def _hear(self, message: ServerMessage) -> None:
        now = self._desk.now
        self._ear.hear(message, now)
        match message:
            case Chunk(start=start):
                self.arrivals[start] = now
                self.begun.set()
            case Ready() if not self.ready.done():
                self.ready.set_result(message)
            case Error():
                self.refused = message
                self._give_up(message.message)
            case UtteranceEnded():
                self.begun.set()
                self.ended.set()

    def _lose(self, closed: asyncio.Future[int]) -> None:
        self._give_up(f"closed with {closed.result()}")

    def _give_up(self, reason: str) -> None:
        self.begun.set()
        self.ended.set()
        if not self.ready.done():
            self.ready.set_exception(ConnectionError(reason))


class Crowd:
    """Opens sockets, and closes them again when it is left."""

    def __init__(self, url: str) -> None:
        self.tally = Tally()
        self.there: list[Listener] = []
        self._url = url
        self._gate = asyncio.Semaphore(AT_ONCE)
        # That of uvloop stands still while it has something to do.
        self._desk = Desk(time.perf_counter)

    async def bring(self, count: int, first: ClientMessage) -> list[Listener]:
        """So many more. Raises OSError or TimeoutError where the server does not take them all."""
        come = [Listener(self.tally, self._desk) for _ in range(count)]

        async def one(listener: Listener) -> None:
            async with self._gate:
                await listener.open(self._url, first)
                self.there.append(listener)

        await asyncio.gather(*(one(listener) for listener in come))
        return come

    @property
    def lost(self) -> int:
        """Those whose socket was closed by the server."""
        return sum(listener.socket.closed.done() for listener in self.there)

    async def leave(self) -> None:
        """What they have not heard is not spoken any more."""
        for listener in self.there:
            if not listener.socket.closed.done():
                listener.socket.close()
        closing = [listener.socket.closed for listener in self.there]
        if closing:
            await asyncio.wait(closing, timeout=PATIENCE_S)


@asynccontextmanager
async def crowd(url: str) -> AsyncIterator[Crowd]:
    gathered = Crowd(url)
    try:
        yield gathered
    finally:
        await gathered.leave()

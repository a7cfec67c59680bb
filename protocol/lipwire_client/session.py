"""A session with a Lipwire server, for asyncio."""

import asyncio
from collections.abc import AsyncIterable, AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Self

import websockets
from websockets.asyncio.client import ClientConnection

from lipwire_protocol import (
    MSGPACK,
    Chunk,
    ClientMessage,
    CloseCode,
    Error,
    ErrorCode,
    Flow,
    FlowMode,
    Hello,
    Interrupted,
    LipwireError,
    Ready,
    Segment,
    ServerMessage,
    Speak,
    UtteranceEnded,
    Warning,
)

from .codec import pack, unpack
from .order import OrderChecker

__all__ = ["Session", "Spoken", "connect"]


@dataclass(slots=True)
class Spoken:
    """Everything that arrived of one utterance."""

    segments: list[Segment] = field(default_factory=list)
    chunks: list[Chunk] = field(default_factory=list)
    warnings: list[Warning | Error] = field(default_factory=list)
    interrupted: Interrupted | None = None
    ended: UtteranceEnded | None = None

    @property
    def audio(self) -> bytes:
        """The audio of all chunks, in a row."""
        return b"".join(c.audio for c in self.chunks if isinstance(c.audio, bytes))

    def add(self, message: ServerMessage) -> Self:
        match message:
            case Segment():
                self.segments.append(message)
            case Chunk():
                self.chunks.append(message)
            case Warning() | Error():
                self.warnings.append(message)
            case Interrupted():
                self.interrupted = message
            case UtteranceEnded():
                self.ended = message
        return self


class Session:
    """Sends typed messages and gives those of the server, checked for their order.

    `async for message in session` gives every message; `say` collects one utterance. Use one of
    the two at a time.
    """

    def __init__(self, socket: ClientConnection) -> None:
        self._socket = socket
        self._order = OrderChecker()
        self._numbers = 0
        self.ready: Ready

    async def start(self, hello: Hello) -> None:
        """Raises LipwireError with the server's code when it refuses."""
        await self.send(hello)
        message = await self.receive()
        if isinstance(message, Error):
            raise _as_exception(message)
        if not isinstance(message, Ready):
            raise LipwireError(ErrorCode.BAD_STATE, f"{type(message).__name__} instead of ready")
        self.ready = message

    async def send(self, message: ClientMessage) -> None:
        await self._socket.send(pack(message))

    async def receive(self) -> ServerMessage:
        """The next message.

        Raises LipwireError `bad_state` for one out of order, `going_away` when the socket is
        closed.
        """
        try:
            data = await self._socket.recv(decode=False)
        except websockets.ConnectionClosed as closed:
            code = closed.rcvd.code if closed.rcvd else CloseCode.GOING_AWAY
            raise LipwireError(ErrorCode.GOING_AWAY, f"the socket was closed: {code}") from closed
        message = unpack(data)
        self._order.check(message)
        return message

    async def __aiter__(self) -> AsyncIterator[ServerMessage]:
        """Every message until the socket is closed."""
        while True:
            try:
                yield await self.receive()
            except LipwireError as error:
                if error.code is ErrorCode.GOING_AWAY:
                    return
                raise

    async def say(
        self,
        text: str | AsyncIterable[str],
        *,
        on_message: Callable[[ServerMessage], None] = lambda message: None,
    ) -> Spoken:
        """Speaks a text, whole or as it comes, and returns when its last sample has arrived.

        Raises LipwireError with the server's code when it refuses some of the text.
        """
        number = self._numbers = self._numbers + 1
        spoken = Spoken()
        try:
            async with asyncio.TaskGroup() as group:
                writer = group.create_task(self._write(number, text))
                while spoken.ended is None:
                    message = await self.receive()
                    on_message(message)
                    if isinstance(message, Error) and (message.fatal or _refuses(message, number)):
                        raise _as_exception(message)
                    if getattr(message, "utterance", None) == number:
                        spoken.add(message)
                writer.cancel()
        except ExceptionGroup as group_error:
            if len(group_error.exceptions) > 1:
                raise
            raise group_error.exceptions[0] from None
        return spoken

    async def _write(self, number: int, text: str | AsyncIterable[str]) -> None:
        if isinstance(text, str):
            await self.send(Speak(utterance=number, text=text, end=True))
            return
        async for piece in text:
            await self.send(Speak(utterance=number, text=piece))
        await self.send(Speak(utterance=number, end=True))


@asynccontextmanager
async def connect(url: str, hello: Hello | None = None) -> AsyncIterator[Session]:
    """A session at `url`, for example `ws://127.0.0.1:8000/v1/stream`.

    Without `hello`, the default voice speaks as fast as it can (flow `off`).

    Raises LipwireError with the server's code when it refuses, OSError when there is nobody.
    """
    hello = hello or Hello(flow=Flow(mode=FlowMode.OFF))
    async with websockets.connect(
        url,
        subprotocols=[websockets.Subprotocol(MSGPACK.subprotocol)],
        compression=None,
        max_size=None,
    ) as socket:
        session = Session(socket)
        await session.start(hello)
        yield session


def _refuses(error: Error, utterance: int) -> bool:
    """Whether the server did not take the text of an utterance: what it did not take never ends."""
    refusals = (ErrorCode.TEXT_LIMIT, ErrorCode.UTTERANCE_LIMIT, ErrorCode.BAD_STATE)
    return error.utterance == utterance and error.code in refusals


def _as_exception(message: Error) -> LipwireError:
    return LipwireError(message.code, message.message, retry_after_ms=message.retry_after_ms)

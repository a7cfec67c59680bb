"""A session with a Lipwire server, for asyncio."""

import asyncio
from collections import deque
from collections.abc import AsyncIterable, AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from typing import Self

import websockets
from websockets.asyncio.client import ClientConnection

from lipwire_protocol import (
    MSGPACK,
    Chunk,
    ClientMessage,
    CloseCode,
    Configure,
    Configured,
    Continue,
    Error,
    ErrorCode,
    Flow,
    FlowMode,
    Hello,
    Interrupt,
    Interrupted,
    Limits,
    LipwireError,
    Pause,
    Pose,
    Posed,
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


_PIECE = 5_000
"""Code points of a message, well below every limit."""
_POLL_S = 0.05


@dataclass(slots=True)
class Spoken:
    """Everything that arrived of one utterance."""

    segments: list[Segment] = field(default_factory=list)
    chunks: list[Chunk] = field(default_factory=list)
    warnings: list[Warning | Error] = field(default_factory=list)
    interrupted: Interrupted | None = None
    ended: UtteranceEnded | None = None

    @property
    def reached(self) -> int:
        """Offset after the last code point whose timing is known."""
        return self.segments[-1].span[1] if self.segments else 0

    @property
    def audio(self) -> bytes:
        """The audio of all chunks, in a row; of Opus there is none, see `packets`."""
        return b"".join(c.audio for c in self.chunks if isinstance(c.audio, bytes))

    @property
    def packets(self) -> list[list[bytes]]:
        """The Opus packets of each segment, which are for a decoder that starts afresh with it.

        Of what it gives, throw the first `ready.audio.delay` samples away, and what is more than
        the segment's `count`.
        """
        packets: dict[int, list[bytes]] = {}
        for chunk in self.chunks:
            if not isinstance(chunk.audio, bytes):
                packets.setdefault(chunk.segment, []).extend(chunk.audio)
        return list(packets.values())

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
    the two at a time. `configure`, `pose`, `pause` and `resume` may be called beside them, from
    another task, or in between.
    """

    def __init__(self, socket: ClientConnection) -> None:
        self._socket = socket
        self._order = OrderChecker()
        self._numbers = 0
        self._room = Limits().waiting_text // 2
        """Code points that may wait: half of what the server takes, to be on the safe side."""
        self._reading = asyncio.Lock()
        self._early: deque[ServerMessage] = deque()
        """What arrived while `configure` or `pose` waited for its answer. A server that does not
        answer fills it no further than its flow allows."""
        self._asking: deque[asyncio.Future[Configured | Posed]] = deque()
        """Answers come in the order of the questions."""
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
        self._room = message.limits.waiting_text // 2

    async def send(self, message: ClientMessage) -> None:
        await self._socket.send(pack(message))

    async def receive(self) -> ServerMessage:
        """The next message.

        Raises LipwireError `bad_state` for one out of order, `going_away` when the socket is
        closed.
        """
        async with self._reading:
            return self._early.popleft() if self._early else await self._read()

    async def _read(self) -> ServerMessage:
        try:
            data = await self._socket.recv(decode=False)
        except websockets.ConnectionClosed as closed:
            code = closed.rcvd.code if closed.rcvd else CloseCode.GOING_AWAY
            raise LipwireError(ErrorCode.GOING_AWAY, f"the socket was closed: {code}") from closed
        message = unpack(data)
        self._order.check(message)
        self._answer(message)
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

    async def configure(self, changes: Configure) -> Configured:
        """Changes settings from the next segment on; returns what holds then.

        Raises LipwireError with the server's code when it refuses: then nothing has changed.
        """
        configured = await self._ask(changes)
        assert isinstance(configured, Configured)
        return configured

    async def pose(self, changes: Pose) -> Posed:
        """Changes how the face looks; returns its state then.

        Raises LipwireError with the server's code when it refuses: then nothing has changed.
        """
        posed = await self._ask(changes)
        assert isinstance(posed, Posed)
        return posed

    async def _ask(self, changes: Configure | Pose) -> Configured | Posed:
        answer: asyncio.Future[Configured | Posed] = asyncio.get_running_loop().create_future()
        self._asking.append(answer)
        try:
            await self.send(changes)
            while not answer.done():
                # Somebody else may be reading, too: then the two take turns.
                async with self._reading:
                    if not answer.done():
                        self._early.append(await self._read())
        finally:
            answer.cancel()
        return answer.result()

    async def pause(self, utterance: int | None = None) -> None:
        """Holds what is sent, of one utterance or of all. What has arrived, the caller has."""
        await self.send(Pause(utterance=utterance))

    async def resume(self, utterance: int | None = None) -> None:
        """Goes on after `pause`: the protocol's `continue`, which is no name in Python.

        It is called what players call it. Taking a *session* up again is not done with this.
        """
        await self.send(Continue(utterance=utterance))

    def _answer(self, message: ServerMessage) -> None:
        """An error that names no utterance is the answer to `configure` or `pose`: nothing else
        that is sent here gets one."""
        if not self._asking:
            return
        if isinstance(message, Configured | Posed):
            _settle(self._asking.popleft(), message)
        elif isinstance(message, Error) and message.utterance is None:
            _settle(self._asking.popleft(), _as_exception(message))

    async def say(
        self,
        text: str | AsyncIterable[str],
        *,
        on_message: Callable[[ServerMessage], None] = lambda message: None,
    ) -> Spoken:
        """Speaks a text, whole or as it comes, and returns when its last sample has arrived.

        Raises LipwireError with the server's code when it refuses some of the text. With
        `overloaded`, `retry_after_ms` says when to say it again: nothing of it was spoken.
        """
        number = self._numbers = self._numbers + 1
        spoken = Spoken()
        try:
            async with asyncio.TaskGroup() as group:
                writer = group.create_task(self._write(number, text, spoken))
                while spoken.ended is None:
                    message = await self.receive()
                    on_message(message)
                    if isinstance(message, Error) and _ends(message, number, spoken):
                        raise _as_exception(message)
                    if getattr(message, "utterance", None) == number:
                        spoken.add(message)
                writer.cancel()
        except ExceptionGroup as group_error:
            await self._give_up(number)
            if len(group_error.exceptions) > 1:
                raise
            raise group_error.exceptions[0] from None
        return spoken

    async def _give_up(self, number: int) -> None:
        # An utterance that stays open would keep every later one waiting.
        with suppress(websockets.ConnectionClosed):
            await self.send(Interrupt(utterance=number))

    async def _write(self, number: int, text: str | AsyncIterable[str], spoken: Spoken) -> None:
        sent = 0
        async for piece, is_last in _pieces(text):
            await self._until_room(sent, spoken)
            await self.send(Speak(utterance=number, text=piece, end=is_last))
            sent += len(piece)

    async def _until_room(self, sent: int, spoken: Spoken) -> None:
        """Waits while too much of the text is unspoken.

        Text that gives no sound gives no message either: after a while without one it goes on.
        """
        quiet_s = 0.0
        while sent - spoken.reached > self._room and quiet_s < 1.0:
            reached = spoken.reached
            await asyncio.sleep(_POLL_S)
            quiet_s = quiet_s + _POLL_S if spoken.reached == reached else 0.0


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


async def _pieces(text: str | AsyncIterable[str]) -> AsyncIterator[tuple[str, bool]]:
    """Pieces that a message can hold, and whether nothing follows.

    That a text is complete is said with its last piece: then it is not cut at a comma.
    """
    if isinstance(text, str):
        for begin in range(0, max(1, len(text)), _PIECE):
            yield text[begin : begin + _PIECE], begin + _PIECE >= len(text)
        return
    async for part in text:
        for begin in range(0, len(part), _PIECE):
            yield part[begin : begin + _PIECE], False
    yield "", True


def _ends(error: Error, utterance: int, spoken: Spoken) -> bool:
    """Whether there is no use in waiting for more of an utterance."""
    if error.fatal:
        return True
    if error.code is ErrorCode.OVERLOADED:
        # A text without its first sentence is worth nothing, one without its last a warning.
        return error.utterance == utterance and not spoken.segments
    # What the server did not take never ends.
    refusals = (ErrorCode.TEXT_LIMIT, ErrorCode.UTTERANCE_LIMIT, ErrorCode.BAD_STATE)
    return error.utterance == utterance and error.code in refusals


def _settle(
    answer: asyncio.Future[Configured | Posed], result: Configured | Posed | LipwireError
) -> None:
    if answer.done():
        return  # Whoever asked does not wait any more.
    if isinstance(result, LipwireError):
        answer.set_exception(result)
    else:
        answer.set_result(result)


def _as_exception(message: Error) -> LipwireError:
    return LipwireError(message.code, message.message, retry_after_ms=message.retry_after_ms)

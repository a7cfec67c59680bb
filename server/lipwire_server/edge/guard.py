"""uvicorn's protocols, with a bound on what one peer can cost everybody else.

uvicorn parses whatever one read of the socket brings, up to 256 KiB, in one go: a peer that sends
nothing but empty fragments holds up the whole process for seconds. It also waits for ever for the
end of a request. Both are bounded here, on uvicorn's own classes, whose names in use are checked
by `tests/server/edge`.
"""

import asyncio
import logging
import struct
from collections.abc import Sequence
from typing import Any, Final, cast

from uvicorn.protocols.http.h11_impl import H11Protocol, RequestResponseCycle
from uvicorn.protocols.utils import ClientDisconnected
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol
from websockets.frames import Frame, Opcode
from websockets.http11 import Request
from websockets.protocol import State

from lipwire_protocol import CloseCode

from ..access.bucket import Bucket
from ..bell import Bell
from ..ws.posting import POST

__all__ = ["GuardedHttp", "GuardedWebSocket"]

_log = logging.getLogger(__name__)

_SLICE: Final = 1_024
"""Bytes that are parsed before anybody else has a turn: at most 170 frames."""
_FRAMES_PER_S: Final = 500.0
_FRAMES_AT_ONCE: Final = 4_000.0
"""A text that came letter by letter may be sent at once."""
_FRAGMENTS: Final = 1_024
"""Of one message; it has 64 KiB at most."""
_UNPARSED: Final = 1 << 20
_HEAD_S: Final = 10.0
"""For the whole head of a request."""
_BODY_S: Final = 30.0
"""Between two pieces of its body."""
_TRY_AGAIN_LATER: Final = 1_013
_POLICY: Final = 1_008
_NO_TEXT: Final = 1_007
_BINARY: Final = 0x82
"""First byte of a binary message in one frame."""
_LARGE: Final = 1_024
"""Bytes that are rather not copied behind the head of their frame."""


class Inbox:
    """What the application has not taken: asyncio's queue for one reader, without its 2 KiB."""

    __slots__ = ("_came", "_events")

    def __init__(self) -> None:
        self._events: list[Any] = []
        self._came = Bell()

    def put_nowait(self, event: Any) -> None:
        self._events.append(event)
        self._came.set()

    def empty(self) -> bool:
        return not self._events

    async def get(self) -> Any:
        while not self._events:
            self._came.clear()
            await self._came.wait()
        return self._events.pop(0)


class GuardedWebSocket(WebSocketsSansIOProtocol):
    """Parses a slice at a time, none while the application has a message to take, and of a peer
    that sends frames without end no more than 500 a second: it is read from later.

    A socket that does nothing is kept small, and a binary message goes out as it is: at once and
    without a task, where nothing has to wait (`post`, an extension of ASGI).
    """

    def __init__(self, *arguments: Any, **named: Any) -> None:
        super().__init__(*arguments, **named)
        self.queue = cast("asyncio.Queue[Any]", Inbox())
        self.writable = cast(asyncio.Event, Bell())
        self.writable.set()
        self._unparsed = bytearray()
        self._bucket = Bucket(_FRAMES_PER_S, _FRAMES_AT_ONCE, self.loop.time())
        self._next: asyncio.Handle | None = None
        self._fragments = 0

    def handle_connect(self, event: Request) -> None:
        super().handle_connect(event)
        if not self.handshake_complete:
            extensions = cast("dict[str, Any]", self.scope["extensions"])
            extensions[POST] = self.post

    def data_received(self, data: bytes) -> None:
        if not self.handshake_initiated:
            super().data_received(data)
            return
        self._unparsed += data
        if len(self._unparsed) > _UNPARSED:
            self._refuse(_TRY_AGAIN_LATER, "more was sent than can be read")
        elif self._next is None:
            self._parse()

    async def receive(self) -> Any:
        message = await self.queue.get()
        # A close makes uvicorn read again by itself, past what waits here: the peer's answer to it.
        if self.queue.empty() and (self.read_paused or self._unparsed):
            self.read_paused = False
            self._later(0)
        return message

    async def send(self, message: Any) -> None:
        data = message.get("bytes") if message["type"] == "websocket.send" else None
        if data is not None and not self.writable.is_set():
            await self.writable.wait()
        if self.close_sent and message["type"] == "websocket.send":
            # He answered no ping, and what was for him has not left: he is gone, but uvicorn would
            # say that the application does not know what it does.
            raise ClientDisconnected
        if data is None or not self._is_open:
            await super().send(message)
            if message["type"] == "websocket.accept":
                self._forget_handshake()
        else:
            self._write(b"", data)

    def post(self, front: bytes, behind: bytes) -> bool:
        """See `Post`."""
        if not self._is_open or not self.writable.is_set():
            return False
        self._write(front, behind)
        return True

    def _write(self, front: bytes, behind: bytes) -> None:
        head = _head(len(front) + len(behind)) + front
        if len(behind) < _LARGE:
            self.transport.write(head + behind)
        else:
            self.transport.writelines((head, behind))

    @property
    def _is_open(self) -> bool:
        """Messages can be sent, and nothing but messages."""
        return (
            self.handshake_complete
            and not self.disconnected
            and not self.close_sent
            and self.initial_response is None
            and self.conn.state is State.OPEN
        )

    def _forget_handshake(self) -> None:
        """Its headers, which the parser would keep; the application has its own."""
        self.request.headers.clear()
        self.response.headers.clear()

    def shutdown(self) -> None:
        """uvicorn would say good-bye to one who has said it and does not read, and fail at that."""
        if not self.close_sent and self.conn.state in (State.CLOSING, State.CLOSED):
            self.stop_keepalive()
            self.transport.close()
        else:
            super().shutdown()

    def connection_lost(self, exc: Exception | None) -> None:
        self._stop()
        super().connection_lost(exc)
        # Whoever carries it has it by now; here it would be a ring, and that is found late. There
        # is no scope where the handshake was none.
        getattr(self, "scope", {}).get("extensions", {}).pop(POST, None)

    def send_receive_event_to_app(self) -> None:
        """uvicorn would log where it noticed that a text is none."""
        if self.curr_msg_data_type == "text" and not self.close_sent and not _is_text(self.frames):
            self.frames = []
            self._refuse(_NO_TEXT, "a text is not UTF-8")
        else:
            super().send_receive_event_to_app()

    def _parse(self) -> None:
        self._next = None
        while self._unparsed and not self.read_paused and not self.transport.is_closing():
            data = bytes(self._unparsed[:_SLICE])
            del self._unparsed[:_SLICE]
            self.conn.receive_data(data)
            frames = [event for event in self.conn.events if isinstance(event, Frame)]
            if self.conn.parser_exc is not None:
                self._stop()
                self.handle_parser_exception()
                return
            if self._is_torn(frames):
                self._refuse(_POLICY, "a message has too many fragments")
                return
            self.handle_events()
            wait = self._bucket.take(len(frames), self.loop.time())
            if wait or len(self._unparsed) > _SLICE:
                # Others have their turn first.
                self._later(wait)
                return
        self._go_on_reading()

    def _is_torn(self, frames: list[Frame]) -> bool:
        for frame in frames:
            if frame.opcode is Opcode.CONT:
                self._fragments += 1
            elif frame.opcode in (Opcode.TEXT, Opcode.BINARY):
                self._fragments = 0
        return self._fragments > _FRAGMENTS

    def _later(self, seconds: float) -> None:
        if self._next is None and not self.transport.is_closing():
            self.transport.pause_reading()
            self._next = self.loop.call_later(seconds, self._parse)

    def _go_on_reading(self) -> None:
        if not self.read_paused and not self.transport.is_closing():
            self.transport.resume_reading()

    def keepalive_timeout(self) -> None:
        """uvicorn says 1011, as of a bug of ours: who reads that when his network is back gives his
        session up, which waits for him."""
        self._hang_up(CloseCode.TIMEOUT, "no ping was answered")

    def _refuse(self, code: int, reason: str) -> None:
        if self._hang_up(code, reason):
            _log.warning("a client is shown the door: %s", reason)

    def _hang_up(self, code: int, reason: str) -> bool:
        """Whether that was left to be done."""
        self._stop()
        if self.close_sent or self.transport.is_closing():
            return False
        self.stop_keepalive()
        self.conn.fail(code, reason)
        self.transport.write(b"".join(self.conn.data_to_send()))
        self.close_sent = True
        self.queue.put_nowait({"type": "websocket.disconnect", "code": code, "reason": reason})
        self.transport.close()
        return True

    def _stop(self) -> None:
        self._unparsed.clear()
        if self._next is not None:
            # With a call in hand that never comes, nothing would be parsed again.
            self._next.cancel()
            self._next = None


def _is_text(pieces: Sequence[bytes]) -> bool:
    try:
        b"".join(pieces).decode()
    except UnicodeDecodeError:
        return False
    return True


def _head(size: int) -> bytes:
    """What stands before a binary message of that size."""
    if size < 126:
        return bytes((_BINARY, size))
    if size < 1 << 16:
        return struct.pack("!BBH", _BINARY, 126, size)
    return struct.pack("!BBQ", _BINARY, 127, size)


class GuardedHttp(H11Protocol):
    """Closes the connection of a peer that does not get on with its request."""

    _deadline: asyncio.TimerHandle | None = None

    def connection_made(self, transport: Any) -> None:
        super().connection_made(transport)
        self._expect(_HEAD_S)

    def data_received(self, data: bytes) -> None:
        super().data_received(data)
        if self.transport.get_protocol() is not self:
            return  # It is a WebSocket now.
        cycle = cast("RequestResponseCycle | None", self.cycle)
        if cycle is None or cycle.response_complete:
            # However small the pieces, a head has the same time as a whole.
            if self._deadline is None:
                self._expect(_HEAD_S)
        elif cycle.more_body:
            self._expect(_BODY_S)
        else:
            self._expect_nothing()

    def handle_websocket_upgrade(self, event: Any) -> None:
        self._expect_nothing()
        super().handle_websocket_upgrade(event)

    def on_response_complete(self) -> None:
        # How long the next request may take to begin is uvicorn's own affair.
        self._expect_nothing()
        super().on_response_complete()

    def connection_lost(self, exc: Exception | None) -> None:
        self._expect_nothing()
        super().connection_lost(exc)

    def _expect(self, seconds: float) -> None:
        self._expect_nothing()
        self._deadline = self.loop.call_later(seconds, self._give_up)

    def _expect_nothing(self) -> None:
        if self._deadline is not None:
            self._deadline.cancel()
            self._deadline = None

    def _give_up(self) -> None:
        if self.flow.read_paused:
            self._expect(_BODY_S)  # It is us who do not read.
        elif not self.transport.is_closing():
            self.transport.close()

"""One socket of a load test, as lean as can be: one process is to hold thousands of them.

The protocol is that of the library `websockets`, without its own tasks and queues: whatever comes
is decoded and handed on in the very callback in which it came.
"""

import asyncio
import functools
import ssl
from collections.abc import Callable
from typing import Final, cast

from websockets.client import ClientProtocol
from websockets.frames import Frame, Opcode
from websockets.http11 import Response
from websockets.protocol import State
from websockets.typing import Subprotocol
from websockets.uri import parse_uri

from lipwire_protocol import MSGPACK, ClientMessage, LipwireError, ServerMessage

__all__ = ["Closed", "LoadSocket", "open_socket"]

_OPEN_S: Final = 30.0
_NO_CODE: Final = 1006
"""The code of a connection that was lost without a word."""


class Closed(ConnectionError):
    """The socket is closed; `code` is the close code, 1006 where there was none."""

    def __init__(self, code: int) -> None:
        super().__init__(f"closed with {code}")
        self.code = code


class LoadSocket(asyncio.Protocol):
    """Takes messages for as long as somebody has said what to do with them."""

    def __init__(self, url: str, heard: Callable[[ServerMessage], None]) -> None:
        """`heard` is given each message when it comes."""
        self._connection = ClientProtocol(
            parse_uri(url), subprotocols=[Subprotocol(MSGPACK.subprotocol)], max_size=None
        )
        self._heard = heard
        self._transport: asyncio.Transport | None = None
        loop = asyncio.get_running_loop()
        self.opened: asyncio.Future[None] = loop.create_future()
        self.closed: asyncio.Future[int] = loop.create_future()
        """The close code, when it is."""
        self.babbled: asyncio.Future[None] = loop.create_future()
        """Something came that is no message."""
        self._parts: list[bytes] = []
        self.unreadable = 0
        """Messages that are none."""
        self.received_bytes = 0

    def send(self, message: ClientMessage) -> None:
        """Raises Closed."""
        if self._transport is None or self.closed.done():
            raise Closed(self.closed.result() if self.closed.done() else _NO_CODE)
        if self._connection.state is not State.OPEN:
            # The other side has said that it closes, and the transport is still there.
            received = self._connection.close_rcvd
            raise Closed(_NO_CODE if received is None else received.code)
        self._connection.send_binary(MSGPACK.encode(message))
        self._flush()

    def pause(self) -> None:
        """Reads nothing more, as a machine that is stuck."""
        if self._transport is not None and not self._transport.is_closing():
            self._transport.pause_reading()

    def go_on(self) -> None:
        """Reads again."""
        if self._transport is not None and not self._transport.is_closing():
            self._transport.resume_reading()

    def cut(self) -> None:
        """Loses the connection, without a word."""
        if self._transport is not None:
            self._transport.abort()

    def close(self) -> None:
        if not self.closed.done() and self._connection.state is State.OPEN:
            self._connection.send_close(1000)
            self._flush()

    # asyncio.Protocol

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        # uvloop's is of no class of asyncio's.
        self._transport = cast(asyncio.Transport, transport)
        self._connection.send_request(self._connection.connect())
        self._flush()

    def data_received(self, data: bytes) -> None:
        self.received_bytes += len(data)
        self._connection.receive_data(data)
        for event in self._connection.events_received():
            if isinstance(event, Response):
                self._answered(event)
            elif isinstance(event, Frame):
                self._take(event)
        self._flush()

    def eof_received(self) -> None:
        self._connection.receive_eof()
        self._flush()

    def connection_lost(self, exc: Exception | None) -> None:
        code = self._connection.close_code or _NO_CODE
        if not self.opened.done():
            self.opened.set_exception(Closed(code))
        if not self.closed.done():
            self.closed.set_result(code)

    def _answered(self, response: Response) -> None:
        if self.opened.done():
            return
        failed = self._connection.handshake_exc
        if failed is None:
            self.opened.set_result(None)
        else:
            self.opened.set_exception(Closed(response.status_code))

    def _take(self, frame: Frame) -> None:
        if frame.opcode is Opcode.CLOSE or frame.opcode in (Opcode.PING, Opcode.PONG):
            return
        if not frame.fin or self._parts:
            self._parts.append(bytes(frame.data))
            if not frame.fin:
                return
            data, self._parts = b"".join(self._parts), []
        else:
            data = bytes(frame.data)
        try:
            message = MSGPACK.decode_server(data)
        except LipwireError:
            self.unreadable += 1
            if not self.babbled.done():
                self.babbled.set_result(None)
            return
        self._heard(message)

    def _flush(self) -> None:
        if self._transport is None or self._transport.is_closing():
            return
        for data in self._connection.data_to_send():
            if data:
                self._transport.write(data)
            elif self._transport.can_write_eof():
                self._transport.write_eof()


async def open_socket(
    url: str, heard: Callable[[ServerMessage], None], *, tls: ssl.SSLContext | None = None
) -> LoadSocket:
    """A socket that is open. Raises Closed, OSError or TimeoutError."""
    uri = parse_uri(url)
    loop = asyncio.get_running_loop()
    async with asyncio.timeout(_OPEN_S):
        _, socket = await loop.create_connection(
            lambda: LoadSocket(url, heard),
            uri.host,
            uri.port,
            ssl=(tls or _usual_tls()) if uri.secure else None,
        )
        try:
            await socket.opened
        except BaseException:
            socket.cut()
            raise
    return socket


@functools.cache
def _usual_tls() -> ssl.SSLContext:
    """Made once: reading a machine's certificates takes longer than a connection does."""
    return ssl.create_default_context()

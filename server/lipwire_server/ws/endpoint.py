"""`/v1/stream`: where a socket becomes a connection."""

import logging
from collections.abc import Sequence
from contextlib import suppress
from typing import Final

from starlette.websockets import WebSocket, WebSocketDisconnect

from lipwire_protocol import FORMATS, JSON, CloseCode, Error, LipwireError, WireFormat

from ..access.entry import Entry
from ..access.gate import Gate, is_welcome
from ..access.keys import shown_key
from ..observe.meter import Meter, Tap
from ..session.host import Host
from .connection import Connection, close
from .connections import Connections

__all__ = ["StreamEndpoint"]

_log = logging.getLogger(__name__)

_BUG: Final = "a bug of the server, which its log tells of; open a new session"


class StreamEndpoint:
    """Accepts a socket with the first subprotocol that both sides know.

    A client that offers none is accepted too: its first message tells the format.
    """

    def __init__(
        self,
        host: Host,
        connections: Connections,
        gate: Gate,
        origins: Sequence[str] = (),
        meter: Meter | None = None,
    ) -> None:
        """`origins` are those of other sites whose pages may connect."""
        self._meter = meter
        self._host = host
        self._connections = connections
        self._gate = gate
        self._origins = origins

    async def serve(self, socket: WebSocket) -> None:
        offered = socket.scope.get("subprotocols", [])
        known = [name for name in FORMATS if name in offered]
        headers = socket.headers
        welcome = is_welcome(headers.get("origin"), headers.get("host"), self._origins)
        if not welcome:
            site = headers.get("origin")
            _log.warning("a page of %.100r was refused; --origins lets sites in", site)
        if not welcome or (offered and not known):
            await socket.close()
            return
        format_ = FORMATS[known[0]] if known else None
        await socket.accept(known[0] if known else None)
        address = socket.client.host if socket.client else None
        try:
            with self._gate.visitors.coming_from(address):
                await self._carry(socket, format_)
        except LipwireError as error:
            await _turn_away(socket, format_ or JSON, error)

    async def _carry(self, socket: WebSocket, format_: WireFormat | None) -> None:
        entry = Entry(self._gate, shown_key(socket.headers))
        tap = Tap(self._meter) if self._meter is not None else None
        connection = Connection(socket, format_, self._host, entry, tap)
        with self._connections.holding(connection):
            try:
                await connection.run()
            except Exception:
                _log.exception("a connection failed")
                await close(socket, CloseCode.INTERNAL, _BUG)


async def _turn_away(socket: WebSocket, format_: WireFormat, error: LipwireError) -> None:
    """Says why: a browser is not told what a handshake was answered with."""
    told = Error(
        code=error.code, message=str(error), fatal=True, retry_after_ms=error.retry_after_ms, seq=1
    )
    with suppress(RuntimeError, WebSocketDisconnect):
        data = format_.encode(told)
        await (socket.send_text(data.decode()) if format_ is JSON else socket.send_bytes(data))
    await close(socket, error.code.close_code)

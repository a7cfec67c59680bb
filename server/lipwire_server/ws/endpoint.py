"""`/v1/stream`: where a socket becomes a connection."""

import logging

from starlette.websockets import WebSocket

from lipwire_protocol import FORMATS, CloseCode

from ..session.host import Host
from .connection import Connection, close
from .connections import Connections

__all__ = ["StreamEndpoint"]

_log = logging.getLogger(__name__)


class StreamEndpoint:
    """Accepts a socket with the first subprotocol that both sides know.

    A client that offers none is accepted too: its first message tells the format.
    """

    def __init__(self, host: Host, connections: Connections) -> None:
        self._host = host
        self._connections = connections

    async def serve(self, socket: WebSocket) -> None:
        offered = socket.scope.get("subprotocols", [])
        known = [name for name in FORMATS if name in offered]
        if offered and not known:
            await socket.close()
            return
        subprotocol = known[0] if known else None
        await socket.accept(subprotocol)
        connection = Connection(socket, FORMATS.get(subprotocol or ""), self._host)
        with self._connections.holding(connection):
            try:
                await connection.run()
            except Exception:
                _log.exception("a connection failed")
                await close(socket, CloseCode.INTERNAL)

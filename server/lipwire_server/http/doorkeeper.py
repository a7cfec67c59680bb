"""What a page of another site may do over REST: read what is open, and change nothing."""

import logging
from collections.abc import Collection, Sequence

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Receive, Scope, Send

from lipwire_protocol import CloseCode, ErrorCode, LipwireError

from ..access.gate import is_welcome
from ..access.names import is_own_name
from .problems import problem

__all__ = ["Doorkeeper"]

_log = logging.getLogger(__name__)

_HARMLESS = frozenset({"GET", "HEAD", "OPTIONS"})


class Doorkeeper:
    """Refuses requests that change something where the page they come from is of another site.

    A browser asks no leave for a form that is sent: without this, any page could have the server
    of whoever looks at it speak, or delete what it keeps. Nor is anybody let in, also to a
    WebSocket, who asks for another server by a name that leads here.
    """

    def __init__(
        self, app: ASGIApp, origins: Sequence[str] = (), names: Collection[str] | None = None
    ) -> None:
        """`names` are the server's own beside those of this machine; None where any will do."""
        self._app = app
        self._origins = origins
        self._names = names

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        fault = self._fault(scope)
        if fault is None:
            await self._app(scope, receive, send)
        elif scope["type"] == "websocket":
            _log.warning("a socket was refused: %s", fault)
            await send({"type": "websocket.close", "code": CloseCode.FORBIDDEN})
        else:
            await problem(LipwireError(ErrorCode.FORBIDDEN, fault))(scope, receive, send)

    def _fault(self, scope: Scope) -> str | None:
        headers = Headers(scope=scope)
        host = headers.get("host")
        if self._names is not None and not is_own_name(host, self._names):
            return "this server has no such name; --origins says for which sites it is asked"
        if scope["type"] != "http" or scope["method"] in _HARMLESS:
            return None
        if not is_welcome(headers.get("origin"), host, self._origins):
            return "pages of that site may not do this; --origins says which may"
        return None

"""What a page of another site may do over REST: read what is open, and change nothing."""

from collections.abc import Sequence

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Receive, Scope, Send

from lipwire_protocol import ErrorCode, LipwireError

from ..access.gate import is_welcome
from .problems import problem

__all__ = ["Doorkeeper"]

_HARMLESS = frozenset({"GET", "HEAD", "OPTIONS"})


class Doorkeeper:
    """Refuses requests that change something where the page they come from is of another site.

    A browser asks no leave for a form that is sent: without this, any page could have the server
    of whoever looks at it speak, or delete what it keeps.
    """

    def __init__(self, app: ASGIApp, origins: Sequence[str] = ()) -> None:
        self._app = app
        self._origins = origins

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and scope["method"] not in _HARMLESS:
            headers = Headers(scope=scope)
            if not is_welcome(headers.get("origin"), headers.get("host"), self._origins):
                text = "pages of that site may not do this; --origins says which may"
                await problem(LipwireError(ErrorCode.FORBIDDEN, text))(scope, receive, send)
                return
        await self._app(scope, receive, send)

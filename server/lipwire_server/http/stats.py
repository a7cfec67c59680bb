"""`/v1/stats`: how much is going on."""

from collections.abc import Callable

import msgspec
from starlette.requests import Request
from starlette.responses import Response

from ..speech.port import Synthesis

__all__ = ["stats"]


def stats(synthesis: Synthesis, connections: Callable[[], int]) -> Callable[[Request], Response]:
    def endpoint(request: Request) -> Response:
        body = {"connections": connections(), "speech": synthesis.stats()}
        return Response(msgspec.json.encode(body), media_type="application/json")

    return endpoint

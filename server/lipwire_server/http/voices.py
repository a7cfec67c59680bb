"""`/v1/voices`: who can speak."""

from collections.abc import Callable, Sequence

import msgspec
from starlette.requests import Request
from starlette.responses import Response

from ..speech.port import VoiceInfo

__all__ = ["voices"]


def voices(known: Sequence[VoiceInfo], default: str) -> Callable[[Request], Response]:
    body = msgspec.json.encode({"default": default, "voices": known})

    def endpoint(request: Request) -> Response:
        return Response(body, media_type="application/json")

    return endpoint

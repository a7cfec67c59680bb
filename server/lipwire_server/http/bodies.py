"""What is sent with a request: its type, and its bytes within a bound of length and time."""

import asyncio
from collections.abc import Sequence

from starlette.requests import Request

from lipwire_protocol.errors import ErrorCode, LipwireError

__all__ = ["JSON", "JSON_TYPES", "check_media_type", "read_body"]

JSON = "application/json"
JSON_TYPES = (JSON, "application/merge-patch+json")

_PATIENCE_S = 10.0


def check_media_type(request: Request, allowed: Sequence[str]) -> str:
    """The `Content-Type` without its parameters, if it is one of `allowed`.

    It has to be there: what a page of another origin may send without asking has none.
    """
    sent = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if sent not in allowed:
        raise LipwireError(
            ErrorCode.UNSUPPORTED_MEDIA, f"the Content-Type has to be {' or '.join(allowed)}"
        )
    return sent


async def read_body(request: Request, limit: int) -> bytes:
    """The whole body, which has at most `limit` bytes and comes within 10 s."""
    declared = request.headers.get("content-length", "0")
    if not declared.isdecimal() or len(declared) > 15 or int(declared) > limit:
        raise _too_big(limit)
    parts: list[bytes] = []
    size = 0
    try:
        async with asyncio.timeout(_PATIENCE_S):
            async for part in request.stream():
                size += len(part)
                if size > limit:
                    raise _too_big(limit)
                parts.append(part)
    except TimeoutError:
        raise LipwireError(ErrorCode.IDLE, "the body did not come within 10 s") from None
    return b"".join(parts)


def _too_big(limit: int) -> LipwireError:
    return LipwireError(ErrorCode.MESSAGE_LIMIT, f"the body is longer than {limit} bytes")

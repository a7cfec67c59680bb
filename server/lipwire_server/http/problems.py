"""What a request is told that went wrong: `application/problem+json` (RFC 9457)."""

from collections.abc import Mapping

import msgspec
from msgspec import UNSET, Struct, UnsetType
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from lipwire_protocol.errors import ErrorCode, LipwireError

__all__ = ["MEDIA_TYPE", "Problem", "http_problem", "not_here", "problem"]

MEDIA_TYPE = "application/problem+json"

_CODES = {
    404: ErrorCode.NOT_FOUND,
    405: ErrorCode.METHOD_NOT_ALLOWED,
    413: ErrorCode.MESSAGE_LIMIT,
    415: ErrorCode.UNSUPPORTED_MEDIA,
}
_NO_PAGE = "there is nothing at this address; /v1/docs lists what there is"


class Problem(Struct, kw_only=True, frozen=True):
    """Why a request was not done, for programs (`code`) and for people (`detail`)."""

    type: str
    """Where the code is explained."""
    title: str
    status: int
    detail: str
    """What is wrong with this request, and what to do."""
    code: ErrorCode
    retry_after_ms: int | UnsetType = UNSET
    """How long to wait before the same request may work."""


def problem(error: LipwireError, headers: Mapping[str, str] | None = None) -> Response:
    code = error.code
    body = Problem(
        type=f"/v1/docs#{code}",
        title=code.replace("_", " ").capitalize(),
        status=code.http_status,
        detail=str(error),
        code=code,
        retry_after_ms=UNSET if error.retry_after_ms is None else error.retry_after_ms,
    )
    answer = Response(
        msgspec.json.encode(body),
        code.http_status,
        {"Cache-Control": "no-store", **(headers or {})},
        MEDIA_TYPE,
    )
    if error.retry_after_ms is not None:
        answer.headers["Retry-After"] = str(-(-error.retry_after_ms // 1000))
    return answer


def not_here(kind: str) -> LipwireError:
    """For an address that names nothing, and for one that cannot."""
    return LipwireError(ErrorCode.NOT_FOUND, f"there is no such {kind}")


async def http_problem(request: Request, error: Exception) -> Response:
    """Starlette's handler for what it refuses by itself: unknown addresses, methods, ranges."""
    assert isinstance(error, HTTPException)
    code = _CODES.get(error.status_code)
    if code is None:
        return Response(str(error.detail), error.status_code, error.headers)
    detail = _NO_PAGE if code is ErrorCode.NOT_FOUND else str(error.detail)
    return problem(LipwireError(code, detail), error.headers)

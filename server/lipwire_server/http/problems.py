"""What a request is told that went wrong: `application/problem+json` (RFC 9457)."""

from collections.abc import Mapping

import msgspec
from msgspec import UNSET, Struct, UnsetType
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from lipwire_protocol.errors import ErrorCode, LipwireError

__all__ = ["MEANINGS", "MEDIA_TYPE", "Problem", "http_problem", "not_here", "problem"]

MEDIA_TYPE = "application/problem+json"

MEANINGS = {
    ErrorCode.BAD_MESSAGE: "The request cannot be understood; `detail` names the field.",
    ErrorCode.UNAUTHORIZED: "A key is needed: `Authorization: Bearer ...`.",
    ErrorCode.FORBIDDEN: "The key is not good for that, or the page not one that may do it.",
    ErrorCode.NOT_FOUND: "There is nothing at this address, or nothing of this name.",
    ErrorCode.METHOD_NOT_ALLOWED: "The address does not do that; `Allow` says what it does.",
    ErrorCode.IDLE: "The request did not come to its end in time.",
    ErrorCode.CONFLICT: "The name is taken, or something else is in the way.",
    ErrorCode.PRECONDITION_FAILED: "It has changed since you read it: get it again.",
    ErrorCode.MESSAGE_LIMIT: "The body is too long.",
    ErrorCode.TEXT_LIMIT: "Too much text at once.",
    ErrorCode.UNSUPPORTED_MEDIA: "The body has to be of another `Content-Type`.",
    ErrorCode.UNREADABLE: "The picture or recording that was sent cannot be read.",
    ErrorCode.EMPTY_TEXT: "There is nothing to say in this text.",
    ErrorCode.UNSUPPORTED: "This server does not do that.",
    ErrorCode.RATE_LIMITED: "Too many requests: come back after `Retry-After`.",
    ErrorCode.OVERLOADED: "All capacity is in use: come back after `Retry-After`.",
    ErrorCode.STORAGE_UNAVAILABLE: "The database is away: come back after `Retry-After`.",
    ErrorCode.SYNTHESIS_FAILED: "The voice failed at this text.",
    ErrorCode.INTERNAL: "A bug of the server; its log has more.",
}
"""What the codes that REST answers with mean here."""

_CODES = {
    404: ErrorCode.NOT_FOUND,
    405: ErrorCode.METHOD_NOT_ALLOWED,
    413: ErrorCode.MESSAGE_LIMIT,
    415: ErrorCode.UNSUPPORTED_MEDIA,
}
_NO_PAGE = "there is nothing at this address; /v1/docs lists what there is"
_SOCKET = "this address is for WebSockets (ws:// or wss://) that offer lipwire.v1.json"


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
    if code is ErrorCode.UNAUTHORIZED:
        answer.headers["WWW-Authenticate"] = "Bearer"
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
    detail = str(error.detail)
    if code is ErrorCode.NOT_FOUND:
        detail = _SOCKET if request.url.path == "/v1/stream" else _NO_PAGE
    return problem(LipwireError(code, detail), error.headers)

"""The REST surface as a table: a row says what an operation takes, answers and fails with.

Routes and the OpenAPI document are both made of it, so that they cannot differ. What comes in is
decoded and checked before a handler sees it; whatever goes wrong is a problem (`problems.py`).
"""

import logging
import re
from collections import defaultdict
from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import msgspec
from msgspec import Struct
from starlette import types as asgi
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from lipwire_protocol.errors import ErrorCode, LipwireError

from ..access.gate import Gate
from ..access.keys import Guest, shown_key
from ..access.scopes import Scope
from .bodies import JSON, JSON_TYPES, check_media_type, read_body
from .decoding import Body, Query, When, decode_body, decode_query
from .etags import matches, quoted, read_tags
from .problems import not_here, problem

__all__ = ["JSON", "Body", "Call", "Operation", "Query", "Tagged", "When", "routes"]

_log = logging.getLogger(__name__)

_BODY_BYTES = 64 << 10
_HEADERS = {"Cache-Control": "private, no-cache", "X-Content-Type-Options": "nosniff"}
_UUID = r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """One request to one operation."""

    request: Request
    path: dict[str, str]
    query: Any
    """Of the operation's `query` type; None where it takes no parameters."""
    body: Any
    """Of the operation's `body` type; None where it takes none."""
    if_match: frozenset[str] | None
    """Tags of versions, or `*`: only one of them may be changed. None without the header."""
    if_none_match: frozenset[str] | None
    guest: Guest | None = None
    """Whose key or token was shown; None where none is asked for."""

    def id(self, name: str = "id") -> UUID:
        """An id of the path."""
        return UUID(self.path[name])


@dataclass(frozen=True, slots=True)
class Tagged:
    """An answer with what its headers say of it."""

    answer: object
    etag: str | None = None
    """The version, without quotes. Who has it already is answered 304."""
    location: str | None = None
    """Where that is which was made."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Operation:
    """What can be done at an address.

    A handler returns the answer, which becomes JSON; or it `Tagged`; or a response of its own;
    or, where `answer` is None, nothing. It raises `LipwireError`.
    """

    method: str
    path: str
    summary: str
    tag: str
    handler: Callable[[Call], Awaitable[object]]
    description: str = ""
    keys: Mapping[str, str] = field(default_factory=dict)
    """Pattern of every parameter of the path that is no id: what does not fit is not found."""
    query: type[Struct] | None = None
    body: Any = None
    """The type of the JSON that is sent: mostly a `Body`."""
    body_bytes: int = _BODY_BYTES
    takes: tuple[str, ...] = ()
    """Media types of a body that the handler reads by itself."""
    answer: Any = None
    gives: tuple[str, ...] = ()
    """Media types of answers that the handler makes responses of, instead of or beside `answer`."""
    also: Mapping[int, Any] = field(default_factory=dict)
    """Types of answers with another status, which the handler makes responses of."""
    status: int = 200
    tagged: bool = False
    """Answers have an `ETag`, and `If-Match` or `If-None-Match` is looked at."""
    errors: tuple[ErrorCode, ...] = ()
    """Beside those that follow from the rest of the row."""
    scope: Scope | None = None
    """What a key must be good for; else it follows from the method."""
    is_open: bool = False
    """No key is asked for, wherever the server is."""

    @property
    def needed_scope(self) -> Scope:
        return self.scope or (Scope.READ if self.method == "GET" else Scope.WRITE)

    @property
    def all_errors(self) -> tuple[ErrorCode, ...]:
        """Every code that it may answer with, but for `internal`."""
        codes = [ErrorCode.BAD_MESSAGE, *self.errors]
        if not self.is_open:
            codes += (ErrorCode.UNAUTHORIZED, ErrorCode.FORBIDDEN, ErrorCode.STORAGE_UNAVAILABLE)
        if "{" in self.path:
            codes.append(ErrorCode.NOT_FOUND)
        if self.body is not None or self.takes:
            codes += (ErrorCode.MESSAGE_LIMIT, ErrorCode.UNSUPPORTED_MEDIA, ErrorCode.IDLE)
        if self.tagged and self.method != "GET":
            codes.append(ErrorCode.PRECONDITION_FAILED)
        return tuple(dict.fromkeys(codes))


def routes(operations: Iterable[Operation], gate: Gate | None = None) -> list[BaseRoute]:
    """A route for each path; those without parameters come first.

    Without a gate, everybody may come in.
    """
    resources: dict[str, list[Operation]] = defaultdict(list)
    for operation in operations:
        resources[operation.path].append(operation)
    paths = sorted(resources, key=_generality)
    return [Route(path, _Resource(resources[path], gate)) for path in paths]


def _generality(path: str) -> list[bool]:
    return [part.startswith("{") for part in path.split("/")]


class _Resource:
    """All operations of one path."""

    def __init__(self, operations: list[Operation], gate: Gate | None) -> None:
        self._gate = gate
        self._operations = {operation.method: operation for operation in operations}
        if len(self._operations) < len(operations):
            raise ValueError(f"two operations are {operations[0].path} with one method")
        if "GET" in self._operations:
            self._operations["HEAD"] = self._operations["GET"]

    async def __call__(self, scope: asgi.Scope, receive: asgi.Receive, send: asgi.Send) -> None:
        request = Request(scope, receive)
        operation = self._operations.get(request.method)
        if operation is None:
            answer = self._not_allowed(request.method)
        else:
            answer = await _answer(operation, request, self._gate)
        if request.method == "HEAD":
            # Its length stays in the headers.
            answer.body = b""
        await answer(scope, receive, send)

    def _not_allowed(self, method: str) -> Response:
        allowed = ", ".join(sorted(self._operations))
        message = f"{method[:20]} cannot be done here; these can: {allowed}"
        return problem(LipwireError(ErrorCode.METHOD_NOT_ALLOWED, message), {"Allow": allowed})


async def _answer(operation: Operation, request: Request, gate: Gate | None) -> Response:
    try:
        guest = None
        if gate is not None and not operation.is_open:
            guest = await gate.admit(shown_key(request.headers), operation.needed_scope)
        call = await _call(operation, request, guest)
        if gate is not None and operation.needed_scope is Scope.SPEAK:
            gate.visitors.charge(guest, len(getattr(call.body, "text", None) or ""))
        return _response(operation, call, await operation.handler(call))
    except LipwireError as error:
        return problem(error)
    except ClientDisconnect:
        return Response(status_code=400)  # Nobody is there to read it.
    except Exception:
        _log.exception("%s %s failed", operation.method, operation.path)
        return problem(LipwireError(ErrorCode.INTERNAL, "this should not have happened"))


async def _call(operation: Operation, request: Request, guest: Guest | None) -> Call:
    for name, value in request.path_params.items():
        # What cannot be an id is the address of nothing, like an id that is nobody's.
        pattern = operation.keys.get(name, _UUID)
        if re.fullmatch(pattern, value) is None:
            raise not_here("id: ids are UUIDs" if pattern is _UUID else name)
    headers = request.headers
    return Call(
        request=request,
        path=request.path_params,
        query=decode_query(request.query_params.multi_items(), operation.query),
        if_match=read_tags("If-Match", headers.get("if-match"), weak=False),
        if_none_match=read_tags("If-None-Match", headers.get("if-none-match"), weak=True),
        body=None if operation.body is None else await _json(operation, request),
        guest=guest,
    )


async def _json(operation: Operation, request: Request) -> object:
    check_media_type(request, JSON_TYPES)
    return decode_body(await read_body(request, operation.body_bytes), operation.body)


def _response(operation: Operation, call: Call, result: object) -> Response:
    if isinstance(result, Response):
        return result
    tagged = result if isinstance(result, Tagged) else Tagged(result)
    headers = dict(_HEADERS)
    if tagged.etag is not None:
        headers["ETag"] = quoted(tagged.etag)
    if tagged.location is not None:
        headers["Location"] = tagged.location
    if operation.method == "GET" and _is_known(call, tagged.etag):
        return Response(status_code=304, headers=headers)
    if operation.answer is None:
        return Response(status_code=204, headers=headers)
    body = msgspec.json.encode(tagged.answer)
    return Response(body, operation.status, headers, JSON)


def _is_known(call: Call, etag: str | None) -> bool:
    return etag is not None and call.if_none_match is not None and matches(call.if_none_match, etag)

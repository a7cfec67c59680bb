"""An application of a few toy operations, to see what the framework makes of them."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Annotated, Any

import httpx
from msgspec import Meta, Struct
from starlette.applications import Starlette
from starlette.exceptions import HTTPException

from lipwire_server.http.problems import http_problem
from lipwire_server.http.rest import Body, Call, Operation, Query, routes

__all__ = ["NewToy", "Toy", "ToyQuery", "asking", "operation"]


class ToyQuery(Query):
    count: Annotated[int, Meta(ge=1, le=9)] = 3
    name: str | None = None


class NewToy(Body):
    name: Annotated[str, Meta(min_length=1, max_length=10)]
    parts: tuple[int, ...] = ()
    extra: Any = None


class Toy(Struct):
    """Something to play with."""

    name: str


def operation(method: str = "GET", path: str = "/toys", **more: Any) -> Operation:
    """One whose handler answers a toy, unless it is given another one."""

    async def handler(call: Call) -> object:
        return Toy("ball")

    row: dict[str, Any] = {
        "summary": "Toys",
        "tag": "toys",
        "handler": handler,
        "answer": Toy,
        **more,
    }
    return Operation(method=method, path=path, **row)


@asynccontextmanager
async def asking(*operations: Operation) -> AsyncIterator[httpx.AsyncClient]:
    app = Starlette(routes=routes(operations), exception_handlers={HTTPException: http_problem})
    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url="http://toys") as client:
        yield client

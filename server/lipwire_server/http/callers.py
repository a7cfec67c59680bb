"""Work for somebody who waits for it: it ends when he goes, or has waited long enough."""

import asyncio
from collections.abc import Awaitable
from typing import TypeVar

from starlette.requests import ClientDisconnect, Request

from lipwire_protocol.errors import ErrorCode, LipwireError

__all__ = ["for_caller", "leaf"]

_Result = TypeVar("_Result")

_COME_BACK_MS = 5_000


async def for_caller(request: Request, work: Awaitable[_Result], *, within_s: float) -> _Result:
    """What `work` gives. It is cancelled where the caller hangs up or `within_s` have passed.

    The body was read before. Raises `overloaded` after that time, and what `work` raises.
    """
    try:
        async with asyncio.timeout(within_s) as limit, asyncio.TaskGroup() as group:
            watching = group.create_task(_hung_up(request))
            result = await work
            watching.cancel()
    except TimeoutError:
        if not limit.expired():
            raise
        text = f"this took longer than {within_s:g} s; ask for less at once, or later"
        raise LipwireError(ErrorCode.OVERLOADED, text, retry_after_ms=_COME_BACK_MS) from None
    except BaseExceptionGroup as group_error:
        raise leaf(group_error) from group_error
    return result


def leaf(error: BaseException) -> BaseException:
    """What went wrong first, out of its groups."""
    while isinstance(error, BaseExceptionGroup):
        error = error.exceptions[0]
    return error


async def _hung_up(request: Request) -> None:
    while (await request.receive())["type"] != "http.disconnect":
        pass
    raise ClientDisconnect

"""When the windows of a segment are asked for: what is made early may be made for nobody."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable

from ..speech.port import Plan, Window
from ..stopping import stop

__all__ = ["ahead", "when_ready"]


async def when_ready(
    parts: AsyncIterator[Plan | Window], ready: Callable[[], Awaitable[None]]
) -> AsyncGenerator[Window, None]:
    """Each window is asked for when `ready` has returned: when the listener has credit for it."""
    while True:
        await ready()
        window = await _next(parts)
        if window is None:
            return
        yield window


async def ahead(parts: AsyncIterator[Plan | Window]) -> AsyncGenerator[Window, None]:
    """Each window is asked for while the one before it is sent: with a short lead it would come too
    late otherwise."""
    coming = asyncio.ensure_future(_next(parts))
    try:
        while (window := await coming) is not None:
            coming = asyncio.ensure_future(_next(parts))
            yield window
    finally:
        await stop(coming)


async def _next(parts: AsyncIterator[Plan | Window]) -> Window | None:
    window = await anext(parts, None)
    assert window is None or isinstance(window, Window)
    return window

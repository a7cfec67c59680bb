"""The connections of this process, so that they can be told to go."""

import asyncio
import gc
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

from .connection import Connection

__all__ = ["Connections"]

_LAST_WORDS_S = 1.0
_SWEPT = 100
"""Connections that may be over before what they leave behind is collected."""


class Connections:
    """Knows the live connections; when it drains, new ones are told to go at once.

    A connection is a ring of objects, which only a whole collection of garbage finds, and that
    stops everybody for longer the more there are: there is one when as many are over as live.
    """

    def __init__(self, collect: Callable[[], object] = gc.collect) -> None:
        self._collect = collect
        self._over = 0
        """Since the last collection."""
        self._live: set[Connection] = set()
        self._gone = asyncio.Event()
        self._deadline_ms: int | None = None

    def __len__(self) -> int:
        return len(self._live)

    @contextmanager
    def holding(self, connection: Connection) -> Iterator[None]:
        self._live.add(connection)
        if self._deadline_ms is not None:
            connection.go_away(self._deadline_ms)
        try:
            yield
        finally:
            self._live.discard(connection)
            self._gone.set()
            self._over += 1
            if self._over >= max(_SWEPT, len(self._live)):
                self._over = 0
                # This one is not over yet.
                asyncio.get_running_loop().call_soon(self._collect)

    async def expel(self) -> None:
        """Ends those whose key is not in use any more."""
        for connection in list(self._live):
            await connection.expel()

    async def drain(self, within_ms: int) -> int:
        """Tells everybody to go, and after that time ends what they are in the middle of.

        Returns how many are still there a second later.
        """
        self._deadline_ms = within_ms
        for connection in list(self._live):
            connection.go_away(within_ms)
        await self._until_gone(within_ms / 1000)
        for connection in list(self._live):
            connection.cut()
        await self._until_gone(_LAST_WORDS_S)
        return len(self._live)

    async def _until_gone(self, seconds: float) -> None:
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                while self._live:
                    self._gone.clear()
                    await self._gone.wait()

"""The connections of this process, so that they can be told to go."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from .connection import Connection

__all__ = ["Connections"]

_LAST_WORDS_S = 1.0


class Connections:
    """Knows the live connections; when it drains, new ones are told to go at once."""

    def __init__(self) -> None:
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

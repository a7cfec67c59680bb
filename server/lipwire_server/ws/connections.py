"""The connections of this process, so that they can be told to go."""

import asyncio
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

from ..trimming import trim
from .connection import Connection

__all__ = ["Connections"]

_LAST_WORDS_S = 1.0
_MANY = 20
"""For fewer it is not worth it."""
_OVER_S = 2.0
"""By then, whoever leaves is gone with all that he had."""


class Connections:
    """Knows the live connections; when it drains, new ones are told to go at once.

    When half of those who were there have gone, the memory that they had goes back to the system:
    rarely, and when there are few whom that could hold up.
    """

    def __init__(self, trim: Callable[[], object] = trim) -> None:
        self._trim = trim
        self._most = 0
        """Who were there at once, since memory went back last."""
        self._trimming: asyncio.TimerHandle | None = None
        self._live: set[Connection] = set()
        self._gone = asyncio.Event()
        self._deadline_ms: int | None = None

    def __len__(self) -> int:
        return len(self._live)

    @contextmanager
    def holding(self, connection: Connection) -> Iterator[None]:
        self._live.add(connection)
        self._most = max(self._most, len(self._live))
        if self._deadline_ms is not None:
            connection.go_away(self._deadline_ms)
        try:
            yield
        finally:
            self._live.discard(connection)
            self._gone.set()
            self._ebb()

    def _ebb(self) -> None:
        if self._trimming is None and self._have_gone:
            loop = asyncio.get_running_loop()
            self._trimming = loop.call_later(_OVER_S, self._give_back)

    def _give_back(self) -> None:
        self._trimming = None
        if self._have_gone:
            self._most = len(self._live)
            self._trim()

    @property
    def _have_gone(self) -> bool:
        """Half of many."""
        return self._most >= max(_MANY, 2 * len(self._live))

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

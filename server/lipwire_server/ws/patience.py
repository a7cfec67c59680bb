"""A time limit for each of many short things, with one timer for all of them."""

import asyncio
from types import TracebackType
from typing import Self

__all__ = ["Patience"]


class Patience:
    """Raises TimeoutError when what was begun has not ended after `seconds`.

    A timer of its own for every message took an eighth of the time of a broadcast. This one looks,
    when it fires, at what is going on by then; while nothing is, there is none.
    """

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._loop = asyncio.get_running_loop()
        self._limit = asyncio.timeout(None)
        self._begun: float | None = None
        self._timer: asyncio.TimerHandle | None = None

    def begin(self) -> None:
        self._begun = self._loop.time()
        if self._timer is None:
            self._timer = self._loop.call_later(self._seconds, self._look)

    def end(self) -> None:
        self._begun = None

    def _look(self) -> None:
        self._timer = None
        if self._begun is None:
            return
        due = self._begun + self._seconds
        if self._loop.time() < due:
            self._timer = self._loop.call_at(due, self._look)
        else:
            self._limit.reschedule(due)

    async def __aenter__(self) -> Self:
        await self._limit.__aenter__()
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._timer is not None:
            self._timer.cancel()
        await self._limit.__aexit__(kind, error, trace)

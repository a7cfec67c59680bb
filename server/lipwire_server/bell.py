"""An event like asyncio's, for those of whom there are many."""

import asyncio

__all__ = ["Bell"]


class Bell:
    """Rings for all who wait, until it is silenced.

    One of asyncio's takes 800 bytes, and a connection that does nothing has seven of them.
    """

    __slots__ = ("_rings", "_waiting")

    def __init__(self) -> None:
        self._rings = False
        self._waiting: tuple[asyncio.Future[None], ...] = ()

    def is_set(self) -> bool:
        return self._rings

    def set(self) -> None:
        self._rings = True
        for waiter in self._waiting:
            if not waiter.done():
                waiter.set_result(None)

    def clear(self) -> None:
        self._rings = False

    async def wait(self) -> None:
        """Returns once it rings; at once where it does already."""
        if self._rings:
            return
        waiter = asyncio.get_running_loop().create_future()
        self._waiting += (waiter,)
        try:
            await waiter
        finally:
            self._waiting = tuple(other for other in self._waiting if other is not waiter)

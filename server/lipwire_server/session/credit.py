"""Credit that can be waited for: the window of the protocol on the session's clock."""

import asyncio
from collections.abc import Callable

from lipwire_protocol import CreditWindow, Flow, ms_to_samples

__all__ = ["Credit"]


class Credit:
    """How far media may run ahead of the listener. Positions are on the session's clock."""

    def __init__(self, flow: Flow, rate: int, now_ns: Callable[[], int]) -> None:
        self._window = CreditWindow(flow.mode, ms_to_samples(flow.lead_ms, rate), rate)
        self._now_ns = now_ns
        self._came = asyncio.Event()

    @property
    def sent(self) -> int:
        return self._window.clock.sent

    @property
    def heard(self) -> int:
        """Where the listener is, as far as that can be known."""
        return self._window.clock.heard(self._now_ns())

    async def wait(self, count: int) -> None:
        """Returns when `count` more samples may be sent; `count` is no larger than the lead."""
        while True:
            now_ns = self._now_ns()
            available = self._window.available(now_ns)
            if available is None or available >= count:
                return
            opens_ns = self._window.opens_ns(count, now_ns)
            self._came.clear()
            try:
                async with asyncio.timeout(_seconds(opens_ns, now_ns)):
                    await self._came.wait()
            except TimeoutError:
                pass

    def send(self, count: int) -> None:
        self._window.send(count, self._now_ns())

    def report(self, position: int) -> None:
        """The listener heard everything before `position`, or threw it away."""
        self._window.report(position, self._now_ns())
        self._came.set()


def _seconds(opens_ns: int | None, now_ns: int) -> float | None:
    # A timer may fire a little early: never wait for nothing, or the loop would spin until then.
    return None if opens_ns is None else max(opens_ns - now_ns, 1_000_000) / 1e9

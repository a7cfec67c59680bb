"""Credit that can be waited for: the window of the protocol on the session's clock."""

import asyncio
from collections.abc import Callable

from lipwire_protocol import CreditWindow, Flow, ms_to_samples

from ..bell import Bell

__all__ = ["Credit"]


class Credit:
    """How far media may run ahead of the listener. Positions are on the session's clock."""

    def __init__(self, flow: Flow, rate: int, now_ns: Callable[[], int]) -> None:
        self._window = CreditWindow(flow.mode, ms_to_samples(flow.lead_ms, rate), rate)
        self._now_ns = now_ns
        self._came = Bell()
        self._discarded: list[tuple[int, int]] = []
        self._lifted = False
        self.starved = False
        """Nothing but a report of the listener can open the window."""

    @property
    def sent(self) -> int:
        return self._window.clock.sent

    @property
    def heard(self) -> int:
        """Where the listener is, as far as that can be known."""
        now_ns = self._now_ns()
        self._pass_discarded(now_ns)
        return self._window.clock.heard(now_ns)

    def dry_ns(self) -> int:
        """When the listener has heard all that was sent; in the past when he has."""
        return self._window.clock.dry_ns()

    async def wait(self, count: int) -> None:
        """Returns when `count` more samples may be sent; `count` is no larger than the lead."""
        try:
            while not self._lifted:
                now_ns = self._now_ns()
                self._pass_discarded(now_ns)
                available = self._window.available(now_ns)
                if available is None or available >= count:
                    return
                opens_ns = self._window.opens_ns(count, now_ns)
                self.starved = opens_ns is None
                self._came.clear()
                await self._until(opens_ns, now_ns)
        finally:
            self.starved = False

    async def _until(self, opens_ns: int | None, now_ns: int) -> None:
        """Returns at that time, or when something has changed."""
        if opens_ns is None:
            await self._came.wait()
            return
        # A timer may fire a little early: never wait for nothing, or the loop would spin until
        # then. It rings, rather than being a time limit: those take twice as long to set up.
        seconds = max(opens_ns - now_ns, 1_000_000) / 1e9
        timer = asyncio.get_running_loop().call_later(seconds, self._came.set)
        try:
            await self._came.wait()
        finally:
            timer.cancel()

    def lift(self) -> None:
        """From now on there is no bound: what is left is little, and must leave."""
        self._lifted = True
        self._came.set()

    def send(self, count: int) -> None:
        self._window.send(count, self._now_ns())

    def begin(self, position: int) -> None:
        """The listener was sent everything before `position` already, and counts as having heard
        it: how much of it he has left, his next report says."""
        self.send(max(0, position - self.sent))
        self.report(position)

    def report(self, position: int) -> None:
        """The listener heard everything before `position`."""
        self._window.report(position, self._now_ns())
        self._came.set()

    def discard(self, begin: int, end: int) -> None:
        """The listener threw that span away: whoever comes to its begin is at its end."""
        self._discarded.append((begin, end))
        self._pass_discarded(self._now_ns())
        self._came.set()

    def _pass_discarded(self, now_ns: int) -> None:
        while self._discarded and self._window.clock.heard(now_ns) >= self._discarded[0][0]:
            begin, end = self._discarded.pop(0)
            self._window.pass_over(begin, end, now_ns)

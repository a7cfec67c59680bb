"""Turns of those who are new: nobody's crowd goes before somebody else's first word.

Each key has a clock of its own, which its requests move on by what they cost. A request comes due
when its key's clock says so, so the requests of a key line up behind each other, and not in front
of those of another one (virtual deadlines of fair queueing: Stoica et al. 1996).
"""

from collections import OrderedDict
from typing import Final

__all__ = ["Shares"]

_REMEMBERED: Final = 4096


class Shares:
    def __init__(self) -> None:
        self._clocks: OrderedDict[str, int] = OrderedDict()
        """When the last request of each key will have been served, had it all to itself."""

    def stamp(self, key: str, now_ns: int, cost_ns: int) -> int:
        """When the turn of a request comes that costs so much of everybody's time."""
        due = max(now_ns, self._clocks.pop(key, 0))
        self._clocks[key] = due + cost_ns
        while len(self._clocks) > _REMEMBERED:
            self._clocks.popitem(last=False)
        return due

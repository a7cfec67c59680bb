"""What is to be done next: the unit of work whose listener runs dry first."""

import heapq
import itertools
from collections.abc import Callable
from enum import Enum, auto
from typing import TypeAlias

__all__ = ["Agenda", "Unit", "UnitState"]


class UnitState(Enum):
    QUEUED = auto()
    TAKEN = auto()
    DROPPED = auto()


class Unit:
    """One plan or one window: work that is not interrupted once it was taken."""

    __slots__ = ("deadline_ns", "settle", "state", "taken_ns", "work")

    def __init__(
        self,
        work: Callable[[], object],
        deadline_ns: int,
        settle: Callable[["Unit", object, Exception | None], None],
    ) -> None:
        """`settle` is told the unit and its result or its error, in the thread that did it."""
        self.work = work
        self.deadline_ns = deadline_ns
        self.settle = settle
        self.state = UnitState.QUEUED
        self.taken_ns = 0


_Entry: TypeAlias = tuple[int, int, Unit]


class Agenda:
    """Units by their deadlines, and those of one deadline in the order in which they came.

    As long as there are listeners: each waits for one unit at most. Not safe for threads.
    """

    def __init__(self) -> None:
        self._heap: list[_Entry] = []
        self._count = itertools.count()
        self._queued = 0

    def __len__(self) -> int:
        return self._queued

    def add(self, unit: Unit) -> None:
        self._queued += 1
        heapq.heappush(self._heap, (unit.deadline_ns, next(self._count), unit))

    def take(self, now_ns: int) -> Unit | None:
        while self._heap:
            entry = heapq.heappop(self._heap)
            if _holds(entry):
                unit = entry[2]
                # In this order: whoever looks for hangs reads both from another thread.
                unit.taken_ns = now_ns
                unit.state = UnitState.TAKEN
                self._queued -= 1
                return unit
        return None

    def drop(self, unit: Unit) -> bool:
        """Forgets a unit; false when it was taken already."""
        if unit.state is not UnitState.QUEUED:
            return False
        unit.state = UnitState.DROPPED
        self._queued -= 1
        self._tidy()
        return True

    def hasten(self, unit: Unit, deadline_ns: int) -> None:
        """Somebody needs a queued unit earlier."""
        if unit.state is UnitState.QUEUED and deadline_ns < unit.deadline_ns:
            unit.deadline_ns = deadline_ns
            heapq.heappush(self._heap, (deadline_ns, next(self._count), unit))
            self._tidy()

    def _tidy(self) -> None:
        """Units that were dropped or hastened leave their old entries behind."""
        if len(self._heap) > 64 and len(self._heap) > 2 * self._queued:
            self._heap = [entry for entry in self._heap if _holds(entry)]
            heapq.heapify(self._heap)


def _holds(entry: _Entry) -> bool:
    deadline_ns, _, unit = entry
    return unit.state is UnitState.QUEUED and unit.deadline_ns == deadline_ns

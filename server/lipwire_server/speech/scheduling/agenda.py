"""What is to be done next: the unit of work whose listener runs dry first."""

import heapq
import itertools
from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum, auto
from typing import Final, TypeAlias

__all__ = ["Agenda", "Due", "Unit", "UnitState"]

_CLOSE_NS: Final = 1_000_000_000
"""Who runs dry before that would stutter if another unit went first."""
_LONG_ENOUGH_NS: Final = 3_000_000_000
"""A start that is late by so much waits no longer: there are too many listeners."""


@dataclass(frozen=True, slots=True)
class Due:
    """When a unit has to be done."""

    ns: int
    starting: bool = False
    """Its listener has heard nothing yet: if it comes late he waits, but nothing stutters."""


class UnitState(Enum):
    QUEUED = auto()
    TAKEN = auto()
    DROPPED = auto()


class Unit:
    """One plan or one window: work that is not interrupted once it was taken."""

    __slots__ = ("due", "settle", "state", "taken_ns", "voice", "work")

    def __init__(
        self,
        work: Callable[[], object],
        due: Due,
        settle: Callable[["Unit", object, Exception | None], None],
        voice: str = "",
    ) -> None:
        """`settle` is told the unit and its result or its error, in the thread that did it.

        `voice` names the one to blame if it never ends.
        """
        self.work = work
        self.due = due
        self.settle = settle
        self.voice = voice
        self.state = UnitState.QUEUED
        self.taken_ns = 0

    def let_go(self) -> None:
        """It is over: what it worked on and whom it told are free."""
        self.work, self.settle = _nothing, _untold


_Entry: TypeAlias = tuple[int, int, Due, Unit]


class Agenda:
    """Units by their deadlines, and those of one deadline in the order in which they came.

    A start that is late waits for those who are about to run dry: so a crowd that comes at once is
    let in one after another, and nobody who listens already pays for it. But not for ever.

    As long as there are listeners: each waits for one unit at most. Not safe for threads.
    """

    def __init__(self) -> None:
        self._going_on: list[_Entry] = []
        self._starting: list[_Entry] = []
        self._count = itertools.count()
        self._queued = 0

    def __len__(self) -> int:
        return self._queued

    def add(self, unit: Unit) -> None:
        self._queued += 1
        self._push(unit)

    def take(self, now_ns: int) -> Unit | None:
        going_on, starting = _first(self._going_on), _first(self._starting)
        heap = self._starting
        if starting is None or (
            going_on is not None and going_on.due.ns <= _yields_until(starting.due, now_ns)
        ):
            heap = self._going_on
        if not heap:
            return None
        unit = heapq.heappop(heap)[3]
        # In this order: whoever looks for hangs reads both from another thread.
        unit.taken_ns = now_ns
        unit.state = UnitState.TAKEN
        self._queued -= 1
        return unit

    def drop(self, unit: Unit) -> bool:
        """Forgets a unit; false when it was taken already."""
        if unit.state is not UnitState.QUEUED:
            return False
        unit.state = UnitState.DROPPED
        self._queued -= 1
        self._tidy()
        return True

    def hasten(self, unit: Unit, due: Due) -> None:
        """Somebody else needs a queued unit too, maybe earlier."""
        both = Due(min(due.ns, unit.due.ns), due.starting and unit.due.starting)
        if unit.state is UnitState.QUEUED and both != unit.due:
            unit.due = both
            self._push(unit)
            self._tidy()

    def _push(self, unit: Unit) -> None:
        heap = self._starting if unit.due.starting else self._going_on
        heapq.heappush(heap, (unit.due.ns, next(self._count), unit.due, unit))

    def _tidy(self) -> None:
        """Units that were dropped or hastened leave their old entries behind."""
        entries = len(self._going_on) + len(self._starting)
        if entries > 64 and entries > 2 * self._queued:
            for heap in (self._going_on, self._starting):
                heap[:] = [entry for entry in heap if _holds(entry)]
                heapq.heapify(heap)


def _nothing() -> None:
    """There is no work left."""


def _untold(unit: Unit, result: object, error: Exception | None) -> None:
    """Nobody waits for it."""


def _yields_until(starting: Due, now_ns: int) -> int:
    """A start waits for those who run dry before then."""
    if now_ns - starting.ns > _LONG_ENOUGH_NS:
        return starting.ns
    return max(starting.ns, now_ns + _CLOSE_NS)


def _first(heap: list[_Entry]) -> Unit | None:
    while heap and not _holds(heap[0]):
        heapq.heappop(heap)
    return heap[0][3] if heap else None


def _holds(entry: _Entry) -> bool:
    _, _, due, unit = entry
    return unit.state is UnitState.QUEUED and unit.due is due

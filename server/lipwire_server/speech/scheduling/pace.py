"""How much work speech is, measured while it is made."""

from typing import Final

__all__ = ["Pace"]

_ASSUMED: Final = 0.12
"""Seconds of work for a second of speech, until something was measured."""
_ASSUMED_START_NS: Final = 100_000_000
_NEWS: Final = 0.1
"""Share of the latest in what a start costs."""
_MEMORY: Final = 0.98
"""Share of what is known that is left after another second of speech."""


class Pace:
    """Averages that forget: of a machine that others use too, only the last minute counts."""

    def __init__(self) -> None:
        self._work_s = 0.0
        self._speech_s = 0.0
        self._plan_ns = self._first_ns = _ASSUMED_START_NS / 2

    @property
    def work_per_second(self) -> float:
        """Seconds of one worker's time for a second of speech, everything included."""
        if self._speech_s < 1:
            return _ASSUMED
        return max(self._work_s / self._speech_s, 1e-4)

    @property
    def start_ns(self) -> int:
        """What the plan and the first window of a segment cost together."""
        return int(self._plan_ns + self._first_ns)

    def planned(self, work_ns: int) -> None:
        self._plan_ns += _NEWS * (work_ns - self._plan_ns)

    def spoke(self, work_ns: int, speech_s: float, *, first: bool) -> None:
        """A window, of a segment the first or not, took so long and is so much speech."""
        work_s = work_ns / 1e9
        if first:
            self._first_ns += _NEWS * (work_ns - self._first_ns)
            # Not when the plan was made: plans that nobody lets speak would make speech seem dear.
            work_s += self._plan_ns / 1e9
        kept = _MEMORY**speech_s
        self._work_s = self._work_s * kept + work_s
        self._speech_s = self._speech_s * kept + speech_s

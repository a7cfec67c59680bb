"""What is said, and where it stands in the text as the caller sent it.

The stages before the segmenter hand these to each other: runs of text, and between them the things
that are not text.
"""

from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TypeAlias

__all__ = ["Cut", "Item", "MarkHere", "Problem", "Rate", "Run", "Silence", "Tape", "joined"]


@dataclass(frozen=True, slots=True)
class Run:
    """Text that is said.

    Without `shown` it stands in the caller's text character by character. With it, the caller wrote
    something else: `shown` is what people read, and the run has the whole span as one.
    """

    spoken: str
    begin: int
    end: int
    shown: str | None = None

    @property
    def is_substitute(self) -> bool:
        """Whether something else is said than what people read."""
        return self.shown is not None and self.shown != self.spoken

    @property
    def seen(self) -> str:
        return self.spoken if self.shown is None else self.shown

    def cut(self, begin: int, end: int) -> "Run":
        """A stretch of what is said; only the first one of a substitute shows it."""
        if begin == 0 and end == len(self.spoken):
            return self
        spoken = self.spoken[begin:end]
        if self.shown is None:
            return Run(spoken, self.begin + begin, self.begin + end)
        if begin == 0:
            return Run(spoken, self.begin, self.end, self.shown)
        return Run(spoken, self.end, self.end, "")


@dataclass(frozen=True, slots=True)
class Cut:
    """A sentence ends here, whatever it ends with."""

    at: int


@dataclass(frozen=True, slots=True)
class Silence:
    milliseconds: int
    begin: int
    end: int


@dataclass(frozen=True, slots=True)
class Rate:
    """From here on it is said so fast."""

    percent: int


@dataclass(frozen=True, slots=True)
class MarkHere:
    name: str
    at: int


Item: TypeAlias = Run | Cut | Silence | Rate | MarkHere


@dataclass(frozen=True, slots=True)
class Problem:
    """Something in the caller's text that was not understood, and was spoken around."""

    at: int
    """Offset in the caller's text."""
    message: str

    def __str__(self) -> str:
        return f"{self.message} (at {self.at})"


def joined(runs: Iterable[Run]) -> list[Run]:
    """The same text in as few runs as possible, however it came."""
    result: list[Run] = []
    for run in runs:
        last = result[-1] if result else None
        if last and last.shown is run.shown is None and last.end == run.begin:
            result[-1] = Run(last.spoken + run.spoken, last.begin, run.end)
        else:
            result.append(run)
    return result


class Tape:
    """Runs in a row, taken off again in stretches of any length."""

    def __init__(self) -> None:
        self._runs: deque[Run] = deque()
        self._taken = 0
        """Characters of the first run that are gone."""

    def append(self, run: Run) -> None:
        if run.spoken:
            self._runs.append(run)

    def take(self, count: int) -> list[Run]:
        """Takes so many characters off the front; there must be that many."""
        taken: list[Run] = []
        while count:
            run = self._runs[0]
            end = min(len(run.spoken), self._taken + count)
            taken.append(run.cut(self._taken, end))
            count -= end - self._taken
            self._taken = end
            if end == len(run.spoken):
                self._runs.popleft()
                self._taken = 0
        return taken

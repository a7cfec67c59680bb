"""What every kind of voice does: it reads phonemes in a certain manner, window by window."""

from bisect import bisect_right
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final, Protocol, TypeAlias

import numpy as np
from numpy.typing import NDArray

from lipwire_protocol.timeline import HOP

__all__ = ["Engine", "Joined", "Manner", "Noise", "Reading", "Silence", "Span", "window_plan"]

FIRST_WINDOWS: Final = (16, 32, 64)
LATER_WINDOWS: Final = 128
SMALLEST_WINDOW: Final = 16

Noise: TypeAlias = Callable[[str, tuple[int, ...]], NDArray[np.float32]]
"""Standard normal numbers of a shape; for the same name always the same."""

Span: TypeAlias = tuple[int, int]
"""Begin and end, in hops."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Manner:
    """How something is read."""

    length_scale: float = 1.0
    """Durations are multiplied by it."""
    prior_noise: float = 0.0
    """Piper's `noise_scale`."""
    duration_noise: float = 0.0
    """Piper's `noise_w`."""
    speaker: int = 0


class Reading(Protocol):
    """One reading of some phonemes. May be used from several threads at once."""

    frames: NDArray[np.int64]
    """Hops of each id, shape (ids,)."""
    windows: tuple[Span, ...]

    def window(self, index: int) -> NDArray[np.float32]:
        """Samples of a window, shape (hops * HOP,); which were made before does not matter."""


class Silence:
    """Nothing, for so many hops."""

    def __init__(self, hops: int) -> None:
        self.frames = np.array([hops], np.int64)
        self.windows = window_plan(hops)

    def window(self, index: int) -> NDArray[np.float32]:
        begin, end = self.windows[index]
        return np.zeros((end - begin) * HOP, np.float32)


class Joined:
    """Several readings, one after another; each has the windows that it has alone."""

    def __init__(self, readings: Sequence[Reading]) -> None:
        self.frames = np.concatenate([reading.frames for reading in readings])
        self._readings = readings
        self._firsts: list[int] = []
        """Index of the first window of each."""
        windows: list[Span] = []
        hops = 0
        for reading in readings:
            self._firsts.append(len(windows))
            windows += [(hops + begin, hops + end) for begin, end in reading.windows]
            hops += int(reading.frames.sum())
        self.windows = tuple(windows)

    def window(self, index: int) -> NDArray[np.float32]:
        at = bisect_right(self._firsts, index) - 1
        return self._readings[at].window(index - self._firsts[at])


class Engine(Protocol):
    """The models of a voice. May be used from several threads at once."""

    def read(self, ids: NDArray[np.int64], manner: Manner, noise: Noise) -> Reading:
        """Reads phoneme ids, shape (ids,): a pure function of its arguments."""


def window_plan(hops: int) -> tuple[Span, ...]:
    """The windows of so many hops: a small one first, so that sound begins soon.

    It depends on nothing but the length, so a job has the same windows, and the same bytes,
    whenever it is done.
    """
    windows: list[Span] = []
    begin = 0
    while begin < hops:
        index = len(windows)
        size = FIRST_WINDOWS[index] if index < len(FIRST_WINDOWS) else LATER_WINDOWS
        end = begin + size
        if hops - end < SMALLEST_WINDOW:
            end = hops
        windows.append((begin, end))
        begin = end
    return tuple(windows)

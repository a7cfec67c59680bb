"""What all movements are made of.

They are polynomials: the same bits whichever other times are asked for, and on every machine.
Times are in seconds.
"""

from collections.abc import Sequence
from typing import Final, NamedTuple, TypeAlias

import numpy as np
from numpy.typing import NDArray

__all__ = ["Floats", "Move", "Moves", "Steps", "ease", "envelope", "wave"]

Floats: TypeAlias = NDArray[np.float64]

_EASE: Final = 0.6
"""How long it takes to get going, and to come to rest."""
_EASE_SHARE: Final = 0.4
"""Of the whole time, at most."""


def ease(part: Floats) -> Floats:
    """From 0 to 1, slowly at both ends."""
    part = np.minimum(np.maximum(part, 0.0), 1.0)
    return part * part * (3.0 - 2.0 * part)


def wave(turns: Floats) -> Floats:
    """The sine of so many turns, within 0.001."""
    turns = turns - np.rint(turns)
    arc = turns * (8.0 - 16.0 * np.abs(turns))
    return arc * (0.775 + 0.225 * np.abs(arc))


def envelope(at: Floats, begin: float, end: float) -> Floats:
    """0 before `begin` and after `end`, 1 in between, slowly at both ends."""
    length = max(min(_EASE, _EASE_SHARE * (end - begin)), 1e-6)
    return ease((at - begin) / length) * ease((end - at) / length)


class Move(NamedTuple):
    """Something that comes up from `begin`, is there from `full` to `leave`, and gone at `end`."""

    begin: float
    full: float
    leave: float
    end: float
    amounts: tuple[float, ...]

    @classmethod
    def between(cls, begin: float, rise: float, end: float, fall: float, *amounts: float) -> "Move":
        """With times to come up and to go that are shortened to what room there is."""
        scale = min(1.0, max(0.0, end - begin) / (rise + fall))
        return cls(begin, begin + rise * scale, end - fall * scale, end, amounts)


class Moves:
    """Moves one after another; of two that overlap the earlier is left out.

    So are those that have no room to come up and to go.
    """

    def __init__(self, width: int, moves: Sequence[Move]) -> None:
        """In the order of time; each has as many amounts as `width` says."""
        self._width = width
        apart: list[Move] = []
        for move in reversed(moves):
            has_room = move.begin < move.full <= move.leave < move.end
            if has_room and (not apart or move.end <= apart[-1].begin):
                apart.append(move)
        apart.reverse()
        times = np.array([move[:4] for move in apart], np.float64).reshape(-1, 4)
        self._begin, self._full, self._leave, self._end = times.T
        amounts = [move.amounts for move in apart]
        self._amounts = np.array(amounts, np.float64).reshape(-1, width)

    def at(self, times: Floats) -> Floats:
        """Shape (times, width)."""
        if not self._begin.size:
            return np.zeros((len(times), self._width))
        move = np.searchsorted(self._begin, times, "right") - 1
        begun = move >= 0
        move[~begun] = 0
        begin, leave = self._begin[move], self._leave[move]
        amount = ease((times - begin) / (self._full[move] - begin))
        amount -= ease((times - leave) / (self._end[move] - leave))
        amount *= begun
        moved: Floats = amount[:, None] * self._amounts[move]
        return moved


class Steps:
    """Something that stays where it is until it goes on to the next place. It begins at 0."""

    def __init__(self, steps: Sequence[tuple[float, float]], length: float) -> None:
        """When it begins to go, and where to; `length` is the time that it takes.

        Those that would begin before the one before has ended are left out.
        """
        kept: list[tuple[float, float]] = []
        for begin, place in steps:
            if not kept or begin >= kept[-1][0] + length:
                kept.append((begin, place))
        self._begin = np.array([begin for begin, _ in kept], np.float64)
        self._places = np.array([0.0, *(place for _, place in kept)])
        self._length = length

    def at(self, times: Floats) -> Floats:
        if not self._begin.size:
            return np.zeros(len(times))
        step = np.searchsorted(self._begin, times, "right")
        before = self._places[np.maximum(step - 1, 0)]
        gone = ease((times - self._begin[np.maximum(step - 1, 0)]) / self._length)
        gone_on: Floats = before + (self._places[step] - before) * gone
        return gone_on

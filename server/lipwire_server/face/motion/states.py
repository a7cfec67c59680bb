"""What an application asked of the face, over time: each change is blended in."""

from dataclasses import dataclass
from typing import Final, NamedTuple

import numpy as np

from ..emotions import NAMES
from ..poses import State
from .curves import Floats, ease
from .grid import Samples

__all__ = ["Attitude", "States"]

_BLEND_MS: Final = 400
_CHANGES: Final = 64
"""That are remembered. Of what came before them the last is known."""

_AT_EASE: Final = State()
_GAZE: Final = 500.0
"""1/1000 rad that are as far as the eyes go."""
_HEAD: Final = 350.0
"""1/1000 rad of yaw or pitch that are as far as the head goes."""
_ROLL: Final = 0.15
"""Radians, at most."""


@dataclass(frozen=True, slots=True)
class Attitude:
    """What was asked for in each of some frames."""

    emotions: Floats
    """Shape (frames, emotions): how much there is of each; they add up to 1."""
    gaze: Floats
    """Shape (frames, 2): to the right and up, -1..1."""
    head: Floats
    """Shape (frames, 3): yaw to the right and pitch up, -1..1; roll to the right, in radians."""


class _Change(NamedTuple):
    at: int
    before: Floats
    after: Floats


class States:
    """Positions are samples of the session's clock. One thread changes it; any may ask."""

    def __init__(self, rate: int, state: State = _AT_EASE) -> None:
        self._blend = rate * _BLEND_MS // 1000
        self._target = state
        values = _values(state)
        self._changes: tuple[_Change, ...] = (_Change(0, values, values),)

    @property
    def target(self) -> State:
        """What was asked for last."""
        return self._target

    def change(self, at: int, state: State) -> None:
        """From `at` on it goes over to `state`. Changes that were to come after that do not."""
        before = self._values_at(np.array([at], np.int64))[0]
        earlier = tuple(change for change in self._changes if change.at < at)
        self._changes = (*earlier[1 - _CHANGES :], _Change(at, before, _values(state)))
        self._target = state

    def at(self, samples: Samples) -> Attitude:
        values = self._values_at(samples)
        count = len(NAMES)
        return Attitude(
            values[:, :count], values[:, count : count + 2], values[:, count + 2 : count + 5]
        )

    def _values_at(self, samples: Samples) -> Floats:
        changes = self._changes
        begin = np.array([change.at for change in changes], np.int64)
        index = np.maximum(np.searchsorted(begin, samples, "right") - 1, 0)
        before = np.stack([change.before for change in changes])[index]
        after = np.stack([change.after for change in changes])[index]
        gone = ease((samples - begin[index]) / self._blend)[:, None]
        return before * (1.0 - gone) + after * gone


def _values(state: State) -> Floats:
    """All of it in one row: emotions, gaze, head."""
    yaw, pitch, roll = state.head
    return np.array(
        [
            *(float(name == state.emotion) for name in NAMES),
            *(_clipped(angle / _GAZE, 1.0) for angle in state.gaze),
            _clipped(yaw / _HEAD, 1.0),
            _clipped(pitch / _HEAD, 1.0),
            _clipped(roll / 1000.0, _ROLL),
        ]
    )


def _clipped(value: float, most: float) -> float:
    return max(-most, min(most, value))

"""A face over time, before anything of it is drawn: one row for each frame."""

from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from .articulation import Articulations

__all__ = ["Poses", "State"]

Floats: TypeAlias = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class State:
    """What an application asked of the face with `pose`, in the protocol's units."""

    emotion: str = "neutral"
    gaze: tuple[int, int] = (0, 0)
    """To the right and up, in 1/1000 rad."""
    head: tuple[int, int, int] = (0, 0, 0)
    """Yaw to the right, pitch up, roll to the right, in 1/1000 rad."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Poses:
    """The pose in each of some frames. Right and up are those of the picture."""

    mouth: Articulations
    """Shape (frames, 12). How the mouth is held for what is said; emotions are added when it is
    drawn."""
    weights: NDArray[np.uint8]
    """Shape (frames, 15): the Oculus weights that the mouth was made of."""
    closed: NDArray[np.int8]
    """Shape (frames,): the viseme whose closure must be seen in the frame (PP or FF), or -1."""
    emotions: Floats
    """Shape (frames, emotions): how much there is of each, in the order of `emotions.NAMES`; they
    add up to 1."""
    lids: Floats
    """Shape (frames,): 0 open, 1 closed, below 0 wide open; emotions included."""
    gaze: Floats
    """Shape (frames, 2): to the right and up, -1..1; emotions included."""
    brows: Floats
    """Shape (frames, 2): raised -1..1, and tilted: inner ends down -1, up 1; emotions included."""
    head: Floats
    """Shape (frames, 3): yaw to the right and pitch up, -1..1; roll to the right, in radians."""
    shift: Floats
    """Shape (frames, 2): of the head to the right and down, in pixels of a face 512 pixels high."""
    breath: Floats
    """Shape (frames,): 0..1."""

    def __len__(self) -> int:
        return len(self.mouth)

"""Frames in which closed lips must be seen.

Lips are closed for a `p` for 50 ms, and a frame may last 40: without care a closure falls between
two frames, and nothing is missed more in a face that speaks.
"""

from typing import Final

import numpy as np
from numpy.typing import NDArray

from lipwire_protocol.visemes import SETS, Oculus

from ...speech.port import Plan, VisemeSpan
from .grid import Place

__all__ = ["NONE", "SHUT", "Closures"]

NONE: Final = -1
_FULL: Final = 255
SHUT: Final = (_FULL * np.eye(len(SETS["oculus"]))).astype(np.uint8)
"""Shape (visemes, 15): the weights of each viseme alone."""
_NEAR: Final = np.array([[0], [-1], [1]])
"""The frame of a closure's middle, and those beside it."""
_STRONGER: Final = (Oculus.FF, Oculus.PP)
"""Where two fall into one frame, the later one here is seen."""


class Closures:
    """Of one segment: for each closure one frame, that of its middle or one beside it."""

    def __init__(self, plan: Plan, place: Place) -> None:
        own = place.own(plan.count)
        events = [event for event in plan.mouth.sets["oculus"] if own and _touches(event)]
        self._visemes = np.array([event.viseme for event in events], np.int64)
        self._frames = np.zeros(0, np.int64)
        if events:
            begin = np.array([event.start for event in events], np.int64)
            end_of = begin + np.array([event.count for event in events], np.int64)
            near = place.frames((begin + end_of) // 2) + _NEAR
            near = np.clip(near, own.start, own.stop - 1)
            heard = place.heard(near)
            weights = plan.mouth.weights("oculus", heard.ravel()).reshape(*near.shape, -1)
            is_shut = weights[:, np.arange(len(events)), self._visemes] == _FULL
            is_shut &= (begin <= heard) & (heard < end_of)
            # The first of those that are shut anyway; the middle one, where none is.
            self._frames = near[is_shut.argmax(axis=0), np.arange(len(events))]

    def at(self, frames: range) -> NDArray[np.int8]:
        """PP or FF where one of them must be seen, else -1, shape (frames,)."""
        closed = np.full(len(frames), NONE, np.int8)
        for viseme in _STRONGER:
            places = self._frames[self._visemes == viseme] - frames.start
            closed[places[(places >= 0) & (places < len(frames))]] = viseme
        return closed


def _touches(event: VisemeSpan) -> bool:
    """What is weaker comes near only, as in Spanish "saber"."""
    return event.viseme in _STRONGER and event.weight == _FULL

"""A face when nobody speaks: a loop that can be played for ever."""

from typing import Final

import numpy as np
from numpy.typing import NDArray

from ..articulation import articulations
from ..poses import Poses, State
from .blinks import blink, quantised
from .chance import Draw, chance, either_way
from .closures import NONE, SHUT
from .curves import Floats, Moves, wave
from .gaze import glance, turn
from .grid import middles
from .heads import breathing, looped
from .joining import Unasked, joined
from .states import States

__all__ = ["SECONDS", "idle"]

SECONDS: Final = 8
"""How long the loop is."""

_BLINKS: Final = ((0.7, 2.7), (4.6, 6.8))
"""When the eyes close, by chance between these."""
_GLANCE: Final = (3.0, 4.0)

_SWAY: Final = (
    # Column of head and shift, times in a loop, amount.
    (0, 1, 0.14), (0, 2, 0.07),
    (1, 1, 0.06), (1, 3, 0.03),
    (2, 1, 0.012), (2, 2, 0.006),
    (3, 1, 0.9), (4, 2, 0.5),
)  # fmt: skip


def idle(fps: int, rate: int, seed: int, state: State, calm: bool = False) -> Poses:
    """The frames of a loop that begins and ends at rest. When it is over it begins again."""
    frames = range(SECONDS * fps)
    samples = middles(frames, rate, fps)
    seconds = samples / rate
    return joined(
        _calm(seconds, seed) if calm else _lively(seconds, seed), States(rate, state).at(samples)
    )


def _silent(frames: int) -> tuple[NDArray[np.uint8], NDArray[np.int8]]:
    return np.repeat(SHUT[:1], frames, axis=0), np.full(frames, NONE, np.int8)


def _calm(seconds: Floats, seed: int) -> Unasked:
    weights, closed = _silent(len(seconds))
    lids = quantised(_blinks(seconds, seed))
    return Unasked.calm(weights, closed, lids, looped(seconds / SECONDS))


def _lively(seconds: Floats, seed: int) -> Unasked:
    weights, closed = _silent(len(seconds))
    moved = np.zeros((len(seconds), 5))
    for index, (column, times, amount) in enumerate(_SWAY):
        far = amount * either_way(chance(seed, Draw.SWAY, index))
        moved[:, column] += far * wave(seconds * (times / SECONDS))
    eyes = glance(_between(_GLANCE, chance(seed, Draw.GLANCE)), seed, 0)
    moved[:, :2] += Moves(2, [turn(eyes)]).at(seconds)
    return Unasked(
        weights=weights,
        mouth=articulations(weights),
        closed=closed,
        lids=_blinks(seconds, seed),
        gaze=Moves(2, [eyes]).at(seconds),
        brows=np.zeros(len(seconds)),
        head=moved[:, :3],
        shift=moved[:, 3:],
        breath=breathing(seconds),
    )


def _blinks(seconds: Floats, seed: int) -> Floats:
    moves = [
        blink(_between(span, chance(seed, Draw.BLINK, index))) for index, span in enumerate(_BLINKS)
    ]
    closed: Floats = Moves(1, moves).at(seconds)[:, 0]
    return closed


def _between(span: tuple[float, float], part: float) -> float:
    return span[0] + (span[1] - span[0]) * part

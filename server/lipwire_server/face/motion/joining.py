"""What a face does of itself, and what it was asked for, as one."""

from dataclasses import dataclass
from typing import Final, Self

import numpy as np
from numpy.typing import NDArray

from ..articulation import Articulations
from ..emotions import EMOTIONS
from ..poses import Poses
from .curves import Floats
from .states import Attitude

__all__ = ["Motion", "joined"]

_WIDE: Final = -0.3
"""How far lids can be open beyond open."""
_ROLL: Final = 0.2

_BROWS, _GAZE, _HEAD = slice(1, 3), slice(3, 5), slice(5, 8)
"""Columns of the offsets; the first is of the lids."""
_OFFSETS: Final = np.array(
    [(one.lids, one.brow_raise, one.brow_tilt, *one.gaze, *one.head) for one in EMOTIONS.values()]
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Motion:
    """All but the mouth, of a face of which nothing was asked. As in `Poses`."""

    lids: Floats
    gaze: Floats
    brows: Floats
    """Shape (frames,): how far they are raised."""
    head: Floats
    shift: Floats
    breath: Floats

    @classmethod
    def calm(cls, *, lids: Floats, head: Floats) -> Self:
        """Nothing else moves."""
        count = len(lids)
        return cls(
            lids=lids,
            gaze=np.zeros((count, 2)),
            brows=np.zeros(count),
            head=head,
            shift=np.zeros((count, 2)),
            breath=np.zeros(count),
        )


def joined(
    mouth: Articulations,
    weights: NDArray[np.uint8],
    closed: NDArray[np.int8],
    motion: Motion,
    attitude: Attitude,
) -> Poses:
    added = _offsets(attitude.emotions)
    lids = added[:, 0] + (1.0 - added[:, 0]) * motion.lids
    brows = added[:, _BROWS]
    brows[:, 0] += motion.brows
    head = motion.head + attitude.head + added[:, _HEAD]
    np.clip(head[:, :2], -1.0, 1.0, out=head[:, :2])
    np.clip(head[:, 2], -_ROLL, _ROLL, out=head[:, 2])
    return Poses(
        mouth=mouth,
        weights=weights,
        closed=closed,
        emotions=attitude.emotions,
        lids=np.clip(lids, _WIDE, 1.0),
        gaze=np.clip(motion.gaze + attitude.gaze + added[:, _GAZE], -1.0, 1.0),
        brows=np.clip(brows, -1.0, 1.0),
        head=head,
        shift=motion.shift,
        breath=motion.breath,
    )


def _offsets(emotions: Floats) -> Floats:
    # Not `@`: its rounding would depend on how many frames are asked for.
    offsets = np.zeros((len(emotions), _OFFSETS.shape[1]))
    for index in np.flatnonzero(emotions.any(axis=0)):
        offsets += emotions[:, index : index + 1] * _OFFSETS[index]
    return offsets

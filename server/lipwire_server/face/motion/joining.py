"""What a face does of itself, and what it was asked for, as one."""

from dataclasses import dataclass, fields
from typing import Final, Self

import numpy as np
from numpy.typing import NDArray

from ..articulation import Articulations, articulations
from ..emotions import EMOTIONS
from ..poses import Poses
from .curves import Floats
from .states import Attitude

__all__ = ["Unasked", "joined"]

_WIDE: Final = -0.3
"""How far lids can be open beyond open."""
_MOST: Final = np.array([1.0, 1.0, 0.2])
"""Of the head's yaw, pitch and roll."""

_BROWS, _GAZE, _HEAD = slice(1, 3), slice(3, 5), slice(5, 8)
"""Columns of the offsets; the first is of the lids."""
_OFFSETS: Final = np.array(
    [(one.lids, one.brow_raise, one.brow_tilt, *one.gaze, *one.head) for one in EMOTIONS.values()]
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Unasked:
    """A face of which nothing was asked, in some frames. As in `Poses`."""

    weights: NDArray[np.uint8]
    mouth: Articulations
    closed: NDArray[np.int8]
    lids: Floats
    gaze: Floats
    brows: Floats
    """Shape (frames,): how far they are raised."""
    head: Floats
    shift: Floats
    breath: Floats

    def __post_init__(self) -> None:
        for name in _FIELDS:  # Parts of it are handed out again and again.
            getattr(self, name).setflags(write=False)

    @classmethod
    def calm(
        cls, weights: NDArray[np.uint8], closed: NDArray[np.int8], lids: Floats, head: Floats
    ) -> Self:
        """Nothing else moves."""
        count = len(lids)
        return cls(
            weights=weights,
            mouth=articulations(weights),
            closed=closed,
            lids=lids,
            gaze=np.zeros((count, 2)),
            brows=np.zeros(count),
            head=head,
            shift=np.zeros((count, 2)),
            breath=np.zeros(count),
        )

    def part(self, begin: int, end: int) -> "Unasked":
        return Unasked(**{name: getattr(self, name)[begin:end] for name in _FIELDS})


_FIELDS: Final = tuple(field.name for field in fields(Unasked))


def joined(face: Unasked, attitude: Attitude) -> Poses:
    added = _offsets(attitude.emotions)
    brows = added[:, _BROWS]
    brows[:, 0] += face.brows
    head = face.head + attitude.head + added[:, _HEAD]
    return Poses(
        mouth=face.mouth,
        weights=face.weights,
        closed=face.closed,
        emotions=attitude.emotions,
        lids=_clipped(added[:, 0] + (1.0 - added[:, 0]) * face.lids, _WIDE, 1.0),
        gaze=_clipped(face.gaze + attitude.gaze + added[:, _GAZE], -1.0, 1.0),
        brows=_clipped(brows, -1.0, 1.0),
        head=_clipped(head, -_MOST, _MOST),
        shift=face.shift,
        breath=face.breath,
    )


def _clipped(values: Floats, least: Floats | float, most: Floats | float) -> Floats:
    return np.minimum(np.maximum(values, least), most)


def _offsets(emotions: Floats) -> Floats:
    # Not `@`: its rounding would depend on how many frames are asked for.
    offsets = np.zeros((len(emotions), _OFFSETS.shape[1]))
    for index in np.flatnonzero(emotions.any(axis=0)):
        offsets += emotions[:, index : index + 1] * _OFFSETS[index]
    return offsets

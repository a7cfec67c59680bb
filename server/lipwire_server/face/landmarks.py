"""Where the lips, teeth and tongue of a mouth are, in pixels of a face 512 pixels high.

The drawn mouths are built on these measures, and two mouths are as far apart as their landmarks.
"""

from typing import Final, NamedTuple, TypeAlias

import numpy as np
from numpy.typing import NDArray

from .articulation import Articulations

__all__ = ["JAW_PX", "Measures", "landmarks", "measures"]

Floats: TypeAlias = NDArray[np.float64]

JAW_PX: Final = 30.0
"""How far the inner edge of the lower lip goes down with the jaw."""


class Measures(NamedTuple):
    """Of mouths of any shape; heights are down from the line between closed lips."""

    half_width: Floats
    """From the middle to a corner of the lips."""
    above: Floats
    """Inner edge of the upper lip above the line."""
    below: Floats
    """Inner edge of the lower lip below it."""
    upper_lip: Floats
    """Thickness."""
    lower_lip: Floats
    corner: Floats
    """Height of the corners."""


def measures(held: Articulations) -> Measures:
    """Measures of mouths of shape (..., 12), each of shape (...)."""
    jaw, wide, rounded, upper, lower, press, tuck = (held[..., i] for i in range(7))
    smile = held[..., 11]
    jaw = np.clip(jaw, 0.0, 1.2)
    rounded, press, tuck = (np.clip(a, 0.0, 1.0) for a in (rounded, press, tuck))
    apart, stretched, cheer = 1.0 - press, np.maximum(wide, 0.0), np.maximum(smile, 0.0)
    half_width = 34.0 + 7.5 * wide - 12.0 * rounded - 2.0 * jaw * (1.0 - rounded)
    half_width = np.maximum(half_width + 3.2 * cheer, 15.0)
    above = (upper * 5.6 + jaw * 3.4 + rounded * (1.4 + jaw * 2.0)) * apart
    below = (lower * 6.4 + jaw * JAW_PX + rounded * 1.8) * apart
    below = below * (1.0 - tuck) + tuck * 2.2
    upper_lip = 8.2 + 0.7 * rounded - 3.2 * press - 1.3 * stretched
    upper_lip -= (1.2 * upper + 0.8 * jaw) * (1.0 - rounded)
    lower_lip = 10.8 + 0.9 * rounded - 3.6 * press - 1.6 * stretched - 4.2 * tuck
    lower_lip -= 0.8 * lower * (1.0 - rounded) + 0.3 * jaw * (1.0 - rounded)
    lift = 9.2 * smile * (1.0 - 0.55 * rounded) * (1.0 - 0.2 * np.minimum(jaw, 1.0))
    pulled = 0.26 * below * (1.0 - tuck) * (1.0 - 0.5 * np.minimum(cheer, 1.0))
    corner = 0.8 + pulled - lift - 1.6 * stretched
    return Measures(half_width, above, below, upper_lip, lower_lip, corner)


def landmarks(held: Articulations) -> Floats:
    """Shape (..., 11): the measures, and how far teeth and tongue are seen to move."""
    at = measures(held)
    tuck, teeth, tongue, tip, out = (held[..., i] for i in range(6, 11))
    seen = np.minimum(1.0, (at.above + at.below) / 8.0)
    return np.stack(
        [
            *at,
            6.0 * teeth * seen,
            3.0 * tongue * seen,
            4.0 * tip * seen,
            8.0 * out * seen,
            6.0 * tuck,
        ],
        axis=-1,
    )

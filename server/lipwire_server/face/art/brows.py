"""A brow: one tapered ribbon. Feelings move and tilt its picture."""

import numpy as np

from .character import Character
from .geometry import MIDDLE, Path, bezier, ribbon
from .paint import Fill, Fills, Linear, place

__all__ = ["brow"]


def brow(of: Character, side: int, raised: float = 0.0) -> Fills:
    """`side` is -1 for the left one of the picture, 1 for the right one. A raised one, in pixels,
    arches.
    """
    style = of.brows
    arch = (0.5, 1.1, 1.3, 0.4)
    handles = [(x, y - raised * share) for (x, y), share in zip(style.line, arch, strict=True)]
    start, out, into, end = handles
    line = bezier(start, out, into, end, steps=32)
    faded = ((0.0, 0.0), (0.10, 0.6), (0.30, 1.0), (1.0, 1.0))
    stops = tuple((at, style.hair.at(alpha)) for at, alpha in faded)

    def width(places: Path) -> Path:
        rise = style.inner + (1.0 - style.inner) * np.minimum(1.0, places / 0.35)
        fall = np.clip((1.0 - places) / 0.62, 0.0, 1.0) ** 0.8
        return 0.6 + style.thickness * rise * fall

    paint = Linear(start, end, stops)
    parts = (Fill(ribbon(line, width), paint, soft=style.softness),)
    if side > 0:
        return parts
    return place(parts, (2.0 * MIDDLE, 0.0), (-1.0, 1.0))

"""A mouth, and the skin that moves with it."""

import numpy as np

from ..articulation import Articulation
from .character import Character, Skin
from .geometry import bezier, ribbon, swell
from .inside import inside
from .lips import Outlines, lips, outlines
from .paint import Drawn, Fill, Fills, glow, place

__all__ = ["mouth"]


def mouth(of: Character, held: Articulation) -> Fills:
    style = of.lips
    shape = outlines(held, style.fullness)
    parts = (
        *_shades(shape, of.skin),
        *_folds(shape, of.skin, style.folds),
        *inside(shape),
        *lips(shape, style),
    )
    return place(parts, style.at, (style.size, style.size))


def _shades(of: Outlines, skin: Skin) -> Fills:
    """Under the lower lip, in the philtrum, beside the corners."""
    w = of.half_width
    deep = skin.deep.at(0.26 + 0.10 * float(np.clip(of.held.round, 0.0, 1.0)))
    return (
        glow(0.0, of.bottom + 5.5, w * 0.66, 7.5, deep),
        glow(0.0, of.top - 6.0, 4.2, 7.5, skin.shade.at(0.34)),
        *(glow(s * (w + 4.0), of.corner, 6.5, 7.5, skin.shade.at(0.5)) for s in (-1.0, 1.0)),
    )


def _folds(of: Outlines, skin: Skin, depth: float) -> Fills:
    """From the nose around the corners: smiles and wide mouths deepen them."""
    held = of.held
    shown = 0.02 + 0.26 * max(0.0, held.smile) + 0.14 * max(0.0, held.wide) + 0.06 * held.jaw
    shown = min(0.36, shown) * depth
    w, y = of.half_width, of.corner
    parts: list[Drawn] = []
    for side in (-1.0, 1.0):
        line = bezier(
            (side * 25.0, -32.0),
            (side * 32.0, -28.0),
            (side * (w + 8.0), y - 20.0),
            (side * (w + 9.5), y - 6.0),
        )
        parts.append(Fill(ribbon(line, swell(0.3, 2.8)), skin.deep.at(shown), soft=1.0))
    return tuple(parts)

"""A nose that is mostly light and shade."""

from dataclasses import dataclass

from .character import Skin
from .geometry import MIDDLE, bezier, ribbon, swell
from .paint import Drawn, Fill, Fills, glow

__all__ = ["Nose", "nose"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Nose:
    width: float = 1.0
    tip: float = 258.0
    """Height of the light on it."""
    bridge: float = 1.0
    """How clearly its sides show."""
    definition: float = 1.0
    """Of its lower edge."""


def nose(style: Nose, skin: Skin) -> Fills:
    w, y = style.width, style.tip
    parts: list[Drawn] = [
        glow(MIDDLE + 8.5 * w, y - 18.0, 9.0 * w, 27.0, skin.shade.at(0.46 * style.bridge)),
        glow(MIDDLE - 11.0 * w, y - 22.0, 6.0 * w, 22.0, skin.shade.at(0.14 * style.bridge)),
        glow(MIDDLE + 1.0, y + 7.0, 22.0 * w, 14.0, skin.shade.at(0.62)),
        glow(MIDDLE - 2.5, y - 18.0, 5.0 * w, 22.0, skin.light.at(0.45 * style.bridge)),
        glow(MIDDLE - 2.0, y - 1.5, 9.5 * w, 8.5, skin.light.at(0.95)),
    ]
    under = bezier(
        (MIDDLE - 12.5 * w, y + 7.0),
        (MIDDLE - 7.5 * w, y + 15.0),
        (MIDDLE + 7.5 * w, y + 15.0),
        (MIDDLE + 12.5 * w, y + 7.0),
    )
    deep = skin.deep
    parts.append(Fill(ribbon(under, swell(0.5, 2.2)), deep.at(0.6 * style.definition), soft=0.5))
    for side in (-1.0, 1.0):
        parts += _wing(side * w, y, skin, style.definition)
    return tuple(parts)


def _wing(w: float, y: float, skin: Skin, definition: float) -> Fills:
    """Of one side: the nostril and the curve around it."""
    nostril = bezier(
        (MIDDLE + w * 4.0, y + 11.2),
        (MIDDLE + w * 5.4, y + 8.4),
        (MIDDLE + w * 9.0, y + 8.2),
        (MIDDLE + w * 10.4, y + 10.4),
    )
    around = bezier(
        (MIDDLE + w * 13.2, y),
        (MIDDLE + w * 16.8, y + 2.0),
        (MIDDLE + w * 16.8, y + 8.0),
        (MIDDLE + w * 12.6, y + 9.6),
    )
    return (
        Fill(ribbon(nostril, swell(0.6, 2.4)), skin.deep.at(0.85), soft=0.3),
        Fill(ribbon(around, swell(0.3, 1.5)), skin.deep.at(0.42 * definition), soft=0.5),
    )

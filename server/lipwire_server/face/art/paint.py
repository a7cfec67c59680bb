"""What outlines are filled with: colours and gradients, and the fills themselves.

There are no strokes and no bitmaps. A line is a ribbon, and a soft shadow is a fill with `soft`.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import NamedTuple, TypeAlias

import numpy as np

from .geometry import Path, Point, ellipse

__all__ = [
    "Colour",
    "Drawn",
    "Fill",
    "Fills",
    "Group",
    "Linear",
    "Paint",
    "Radial",
    "colour",
    "down",
    "glow",
    "mix",
    "place",
]


class Colour(NamedTuple):
    """sRGB and opacity, 0..1."""

    red: float
    green: float
    blue: float
    alpha: float = 1.0

    def at(self, alpha: float) -> "Colour":
        return self._replace(alpha=alpha)


def colour(code: str, alpha: float = 1.0) -> Colour:
    """Of `#rrggbb`."""
    red, green, blue = (int(code[i : i + 2], 16) / 255.0 for i in (1, 3, 5))
    return Colour(red, green, blue, alpha)


def mix(one: Colour, other: Colour, share: float) -> Colour:
    """`share` 0 is one, 1 the other."""
    return Colour(*(a + (b - a) * share for a, b in zip(one, other, strict=True)))


Stops: TypeAlias = tuple[tuple[float, Colour], ...]


@dataclass(frozen=True, slots=True)
class Linear:
    start: Point
    end: Point
    stops: Stops


@dataclass(frozen=True, slots=True)
class Radial:
    centre: Point
    radii: Point
    stops: Stops


Paint: TypeAlias = Colour | Linear | Radial


@dataclass(frozen=True, slots=True, eq=False)
class Fill:
    path: Path
    paint: Paint
    clip: Path | None = None
    """Nothing of it shows outside."""
    hole: Path | None = None
    """Nothing of it shows inside."""
    soft: float = 0.0
    """Its edge is blurred: the standard deviation in pixels. `clip` and `hole` stay sharp."""


@dataclass(frozen=True, slots=True, eq=False)
class Group:
    """Drawn on its own, and cut out as one."""

    parts: "Fills"
    path: Path
    """Nothing of it shows outside."""
    hole: Path | None = None
    soft: float = 0.0
    """Of the edge of `path`."""
    hole_soft: float = 0.0


Drawn: TypeAlias = Fill | Group
Fills: TypeAlias = tuple[Drawn, ...]


def down(top: float, bottom: float, *stops: tuple[float, Colour]) -> Linear:
    """A gradient from above to below."""
    return Linear((0.0, top), (0.0, bottom), stops)


def glow(x: float, y: float, rx: float, ry: float, shade: Colour, clip: Path | None = None) -> Fill:
    """A spot that fades to nothing at its edge."""
    stops = ((0.0, shade), (0.5, shade.at(shade.alpha * 0.42)), (1.0, shade.at(0.0)))
    return Fill(ellipse(x, y, rx, ry), Radial((x, y), (rx, ry), stops), clip)


def place(parts: Iterable[Drawn], at: Point, scale: Point = (1.0, 1.0)) -> Fills:
    """Scaled about the origin, then moved there. A negative scale mirrors."""
    return tuple(_placed(part, at, scale) for part in parts)


def _placed(part: Drawn, at: Point, scale: Point) -> Drawn:
    path = part.path * scale + at
    hole = None if part.hole is None else part.hole * scale + at
    if isinstance(part, Group):
        return replace(part, parts=place(part.parts, at, scale), path=path, hole=hole)
    clip = None if part.clip is None else part.clip * scale + at
    return replace(part, path=path, paint=_paint(part.paint, at, scale), clip=clip, hole=hole)


def _paint(paint: Paint, at: Point, scale: Point) -> Paint:
    match paint:
        case Linear():
            return replace(
                paint, start=_point(paint.start, at, scale), end=_point(paint.end, at, scale)
            )
        case Radial():
            radii = (paint.radii[0] * abs(scale[0]), paint.radii[1] * abs(scale[1]))
            return replace(paint, centre=_point(paint.centre, at, scale), radii=radii)
        case Colour():
            return paint


def _point(point: Point, at: Point, scale: Point) -> Point:
    x, y = np.multiply(point, scale) + at
    return float(x), float(y)

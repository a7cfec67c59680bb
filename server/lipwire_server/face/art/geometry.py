"""Outlines. All art is in a box of 512 by 512; an outline is the corners of a polygon, close enough
together to look round.
"""

from collections.abc import Callable, Sequence
from typing import Final, TypeAlias

import numpy as np
from numpy.typing import NDArray

__all__ = [
    "MIDDLE",
    "SIZE",
    "Path",
    "Point",
    "bezier",
    "bounds",
    "curve",
    "ellipse",
    "join",
    "mirror",
    "move",
    "rectangle",
    "ribbon",
    "scale",
    "smooth",
    "swell",
]

SIZE: Final = 512
MIDDLE: Final = 256.0
"""What the two sides of a face mirror about."""

Point: TypeAlias = tuple[float, float]
Path: TypeAlias = NDArray[np.float64]
"""Shape (points, 2)."""

_STEPS: Final = 14
_OVERSHOOT: Final = 0.42
"""How much of the way to the next point a tangent may reach."""


def bezier(start: Point, out: Point, into: Point, end: Point, steps: int = _STEPS) -> Path:
    """A cubic, both ends included."""
    a, b, c, d = np.asarray((start, out, into, end), float)
    return _cubic(a, b, c, d, steps)


def _cubic(start: Path, out: Path, into: Path, end: Path, steps: int = _STEPS) -> Path:
    t = np.linspace(0.0, 1.0, steps + 1)[:, None]
    u = 1.0 - t
    line: Path = u**3 * start + 3 * u**2 * t * out + 3 * u * t**2 * into + t**3 * end
    return line


def curve(start: Point, *cubics: tuple[Point, Point, Point]) -> Path:
    """Cubics one after another: each is its two handles and its end."""
    parts = [np.asarray([start], float)]
    for out, into, end in cubics:
        last = (float(parts[-1][-1, 0]), float(parts[-1][-1, 1]))
        parts.append(bezier(last, out, into, end)[1:])
    return np.concatenate(parts)


def smooth(
    points: Sequence[Point], *, closed: bool = True, corners: frozenset[int] = frozenset()
) -> Path:
    """A line through the points that turns sharply at the `corners` (indices) alone."""
    at = np.asarray(points, float)
    before, after = np.roll(at, 1, axis=0), np.roll(at, -1, axis=0)
    if not closed:
        before[0], after[-1] = at[0], at[-1]
    tangents = (after - before) / 6.0
    tangents[list(corners)] = 0.0
    parts = [at[:1]]
    for i in range(len(at) if closed else len(at) - 1):
        j = (i + 1) % len(at)
        reach = float(np.hypot(*(at[j] - at[i]))) * _OVERSHOOT
        start, end = (_held(tangents[k], reach) for k in (i, j))
        parts.append(_cubic(at[i], at[i] + start, at[j] - end, at[j])[1:])
    return np.concatenate(parts)


def _held(tangent: Path, reach: float) -> Path:
    length = float(np.hypot(*tangent))
    return tangent if length <= reach else tangent * (reach / length)


def ribbon(line: Path, width: float | Callable[[Path], Path]) -> Path:
    """A stroke along a line. Its width may be said for each place, 0 at the start to 1 at the end
    of the line.
    """
    along = np.gradient(line, axis=0)
    lengths = np.maximum(np.hypot(along[:, 0], along[:, 1]), 1e-9)
    normals = np.stack([-along[:, 1], along[:, 0]], axis=1) / lengths[:, None]
    steps = np.hypot(*np.diff(line, axis=0).T)
    places = np.concatenate([[0.0], np.cumsum(steps)]) / max(float(steps.sum()), 1e-9)
    half = np.broadcast_to(width(places) if callable(width) else width, places.shape) / 2.0
    offset = normals * half[:, None]
    return np.concatenate([line + offset, (line - offset)[::-1]])


def swell(least: float, most: float, power: float = 1.0) -> Callable[[Path], Path]:
    """The width of a stroke that is thin at both ends."""

    def width(places: Path) -> Path:
        return least + most * np.maximum(np.sin(np.pi * places), 0.0) ** power

    return width


def ellipse(x: float, y: float, rx: float, ry: float | None = None) -> Path:
    turns = np.linspace(0.0, 2.0 * np.pi, 72, endpoint=False)
    return np.stack([x + rx * np.cos(turns), y + (ry or rx) * np.sin(turns)], axis=1)


def rectangle(x: float, y: float, width: float, height: float) -> Path:
    right, bottom = x + width, y + height
    return np.asarray([(x, y), (right, y), (right, bottom), (x, bottom)], float)


def join(*paths: Path) -> Path:
    return np.concatenate(paths)


def move(path: Path, x: float, y: float) -> Path:
    return path + (x, y)


def scale(path: Path, x: float, y: float, about: Point = (0.0, 0.0)) -> Path:
    scaled: Path = (path - about) * (x, y) + about
    return scaled


def mirror(path: Path, about: float = MIDDLE) -> Path:
    return path * (-1.0, 1.0) + (2.0 * about, 0.0)


def bounds(path: Path) -> tuple[float, float, float, float]:
    """Left, top, right and bottom."""
    (left, top), (right, bottom) = path.min(axis=0), path.max(axis=0)
    return float(left), float(top), float(right), float(bottom)

"""A head: its outline, and the light on its skin."""

from dataclasses import dataclass

from .character import Skin
from .geometry import MIDDLE, Path, Point, ellipse, mirror, move, scale, smooth
from .paint import Drawn, Fill, Fills, Linear, Radial, down, glow, mix

__all__ = ["CHIN_DROP", "Head", "ear", "head", "outline"]

CHIN_DROP = 15.0
"""How far the chin goes down with the jaw."""
_STILL = 250.0
"""Nothing above moves with the jaw."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Head:
    outline: tuple[Point, ...]
    """The right half, from the crown to the chin: distances from the middle, and heights."""
    blush: float = 0.36
    """Opacity."""
    side: float = 0.5
    """How dark the side away from the light is."""
    chin: float = 0.6
    """Opacity of the light on it."""


def outline(of: Head, jaw: float) -> Path:
    chin = of.outline[-1][1]
    moved = []
    for x, y in of.outline:
        low = max(0.0, (y - _STILL) / (chin - _STILL))
        low = low * low * (3.0 - 2.0 * low)
        moved.append((x * (1.0 - 0.035 * jaw * low), y + CHIN_DROP * jaw * low))
    right = [(MIDDLE + x, y) for x, y in moved]
    left = [(MIDDLE - x, y) for x, y in moved[1:-1]]
    return smooth(right + left[::-1])


def head(of: Head, skin: Skin, jaw: float) -> Fills:
    """Without neck, ears and hair."""
    edge = outline(of, jaw)
    chin = of.outline[-1][1] + CHIN_DROP * jaw
    widest = max(x for x, _ in of.outline)
    middle = mix(skin.base, skin.light, 0.35)
    round_light = Radial(
        (MIDDLE - 16.0, 222.0), (150.0, 178.0),
        ((0.0, mix(skin.base, skin.light, 0.55)), (0.5, middle), (0.78, skin.base),
         (1.0, mix(skin.base, skin.shade, 0.45))),
    )  # fmt: skip
    return (
        Fill(edge, round_light),
        *_sides(edge, widest, skin, of.side),
        Fill(edge, down(chin - 36.0, chin, (0.0, skin.shade.at(0.0)), (1.0, skin.shade.at(0.55)))),
        *_cheeks(skin, of.blush, jaw),
        glow(MIDDLE - 2.0, chin - 14.0, 19.0, 10.0, skin.light.at(of.chin)),
    )


def _sides(edge: Path, widest: float, skin: Skin, depth: float) -> Fills:
    clear, shade = skin.shade.at(0.0), skin.shade
    right = Linear(
        (MIDDLE + widest * 0.34, 0.0), (MIDDLE + widest * 1.05, 0.0),
        ((0.0, clear), (1.0, shade.at(depth * 1.5))),
    )  # fmt: skip
    left = Linear(
        (MIDDLE - widest * 1.08, 0.0), (MIDDLE - widest * 0.66, 0.0),
        ((0.0, shade.at(depth)), (1.0, clear)),
    )  # fmt: skip
    return (Fill(edge, right), Fill(edge, left))


def _cheeks(skin: Skin, blush: float, jaw: float) -> Fills:
    parts: list[Drawn] = []
    for side in (-1.0, 1.0):
        y = 268.0 + 3.0 * jaw
        parts.append(glow(MIDDLE + side * 57.0, y, 33.0, 23.0, skin.blush.at(blush)))
        parts.append(glow(MIDDLE + side * 52.0, y - 13.0, 21.0, 11.0, skin.light.at(0.5)))
    return tuple(parts)


def ear(x: float, y: float, skin: Skin, size: float = 1.0, side: int = 1) -> Fills:
    """The right one of the picture, or the left one, with its middle there."""
    shell = move(scale(ellipse(0.0, 0.0, 13.0, 25.0), size, size), x, y)
    inner = move(scale(ellipse(2.0, 1.0, 6.5, 15.0), size, size), x, y)
    parts = (
        Fill(shell, down(y - 25.0, y + 25.0, (0.0, skin.base), (1.0, skin.shade))),
        Fill(inner, skin.deep.at(0.35), shell, soft=2.2),
    )
    if side > 0:
        return parts
    return tuple(
        Fill(mirror(part.path, x), part.paint, None if part.clip is None else mirror(part.clip, x),
             soft=part.soft)
        for part in parts
    )  # fmt: skip

"""Eyes: whites, irises that move over them, and lids with a hole through which both are seen.

An eye is drawn about its middle as the right one of the picture, and mirrored.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from .character import Character, Eyes
from .geometry import MIDDLE, Path, Point, bezier, curve, ellipse, join, move, ribbon, scale, swell
from .paint import Colour, Drawn, Fill, Fills, Group, Radial, colour, down, glow, mix, place

__all__ = ["LIDS", "Lids", "irises", "lids", "whites"]

LIDS = (-0.3, 0.0, 0.2, 0.45, 0.75, 1.0)
"""How far the drawn lids are closed."""

_HALF = 22.5
_TOP, _BOTTOM, _SHUT = -14.4, 9.8, 6.6
_WIDE = 0.55
"""Wide eyes open by less than blinking closes them."""
_IRIS, _PUPIL = 12.8, 6.0

_WHITE = colour("#fdfcfb")
_WHITE_SHADE = colour("#d3d6e0")
_WHITE_WARM = colour("#efe7e5")
_PUPILS = colour("#120f16")
_SHADE = colour("#2b1b2a")
_TEARS = colour("#e5a59a")


@dataclass(frozen=True, slots=True)
class Lids:
    closed: float
    squint: float = 0.0
    """Lower lids pushed up, as by cheeks: 0..1."""
    slant: float = 0.0
    """Upper lids lower at their inner ends -1, or at their outer ends 1."""


@dataclass(frozen=True, slots=True, eq=False)
class _Opening:
    upper: Path
    """From the inner to the outer corner."""
    lower: Path
    """Back again."""
    crease: Path
    top: float

    @property
    def outline(self) -> Path:
        return join(self.upper, self.lower)


def _opening(at: Lids, openness: float) -> _Opening:
    closed = at.closed if at.closed >= 0.0 else at.closed * _WIDE
    w, highest = _HALF, _TOP * openness
    top = highest + (_SHUT - highest) * closed
    bottom = _BOTTOM - 2.0 * max(closed, 0.0) - 5.2 * at.squint * (1.0 - max(closed, 0.0))
    slanted = 4.6 * at.slant * (1.0 - max(closed, 0.0))
    inner, outer = (-w * 0.98, 4.0), (w * 1.02, -1.0)
    inside, outside = top - slanted, top + slanted
    upper = curve(
        inner,
        ((-w * 0.62, inside * 0.72 + 1.6), (-w * 0.30, inside * 0.6 + top * 0.4), (w * 0.04, top)),
        ((w * 0.48, outside * 0.6 + top * 0.4), (w * 0.84, outside * 0.58 + 0.5 * closed), outer),
    )
    lower = curve(
        outer,
        ((w * 0.80, bottom * 0.70), (w * 0.40, bottom), (0.0, bottom)),
        ((-w * 0.46, bottom), (-w * 0.80, bottom * 0.72 + 1.2), inner),
    )
    fold = highest - 1.8 + slanted * 0.5
    crease = curve(
        (inner[0] - 1.0, inner[1] - 0.5),
        ((-w * 0.66, fold * 0.85), (-w * 0.34, fold), (w * 0.04, fold)),
        ((w * 0.52, fold), (w * 0.90, fold * 0.5), (outer[0] + 1.0, outer[1] - 1.0)),
    )
    return _Opening(upper, lower, crease, top)


def _sides(style: Eyes) -> Iterator[tuple[Point, Point]]:
    """Where the eyes are, and their scale."""
    x, y = style.at
    yield (MIDDLE - x, y), (-style.size, style.size)
    yield (MIDDLE + x, y), (style.size, style.size)


def _both(style: Eyes, parts: Fills) -> Fills:
    return tuple(part for side in _sides(style) for part in place(parts, *side))


def whites(of: Character) -> Fills:
    """As far as the widest lids show them, and a little more."""
    widest = scale(_opening(Lids(LIDS[0]), of.eyes.openness).outline, 1.03, 1.04)
    top = _TOP * of.eyes.openness
    paint = down(top, _BOTTOM, (0.0, _WHITE_SHADE), (0.42, _WHITE), (1.0, _WHITE_WARM))
    return _both(of.eyes, (Fill(widest, paint), glow(-_HALF * 0.9, 3.6, 4.4, 3.4, _TEARS)))


def irises(of: Character) -> Fills:
    """Lit from the upper left, both of them."""
    style = of.eyes
    parts: list[Drawn] = []
    for at, (_, size) in _sides(style):
        scale_of_iris = size * style.iris_size
        parts += place(_iris(style), (at[0], at[1] - 0.8), (scale_of_iris, scale_of_iris))
    return tuple(parts)


def _iris(style: Eyes) -> Fills:
    rim = mix(style.iris_deep, _PUPILS, 0.45)
    body = Radial(
        (0.0, 3.4),
        (_IRIS + 3.2, _IRIS + 3.2),
        ((0.0, style.iris_light), (0.45, style.iris), (0.80, style.iris_deep), (1.0, rim)),
    )
    white = Colour(1.0, 1.0, 1.0)
    return (
        Fill(ellipse(0.0, 0.0, _IRIS), body),
        glow(0.0, 6.8, 7.2, 5.0, mix(style.iris_light, white, 0.4).at(0.7)),
        Fill(ellipse(0.0, 0.0, _PUPIL), _PUPILS, soft=0.3),
        Fill(ellipse(-4.2, -4.8, 3.6, 3.8), white.at(0.97)),
        Fill(ellipse(4.7, 4.5, 1.7), white.at(0.75)),
    )


def lids(of: Character, at: Lids) -> Fills:
    """The skin around the eyes is cut out of the face itself, so that no seam shows."""
    style = of.eyes
    opening = _opening(at, style.openness)
    # Shut lids have no hole: the outline would leave a hairline of white.
    hole = opening.outline if at.closed < 0.97 else None
    skin = (*of.face(0.0), *of.nose())
    patch = ellipse(0.0, -2.0, 35.0, 29.0)
    parts: list[Drawn] = []
    for place_at, size in _sides(style):
        around = patch * size + place_at
        cut = None if hole is None else hole * size + place_at
        parts.append(Group(skin, around, cut, soft=3.6))
        parts += place(_lid(of, at, opening, hole), place_at, size)
    return tuple(parts)


def _lid(of: Character, at: Lids, opening: _Opening, hole: Path | None) -> Fills:
    return (
        *_skin(of, opening, hole),
        *(_on_the_ball(opening) if hole is not None else ()),
        *_crease(of, at, opening),
        *_bag(of, at, opening),
        *_lower_line(of.eyes, opening),
        *_upper_line(of.eyes, at, opening),
    )


def _skin(of: Character, opening: _Opening, hole: Path | None) -> Fills:
    """The socket, and the lid as far as it has come down."""
    skin = of.skin
    shadow = of.eyes.shadow or mix(skin.base, skin.shade, 0.75)
    lid = join(opening.crease, opening.upper[::-1])
    top = float(opening.crease[:, 1].min())
    lit = mix(shadow, skin.light, 0.40)
    paint = down(top, opening.top + 1.5, (0.0, shadow), (0.6, lit), (1.0, shadow))
    socket = Radial(
        (0.0, -5.0), (33.0, 23.0),
        ((0.0, skin.shade.at(0.48)), (0.6, skin.shade.at(0.22)), (1.0, skin.shade.at(0.0))),
    )  # fmt: skip
    return (
        Fill(ellipse(0.0, -5.0, 33.0, 23.0), socket, hole=hole),
        Fill(lid, paint, hole=hole, soft=0.4),
    )


def _on_the_ball(opening: _Opening) -> Fills:
    """The shade of lid and lashes on what the hole shows."""
    under = join(opening.upper, move(opening.upper, 0.0, 7.0)[::-1])
    return (Fill(under, _SHADE.at(0.34), opening.outline, soft=1.8),)


def _crease(of: Character, at: Lids, opening: _Opening) -> Fills:
    line = move(opening.crease[2:-2], 0.0, -4.6 + 2.2 * max(at.closed, 0.0))
    return (Fill(ribbon(line, swell(0.4, 1.5)), of.skin.deep.at(0.75 * of.eyes.crease), soft=0.3),)


def _bag(of: Character, at: Lids, opening: _Opening) -> Fills:
    """Cheeks that push the lower lids up fold the skin below."""
    if at.squint <= 0.05:
        return ()
    line = move(opening.lower[3:-4], 0.0, 3.6)
    return (Fill(ribbon(line, swell(0.3, 1.5)), of.skin.deep.at(0.4 * at.squint), soft=0.5),)


def _lower_line(style: Eyes, opening: _Opening) -> Fills:
    def width(places: Path) -> Path:
        return 0.3 + 1.5 * np.maximum(1.0 - places, 0.0) ** 0.8

    lash = mix(style.lash, colour("#b06a58"), 0.45)
    return (Fill(ribbon(opening.lower, width), lash.at(style.lower_lash)),)


def _upper_line(style: Eyes, at: Lids, opening: _Opening) -> Fills:
    """Thick towards the outer corner, and on into a small wing."""
    closed = max(at.closed, 0.0)
    end = opening.upper[-1]
    tip = end + (style.wing, (-4.0 + 6.5 * closed) * style.wing / 5.0)
    middle = (end + tip) / 2.0 + (0.4, 0.5)
    line = np.concatenate([opening.upper, [middle, tip]])

    def width(places: Path) -> Path:
        body = 1.2 + style.lash_width * np.sin(np.pi * np.minimum(places * 0.62 + 0.02, 1.0)) ** 1.3
        return np.minimum(body, 0.3 + 26.0 * (1.0 - places))

    lashes = (_lash(style, opening.upper, i, closed) for i in range(style.lashes))
    return (Fill(ribbon(line, width), style.lash), *lashes)


def _lash(style: Eyes, upper: Path, index: int, closed: float) -> Fill:
    """Single ones at the outer end; they turn down with the lid."""
    place = 0.96 - 0.10 * index
    x, y = upper[round(place * (len(upper) - 1))]
    length = 6.6 - 0.5 * index
    right = length * (0.95 - 0.14 * index)
    up = -length * (0.55 + 0.2 * index) * (1.0 - 1.5 * closed)
    near, far = ((x + right * share, y + up * (share * 1.3 - 0.25)) for share in (0.4, 0.8))
    line = bezier((x, y), near, far, (x + right, y + up))

    def width(places: Path) -> Path:
        return 0.3 + 2.0 * (1.0 - places)

    return Fill(ribbon(line, width), style.lash)

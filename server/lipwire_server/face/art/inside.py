"""What is seen between the lips: the dark, the tongue, the teeth."""

from dataclasses import dataclass

import numpy as np

from .geometry import Path, Point, bezier, curve, join, move, ribbon, smooth, swell
from .lips import Outlines
from .paint import Colour, Fill, Fills, Linear, Radial, colour, down

__all__ = ["inside"]

_DARK = colour("#3a0d16")
_DARKEST = colour("#24070d")
_THROAT = colour("#6a2029")
_TONGUE = colour("#e07f83")
_TONGUE_DEEP = colour("#b0525a")
_TONGUE_LIGHT = colour("#f0a0a0")
_TEETH = colour("#fffdfa")
_TEETH_EDGE = colour("#f1ebe6")
_TEETH_DEEP = colour("#dccfca")
_SHADE = colour("#3a0f18")

_LEAST_GAP = 0.6
_LEAST_TONGUE = 2.0


@dataclass(frozen=True, slots=True)
class _Places:
    """Heights, down from the line between closed lips."""

    upper_teeth: float
    """Their edge."""
    lower_teeth: float
    tongue: float
    """Its top."""
    floor: float


def inside(of: Outlines) -> Fills:
    if of.gap <= _LEAST_GAP:
        return ()
    at = _places(of)
    bottom = max(of.below, of.above + 6.0)
    dark = down(of.above, bottom, (0.0, _DARKEST), (0.55, _DARK), (1.0, _THROAT))
    return (
        Fill(of.opening, dark),
        *_tongue(of, at),
        *_lower_teeth(of, at),
        *_raised_tip(of, at),
        *_upper_teeth(of, at),
        *_tip_between_teeth(of, at),
        *_shadows(of),
    )


def _places(of: Outlines) -> _Places:
    held = of.held
    hidden = float(np.clip(held.round, 0.0, 1.0)) ** 1.5 * (1.0 - held.teeth)
    upper = of.above + 7.4 * (1.0 - 0.92 * hidden) - 0.6 * held.round
    upper = upper * (1.0 - held.tuck) + (of.below + 0.6) * held.tuck
    lower = of.below - (2.4 + 2.6 * held.lower) * (1.0 - 0.9 * hidden)
    lower = lower * (1.0 - held.teeth) + (upper + 0.6) * held.teeth
    floor = of.below + 3.0
    tongue = floor - (4.0 + 9.0 * held.tongue + 0.30 * of.gap) * (1.0 - 0.55 * hidden)
    tongue = tongue * (1.0 - held.out) + (of.above + 5.4) * held.out
    return _Places(upper_teeth=upper, lower_teeth=lower, tongue=tongue, floor=floor)


def _tongue_width(of: Outlines) -> float:
    return of.inner_half_width * (0.72 - 0.10 * of.held.round)


def _tongue(of: Outlines, at: _Places) -> Fills:
    if of.gap <= _LEAST_TONGUE:
        return ()
    w, top, base, held = _tongue_width(of), at.tongue, at.floor, of.held
    hump = top + 1.6 * (1.0 - held.out)
    body = smooth(
        [
            (-w, base + 4.0), (-w * 0.92, top + 5.5), (-w * 0.50, top + 0.8), (0.0, hump),
            (w * 0.50, top + 0.8), (w * 0.92, top + 5.5), (w, base + 4.0), (0.0, base + 7.0),
        ]
    )  # fmt: skip
    lit = 0.35 + 0.65 * max(held.out, held.tongue * 0.6)
    far = Colour(*(a + (b - a) * lit for a, b in zip(_TONGUE_DEEP, _TONGUE, strict=True)))
    paint = down(top, base + 3.0, (0.0, far), (0.45, _TONGUE), (1.0, _TONGUE_DEEP))
    groove = curve((0.0, top + 3.0), ((0.0, top + 5.0), (0.0, base - 2.0), (0.0, base + 1.0)))
    return (
        Fill(body, paint, of.opening),
        Fill(ribbon(groove, swell(0.3, 1.6)), _TONGUE_DEEP.at(0.5), of.opening, soft=0.5),
    )


def _lower_teeth(of: Outlines, at: _Places) -> Fills:
    held = of.held
    if max(held.lower, held.teeth) <= 0.02 or of.gap <= _LEAST_TONGUE or held.tuck >= 0.9:
        return ()
    w, top, base = of.inner_half_width * (0.74 - 0.10 * held.round), at.lower_teeth, of.below + 6.0
    edge = curve(
        (-w, top + 2.2),
        ((-w * 0.96, top + 0.3), (-w * 0.6, top + 0.1), (0.0, top)),
        ((w * 0.6, top + 0.1), (w * 0.96, top + 0.3), (w, top + 2.2)),
    )
    paint = down(top, of.below + 4.0, (0.0, _TEETH_EDGE), (1.0, _TEETH_DEEP))
    return (
        Fill(join(edge, np.asarray([(w, base), (-w, base)])), paint, of.opening),
        *_gaps(of, [w * share for share in (-0.62, -0.21, 0.21, 0.62)], (base, top + 0.4)),
    )


def _upper_teeth(of: Outlines, at: _Places) -> Fills:
    """Their edge follows the smile: it hangs lowest in the middle."""
    w = of.inner_half_width * (0.88 - 0.10 * of.held.round)
    edge, root = at.upper_teeth, of.above - 9.0
    rise = 1.6 + max(0.0, of.above - of.corner) * 0.45
    line = curve(
        (w, edge - rise - 2.6),
        ((w * 0.98, edge - rise), (w * 0.60, edge - 0.1), (0.0, edge)),
        ((-w * 0.60, edge - 0.1), (-w * 0.98, edge - rise), (-w, edge - rise - 2.6)),
    )
    paint = down(of.above - 1.0, edge, (0.0, _TEETH_DEEP), (0.45, _TEETH), (1.0, _TEETH_EDGE))
    places = [w * share for share in (-0.70, -0.38, 0.0, 0.38, 0.70)]
    return (
        Fill(join(line, np.asarray([(-w, root), (w, root)])), paint, of.opening),
        *_gaps(of, places, (of.above, edge - 0.4)),
    )


def _gaps(of: Outlines, places: list[float], ends: Point) -> Fills:
    """Between teeth; they fade towards the gums."""
    paint = Linear((0.0, ends[0]), (0.0, ends[1]), ((0.0, _SHADE.at(0.04)), (1.0, _SHADE.at(0.16))))
    lines = (bezier((x, ends[0]), (x, ends[0]), (x, ends[1]), (x, ends[1]), 4) for x in places)
    return tuple(Fill(ribbon(line, 0.7), paint, of.opening) for line in lines)


def _raised_tip(of: Outlines, at: _Places) -> Fills:
    """For d, n and l."""
    held = of.held
    if held.tip <= 0.02 or of.gap <= 2.5:
        return ()
    teeth, base, w = at.upper_teeth + 1.0, of.below + 4.0, 0.55 * _tongue_width(of)
    # In a wide mouth it comes out of the tongue: else it would stand there like a post.
    top = max(teeth + (1.0 - held.tip) * 8.0, at.tongue + (teeth - at.tongue) * held.tip)
    tip = smooth(
        [
            (-w, base), (-w * 0.86, top + 3.0), (-w * 0.4, top + 0.2),
            (w * 0.4, top + 0.2), (w * 0.86, top + 3.0), (w, base),
        ]
    )  # fmt: skip
    paint = down(top, base, (0.0, _TONGUE), (0.35, _TONGUE_LIGHT), (1.0, _TONGUE_DEEP))
    return (Fill(tip, paint, of.opening),)


def _tip_between_teeth(of: Outlines, at: _Places) -> Fills:
    """For th: it covers the edge of the upper teeth."""
    held = of.held
    if held.out <= 0.02 or of.gap <= 2.5:
        return ()
    top = at.upper_teeth - 2.4 * held.out
    base, w = min(of.below - 0.6, top + 10.0), _tongue_width(of) * 0.72
    tip = smooth(
        [
            (-w, base - 1.0), (-w * 0.9, top + 2.6), (-w * 0.45, top + 0.3), (0.0, top),
            (w * 0.45, top + 0.3), (w * 0.9, top + 2.6), (w, base - 1.0),
            (w * 0.5, base + 1.6), (-w * 0.5, base + 1.6),
        ]
    )  # fmt: skip
    shown = float(np.clip(held.out, 0.0, 1.0))
    stops = ((0.0, _TONGUE.at(shown)), (0.5, _TONGUE_LIGHT.at(shown)), (1.0, _TONGUE.at(shown)))
    return (
        Fill(move(tip, 0.0, 1.4), _SHADE.at(0.55 * shown), of.opening, soft=0.7),
        Fill(tip, down(top, base + 2.0, *stops), of.opening),
    )


def _shadows(of: Outlines) -> Fills:
    """Of the upper lip on the teeth, and in the corners."""
    w, y = of.inner_half_width, of.corner
    lip: Path = join(of.inner_upper, (of.inner_upper + (0.0, 4.5))[::-1])
    reach = (w * 0.36, max(6.0, of.gap * 0.7))
    fading = ((0.0, _DARK.at(0.85)), (0.5, _DARK.at(0.4)), (1.0, _DARK.at(0.0)))
    corners = tuple(
        Fill(of.opening, Radial((side * w, y), reach, fading), of.opening) for side in (-1.0, 1.0)
    )
    return (Fill(lip, _SHADE.at(0.30), of.opening, soft=1.2), *corners)

"""The outlines of lips, about the middle of the line between them, and how lips are drawn."""

from dataclasses import dataclass
from typing import Final

import numpy as np

from ..articulation import Articulation
from ..landmarks import measures
from .character import Lips
from .geometry import Path, curve, join, move, ribbon, scale, swell
from .paint import Drawn, Fill, Fills, down, glow, mix

__all__ = ["Outlines", "lips", "outlines"]

_LINE_FADES: Final = 4.5
"""Height of an opening at which the dark line between the lips is gone."""
_ROUND: Final = 26.0
"""Height of an edge over or under the corners from which it is round."""


@dataclass(frozen=True, slots=True, eq=False)
class Outlines:
    """Upper edges from left to right, lower ones from right to left."""

    held: Articulation
    half_width: float
    corner: float
    top: float
    """Of the upper lip."""
    above: float
    """Inner edge of the upper lip: up is negative."""
    below: float
    """Inner edge of the lower lip."""
    bottom: float
    inner_half_width: float
    upper: Path
    lower: Path
    inner_upper: Path
    inner_lower: Path

    @property
    def gap(self) -> float:
        return self.below - self.above

    @property
    def opening(self) -> Path:
        return join(self.inner_upper, self.inner_lower)

    @property
    def upper_lip(self) -> Path:
        return join(self.upper, self.inner_upper[::-1])

    @property
    def lower_lip(self) -> Path:
        return join(self.lower, self.inner_lower[::-1])


def outlines(held: Articulation, fullness: float) -> Outlines:
    at = measures(np.asarray(held, float))
    w, corner = float(at.half_width), float(at.corner)
    above, below = -float(at.above), float(at.below)
    top = above - float(at.upper_lip) * fullness
    rounded = float(np.clip(held.round, 0.0, 1.0))
    # The middle of closed lips hangs a little: a straight line looks stern.
    sag = 1.5 * (1.0 - min(1.0, (below - above) / 7.0))
    inner_below = max(below, above + 0.3 + sag)
    bottom = inner_below + float(at.lower_lip) * fullness
    inner_w = w - (2.2 + 1.6 * rounded)
    square = 0.50 + 0.12 * rounded
    return Outlines(
        held=held,
        half_width=w,
        corner=corner,
        top=top,
        above=above,
        below=inner_below,
        bottom=bottom,
        inner_half_width=inner_w,
        upper=_bow(w, corner, top, rounded, float(np.clip(held.press, 0.0, 1.0))),
        lower=_bowl(w, corner, bottom, square),
        inner_upper=_inner_bow(inner_w, corner - 0.1, above, sag, rounded),
        inner_lower=_bowl(inner_w, corner - 0.1, inner_below, square - 0.02),
    )


def _bow(w: float, corner: float, top: float, rounded: float, press: float) -> Path:
    """Cupid's bow, from the left corner to the right one."""
    peak = w * (0.30 - 0.05 * rounded)
    dip = top + 1.9 * (1.0 - 0.45 * rounded) * (1.0 - 0.35 * press)
    rise = corner * 0.35 + top * 0.30
    return curve(
        (-w, corner),
        ((-w * 0.86, rise), (-peak - w * 0.28, top + 0.4), (-peak, top)),
        ((-peak * 0.55, top - 0.2), (-peak * 0.35, dip), (0.0, dip)),
        ((peak * 0.35, dip), (peak * 0.55, top - 0.2), (peak, top)),
        ((peak + w * 0.28, top + 0.4), (w * 0.86, rise), (w, corner)),
    )


def _inner_bow(w: float, corner: float, above: float, sag: float, rounded: float) -> Path:
    flat = 0.46 + 0.12 * rounded
    out, rise = _turn(corner - above, 0.80, 0.62)
    near, middle = above + 0.2 + sag * 0.5, above + 0.5 + sag
    side = above - 0.1 + sag * 0.2
    turn = corner + (above - corner) * rise
    return curve(
        (-w, corner),
        ((-w * out, turn), (-w * flat, side), (-w * 0.16, near)),
        ((-w * 0.06, middle), (w * 0.06, middle), (w * 0.16, near)),
        ((w * flat, side), (w * out, turn), (w, corner)),
    )


def _bowl(w: float, corner: float, bottom: float, square: float) -> Path:
    """From the right corner down and to the left one."""
    out, fall = _turn(bottom - corner, 0.87, 0.56)
    turn = corner + (bottom - corner) * fall
    square += 0.10 * (out - 0.87) / 0.13
    return curve(
        (w, corner),
        ((w * out, turn), (w * square, bottom), (0.0, bottom)),
        ((-w * square, bottom), (-w * out, turn), (-w, corner)),
    )


def _turn(height: float, out: float, share: float) -> tuple[float, float]:
    """How an edge leaves a corner: flat ones at an angle, and high ones as an ellipse does."""
    high = float(np.clip(height / _ROUND, 0.0, 1.0))
    return out + (1.0 - out) * high, share + (0.52 - share) * high


def lips(of: Outlines, style: Lips) -> Fills:
    """Both lips, the line between them while they are closed, and their corners."""
    edge = max(of.corner, of.above) + 1.0
    turned_in = ((0.0, style.upper), (0.55, mix(style.upper, style.upper_deep, 0.4)))
    upper = down(of.top, edge, *turned_in, (1.0, style.upper_deep))
    body = ((0.0, style.lower_deep), (0.4, style.lower), (1.0, style.lower_deep))
    lower = down(of.below, of.bottom, *body)
    blurred = 0.35 + 0.9 * (1.0 - style.contour)
    return (
        Fill(of.upper_lip, upper, soft=blurred),
        Fill(of.lower_lip, lower, soft=blurred),
        *_lights(of, style),
        *_line(of, style),
        *_corners(of, style),
    )


def _lights(of: Outlines, style: Lips) -> Fills:
    thick = of.bottom - of.below
    y = of.below + thick * 0.40
    white = style.lower._replace(red=1.0, green=0.90, blue=0.87)
    return (
        glow(
            -of.half_width * 0.08,
            y,
            of.half_width * 0.46,
            max(thick * 0.30, 0.9),
            white.at(style.shine),
            of.lower_lip,
        ),
        glow(
            0.0,
            of.top + 1.4,
            of.half_width * 0.40,
            2.4,
            white.at(style.shine * 0.5),
            of.upper_lip,
        ),
    )


def _line(of: Outlines, style: Lips) -> Fills:
    shown = max(0.0, 1.0 - of.gap / _LINE_FADES)
    if shown < 0.02:
        return ()
    line = ribbon(move(of.inner_upper, 0.0, 0.4), swell(0.5, 1.7, 0.6))
    return (Fill(line, style.line.at(0.95 * shown)),)


def _corners(of: Outlines, style: Lips) -> Fills:
    """A corner turns up a little with a smile, and casts a soft shade."""
    w, y = of.half_width, of.corner
    smile = float(np.clip(of.held.smile, -1.0, 1.0))
    parts: list[Drawn] = []
    for side in (-1.0, 1.0):
        turn = ((w - 1.6, y + 0.3), (w + 0.2, y), (w + 1.3, y - 0.5 - smile))
        hook = scale(curve((w - 3.4, y + 0.3), turn), side, 1.0)
        parts.append(Fill(ribbon(hook, swell(0.4, 1.3)), style.line.at(0.7)))
    return tuple(parts)

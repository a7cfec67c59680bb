"""Joe's neck, his shirt and the sweater over it."""

from typing import Final

import numpy as np

from .geometry import MIDDLE, Path, bezier, curve, join, mirror, move, ribbon, swell
from .paint import Drawn, Fill, Fills, Group, Linear, colour, down, glow

__all__ = ["NECK", "torso"]

_SKIN_SHADE: Final = colour("#8A4A34")
_WOOL_DARK: Final = colour("#0C2A31")
_WOOL_LIGHT: Final = colour("#7DB3B3")
_SHIRT_SHADE: Final = colour("#A3B5BE")

_NECK_SIDE: Final = curve(
    (307, 290), ((308, 340), (310, 367), (322, 384)), ((326, 392), (328, 404), (330, 480))
)
NECK: Final = join(_NECK_SIDE, mirror(_NECK_SIDE)[::-1])

_SWEATER: Final = curve(
    (2, 545),
    ((6, 500), (22, 470), (64, 452)),
    ((104, 436), (150, 430), (180, 408)),
    ((190, 446), (222, 476), (256, 478)),
    ((290, 476), (322, 446), (332, 408)),
    ((362, 430), (408, 436), (448, 452)),
    ((490, 470), (506, 500), (510, 545)),
)
_HEM_OUTER: Final = join(
    bezier((178, 408), (185, 462), (218, 492.5), (256, 493), 20),
    bezier((256, 493), (294, 492.5), (327, 462), (334, 408), 20)[1:],
)
_HEM_INNER: Final = join(
    bezier((187, 403), (192, 446), (222, 475), (256, 476), 20),
    bezier((256, 476), (290, 475), (320, 446), (325, 403), 20)[1:],
)
"""Of the ribbed neck, from left to right."""

_SHIRT: Final = np.asarray([(190, 400), (256, 437), (322, 400), (344, 484), (168, 484)], float)
_LEAF: Final = curve(
    (188, 383),
    ((185, 392), (181, 401), (174, 409.5)),
    ((181, 430), (196, 450), (212, 464)),
    ((222, 452), (238, 441), (254.5, 435)),
    ((232, 424), (206, 406), (188, 383)),
)
"""Of the collar, left."""


def torso() -> Fills:
    return (*_neck(), *_shirt(), *_sweater(), *_collar())


def _neck() -> Fills:
    lit = ((0.0, colour("#ad6f55")), (0.45, colour("#d19a76")), (1.0, colour("#e8b691")))
    left = Linear((206, 0), (238, 0), ((0.0, _SKIN_SHADE.at(0.42)), (1.0, _SKIN_SHADE.at(0.0))))
    right = Linear((266, 0), (308, 0), ((0.0, _SKIN_SHADE.at(0.0)), (1.0, _SKIN_SHADE.at(0.55))))
    parts: list[Drawn] = [Fill(NECK, down(345, 440, *lit)), Fill(NECK, left), Fill(NECK, right)]
    for side in (-1.0, 1.0):
        cord = bezier(
            (MIDDLE + side * 43, 352),
            (MIDDLE + side * 37, 384),
            (MIDDLE + side * 24, 412),
            (MIDDLE + side * 8, 430),
        )
        parts.append(Fill(ribbon(cord, swell(0.5, 6.0)), _SKIN_SHADE.at(0.24), soft=1.6))
    parts.append(glow(MIDDLE, 430, 10, 9, _SKIN_SHADE.at(0.35)))
    return (Group(tuple(parts), NECK),)


def _shirt() -> Fills:
    white = down(425, 480, (0.0, colour("#F7FAFB")), (1.0, colour("#D0DCE2")))
    placket = np.asarray([(256, 438), (256.5, 480)], float)
    return (
        Fill(_SHIRT, white),
        Fill(ribbon(placket, 1.1), _SHIRT_SHADE.at(0.7)),
        glow(252, 460, 3.0, 3.2, colour("#8FA3AD", 0.55)),
        glow(251.5, 459.2, 2.2, 2.2, colour("#FFFFFF", 0.9)),
    )


def _sweater() -> Fills:
    wool = down(
        410, 520, (0.0, colour("#3E7D82")), (0.45, colour("#2C6069")), (1.0, colour("#1B434C"))
    )
    right = Linear((376, 0), (506, 0), ((0.0, _WOOL_DARK.at(0.0)), (1.0, _WOOL_DARK.at(0.45))))
    left = Linear((136, 0), (6, 0), ((0.0, _WOOL_DARK.at(0.0)), (1.0, _WOOL_DARK.at(0.3))))
    parts: list[Drawn] = [Fill(_SWEATER, paint) for paint in (wool, right, left)]
    for side in (-1.0, 1.0):
        seam = bezier(
            (MIDDLE + side * 148, 428),
            (MIDDLE + side * 158, 462),
            (MIDDLE + side * 175, 492),
            (MIDDLE + side * 178, 530),
        )
        parts.append(Fill(ribbon(seam, swell(0.6, 2.2)), _WOOL_DARK.at(0.45), soft=0.6))
        parts.append(Fill(ribbon(move(seam, -3.0, 1.5), swell(0.3, 1.4)), _WOOL_LIGHT.at(0.3)))
    ring = join(_HEM_OUTER, _HEM_INNER[::-1])
    parts.append(Fill(move(ring, 0.0, 4.0), _WOOL_DARK.at(0.4), soft=1.5))
    knit = down(410, 494, (0.0, colour("#4C8D91")), (1.0, colour("#2E6770")))
    return (Group(tuple(parts), _SWEATER), Fill(ring, knit), *_ribs())


def _ribs() -> Fills:
    pairs = list(zip(_HEM_OUTER, _HEM_INNER, strict=True))[2:-2]
    return tuple(
        Fill(ribbon(np.linspace(inner, outer, 5)[:, :], swell(0.3, 1.1)), _WOOL_DARK.at(0.34))
        for outer, inner in pairs
    )


def _collar() -> Fills:
    parts: list[Drawn] = []
    for side in (-1.0, 1.0):
        leaf = _LEAF if side < 0 else mirror(_LEAF)
        cloth = Linear(
            (MIDDLE + side * 74, 392),
            (MIDDLE + side * 30, 456),
            ((0.0, colour("#E4EDF1")), (0.4, colour("#FDFEFE")), (1.0, colour("#D9E4E9"))),
        )
        inner = _side(side, (68, 384), (50, 408), (24, 425), (2, 435))
        outer = _side(side, (78.5, 411), (71, 430), (58, 447), (44.5, 460))
        parts += [
            Fill(move(leaf, 1.5, 4.5), _WOOL_DARK.at(0.32), soft=1.6, clip=_SWEATER_AND_SHIRT),
            Fill(leaf, cloth),
            Fill(ribbon(inner, swell(0.6, 2.0)), _SHIRT_SHADE.at(0.75), clip=leaf),
            Fill(ribbon(outer, swell(0.4, 0.9)), _SHIRT_SHADE.at(0.6)),
        ]
    return tuple(parts)


def _side(side: float, *points: tuple[float, float]) -> Path:
    a, b, c, d = ((MIDDLE + side * x, float(y)) for x, y in points)
    return bezier(a, b, c, d)


_SWEATER_AND_SHIRT: Final = np.asarray(
    [(0, 545), (0, 440), (174, 410), (256, 437), (338, 410), (512, 440), (512, 545)], float
)
"""Where the collar throws its shadow."""

"""Joe's hair: short at the sides, and brushed up and over to the right of the picture."""

from typing import Final

import numpy as np

from .geometry import MIDDLE, Path, Point, bezier, mirror, move, ribbon, smooth, swell
from .paint import Colour, Fill, Fills, Group, Linear, colour, down

__all__ = ["hair_front", "hair_shadow"]

_LIGHT: Final = colour("#a9866f")
_DARK: Final = colour("#1a110f")
_CROWN: Final = colour("#47352f")
_ROOT: Final = colour("#2a1d19")
_SHADOW: Final = colour("#96522F")

_TOP: Final = smooth(
    [
        (171, 193), (163, 168), (157, 145), (157, 119.5), (166, 94.5), (186, 74), (216, 60.5),
        (254, 53), (292, 53), (324, 63.5), (346, 84.5), (356, 112.5), (355, 143), (349, 168),
        (341, 193), (335, 171), (327, 152), (312, 139.5), (288, 133), (258, 134.5), (232, 131.5),
        (212, 128), (198, 132.5), (186, 146.5), (177, 170),
    ],
    corners=frozenset({0, 14}),
)  # fmt: skip
"""Clockwise from the left temple; the hairline comes last."""

_RIGHT_SIDE: Final = smooth(
    [
        (326, 123), (350, 119.5), (354.5, 139.5), (354, 166.5), (351, 191.5), (347, 213),
        (342.5, 234), (337.5, 250), (337, 232), (339, 211.5), (338.5, 189.5), (335.5, 170),
        (329, 148.5),
    ],
    corners=frozenset({7, 12}),
)  # fmt: skip
_LEFT_SIDE: Final = mirror(_RIGHT_SIDE)

_LOCKS: Final = (
    ((186, 145), (164, 100), (212, 60.5), (286, 60.5), 26, "#2f211c", "#54403a", "#3e2d28"),
    ((200, 131.5), (190, 90.5), (244, 64.5), (338, 83.5), 30, "#2f211c", "#5f4840", "#412f29"),
    ((222, 131.5), (220, 94.5), (286, 74), (354, 114.5), 30, "#30221e", "#644b41", "#3a2924"),
    ((252, 134), (258, 102), (318, 93.5), (356, 141), 26, "#30221e", "#5c453d", "#31221d"),
    ((286, 133), (296, 114.5), (330, 113.5), (348, 162.5), 18, "#2f211c", "#503a33", "#2b1e1a"),
)
"""From the back to the front: a cubic from the hairline to the tip, the width, and the colours."""

_TUFTS: Final = (
    ((210, 65.5), (240, 52), (276, 46.5), (316, 60), 7, "#352621", "#4a3832", "#47352f"),
    ((272, 60), (304, 51), (332, 60), (346, 90), 9, "#352621", "#4a3832", "#3a2a25"),
    ((306, 71.5), (342, 72.5), (357, 98.5), (354, 127.5), 6, "#352621", "#3e2d28", "#2b1e1a"),
)
"""Locks whose backs show over the top, so that it is not as smooth as a helmet."""

_SHINE: Final = (
    ((180, 139.5), (171, 98), (214, 66.5), (280, 63.5), 3.2, 0.42),
    ((203, 119.5), (206, 90), (252, 72), (322, 83.5), 4.2, 0.45),
    ((226, 121.5), (232, 93.5), (290, 83), (344, 114.5), 4.0, 0.45),
    ((257, 127), (270, 105), (316, 101), (348, 135.5), 3.0, 0.40),
)
_PARTINGS: Final = (
    ((192, 136.5), (177, 96), (230, 70.5), (312, 72), 2.0, 0.50),
    ((212, 128.5), (208, 91.5), (262, 74), (348, 100), 2.2, 0.58),
    ((238, 132), (244, 100), (300, 88.5), (356, 128.5), 2.2, 0.58),
    ((270, 133), (282, 109), (326, 107), (353, 152), 2.0, 0.52),
)

_Cubic = tuple[Point, Point, Point, Point]


def hair_front() -> Fills:
    return (*_sides(), *_top())


def hair_shadow(head: Path) -> Fills:
    """What the hair keeps off the skin of a head."""
    return (
        Fill(move(_TOP, 2.0, 7.0), _SHADOW.at(0.42), clip=head, soft=2.2),
        Fill(move(_LEFT_SIDE, 4.0, 1.0), _SHADOW.at(0.24), clip=head, soft=2.0),
        Fill(move(_RIGHT_SIDE, -3.0, 1.0), _SHADOW.at(0.28), clip=head, soft=2.0),
    )


def _sides() -> Fills:
    """Cut so short towards the ears that skin shows."""
    fade = (
        (0.0, colour("#2b1e1a")),
        (0.6, colour("#2f221e")),
        (0.8, colour("#403029", 0.62)),
        (1.0, colour("#54423a", 0.08)),
    )
    away = _DARK.at(0.0), _DARK.at(0.42)
    parts: list[Fill] = []
    for side, path in ((-1.0, _LEFT_SIDE), (1.0, _RIGHT_SIDE)):
        edge = Linear(
            (MIDDLE + side * 80.0, 0.0),
            (MIDDLE + side * 101.0, 0.0),
            ((0.0, away[0]), (1.0, away[1])),
        )
        parts.append(Fill(path, down(126.0, 250.0, *fade)))
        parts.append(Fill(path, edge, clip=path))
    return tuple(parts)


def _top() -> Fills:
    lit = ((0.0, _CROWN), (0.5, colour("#352621")), (0.8, _ROOT), (1.0, _ROOT.at(0.0)))
    turned = Linear((300.0, 0.0), (360.0, 0.0), ((0.0, _DARK.at(0.0)), (1.0, _DARK.at(0.4))))
    within = (
        Fill(_TOP, down(58.0, 183.0, *lit)),
        Fill(_TOP, turned),
        *(_lock(line[:4], *line[4:]) for line in _LOCKS),
        *(_strand(line[:4], line[4], _LIGHT.at(line[5])) for line in _SHINE),
        *(_strand(line[:4], line[4], _DARK.at(line[5])) for line in _PARTINGS),
    )
    return (*(_lock(line[:4], *line[4:]) for line in _TUFTS), Group(within, _TOP))


def _lock(line: _Cubic, width: float, *shades: str) -> Fill:
    def tapered(places: Path) -> Path:
        return 0.4 + width * np.maximum(np.sin(np.pi * places**0.8), 0.0) ** 0.9

    root, body, tip = (colour(shade) for shade in shades)
    paint = Linear(line[0], line[3], ((0.0, root), (0.5, body), (1.0, tip)))
    return Fill(ribbon(bezier(*line, steps=32), tapered), paint)


def _strand(line: _Cubic, width: float, shade: Colour) -> Fill:
    return Fill(ribbon(bezier(*line, steps=32), swell(0.3, width)), shade)

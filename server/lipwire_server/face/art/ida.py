"""Ida: a woman with a chestnut bob and a blue jacket."""

from collections.abc import Sequence
from typing import Final

from .character import Brows, Character, Eyes, Lips, Skin
from .geometry import (
    MIDDLE,
    SIZE,
    Path,
    Point,
    bezier,
    curve,
    ellipse,
    join,
    move,
    rectangle,
    ribbon,
    smooth,
    swell,
)
from .head import Head, head, outline
from .nose import Nose, nose
from .paint import Colour, Drawn, Fill, Fills, Linear, Radial, colour, down, place

__all__ = ["IDA"]

_SKIN: Final = Skin(
    base=colour("#f4c7a8"),
    light=colour("#ffe3cf"),
    shade=colour("#dc9a7b"),
    deep=colour("#a95c48"),
    blush=colour("#f07f76"),
)
_HAIR: Final = colour("#52302b")
_HAIR_LIGHT: Final = colour("#87523f")
_HAIR_SHINE: Final = colour("#cf9470")
_HAIR_DEEP: Final = colour("#2f1a1b")
_JACKET: Final = colour("#35598a")
_JACKET_LIGHT: Final = colour("#5a84b6")
_JACKET_DEEP: Final = colour("#213a5c")
_SHIRT: Final = colour("#fdf8f1")
_SHIRT_SHADE: Final = colour("#dccfc2")

_HEAD: Final = Head(
    outline=(
        (0, 110), (48, 117), (83, 148), (96, 198), (94, 244),
        (84, 284), (63, 321), (33, 346.5), (0, 354),
    ),
)  # fmt: skip

_HAIR_BACK: Final = (
    (254, 46), (316, 58), (366, 102), (388, 168), (394, 250), (396, 314), (390, 360), (366, 386),
    (332, 392), (300, 392), (256, 390), (212, 392), (180, 392), (146, 386), (122, 360), (116, 314),
    (118, 250), (124, 168), (146, 102), (196, 58),
)  # fmt: skip
_LOCK_RIGHT: Final = (
    (206, 66), (262, 53), (314, 63), (356, 96), (379, 148), (388, 212), (391, 276), (387, 334),
    (358, 372), (362, 326), (359, 286), (356, 250), (352, 216), (341, 184), (318, 156), (288, 140),
    (258, 128), (232, 112), (214, 90),
)  # fmt: skip
_LOCK_LEFT: Final = (
    (228, 68), (196, 66), (159, 96), (134, 148), (123, 212), (121, 276), (125, 334), (154, 372),
    (149, 326), (152, 286), (155, 250), (159, 216), (167, 184), (183, 156), (203, 136), (222, 119),
    (234, 106), (238, 84),
)  # fmt: skip
_ROOT_AND_TIP: Final = frozenset({0, 8})

_NECK: Final = join(
    curve((297.0, 300.0), ((297.0, 352.0), (299.0, 384.0), (322.0, 404.0))),
    curve((322.0, 404.0), ((300.0, 446.0), (212.0, 446.0), (190.0, 404.0))),
    curve((190.0, 404.0), ((213.0, 384.0), (215.0, 352.0), (215.0, 300.0))),
)


def _backdrop() -> Fills:
    halo = Radial(
        (MIDDLE, 232.0), (222.0, 222.0),
        ((0.0, colour("#ffffff", 0.9)), (0.8, colour("#f6f9ff", 0.6)),
         (1.0, colour("#eaf0fb", 0.35))),
    )  # fmt: skip
    return (
        Fill(
            rectangle(0.0, 0.0, SIZE, SIZE),
            down(0.0, SIZE, (0.0, colour("#e6eefa")), (1.0, colour("#c9d9f0"))),
        ),
        Fill(ellipse(MIDDLE, 240.0, 216.0), halo),
    )


def _hair_back() -> Fills:
    body = down(60.0, 396.0, (0.0, _HAIR), (0.5, _HAIR_DEEP), (1.0, _HAIR_DEEP))
    return (Fill(smooth(_HAIR_BACK), body),)


def _torso() -> Fills:
    skin = down(330.0, 436.0, (0.0, _SKIN.shade), (0.5, _SKIN.base), (1.0, _SKIN.base))
    shirt = join(
        curve((194.0, 400.0), ((214.0, 442.0), (298.0, 442.0), (318.0, 400.0))),
        rectangle(182.0, 530.0, 148.0, 0.0)[[1, 0]],
    )
    collar = bezier((194.0, 400.0), (214.0, 442.0), (298.0, 442.0), (318.0, 400.0))
    return (
        Fill(_NECK, skin),
        Fill(shirt, down(410.0, 512.0, (0.0, _SHIRT), (1.0, _SHIRT_SHADE))),
        Fill(ribbon(collar, swell(3.0, 5.0)), _SHIRT_SHADE),
        Fill(ribbon(move(collar, 0.0, -1.2), swell(2.0, 4.0)), _SHIRT),
        *_jacket(1),
        *_jacket(-1),
    )


def _jacket(side: int) -> Fills:
    """Half of it, and its lapel."""
    body = join(
        curve(
            (314.0, 398.0),
            ((344.0, 413.0), (396.0, 428.0), (424.0, 443.0)),
            ((456.0, 460.0), (468.0, 486.0), (474.0, 530.0)),
        ),
        curve((274.0, 530.0), ((278.0, 500.0), (298.0, 440.0), (314.0, 398.0))),
    )
    lapel = join(
        curve((314.0, 396.0), ((328.0, 402.0), (342.0, 410.0), (352.0, 419.0))),
        curve((352.0, 419.0), ((349.0, 430.0), (345.0, 441.0), (341.0, 452.0))),
        curve((341.0, 452.0), ((344.0, 455.0), (348.0, 459.0), (351.0, 463.0))),
        curve((351.0, 463.0), ((330.0, 490.0), (300.0, 512.0), (270.0, 532.0))),
        curve((270.0, 532.0), ((276.0, 496.0), (296.0, 436.0), (314.0, 396.0))),
    )
    cloth = down(400.0, 524.0, (0.0, _JACKET_LIGHT), (0.35, _JACKET), (1.0, _JACKET_DEEP))
    facing = down(400.0, 530.0, (0.0, _JACKET_LIGHT), (1.0, _JACKET))
    parts = (
        Fill(body, cloth),
        Fill(
            body,
            Linear(
                (406.0, 0.0), (474.0, 0.0),
                ((0.0, _JACKET_DEEP.at(0.0)), (1.0, _JACKET_DEEP.at(0.55))),
            ),
        ),
        Fill(move(lapel, 3.0, 4.0), _JACKET_DEEP.at(0.45), body, soft=2.0),
        Fill(lapel, facing),
    )  # fmt: skip
    return parts if side > 0 else place(parts, (SIZE, 0.0), (-1.0, 1.0))


def _face(jaw: float) -> Fills:
    edge = outline(_HEAD, jaw)
    chin = 354.0 + 15.0 * jaw
    under = Radial(
        (MIDDLE + 4.0, chin - 14.0), (92.0, 62.0),
        ((0.0, _SKIN.deep.at(0.62)), (0.62, _SKIN.deep.at(0.52)), (1.0, _SKIN.deep.at(0.0))),
    )  # fmt: skip
    shadows = [
        Fill(move(lock, shift, 7.0), _SKIN.deep.at(0.36), edge, soft=2.4)
        for lock, shift in ((_lock(_LOCK_RIGHT), -3.0), (_lock(_LOCK_LEFT), 4.0))
    ]
    return (
        Fill(ellipse(MIDDLE + 4.0, chin - 14.0, 92.0, 62.0), under, _NECK),
        *head(_HEAD, _SKIN, jaw),
        *shadows,
    )


def _lock(of: Sequence[Point]) -> Path:
    return smooth(of, corners=_ROOT_AND_TIP)


def _hair_front() -> Fills:
    right, left = _lock(_LOCK_RIGHT), _lock(_LOCK_LEFT)
    body = down(60.0, 370.0, (0.0, _HAIR_LIGHT), (0.30, _HAIR), (1.0, _HAIR_DEEP))
    deep = ((0.0, _HAIR_DEEP.at(0.6)), (0.45, _HAIR_DEEP.at(0.0)))
    return (
        Fill(left, body),
        Fill(left, Linear((122.0, 0.0), (222.0, 0.0), deep)),
        Fill(right, body),
        Fill(right, Linear((390.0, 0.0), (226.0, 0.0), deep)),
        *_strands(right, left),
    )


def _strands(right: Path, left: Path) -> Fills:
    """The light on the hair, and the lines that it falls in."""
    lines: tuple[tuple[Path, tuple[Point, Point, Point, Point], float, Colour], ...] = (
        (right, ((232, 100), (284, 88), (334, 118), (352, 186)), 16.0, _HAIR_SHINE.at(0.34)),
        (right, ((222, 84), (294, 70), (356, 108), (371, 206)), 6.0, _HAIR_SHINE.at(0.42)),
        (left, ((221, 98), (190, 96), (165, 126), (153, 186)), 13.0, _HAIR_SHINE.at(0.32)),
        (left, ((220, 86), (182, 84), (150, 120), (139, 196)), 5.0, _HAIR_SHINE.at(0.38)),
        (right, ((216, 86), (256, 122), (330, 140), (355, 232)), 2.4, _HAIR_DEEP.at(0.65)),
        (right, ((220, 80), (286, 98), (354, 140), (369, 260)), 2.2, _HAIR_DEEP.at(0.55)),
        (right, ((364, 190), (378, 240), (381, 292), (366, 350)), 2.4, _HAIR_LIGHT.at(0.5)),
        (left, ((226, 86), (206, 120), (168, 150), (157, 240)), 2.2, _HAIR_DEEP.at(0.6)),
        (left, ((146, 190), (135, 240), (132, 292), (146, 350)), 2.4, _HAIR_LIGHT.at(0.5)),
    )
    parts: list[Drawn] = []
    for lock, line, width, shade in lines:
        stroke = ribbon(bezier(*line, steps=28), swell(0.3, width))
        parts.append(Fill(stroke, shade, lock, soft=min(2.0, width * 0.14)))
    return tuple(parts)


IDA: Final = Character(
    name="ida",
    title="Ida",
    skin=_SKIN,
    lips=Lips(
        upper=colour("#d06f6d"),
        upper_deep=colour("#a8484f"),
        lower=colour("#e58f8a"),
        lower_deep=colour("#cc6b6b"),
        line=colour("#7d2c39"),
        shine=0.55,
        folds=0.5,
    ),
    eyes=Eyes(
        iris=colour("#4e8f7c"),
        iris_deep=colour("#1d4c45"),
        iris_light=colour("#9ad6b8"),
        lash=colour("#2a1720"),
    ),
    brows=Brows(
        hair=colour("#4a2e2b"),
        line=((278.0, 186.0), (291.0, 176.0), (308.0, 172.0), (325.0, 184.0)),
        thickness=6.4,
    ),
    backdrop=_backdrop,
    hair_back=_hair_back,
    torso=_torso,
    nose=lambda: nose(Nose(), _SKIN),
    hair_front=_hair_front,
    face=_face,
)

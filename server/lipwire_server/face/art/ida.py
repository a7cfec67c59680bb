"""Ida: a woman with a chestnut bob and a blue jacket."""

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
from .head import CHIN_DROP, Head, head, outline
from .nose import Nose, nose
from .paint import Colour, Drawn, Fill, Fills, Linear, Radial, colour, down, glow, place

__all__ = ["IDA"]

_SKIN: Final = Skin(
    base=colour("#f4c7a8"),
    light=colour("#ffe3cf"),
    shade=colour("#dc9a7b"),
    deep=colour("#a95c48"),
    blush=colour("#f07f76"),
)
_HAIR: Final = colour("#5f372c")
_HAIR_LIGHT: Final = colour("#8f5740")
_HAIR_SHINE: Final = colour("#cf9470")
_HAIR_BEHIND: Final = colour("#42251f")
_HAIR_DEEP: Final = colour("#2a1617")
_ABOVE: Final = ((0.0, _HAIR_LIGHT), (0.34, _HAIR))
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
    (254, 44), (316, 55), (364, 95), (388, 156), (395, 220), (400, 280), (405, 336), (396, 384),
    (366, 408), (330, 402), (300, 396), (256, 390), (212, 396), (182, 402), (146, 408), (116, 384),
    (107, 336), (112, 280), (117, 220), (124, 156), (148, 95), (196, 55),
)  # fmt: skip
_LOCK_RIGHT: Final = (
    (168, 84), (196, 63), (230, 51), (272, 47), (316, 58), (361, 96), (385, 152), (391, 214),
    (392, 276), (397, 336), (386, 378), (352, 398), (366, 360), (364, 320), (358, 280), (355, 246),
    (350, 216), (342, 192), (326, 170), (298, 150), (266, 136), (236, 124), (210, 108), (186, 94),
)  # fmt: skip
_LOCK_LEFT: Final = (
    (240, 80), (210, 70), (182, 75), (150, 100), (127, 152), (121, 214), (120, 276), (115, 336),
    (126, 378), (160, 398), (146, 360), (149, 320), (154, 280), (156, 246), (158, 214), (164, 186),
    (174, 160), (188, 139), (206, 125), (228, 118), (244, 98),
)  # fmt: skip
_TIP_RIGHT, _TIP_LEFT = 11, 9

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
    """Darker than what falls in front, but for the crown."""
    outline = smooth(_HAIR_BACK)
    return (
        Fill(outline, down(56.0, 408.0, *_ABOVE, (0.62, _HAIR_BEHIND), (1.0, _HAIR_BEHIND))),
        *_away_from_the_light(outline, outline),
        glow(MIDDLE, 340.0, 116.0, 96.0, _HAIR_DEEP.at(0.8), outline),
    )


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
    chin = _HEAD.outline[-1][1] + CHIN_DROP * jaw
    shadows = [
        Fill(move(lock, shift, 7.0), _SKIN.deep.at(0.36), edge, soft=2.4)
        for lock, shift in ((_lock_right(), -3.0), (_lock_left(), 4.0))
    ]
    return (
        # Narrower than the neck, as it moves with the head and the neck does not.
        Fill(ellipse(MIDDLE + 2.0, chin - 9.0, 44.0, 36.0), _SKIN.deep.at(0.5), _NECK, soft=7.0),
        *head(_HEAD, _SKIN, jaw),
        *shadows,
    )


def _lock_right() -> Path:
    return smooth(_LOCK_RIGHT, corners=frozenset({0, _TIP_RIGHT}))


def _lock_left() -> Path:
    return smooth(_LOCK_LEFT, corners=frozenset({0, _TIP_LEFT}))


def _hair_front() -> Fills:
    right, left = _lock_right(), _lock_left()
    body = down(56.0, 408.0, *_ABOVE, (1.0, _HAIR))
    return (
        Fill(left, body),
        Fill(right, body),
        *_away_from_the_light(left, right),
        *_strands(right, left),
    )


def _away_from_the_light(left: Path, right: Path) -> Fills:
    """The sides of hair, where it turns back."""
    deep = ((0.0, _HAIR_DEEP.at(0.5)), (0.4, _HAIR_DEEP.at(0.0)))
    return (
        Fill(left, Linear((122.0, 0.0), (222.0, 0.0), deep)),
        Fill(right, Linear((390.0, 0.0), (226.0, 0.0), deep)),
    )


def _strands(right: Path, left: Path) -> Fills:
    """The light on the hair, and the lines that it falls in."""
    light, shine, deep = _HAIR_LIGHT.at(0.55), _HAIR_SHINE.at(0.32), _HAIR_DEEP.at(0.5)
    lines: tuple[tuple[Path, tuple[Point, Point, Point, Point], float, Colour], ...] = (
        (right, ((232, 96), (284, 86), (336, 116), (356, 190)), 20.0, shine),
        (right, ((222, 80), (294, 66), (358, 104), (376, 214)), 8.0, shine),
        (left, ((222, 98), (190, 94), (163, 124), (150, 192)), 16.0, shine),
        (left, ((222, 74), (180, 74), (146, 118), (134, 206)), 7.0, shine),
        (right, ((212, 90), (262, 118), (334, 138), (357, 236)), 2.6, deep),
        (right, ((220, 76), (286, 90), (354, 130), (372, 262)), 2.2, deep),
        (right, ((364, 236), (370, 284), (384, 336), (362, 398)), 4.0, deep),
        (right, ((374, 196), (378, 262), (394, 330), (374, 388)), 6.0, light),
        (left, ((228, 92), (196, 104), (160, 140), (150, 236)), 2.4, deep),
        (left, ((148, 240), (142, 284), (128, 336), (150, 398)), 4.0, deep),
        (left, ((137, 196), (134, 262), (118, 330), (138, 388)), 6.0, light),
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

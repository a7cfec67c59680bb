"""Joe: a man in his thirties. The voice that comes with Lipwire is his."""

from collections.abc import Sequence
from typing import Final

from .character import Brows, Character, Eyes, Lips, Skin
from .geometry import (
    MIDDLE,
    SIZE,
    Path,
    Point,
    bezier,
    ellipse,
    mirror,
    move,
    rectangle,
    ribbon,
    smooth,
    swell,
)
from .head import CHIN_DROP, Head, head, outline
from .joe_clothes import NECK, torso
from .joe_hair import hair_front, hair_shadow
from .nose import Nose, nose
from .paint import Drawn, Fill, Fills, Group, Linear, Radial, colour, down, glow

__all__ = ["JOE"]

_SKIN: Final = Skin(
    base=colour("#ecbb97"),
    light=colour("#fbdcc2"),
    shade=colour("#c6845f"),
    deep=colour("#94523a"),
    blush=colour("#e0705a"),
)
_NECK_SHADE: Final = colour("#7C3F2B")
_BEARD: Final = colour("#64453a")

_NOSE: Final = Nose(width=1.3, tip=261.0, bridge=0.95, definition=1.15)

_HEAD: Final = Head(
    outline=(
        (0, 106), (48, 112), (79, 137), (91.5, 177), (92.5, 220),
        (91, 260), (85, 297), (66, 330), (38, 351.5), (0, 358),
    ),
    blush=0.2,
    side=0.36,
    chin=0.3,
)  # fmt: skip

_BEARD_LINE: Final = (
    (100, 260), (88, 284), (76, 306), (60, 317), (46, 309), (34, 315), (20, 322), (0, 320),
)  # fmt: skip
"""The right half of its upper edge, from the ear to the chin."""
_LIP_LINE: Final = ((0, 284), (16, 282), (34, 288), (48, 303), (44, 316), (0, 310))

_EAR: Final = smooth(
    [
        (342, 214), (351, 203), (361, 203.5), (365.5, 215), (364, 231),
        (360, 246), (354, 259), (347, 262), (342, 254),
    ]
)  # fmt: skip
_EAR_RIM: Final = ((95, 211), (105, 206), (105.5, 226), (101, 241))
_EAR_BOWL: Final = ((94, 224), (101.5, 225), (100.5, 242), (94.5, 249))
_UNDER_EYE: Final = ((24, 234), (30, 241), (44, 244.5), (58, 241))


def _face(jaw: float) -> Fills:
    edge = outline(_HEAD, jaw)
    skin = (*head(_HEAD, _SKIN, jaw), *_stubble(jaw), *_years(), *hair_shadow(edge))
    return (*_under_the_chin(jaw), *_ears(), Group(skin, edge))


def _under_the_chin(jaw: float) -> Fills:
    """The shadow that the head throws on the neck: narrower than the neck, as it moves with the
    head and the neck does not.
    """
    dark = ellipse(MIDDLE + 2.0, 348.0 + 9.0 * jaw, 46.0, 34.0)
    return (Fill(dark, _NECK_SHADE.at(0.55), clip=NECK, soft=7.0),)


def _stubble(jaw: float) -> Fills:
    """A beard of a day: along the jaw and on the chin, and less of it on the upper lip."""
    edge = [(x, _sunk(y, jaw)) for x, y in _BEARD_LINE]
    below = [(130.0, 420.0), (-130.0, 420.0)]
    line = [(-x, y) for x, y in edge] + edge[-2::-1] + below
    ends = len(edge) * 2 - 2
    beard = smooth(line, corners=frozenset({0, ends, ends + 1, ends + 2}))
    lip = smooth([*_LIP_LINE, *((-x, y) for x, y in _LIP_LINE[-2:0:-1])])
    return (
        Fill(move(beard, MIDDLE, 0.0), _BEARD.at(0.30), soft=9.0),
        Fill(move(lip, MIDDLE, 0.0), _BEARD.at(0.12), soft=5.0),
    )


def _sunk(y: float, jaw: float) -> float:
    """How low skin is that was at a height of 250 or more."""
    low: float = ((y - 250.0) / 107.0) ** 1.5
    return y + CHIN_DROP * jaw * low


def _years() -> Fills:
    """Thirty-odd of them, under the eyes."""
    parts: list[Drawn] = []
    for side in (-1.0, 1.0):
        line = _on(side, _UNDER_EYE)
        parts.append(Fill(ribbon(line, swell(0.6, 3.2)), _SKIN.shade.at(0.25), soft=1.4))
    return tuple(parts)


def _ears() -> Fills:
    return (*_ear(1.0), *_ear(-1.0))


def _ear(side: float) -> Fills:
    path = _EAR if side > 0 else mirror(_EAR)
    across = Linear(
        (MIDDLE + side * 88.0, 0.0),
        (MIDDLE + side * 110.0, 0.0),
        ((0.0, colour("#cf9370")), (0.5, colour("#eab892")), (1.0, colour("#d19672"))),
    )
    lines = (
        Fill(ribbon(_on(side, _EAR_RIM), swell(0.5, 3.2)), _SKIN.deep.at(0.5), soft=0.5),
        Fill(ribbon(_on(side, _EAR_BOWL), swell(0.5, 3.8)), _SKIN.deep.at(0.5), soft=0.7),
        glow(MIDDLE + side * 90.0, 234.0, 9.0, 34.0, _SKIN.deep.at(0.6)),
    )
    return (Group((Fill(path, across), *lines), path),)


def _on(side: float, points: Sequence[Point]) -> Path:
    """A cubic whose points are given from the middle of the face."""
    a, b, c, d = ((MIDDLE + side * x, y) for x, y in points)
    return bezier(a, b, c, d)


def _nose() -> Fills:
    """With a bridge that begins at the brows."""
    return (
        glow(MIDDLE + 12.0, 222.0, 9.5, 44.0, _SKIN.shade.at(0.46)),
        glow(MIDDLE - 13.5, 214.0, 7.0, 30.0, _SKIN.shade.at(0.2)),
        glow(MIDDLE - 2.0, 222.0, 5.5, 34.0, _SKIN.light.at(0.5)),
        *nose(_NOSE, _SKIN),
    )


def _backdrop() -> Fills:
    halo = Radial(
        (MIDDLE, 232.0), (222.0, 222.0),
        ((0.0, colour("#ffffff", 0.9)), (0.8, colour("#f6fbf8", 0.6)),
         (1.0, colour("#eaf4ef", 0.35))),
    )  # fmt: skip
    air = down(0.0, SIZE, (0.0, colour("#e7f2ec")), (1.0, colour("#c6ddd4")))
    return (
        Fill(rectangle(0.0, 0.0, SIZE, SIZE), air),
        Fill(ellipse(MIDDLE, 240.0, 216.0), halo),
    )


def _no_hair() -> Fills:
    """Nothing of it is seen behind the shoulders."""
    return ()


JOE: Final = Character(
    name="joe",
    title="Joe",
    skin=_SKIN,
    lips=Lips(
        upper=colour("#bb7562"),
        upper_deep=colour("#96543F"),
        lower=colour("#d08e78"),
        lower_deep=colour("#BE806A"),
        line=colour("#6B2F28"),
        shine=0.26,
        contour=0.9,
        fullness=0.72,
        at=(256.0, 306.0),
        size=1.07,
        folds=0.45,
    ),
    eyes=Eyes(
        iris=colour("#4C7C9E"),
        iris_deep=colour("#1E3F5C"),
        iris_light=colour("#93BEDA"),
        lash=colour("#2B1A16"),
        lash_width=2.6,
        wing=0.8,
        lashes=0,
        lower_lash=0.4,
        crease=0.75,
        iris_size=0.9,
        openness=0.84,
        at=(43.0, 221.0),
        size=1.05,
    ),
    brows=Brows(
        hair=colour("#3A261D"),
        line=((274.0, 193.5), (290.0, 188.0), (310.0, 184.0), (328.0, 194.0)),
        thickness=10.5,
        inner=0.42,
        softness=0.6,
    ),
    backdrop=_backdrop,
    hair_back=_no_hair,
    torso=torso,
    nose=_nose,
    hair_front=hair_front,
    face=_face,
)

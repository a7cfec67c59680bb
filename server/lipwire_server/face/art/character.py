"""Who is drawn: the numbers and outlines that make one figure differ from another.

All figures share one rig. The mouth (`art.mouth`), the eyes and their lids (`art.eyes`) and the
brows (`art.brows`) are drawn from numbers alone, so a figure supplies styles for those. What has an
outline of its own is supplied as functions that draw it:

- `backdrop`, `hair_back`, `torso`, `hair_front`, `nose`: without arguments, in the box of 512 by
  512, at rest.
- `face`: of how far the jaw is down, 0..1: the neck's shadow, ears, head, blush, the shadow of the
  hair, stubble; everything that goes with the skin of the head. `art.head` draws most of it from a
  `Head`. Above y 250 it must not depend on the jaw: the lids are cut out of the face at rest.

The features are where they are on every head: the eyes at (256 -/+ 43, 221), the closed lips at
(256, 305), the chin at about 354, 15 pixels lower when the jaw is down. The styles can move them.
Light falls from the upper left.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias

from .geometry import Point
from .paint import Colour, Fills

__all__ = ["Brows", "Character", "Drawing", "Eyes", "Lips", "Skin"]

Drawing: TypeAlias = Callable[[], Fills]


@dataclass(frozen=True, slots=True, kw_only=True)
class Skin:
    base: Colour
    light: Colour
    shade: Colour
    """Soft shadows: sockets, cheeks, beside the nose."""
    deep: Colour
    """Hard ones: under the chin, the nostrils, creases."""
    blush: Colour


@dataclass(frozen=True, slots=True, kw_only=True)
class Lips:
    upper: Colour
    upper_deep: Colour
    """Where the upper lip turns in."""
    lower: Colour
    lower_deep: Colour
    """The edges of the lower lip."""
    line: Colour
    """Between closed lips, and their corners."""
    shine: float = 0.5
    """Opacity of the light on the lower lip."""
    contour: float = 1.0
    """How clearly lips differ from skin: 0 is no lipstick at all."""
    fullness: float = 1.0
    """Thickness, of that of `face.landmarks`."""
    at: Point = (256.0, 305.0)
    size: float = 1.0
    folds: float = 1.0
    """How deep the folds from nose to mouth are."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Eyes:
    iris: Colour
    iris_deep: Colour
    iris_light: Colour
    lash: Colour
    lash_width: float = 4.2
    """Of the upper line where it is thickest."""
    wing: float = 5.0
    """How far the upper line goes beyond the outer corner."""
    lashes: int = 2
    """Single ones at the outer corner."""
    lower_lash: float = 0.55
    """Opacity of the lower line."""
    crease: float = 0.7
    """Opacity of the fold over the upper lid."""
    shadow: Colour | None = None
    """On the upper lid."""
    iris_size: float = 1.0
    """Large ones look young."""
    openness: float = 1.0
    """Height of open eyes."""
    at: Point = (43.0, 221.0)
    """Of the right eye of the picture, from the middle of the face, and down."""
    size: float = 1.1


@dataclass(frozen=True, slots=True, kw_only=True)
class Brows:
    hair: Colour
    line: tuple[Point, Point, Point, Point]
    """A cubic from the inner to the outer end, for the right brow of the picture."""
    thickness: float = 7.0
    inner: float = 0.6
    """Share of the thickness at the inner end."""
    softness: float = 0.5
    """Of the edge, in pixels."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Character:
    name: str
    title: str
    skin: Skin
    lips: Lips
    eyes: Eyes
    brows: Brows
    backdrop: Drawing
    hair_back: Drawing
    torso: Drawing
    nose: Drawing
    hair_front: Drawing
    face: Callable[[float], Fills]

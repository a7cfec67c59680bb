"""`avatar.json` of an avatar pack: layers of pictures, and how each follows the face.

All positions are pixels of the pack's own size. Layers are listed from back to front.
"""

from enum import StrEnum
from typing import Annotated, Final

from msgspec import Meta, Struct

__all__ = [
    "FORMAT",
    "Follow",
    "Image",
    "Layer",
    "Manifest",
    "Motion",
    "Mouth",
    "MouthSet",
    "Shows",
    "View",
]

FORMAT: Final = "avatar-pack/1"

Name = Annotated[str, Meta(min_length=1, max_length=100)]
Coordinate = Annotated[float, Meta(ge=-4_096, le=8_192)]
Share = Annotated[float, Meta(ge=-1, le=1)]


class Follow(StrEnum):
    """What a layer moves with."""

    NONE = "none"
    BREATH = "breath"
    HEAD = "head"


class Shows(StrEnum):
    """What decides which picture of a layer is shown."""

    ALWAYS = "always"
    """Nothing: it has one."""
    MOUTH = "mouth"
    """The shape of the mouth: `Image.shape`."""
    JAW = "jaw"
    """How far the jaw is down, 0..1: the nearest `Image.value`."""
    LIDS = "lids"
    """How far the lids are closed, 0 open..1 closed, below 0 wide: the nearest `Image.value`."""


class MouthSet(StrEnum):
    """What the shapes of a mouth are named after."""

    ARTICULATION = "articulation"
    """Numbers from 0: indices into `Mouth.codebook`."""
    OCULUS = "oculus"
    """sil PP FF TH DD kk CH SS nn RR aa E ih oh ou."""
    RHUBARB = "rhubarb"
    """A B C D E F, and G H X where there are any."""
    PRESTON_BLAIR = "preston_blair"
    PNGTUBER = "pngtuber"
    """closed open, and half e u where there are any."""


class Image(Struct, frozen=True, kw_only=True, omit_defaults=True, forbid_unknown_fields=True):
    """One picture of a layer."""

    file: Annotated[str, Meta(min_length=1, max_length=200)]
    """Within the pack, with `/` between folders."""
    at: tuple[Coordinate, Coordinate] = (0, 0)
    """Where its top left corner lies."""
    shape: Name | None = None
    value: Share | None = None
    emotion: Name | None = None
    """Shown in this emotion only. Where an emotion has none, those without one are shown."""
    strength: Annotated[float, Meta(gt=0, le=1)] = 1.0
    """Of an emotion that is on its way: the nearest one is shown."""


class Layer(Struct, frozen=True, kw_only=True, omit_defaults=True, forbid_unknown_fields=True):
    name: Name
    images: Annotated[tuple[Image, ...], Meta(min_length=1, max_length=2_000)]
    shows: Shows = Shows.ALWAYS
    follow: Follow = Follow.NONE
    parallax: tuple[Coordinate, Coordinate] = (0, 0)
    """Pixels to the right at yaw 1, and up at pitch 1."""
    gaze: tuple[Coordinate, Coordinate] = (0, 0)
    """Pixels to the right and up for a gaze of 1."""
    brow: tuple[Coordinate, Annotated[float, Meta(ge=-2, le=2)]] = (0, 0)
    """Pixels up for a brow that is raised by 1, and radians clockwise for a tilt of 1."""


class Mouth(Struct, frozen=True, kw_only=True, omit_defaults=True, forbid_unknown_fields=True):
    set: MouthSet
    codebook: Annotated[
        tuple[Annotated[tuple[float, ...], Meta(min_length=12, max_length=12)], ...],
        Meta(max_length=1_000),
    ] = ()
    """Of the set `articulation`: how the mouth is held in each shape (`face.articulation`)."""
    hold_ms: Annotated[int, Meta(ge=0, le=1_000)] = 0
    """A shape stays for so long at least; few shapes flicker without."""


class View(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What is seen of an avatar in small pictures."""

    up_to: Annotated[int, Meta(ge=16, le=2_048)]
    """Width of the pictures that it is for."""
    box: tuple[Coordinate, Coordinate, Coordinate]
    """Left, top, and side of the square."""


class Motion(Struct, frozen=True, kw_only=True, omit_defaults=True, forbid_unknown_fields=True):
    """How lively it is, in percent of the default avatars."""

    head_percent: Annotated[int, Meta(ge=0, le=400)] = 100
    breath_px: Coordinate = 2.2
    """How far a layer that follows the breath goes up."""


class Manifest(Struct, frozen=True, kw_only=True, omit_defaults=True, forbid_unknown_fields=True):
    format: Name
    name: Annotated[str, Meta(pattern=r"\A[a-z0-9][a-z0-9_-]{0,63}\Z")]
    """How it is asked for."""
    title: Name
    """How it is shown to people."""
    author: Annotated[str, Meta(max_length=200)] = ""
    license: Annotated[str, Meta(max_length=200)] = ""
    size: Annotated[int, Meta(ge=64, le=2_048)] = 512
    """Width and height."""
    pivot: tuple[Coordinate, Coordinate] = (256, 372)
    """What the head turns about."""
    layers: Annotated[tuple[Layer, ...], Meta(min_length=1, max_length=32)]
    mouth: Mouth
    views: Annotated[tuple[View, ...], Meta(max_length=4)] = ()
    motion: Motion = Motion()

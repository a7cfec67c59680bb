"""Where pictures lie in what is seen of an avatar, on the grid of the pixels that are drawn."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from .packs.manifest import Follow, Image, Layer, Manifest, View

__all__ = ["GRID", "Extent", "Placed", "Window"]

GRID: Final = 16
"""Places on the wire are 1/16 pixel."""

_HEAD_REACH: Final = 96.0
"""How far a part of a head 512 pixels high moves at most."""

_WORTH_CUTTING: Final = 2
"""A file that is so many times as large as what is seen of it."""

Extent = tuple[int, int]
"""Width and height."""


@dataclass(frozen=True, slots=True)
class Placed:
    """A picture as it is drawn while the face is at rest, in pixels that are drawn."""

    file: str
    left: float
    """A whole number, but for files that are used as they are."""
    top: float
    width: int
    height: int
    source: tuple[float, float, float, float]
    """The part of the file that it is, in its pixels: left, top, right, bottom. May reach beyond
    it by less than a pixel that is drawn."""
    as_it_is: bool
    """Pixel for pixel what is in the file."""

    @property
    def centre(self) -> tuple[float, float]:
        return self.left + self.width / 2, self.top + self.height / 2


@dataclass(frozen=True, slots=True)
class Window:
    """What is seen of an avatar in pictures of one size."""

    size: int
    """Width and height of the pictures."""
    left: float
    """In the pixels of the pack, as `top`."""
    top: float
    scale: float
    """Pixels that are drawn for each of the pack."""
    unit: float
    """Pixels that are drawn for each of a face 512 pixels high."""

    @classmethod
    def of(cls, manifest: Manifest, size: int) -> "Window":
        """What a picture of `size` shows; none is larger than the avatar."""
        assert size > 0
        size = min(size, manifest.size)
        left, top, side = _box(manifest.views, size) or (0.0, 0.0, float(manifest.size))
        scale = size / side
        return cls(size, left, top, scale, scale * manifest.size / 512)

    def place(self, image: Image, extent: Extent, reach: float) -> Placed | None:
        """Where a picture lies; None if it never comes within `reach` of what is seen.

        What lies beyond that is cut off, unless that means to encode again what is nearly right.
        """
        left = (image.at[0] - self.left) * self.scale
        top = (image.at[1] - self.top) * self.scale
        right, bottom = left + extent[0] * self.scale, top + extent[1] * self.scale
        near, far = -reach, self.size + reach
        if min(right, bottom) <= near or max(left, top) >= far:
            return None
        x0, y0 = math.floor(max(left, near)), math.floor(max(top, near))
        x1, y1 = math.ceil(min(right, far)), math.ceil(min(bottom, far))
        if self.scale == 1.0 and (x1 - x0) * (y1 - y0) * _WORTH_CUTTING >= extent[0] * extent[1]:
            return Placed(image.file, left, top, *extent, (0, 0, *extent), True)
        source = tuple(
            (edge - origin) / self.scale
            for edge, origin in ((x0, left), (y0, top), (x1, left), (y1, top))
        )
        assert len(source) == 4
        return Placed(image.file, x0, y0, x1 - x0, y1 - y0, source, False)

    def reach(self, layer: Layer, manifest: Manifest) -> float:
        """How far a layer moves at most, in pixels that are drawn."""
        own = max(abs(a) + abs(b) for a, b in zip(layer.parallax, layer.gaze, strict=True))
        reach = (own + abs(layer.brow[0])) * self.scale
        if layer.follow is Follow.BREATH:
            reach += abs(manifest.motion.breath_px) * self.scale
        if layer.follow is Follow.HEAD:
            reach += _HEAD_REACH * self.unit * max(1.0, manifest.motion.head_percent / 100)
        return reach


def _box(views: Sequence[View], size: int) -> tuple[float, float, float] | None:
    """Of the view for the smallest pictures among those that are for `size`."""
    fitting = [view for view in views if size <= view.up_to]
    return min(fitting, key=lambda view: view.up_to).box if fitting else None

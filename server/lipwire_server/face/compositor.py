"""Draws one frame into a picture, as a browser does from the same list."""

import io
import math
from typing import Final, NamedTuple, TypeAlias

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from .atlas import Atlas
from .placing import GRID
from .single_flight import SingleFlight

__all__ = ["BACKGROUND", "Compositor", "Patch", "Patches", "patches"]

BACKGROUND: Final = (255, 255, 255)
"""Behind an avatar that has nothing behind it."""

_PATCH_BYTES: Final = 64 << 20
_RGBA: Final = 4


class Patch(NamedTuple):
    """A sprite, perhaps moved and turned: what it adds to a picture, and where."""

    picture: Image.Image
    """Premultiplied."""
    left: int = 0
    top: int = 0


Patches: TypeAlias = SingleFlight[tuple[str | int, ...], Patch]
"""By atlas, sprite, place and turn, for any number of compositors."""


def patches(max_bytes: int = _PATCH_BYTES) -> Patches:
    """Room for what is decoded and turned."""
    return SingleFlight(max_bytes, _nbytes)


class Compositor:
    """For any thread.

    To turn a sprite costs thirty times what it costs to lay it down, and heads that nod in a loop
    are held in the same few ways: turned sprites are kept.
    """

    def __init__(self, atlas: Atlas, kept: Patches | None = None) -> None:
        self._atlas = atlas
        self._kept = patches() if kept is None else kept

    def picture(self, draws: NDArray[np.int32]) -> Image.Image:
        """A frame's draws, shape (layers, 4), as an RGB picture; it is the caller's own."""
        picture = Image.new("RGB", (self._atlas.size, self._atlas.size), BACKGROUND)
        for index, right, down, turn in draws.tolist():
            if index >= 0:
                patch = self._patch(index, right, down, turn)
                # Both are premultiplied: what is below shines through, and this is added.
                picture.paste(patch.picture, (patch.left, patch.top), patch.picture)
        return picture

    def _patch(self, index: int, right: int, down: int, turn: int) -> Patch:
        sprite = self._atlas.sprite(index)
        x, y = sprite.x + right, sprite.y + down
        left, top = x - sprite.width * GRID // 2, y - sprite.height * GRID // 2
        if not turn and not left % GRID and not top % GRID:
            return self._decoded(index)._replace(left=left // GRID, top=top // GRID)
        return self._kept.get(
            (self._atlas.key, index, x, y, turn),
            lambda: self._turned(index, x / GRID, y / GRID, turn / 1_000),
        )

    def _turned(self, index: int, x: float, y: float, turn: float) -> Patch:
        picture = self._decoded(index).picture
        cos, sin = math.cos(turn), math.sin(turn)
        # A pixel more on all sides: edges between pixels fade out.
        width, height = picture.width + 2, picture.height + 2
        across = (width * abs(cos) + height * abs(sin)) / 2
        along = (width * abs(sin) + height * abs(cos)) / 2
        left, right = self._span(x, across)
        top, bottom = self._span(y, along)
        bordered = Image.new("RGBa", (width, height))
        bordered.paste(picture, (1, 1))
        from_x, from_y = left - x, top - y
        back = (
            *(cos, sin, from_x * cos + from_y * sin + width / 2),
            *(-sin, cos, from_y * cos - from_x * sin + height / 2),
        )
        turned = bordered.transform(
            (right - left, bottom - top), Image.Transform.AFFINE, back, Image.Resampling.BILINEAR
        )
        return Patch(turned, left, top)

    def _span(self, centre: float, half: float) -> tuple[int, int]:
        """The pixels that are reached to both sides of a centre, within the picture."""
        first, last = math.floor(centre - half), math.ceil(centre + half)
        return min(max(first, 0), self._atlas.size), min(max(last, 0), self._atlas.size)

    def _decoded(self, index: int) -> Patch:
        return self._kept.get(
            (self._atlas.key, index), lambda: _premultiplied(self._atlas.sprite(index).data)
        )


def _premultiplied(data: bytes) -> Patch:
    with Image.open(io.BytesIO(data)) as picture:
        return Patch(picture.convert("RGBA").convert("RGBa"))


def _nbytes(patch: Patch) -> int:
    return patch.picture.width * patch.picture.height * _RGBA

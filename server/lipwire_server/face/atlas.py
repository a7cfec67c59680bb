"""An avatar at one size, as the sprites that its frames are drawn from."""

import hashlib
import io
import math
from collections.abc import Mapping
from typing import Final

from PIL import Image

from lipwire_protocol import ErrorCode, LipwireError, Sprite

from .packs.avatar import Avatar
from .placing import GRID, Extent, Placed
from .poses import Poses
from .rig import Draws, Rig
from .single_flight import SingleFlight

__all__ = ["MIMES", "Atlas"]

MIMES: Final = ("image/webp", "image/png")
"""What sprites can be encoded as; the first one where nobody says."""

_KEY_DIGITS: Final = 16
_NOTHING: Final = 1e-6
"""Of a pixel: what is beyond an edge by so much was rounded there."""


class Atlas:
    """Each sprite is made once in a process, when it is first wanted. For any thread."""

    def __init__(self, avatar: Avatar, size: int, mime: str = MIMES[0]) -> None:
        if mime not in MIMES:
            raise LipwireError(
                ErrorCode.UNSUPPORTED, f"sprites are {' or '.join(MIMES)}, not {mime!r}"
            )
        self._files = avatar.files
        self._rig = Rig(avatar.manifest, size, _extents(avatar.files))
        self._sprites: SingleFlight[int, Sprite] = SingleFlight()
        self.mime = mime
        self.size = self._rig.window.size
        """Width and height of what is drawn: no more than the avatar has."""
        self.key = hashlib.sha256(f"{avatar.key} {self.size} {mime}".encode()).hexdigest()
        """Equal for what looks the same."""
        self.layers = len(self._rig.layers)
        """Of which anything is seen at this size."""

    def __len__(self) -> int:
        return len(self._rig.pictures)

    def sprite(self, index: int) -> Sprite:
        """A sprite by its number. Blocks while it is made."""
        return self._sprites.get(index, lambda: self._made(index))

    def draws(self, poses: Poses, fps: int, previous: int | None = None) -> Draws:
        """What is drawn in each frame, shape (frames, layers, 4): see `rig.Draws`.

        `previous` is the shape of the mouth in the frame before (`shapes`), if there was one.
        """
        return self._rig.draws(poses, fps, previous)

    def _made(self, index: int) -> Sprite:
        placed = self._rig.pictures[index]
        data = self._files[placed.file]
        if not (placed.as_it_is and _is(data, self.mime)):
            data = _encoded(_cut(data, placed), self.mime)
        x, y = placed.centre
        return Sprite(
            id=index,
            key=hashlib.sha256(data).hexdigest()[:_KEY_DIGITS],
            mime=self.mime,
            width=placed.width,
            height=placed.height,
            x=round(x * GRID),
            y=round(y * GRID),
            data=data,
        )


def _extents(files: Mapping[str, bytes]) -> dict[str, Extent]:
    extents = {}
    for name, data in files.items():
        with Image.open(io.BytesIO(data)) as picture:
            extents[name] = picture.size
    return extents


def _is(data: bytes, mime: str) -> bool:
    if mime == "image/webp":
        return data[:4] == b"RIFF" and data[8:12] == b"WEBP"
    return data.startswith(b"\x89PNG\r\n\x1a\n")


def _cut(data: bytes, placed: Placed) -> Image.Image:
    """A part of a picture at another size, its edges between pixels where they lie between."""
    with Image.open(io.BytesIO(data)) as opened:
        picture = opened.convert("RGBA")
    if placed.as_it_is:
        return picture
    # Colours are mixed by how much of them there is: else what is transparent darkens the edges.
    picture = picture.convert("RGBa")
    left, top, right, bottom = placed.source
    beyond = (
        max(0, math.ceil(-left - _NOTHING)),
        max(0, math.ceil(-top - _NOTHING)),
        max(0, math.ceil(right - picture.width - _NOTHING)),
        max(0, math.ceil(bottom - picture.height - _NOTHING)),
    )
    if any(beyond):
        wide, high = beyond[0] + beyond[2], beyond[1] + beyond[3]
        wider = Image.new("RGBa", (picture.width + wide, picture.height + high))
        wider.paste(picture, beyond[:2])
        picture = wider
    box = (
        max(left + beyond[0], 0.0),
        max(top + beyond[1], 0.0),
        min(right + beyond[0], picture.width),
        min(bottom + beyond[1], picture.height),
    )
    cut = picture.resize((placed.width, placed.height), Image.Resampling.LANCZOS, box)
    return cut.convert("RGBA")


def _encoded(picture: Image.Image, mime: str) -> bytes:
    out = io.BytesIO()
    if mime == "image/webp":
        picture.save(out, "WEBP", quality=85, method=0)
    else:
        picture.save(out, "PNG", compress_level=6)
    return out.getvalue()

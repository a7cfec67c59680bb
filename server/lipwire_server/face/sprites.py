"""Files of pictures in, files of sprites out: cut, scaled and encoded."""

import io
import math
from typing import Final, TypeAlias

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from .bleeding import bled
from .placing import Extent, Placed

__all__ = ["MIMES", "extent", "is_encoded_as", "sprite_file"]

MIMES: Final = ("image/webp", "image/png")
"""What sprites can be encoded as; the first one where nobody says."""

Pixels: TypeAlias = NDArray[np.float32]
"""Shape (height, width, 4): red, green, blue times alpha, and alpha, 0..255."""

_FORMATS: Final = ("WEBP", "PNG")
"""What files of avatars are. Pillow, left to find out, takes ten times as long to look at one."""
_EXACT_PIXELS: Final = 1_200
"""Of WebP pictures so small every pixel is kept. Else two by two share a colour, which is seen in
an iris of five, and the bytes would hardly be fewer."""
_QUALITY: Final = 85
_OPACITY: Final = 72
"""32 steps: with fewer soft shadows have edges, and those of 80 take a third of all bytes."""
_METHOD: Final = 4
_NOTHING: Final = 1e-6
"""Of a pixel: what is beyond an edge by so much was rounded there."""


def extent(data: bytes) -> Extent:
    """Width and height; only the header is read."""
    with Image.open(io.BytesIO(data), formats=_FORMATS) as picture:
        return picture.size


def is_encoded_as(mime: str, data: bytes) -> bool:
    if mime == "image/webp":
        return data[:4] == b"RIFF" and data[8:12] == b"WEBP"
    return data.startswith(b"\x89PNG\r\n\x1a\n")


def sprite_file(data: bytes, placed: Placed, mime: str) -> bytes:
    """A picture as it is drawn, as a file; the one that it came in where nothing is to be done."""
    if placed.as_it_is and is_encoded_as(mime, data):
        return data
    with Image.open(io.BytesIO(data), formats=_FORMATS) as opened:
        picture = opened.convert("RGBA")
    if not placed.as_it_is:
        picture = _straight(_scaled(_premultiplied(picture), placed))
    return _encoded(picture, mime)


def _encoded(picture: Image.Image, mime: str) -> bytes:
    out = io.BytesIO()
    if mime != "image/webp":
        picture.save(out, "PNG")
    elif picture.width * picture.height <= _EXACT_PIXELS:
        picture.save(out, "WEBP", lossless=True, quality=60, method=2)
    else:
        bled(picture).save(
            out, "WEBP", quality=_QUALITY, alpha_quality=_OPACITY, method=_METHOD, exact=True
        )
    return out.getvalue()


def _premultiplied(picture: Image.Image) -> Pixels:
    """Colours are mixed by how much of them there is: else what cannot be seen darkens the edges.

    Not in bytes: rounded twice, the colours of faint edges are noise, which takes a fifth of the
    bytes of a sprite.
    """
    pixels = np.asarray(picture, np.float32)
    return np.concatenate([pixels[..., :3] * (pixels[..., 3:] / 255), pixels[..., 3:]], axis=-1)


def _straight(pixels: Pixels) -> Image.Image:
    # Sharp edges overshoot, colours and alpha alike: they are divided before they are cut off.
    colours = pixels[..., :3] * (255.0 / np.maximum(pixels[..., 3:], 0.5))
    straight = np.clip(np.concatenate([colours, pixels[..., 3:]], axis=-1), 0.0, 255.0)
    return Image.fromarray(np.rint(straight).astype(np.uint8), "RGBA")


def _scaled(pixels: Pixels, placed: Placed) -> Pixels:
    """A part of a picture at another size, with edges between pixels where they lie between."""
    height, width = pixels.shape[:2]
    left, top, right, bottom = placed.source
    west, north, east, south = (
        max(0, math.ceil(beyond - _NOTHING))
        for beyond in (-left, -top, right - width, bottom - height)
    )
    bordered = np.pad(pixels, ((north, south), (west, east), (0, 0)))
    box = (
        max(left + west, 0.0),
        max(top + north, 0.0),
        min(right + west, bordered.shape[1]),
        min(bottom + north, bordered.shape[0]),
    )
    size = (placed.width, placed.height)
    channels = [
        Image.fromarray(np.ascontiguousarray(bordered[..., channel])).resize(
            size, Image.Resampling.LANCZOS, box
        )
        for channel in range(bordered.shape[2])
    ]
    return np.stack([np.asarray(channel) for channel in channels], axis=-1)

"""Colours for what cannot be seen of a picture.

Codecs that lose something look at blocks of pixels. Where colours break off at the edge of what is
seen, a fifth of the bytes goes into that, and specks come of it on this side of the edge.
"""

from typing import Final, TypeAlias

import numpy as np
from numpy.typing import NDArray
from PIL import Image

__all__ = ["bled"]

Floats: TypeAlias = NDArray[np.float32]

_SEEN: Final = np.float32(8.0)
"""Opacity of 255 from which on a colour stays as it is; what is fainter is mixed with others."""
_SURE: Final = np.float32(4.0)
"""A pixel of half the size is sure of its colour if one of the four in it is."""
_NOTHING: Final = np.float32(1e-6)


def bled(picture: Image.Image) -> Image.Image:
    """An RGBA picture that looks the same: what is not seen has the colours of what lies around."""
    if picture.getchannel("A").getextrema()[0] >= _SEEN:
        return picture
    pixels = np.asarray(picture, np.float32)
    seen = np.minimum(pixels[..., 3:] / _SEEN, np.float32(1.0))
    colours = _spread(pixels[..., :3] * seen, seen)
    bytes_ = np.rint(np.concatenate([colours, pixels[..., 3:]], axis=-1)).astype(np.uint8)
    return Image.fromarray(bytes_, "RGBA")


def _spread(colours: Floats, known: Floats) -> Floats:
    """Colours times how well they are known, 0..1, filled up from pictures of half the size."""
    height, width = known.shape[:2]
    if height == width == 1:
        return np.divide(colours, np.maximum(known, _NOTHING), dtype=np.float32)
    halved = _halved(known)
    sure = np.minimum(halved * _SURE, np.float32(1.0))
    around = _spread(_halved(colours) * (sure / np.maximum(halved, _NOTHING)), sure)
    filled: Floats = colours + (1.0 - known) * _doubled(around)[:height, :width]
    return filled


def _halved(pixels: Floats) -> Floats:
    height, width = pixels.shape[:2]
    even = np.pad(pixels, ((0, height % 2), (0, width % 2), (0, 0)))
    mean: Floats = (even[::2, ::2] + even[1::2, ::2] + even[::2, 1::2] + even[1::2, 1::2]) / 4.0
    return mean


def _doubled(pixels: Floats) -> Floats:
    height, width = pixels.shape[:2]
    channels = [
        Image.fromarray(np.ascontiguousarray(pixels[..., channel])).resize(
            (2 * width, 2 * height), Image.Resampling.BILINEAR
        )
        for channel in range(pixels.shape[2])
    ]
    return np.stack([np.asarray(channel) for channel in channels], axis=-1)

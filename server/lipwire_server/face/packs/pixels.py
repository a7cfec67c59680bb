"""Pictures that nobody vouches for: decoded within bounds, and encoded again without metadata."""

import io
import struct
import zlib
from typing import Final

from PIL import Image as Pillow
from PIL import UnidentifiedImageError

from .sources import wrong

__all__ = ["MOST_PIXELS", "SIDE", "cleaned", "decoded", "encoded", "extent"]

SIDE: Final = 2_048
"""Longest side of a picture."""
MOST_PIXELS: Final = 128 << 20
"""Of all pictures of a pack together; a second or two of work."""

_FORMATS: Final = ("PNG", "WEBP", "JPEG")
_BROKEN: Final = (
    OSError,
    SyntaxError,
    ValueError,
    TypeError,
    LookupError,
    EOFError,
    ArithmeticError,
    MemoryError,
    struct.error,
    zlib.error,
    Pillow.DecompressionBombError,
    Pillow.DecompressionBombWarning,
)
"""What Pillow raises for files that are not what they say."""


def extent(name: str, data: bytes) -> tuple[int, int]:
    """Width and height, out of the file's head."""
    try:
        with _opened(name, data) as picture:
            return picture.size
    except _BROKEN as error:
        raise wrong(f"{name} is damaged ({error}): save it again") from error


def decoded(name: str, data: bytes) -> Pillow.Image:
    """As RGBA. Raises LipwireError for what is no PNG, WebP or JPEG, or too large, or damaged."""
    try:
        with _opened(name, data) as picture:
            return picture.convert("RGBA")
    except _BROKEN as error:
        raise wrong(f"{name} is damaged ({error}): save it again") from error


def encoded(picture: Pillow.Image) -> bytes:
    """Without loss and small: for packs that are kept."""
    out = io.BytesIO()
    picture.save(out, "WEBP", lossless=True, quality=80, method=4)
    return out.getvalue()


def cleaned(name: str, data: bytes) -> bytes:
    """The same picture with nothing else in its file. Fast, not small."""
    out = io.BytesIO()
    decoded(name, data).save(out, "PNG", compress_level=1)
    return out.getvalue()


def _opened(name: str, data: bytes) -> Pillow.Image:
    """Of what it is, whatever its name says; not decoded yet."""
    try:
        picture = Pillow.open(io.BytesIO(data), formats=_FORMATS)
    except UnidentifiedImageError:
        raise wrong(f"{name} is no PNG, WebP or JPEG: save it as one of these") from None
    except (Pillow.DecompressionBombError, Pillow.DecompressionBombWarning):
        raise _too_large(name) from None
    if max(picture.size) > SIDE:
        raise _too_large(name)
    if getattr(picture, "n_frames", 1) > 1:
        raise wrong(f"{name} moves: save one picture of it")
    return picture


def _too_large(name: str) -> Exception:
    return wrong(f"{name} is larger than {SIDE} x {SIDE} pixels: make it smaller")

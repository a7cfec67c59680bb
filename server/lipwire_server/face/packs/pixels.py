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
_ORDERS: Final = {b"II": "<", b"MM": ">"}
_ORIENTATION: Final = 0x0112
"""The number of that field in EXIF."""
_TURNS: Final = {
    2: Pillow.Transpose.FLIP_LEFT_RIGHT,
    3: Pillow.Transpose.ROTATE_180,
    4: Pillow.Transpose.FLIP_TOP_BOTTOM,
    5: Pillow.Transpose.TRANSPOSE,
    6: Pillow.Transpose.ROTATE_270,
    7: Pillow.Transpose.TRANSVERSE,
    8: Pillow.Transpose.ROTATE_90,
}
_SIDEWAYS: Final = frozenset({5, 6, 7, 8})

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
    """Width and height as it is seen, out of the file's head."""
    try:
        with _opened(name, data) as picture:
            width, height = picture.size
            return (height, width) if _turned(picture) in _SIDEWAYS else (width, height)
    except _BROKEN as error:
        raise wrong(f"{name} is damaged ({error}): save it again") from error


def decoded(name: str, data: bytes) -> Pillow.Image:
    """As RGBA, upright. Raises LipwireError for what is no PNG, WebP or JPEG, too large or damaged.

    Cameras leave a picture as their sensor has it, and write down how it is to be turned.
    """
    try:
        with _opened(name, data) as picture:
            turn = _TURNS.get(_turned(picture))
            upright = picture.convert("RGBA")
            return upright if turn is None else upright.transpose(turn)
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


def _turned(picture: Pillow.Image) -> int:
    """1 to 8, as EXIF has it; 1 is upright, and so is what cannot be read.

    Not by Pillow: a field of EXIF may say that it is as long as the file, and there may be many.
    """
    exif = (picture.info.get("exif") or b"").removeprefix(b"Exif\0\0")
    order = _ORDERS.get(exif[:2], "<")
    try:
        (at,) = struct.unpack_from(f"{order}4xI", exif)
        (count,) = struct.unpack_from(f"{order}H", exif, at)
        for field in range(count):
            number, value = struct.unpack_from(f"{order}H6xH", exif, at + 2 + 12 * field)
            if number == _ORIENTATION:
                return int(value)
    except struct.error:  # It ends too early.
        pass
    return 1


def _too_large(name: str) -> Exception:
    return wrong(f"{name} is larger than {SIDE} x {SIDE} pixels: make it smaller")

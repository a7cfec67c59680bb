"""The two codecs of the telephone network (ITU-T G.711): a byte for each sample.

Both spend a byte on a sign, a segment whose levels lie twice as far apart as those of the one
below it, and one of 16 levels in that segment. Each is a table from all 65,536 levels of a sample
to its byte.
"""

from functools import cache

import numpy as np
from numpy.typing import NDArray

from .pcm import levels

__all__ = ["alaw", "mulaw"]


def mulaw(samples: NDArray[np.float32]) -> bytes:
    """µ-law, the codec of North America and Japan, of samples in -1..1."""
    return _mulaw_codes()[levels(samples).view(np.uint16)].tobytes()


def alaw(samples: NDArray[np.float32]) -> bytes:
    """A-law, the codec of the rest of the world, of samples in -1..1."""
    return _alaw_codes()[levels(samples).view(np.uint16)].tobytes()


@cache
def _mulaw_codes() -> NDArray[np.uint8]:
    level = _all_levels()
    # 14 bits, and 33 more: then a segment is where the highest bit stands.
    size = np.minimum((np.abs(level) >> 2) + 33, 0x1FFF)
    segment = _bits(size) - 6
    step = size >> (segment + 1) & 0x0F
    sign = np.where(level < 0, 0x80, 0x00)
    codes: NDArray[np.int32] = ~(sign | segment << 4 | step)
    return codes.astype(np.uint8)


@cache
def _alaw_codes() -> NDArray[np.uint8]:
    level = _all_levels()
    # 13 bits. The lowest two segments are one straight line.
    size = np.minimum(np.abs(level) >> 3, 0x0FFF)
    segment = np.maximum(_bits(size) - 5, 0)
    step = size >> np.maximum(segment, 1) & 0x0F
    sign = np.where(level < 0, 0x00, 0x80)
    # Every other bit is inverted, so that silence is not a row of equal bits.
    codes: NDArray[np.int32] = (sign | segment << 4 | step) ^ 0x55
    return codes.astype(np.uint8)


def _all_levels() -> NDArray[np.int32]:
    """The level of each 16-bit pattern, in the order of the patterns."""
    return np.arange(0x10000, dtype=np.uint16).view(np.int16).astype(np.int32)


def _bits(numbers: NDArray[np.int32]) -> NDArray[np.int32]:
    """`int.bit_length` of each."""
    return np.frexp(numbers)[1]

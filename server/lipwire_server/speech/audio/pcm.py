"""Samples to bytes."""

import numpy as np
from numpy.typing import NDArray

__all__ = ["pcm_s16le"]


def pcm_s16le(samples: NDArray[np.float32]) -> bytes:
    """Signed 16-bit little-endian PCM of samples in -1..1; what is louder is clipped."""
    return (np.clip(samples, -1.0, 1.0) * 32767.0).round().astype("<i2").tobytes()

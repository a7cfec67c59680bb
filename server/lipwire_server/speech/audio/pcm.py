"""Samples to uncompressed bytes."""

import numpy as np
from numpy.typing import NDArray

__all__ = ["levels", "pcm_f32le", "pcm_s16le"]


def pcm_s16le(samples: NDArray[np.float32]) -> bytes:
    """Signed 16-bit little-endian PCM of samples in -1..1; what is louder is clipped."""
    return levels(samples).astype("<i2", copy=False).tobytes()


def pcm_f32le(samples: NDArray[np.float32]) -> bytes:
    """32-bit little-endian floats in -1..1; what is louder is clipped."""
    return np.clip(samples, -1.0, 1.0).astype("<f4", copy=False).tobytes()


def levels(samples: NDArray[np.float32]) -> NDArray[np.int16]:
    """Samples in -1..1 as the nearest of 65,535 levels; what is louder is clipped."""
    return (np.clip(samples, -1.0, 1.0) * 32767.0).round().astype(np.int16)

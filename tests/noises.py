"""Noise that goes into a voice, and the sound that comes out, compared."""

import numpy as np
from numpy.typing import NDArray

from lipwire_server.speech.voices.reading import Noise, Reading

__all__ = ["decibels", "noise_of", "samples_of", "silent"]


def silent(name: str, shape: tuple[int, ...]) -> NDArray[np.float32]:
    """No noise at all."""
    return np.zeros(shape, np.float32)


def noise_of(seed: int) -> Noise:
    def noise(name: str, shape: tuple[int, ...]) -> NDArray[np.float32]:
        key = seed + int.from_bytes(name.encode(), "big")
        generator = np.random.Generator(np.random.Philox(key=key % 2**64))
        return generator.standard_normal(shape, dtype=np.float32)

    return noise


def samples_of(reading: Reading) -> NDArray[np.float32]:
    """All windows of a reading, joined."""
    return np.concatenate([reading.window(index) for index in range(len(reading.windows))])


def decibels(expected: NDArray[np.float32], made: NDArray[np.float32]) -> float:
    """How far the error is below the signal."""
    error = np.square(expected - made, dtype=np.float64).sum()
    signal = np.square(expected, dtype=np.float64).sum()
    return float("inf") if error == 0 else float(10 * np.log10(signal / error))

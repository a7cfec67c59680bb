"""From the voice's sample rate to another, piece by piece and without a seam."""

import numpy as np
import soxr
from numpy.typing import NDArray

from lipwire_protocol.timeline import rescale

__all__ = ["Resampler"]


class Resampler:
    """One stretch of sound, from beginning to end.

    The filter of libsoxr looks into the future, so until the end it gives back less than it was
    given: by up to 60 ms for 16,000 Hz and more, 120 ms for 8,000 Hz. Its results are aligned, and
    do not depend on how the stretch was cut. Between equal rates nothing is changed or held back.
    """

    def __init__(self, from_rate: int, to_rate: int) -> None:
        self._from_rate = from_rate
        self._to_rate = to_rate
        self._taken = 0
        self._given = 0
        self._stream = None
        if from_rate != to_rate:
            # Flat up to 0.93 of the lower rate's band, 120 dB down beyond it: better than 16 bits.
            self._stream = soxr.ResampleStream(from_rate, to_rate, 1, "float32", quality="HQ")

    def push(self, samples: NDArray[np.float32]) -> NDArray[np.float32]:
        """The next samples in, and what is certain by now out."""
        self._taken += len(samples)
        return self._step(samples)

    def finish(self) -> NDArray[np.float32]:
        """What is left, so that in all `rescale(samples pushed)` samples came out."""
        due = rescale(self._taken, self._from_rate, self._to_rate) - self._given
        rest = self._step(np.zeros(0, np.float32), last=True)[:due]
        # libsoxr rounds in its own way: of halves, one is missing.
        return np.pad(rest, (0, due - len(rest)))

    def _step(self, samples: NDArray[np.float32], *, last: bool = False) -> NDArray[np.float32]:
        if self._stream is not None:
            samples = self._stream.resample_chunk(samples, last=last)
        self._given += len(samples)
        return samples

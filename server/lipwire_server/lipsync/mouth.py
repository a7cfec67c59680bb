"""What the mouth does during a segment, in every way that a face may want to be told."""

from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from threading import Lock
from typing import Final

import numpy as np
from numpy.typing import NDArray

from lipwire_protocol.visemes import SETS, WEIGHT_SETS

from ..speech.port import PhonemeSpan, VisemeSpan
from .blend import Blend, Floats
from .events import events
from .sounds import Spoken, sounds_of, spoken
from .table import matrix

__all__ = ["FORM_ZERO", "Mouth", "mouth"]

FORM_ZERO: Final = 128
"""The byte of `ParamMouthForm` that is neither sad nor smiling: it goes 127 both ways."""


def mouth(phonemes: Sequence[PhonemeSpan], sample_rate: int) -> "Mouth":
    """The mouth for phonemes that are contiguous from 0."""
    return Mouth(phonemes, sample_rate)


class Mouth:
    """What the mouth does during one segment. May be used from any number of threads at once.

    Everything is worked out when it is asked for first.
    """

    def __init__(self, phonemes: Sequence[PhonemeSpan], sample_rate: int) -> None:
        self._phonemes = spoken(phonemes)
        self._sample_rate = sample_rate
        self._blend: Blend | None = None
        self.sets: Mapping[str, tuple[VisemeSpan, ...]] = _Sets(self._phonemes, sample_rate)
        """Mouth shapes one after another, by the name of their set, contiguous from 0."""

    def weights(self, name: str, times: NDArray[np.int64]) -> NDArray[np.uint8]:
        """Blend weights at samples of the segment, shape (times, shapes of the set).

        Oculus weights add up to 255 at every time; of the other sets each goes from 0 to 255 on its
        own, and `ParamMouthForm` of Live2D is 0 at `FORM_ZERO`.
        """
        if name not in WEIGHT_SETS:
            raise KeyError(name)
        if self._blend is None:  # Two threads at once make two that are equal.
            self._blend = Blend(sounds_of(self._phonemes), self._sample_rate)
        oculus = self._blend.at(np.asarray(times, np.int64))
        if name == "oculus":
            # Rounds what each row adds up to so far: no weight is off by more than 1.
            ends = np.rint(255.0 * np.minimum(np.cumsum(oculus, axis=1), 1.0))
            ends[:, -1] = 255.0
            return np.diff(ends, axis=1, prepend=0.0).astype(np.uint8)
        weights = 255.0 * np.clip(_times_matrix(oculus, name), -1.0, 1.0)
        if name == "live2d":
            weights[:, 1] = FORM_ZERO + weights[:, 1] * (127.0 / 255.0)
        return np.rint(weights).astype(np.uint8)


def _times_matrix(oculus: Floats, name: str) -> Floats:
    # Not `@`: its rounding would depend on how many times are asked for.
    columns = _matrix(name)
    weights = np.zeros((oculus.shape[0], columns.shape[1]))
    for column in np.flatnonzero(columns.any(axis=0)):
        for viseme in np.flatnonzero(columns[:, column]):
            weights[:, column] += oculus[:, viseme] * columns[viseme, column]
    return weights


@cache
def _matrix(name: str) -> Floats:
    return np.array(matrix(name), np.float64)


class _Sets(Mapping[str, tuple[VisemeSpan, ...]]):
    """The sets of events of a mouth, each made when it is asked for first."""

    def __init__(self, phonemes: Sequence[Spoken], sample_rate: int) -> None:
        self._phonemes = phonemes
        self._sample_rate = sample_rate
        self._lock = Lock()
        self._made: dict[str, tuple[VisemeSpan, ...]] = {}

    def __getitem__(self, name: str) -> tuple[VisemeSpan, ...]:
        if name not in SETS:
            raise KeyError(name)
        with self._lock:
            if name not in self._made:
                self._made[name] = events(self._phonemes, name, self._sample_rate)
            return self._made[name]

    def __iter__(self) -> Iterator[str]:
        return iter(SETS)

    def __len__(self) -> int:
        return len(SETS)

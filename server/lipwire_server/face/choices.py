"""Which picture of a layer is shown, as a table: by what the layer shows, emotion and strength."""

from collections.abc import Mapping, Sequence
from functools import cache
from typing import Final, TypeAlias

import numpy as np
from numpy.typing import NDArray

from .emotions import NAMES, NEUTRAL
from .packs.manifest import Image, Layer, Shows

__all__ = ["STRENGTHS", "VALUES", "choices", "strength_index", "value_index"]

Indices: TypeAlias = NDArray[np.int32]
Floats: TypeAlias = NDArray[np.float64]
Ladder: TypeAlias = Mapping[float, int]
"""Pictures by the strength of an emotion."""

_STRENGTH_STEPS: Final = 16
_VALUE_STEPS: Final = 64

STRENGTHS: Final = _STRENGTH_STEPS + 1
"""Columns for how strong an emotion is, 0..1."""
VALUES: Final = 2 * _VALUE_STEPS + 1
"""Rows for a value of -1..1."""


def strength_index(strength: Floats) -> NDArray[np.intp]:
    return np.rint(np.clip(strength, 0.0, 1.0) * _STRENGTH_STEPS).astype(np.intp)


def value_index(value: Floats) -> NDArray[np.intp]:
    return np.rint((np.clip(value, -1.0, 1.0) + 1.0) * _VALUE_STEPS).astype(np.intp)


def choices(layer: Layer, numbers: Sequence[int], names: Sequence[str]) -> Indices:
    """The numbers of a layer's pictures, shape (keys, emotions, STRENGTHS); -1 where none is shown.

    `numbers` are those of its images, -1 for one that is not to be shown. Keys are `names` for a
    mouth, `VALUES` for jaw and lids, and a single one where nothing decides.
    """
    rows = _Rows(layer, numbers, names)
    table = np.empty((len(rows), len(NAMES), STRENGTHS), np.int32)
    for key in range(len(rows)):
        others = rows.ladder(key, None)
        neutral = rows.ladder(key, NEUTRAL) or others
        plain = neutral[max(neutral)] if neutral else -1
        for column, emotion in enumerate(NAMES):
            table[key, column] = _steps(plain, rows.ladder(key, emotion) or others)
            if emotion == NEUTRAL:
                table[key, column] = plain
    return table


class _Rows:
    """A layer's pictures by key and emotion."""

    def __init__(self, layer: Layer, numbers: Sequence[int], names: Sequence[str]) -> None:
        by_emotion: dict[str | None, dict[str | float, dict[float, int]]] = {}
        for image, number in zip(layer.images, numbers, strict=True):
            if number >= 0:
                ladders = by_emotion.setdefault(image.emotion, {})
                ladders.setdefault(_key(layer, image), {})[image.strength] = number
        self._rows: dict[str | None, list[Ladder]] = {}
        for emotion, ladders in by_emotion.items():
            if layer.shows is Shows.MOUTH:
                self._rows[emotion] = [ladders.get(name, {}) for name in names]
            elif layer.shows is Shows.ALWAYS:
                self._rows[emotion] = [ladders[""]]
            else:
                self._rows[emotion] = _nearest(ladders)
        lengths = {Shows.MOUTH: len(names), Shows.ALWAYS: 1}
        self._length = lengths.get(layer.shows, VALUES)

    def __len__(self) -> int:
        return self._length

    def ladder(self, key: int, emotion: str | None) -> Ladder:
        rows = self._rows.get(emotion)
        return rows[key] if rows is not None else {}


def _key(layer: Layer, image: Image) -> str | float:
    if layer.shows is Shows.MOUTH:
        return image.shape or ""
    return "" if layer.shows is Shows.ALWAYS else image.value or 0.0


def _nearest(ladders: Mapping[str | float, Ladder]) -> list[Ladder]:
    values = np.array(sorted(map(float, ladders)))
    wanted = np.arange(VALUES) / _VALUE_STEPS - 1.0
    nearest = np.abs(wanted[:, None] - values).argmin(axis=1)
    return [ladders[value] for value in values[nearest].tolist()]


def _steps(plain: int, ladder: Ladder) -> Indices:
    """The pictures of an emotion from nothing of it to all of it."""
    rungs = (0.0, *ladder)
    steps: Indices = np.array([plain, *ladder.values()], np.int32)[_rungs(rungs)]
    return steps


@cache
def _rungs(strengths: tuple[float, ...]) -> NDArray[np.intp]:
    """The nearest of some strengths at each step; of two the stronger."""
    wanted = np.arange(STRENGTHS) / _STRENGTH_STEPS
    order = np.argsort(strengths)[::-1]
    distances = np.abs(wanted[:, None] - np.array(strengths)[order])
    nearest: NDArray[np.intp] = order[distances.argmin(axis=1)]
    return nearest

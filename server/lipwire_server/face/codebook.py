"""A fixed set of mouths, of which every mouth is shown as the nearest.

Pictures of mouths are drawn once and sent once, so there can only be so many. How far two mouths
are apart is told by their landmarks, in pixels of a face 512 pixels high.
"""

from functools import cache
from importlib.resources import files
from typing import Final, Self, TypeAlias

import msgspec
import numpy as np
from numpy.typing import NDArray

from lipwire_protocol.visemes import Oculus

from .articulation import HELD, Articulation, Articulations
from .landmarks import landmarks

__all__ = ["SHAPES", "Codebook", "default_codebook", "train"]

SHAPES: Final = 128
"""Mouths of the default avatars."""

_HYSTERESIS_PX: Final = 0.3
"""Another entry must be nearer by so much, or mouths that barely move flicker between twins."""
_CLOSED: Final = 0.9
"""Of `press` or `tuck`, from which nothing is seen between lips, or between teeth and lip."""
_CLOSURES: Final = (
    (Oculus.PP, Articulation._fields.index("press")),
    (Oculus.FF, Articulation._fields.index("tuck")),
)

_GRID: Final = 64.0
"""Landmarks are rounded to 1/64 px: sums of whole numbers are exact in any order, so that a pick
does not depend on how many are made at once."""
_CANDIDATES: Final = 1_500
"""Samples that an entry is looked for among."""
_LLOYD: Final = 30
"""Rounds of moving entries at most; they settle earlier as a rule."""


Floats: TypeAlias = NDArray[np.float64]
Counts: TypeAlias = NDArray[np.int64]


class _File(msgspec.Struct, frozen=True):
    entries: tuple[tuple[float, ...], ...]


class Codebook:
    """Immutable."""

    def __init__(self, entries: Articulations) -> None:
        self.entries = np.asarray(entries, np.float64)
        """Shape (entries, 12)."""
        assert self.entries.ndim == 2
        assert self.entries.shape[1] == HELD.shape[1]
        self._places = _places(self.entries)
        self._open = {
            int(viseme): np.flatnonzero(~_closed(self.entries, viseme, column))
            for viseme, column in _CLOSURES
        }

    def __len__(self) -> int:
        return len(self.entries)

    @classmethod
    def from_json(cls, text: bytes) -> Self:
        return cls(np.array(msgspec.json.decode(text, type=_File).entries))

    def pick(
        self, mouths: Articulations, closed: NDArray[np.int8], previous: int | None = None
    ) -> NDArray[np.intp]:
        """For each frame the index of the entry that is shown, shape (frames,).

        It stays the one before, which is `previous` at first, unless another is clearly nearer.
        In frames whose `closed` is PP or FF only entries count whose lips or teeth do touch.
        """
        distances = _distances(_places(mouths), self._places)
        for viseme, entries in self._open.items():
            frames = np.flatnonzero(closed == viseme)
            if frames.size:
                distances[np.ix_(frames, entries)] = np.inf
        nearest = distances.argmin(axis=1)
        enough = distances[np.arange(len(nearest)), nearest] + _HYSTERESIS_PX
        picked: list[int] = []
        shown = previous
        for row, (entry, limit) in enumerate(zip(nearest.tolist(), enough.tolist(), strict=True)):
            if shown is None or (entry != shown and distances.item(row, shown) > limit):
                shown = entry
            picked.append(shown)
        return np.array(picked, np.intp)

    def error_px(self, mouths: Articulations) -> Floats:
        """How far each mouth is from the nearest entry, shape (frames,)."""
        nearest: Floats = _distances(_places(mouths), self._places).min(axis=1)
        return nearest


@cache
def default_codebook() -> Codebook:
    """The mouths of the default avatars; the first 15 are those of the Oculus visemes."""
    return Codebook.from_json(files(__package__).joinpath("codebook.json").read_bytes())


def train(samples: Articulations, size: int, base: Articulations = HELD) -> Articulations:
    """The entries of a codebook for mouths like `samples`: those of `base`, then of the samples.

    One after another the one that helps most is taken, then each is moved to the middle of what is
    nearest to it. All are real mouths. There are fewer than `size` if there are fewer mouths.
    """
    samples, counts = np.unique(samples, axis=0, return_counts=True)
    places = _places(samples)
    chosen = _helpful(places, counts, size - len(base), _distances(places, _places(base)))
    for _ in range(_LLOYD):
        entries = _places(np.concatenate([base, samples[chosen]]))
        nearest = _distances(places, entries).argmin(axis=1) - len(base)
        moved = [
            _medoid(places, counts, np.flatnonzero(nearest == index), entry)
            for index, entry in enumerate(chosen)
        ]
        if moved == chosen:
            break
        chosen = moved
    return np.concatenate([base, samples[chosen]])


def _helpful(places: Floats, counts: Counts, size: int, to_base: Floats) -> list[int]:
    """Samples, each of which takes the most from the sum of all distances that are left."""
    few = min(len(places), _CANDIDATES)
    candidates = np.linspace(0, len(places) - 1, few).astype(np.intp)
    distances = _distances(places, places[candidates]).astype(np.float32)
    left = to_base.min(axis=1).astype(np.float32)
    weights = counts.astype(np.float32)
    chosen: list[int] = []
    while len(chosen) < min(size, len(candidates)):
        gains = weights @ np.maximum(left[:, None] - distances, 0.0)
        best = int(gains.argmax())
        if gains[best] <= 0.0:
            break
        chosen.append(int(candidates[best]))
        left = np.minimum(left, distances[:, best])
    return chosen


def _medoid(places: Floats, counts: Counts, members: NDArray[np.intp], entry: int) -> int:
    """The member that is nearest to all of them; `entry` where there is none."""
    if not members.size:
        return entry
    away = counts[members] @ _distances(places[members], places[members])
    return int(members[away.argmin()])


def _closed(entries: Articulations, viseme: Oculus, column: int) -> NDArray[np.bool_]:
    """Which entries will do for a closure; the nearest, where none of them touches."""
    closed: NDArray[np.bool_] = entries[:, column] >= _CLOSED
    if not closed.any() and len(entries):
        closed[_distances(_places(HELD[viseme : viseme + 1]), _places(entries)).argmin()] = True
    return closed


def _places(mouths: Articulations) -> Floats:
    places: Floats = np.rint(landmarks(mouths) * _GRID)
    return places


def _distances(one: Floats, other: Floats) -> Floats:
    """In pixels, shape (of one, of other)."""
    squares = one @ (other.T * -2.0)
    squares += (one * one).sum(axis=1)[:, None]
    squares += (other * other).sum(axis=1)
    squares = np.sqrt(squares, out=squares)
    squares /= _GRID
    return squares

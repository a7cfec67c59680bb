"""Which moment of a speech is heard, and which one the mouth shows: from what was recorded."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

__all__ = ["Match", "Recording", "found_again", "heard_ms", "shown"]

Floats = NDArray[np.float64]

_LOOK_MS = 40
"""The sound is looked for again so often ..."""
_PIECE = 512
"""... by as many samples."""
_QUIET = 200.0
"""A piece of 16-bit samples below that is no good to find anything by."""
_ALIKE = 0.98
"""Correlation from which two pieces are the same one. Fades and volume leave that alone."""

_SEARCHED_MS = 1_500
_COARSE_MS = 5
_FINE_MS = 60
_AROUND_MS = 400.0
"""Which moment a mouth shows is told by the pictures around it, first."""
_STILL = 0.02
"""A mouth that should do less than that, on average, is not looked at."""
_SAME = 0.01
"""Poses no farther apart look the same ..."""
_CLEAR_MS = 8
"""... and a picture says something when it looks like moments that are no farther apart."""
_UNLIKE = 0.5
"""A mouth farther from any moment's than this share of what it should do belongs to none."""


@dataclass(frozen=True, slots=True)
class Recording:
    """What went to the loudspeaker."""

    rate: int
    first: int
    """The frame of the audio context at which it begins."""
    samples: Floats
    stamps: Floats
    """Rows of wall time in ms and the context's time in s that is heard then, by the device."""


@dataclass(frozen=True, slots=True)
class Match:
    """Of pictures during which something is heard."""

    skews_ms: Floats
    """When a moment is seen after it is heard; negative is early."""
    at_ms: Floats
    """Which moment is heard at each of them."""
    lost: int
    """Pictures, while the mouth should move, that show no moment near."""
    counted: int


def found_again(recording: Recording, speech: Floats) -> Floats:
    """Rows of a frame of the context and the sample of the speech that was rendered at it.

    The sound is not asked for where it is: pieces of the speech are looked for in what was played.
    """
    rows: list[tuple[float, float]] = []
    offset: int | None = None
    begin = 0
    for start in range(0, speech.size - _PIECE, _LOOK_MS * recording.rate // 1000):
        piece = speech[start : start + _PIECE]
        if np.sqrt(np.mean(piece**2)) < _QUIET:
            continue
        if offset is None or _likeness(recording.samples, start + offset, piece) < _ALIKE:
            offset = _searched(recording.samples, piece, begin, start)
        if offset is not None:
            rows.append((recording.first + start + offset, start))
            begin = start + offset
    return np.array(rows, np.float64).reshape(-1, 2)


def _likeness(played: Floats, at: int, piece: Floats) -> float:
    there = played[max(at, 0) : max(at, 0) + piece.size]
    if there.size < piece.size:
        return 0.0
    scale = np.linalg.norm(there) * np.linalg.norm(piece)
    return float(there @ piece / scale) if scale else 0.0


def _searched(played: Floats, piece: Floats, begin: int, start: int) -> int | None:
    """How far behind its place in the speech a piece was played; None when it was not."""
    where = played[begin:]
    if where.size < piece.size:
        return None
    products = np.correlate(where, piece, "valid") if where.size < 4096 else _products(where, piece)
    sums = np.concatenate([[0.0], np.cumsum(where**2)])
    energy = sums[piece.size :] - sums[: -piece.size]
    likeness = products / np.sqrt(np.maximum(energy, 1e-9) * (piece @ piece))
    best = int(likeness.argmax())
    return begin + best - start if likeness[best] >= _ALIKE else None


def _products(where: Floats, piece: Floats) -> Floats:
    size = 1 << (where.size + piece.size - 1).bit_length()
    spectrum = np.fft.rfft(where, size) * np.conj(np.fft.rfft(piece, size))
    products: Floats = np.fft.irfft(spectrum, size)[: where.size - piece.size + 1]
    return products


def heard_ms(recording: Recording, rows: Floats, times: Floats) -> Floats:
    """Which ms of the speech is heard at each of those wall times; NaN where it stands still.

    Between two looks at the device's clock time goes on evenly, and so does the speech between two
    places at which it was found again, when they are as far apart in one as in the other.
    """
    nothing = np.full(times.size, np.nan)
    if len(rows) < 2 or len(recording.stamps) < 2:
        return nothing
    walls, seconds = _in_order(recording.stamps)
    frames = np.interp(times, walls, seconds * recording.rate, left=np.nan, right=np.nan)
    after = np.searchsorted(rows[:, 0], frames)
    inside = (after > 0) & (after < len(rows)) & ~np.isnan(frames)
    index = np.clip(after, 1, len(rows) - 1)
    offsets = rows[:, 0] - rows[:, 1]
    steady = inside & (np.abs(offsets[index] - offsets[index - 1]) < 1)
    heard: Floats = np.where(steady, (frames - offsets[index]) * 1000 / recording.rate, np.nan)
    return heard


def _in_order(stamps: Floats) -> tuple[Floats, Floats]:
    """Without those that say nothing new, or go back."""
    walls, seconds = stamps[np.argsort(stamps[:, 0], kind="stable")].T
    newest = np.maximum.accumulate(np.concatenate([[-np.inf], seconds[:-1]]))
    fresh = (seconds > newest) & (np.diff(walls, prepend=-np.inf) > 0)
    return walls[fresh], seconds[fresh]


def shown(poses: Floats, heard: Floats, curve: Floats) -> Match:
    """Which moment each picture shows, beside the one that is heard.

    `curve` has the mouth of every ms of the speech as the same system draws it when its clock is
    perfect. First the shift that suits a picture and those around it, then its own, close to that.
    """
    known = ~np.isnan(heard)
    poses, heard = poses[known], heard[known]
    if not heard.size:
        return Match(np.zeros(0), np.zeros(0), 0, 0)
    coarse = np.arange(-_SEARCHED_MS, _SEARCHED_MS + 1.0, _COARSE_MS)
    costs = np.stack([_cost(poses, heard + shift, curve) for shift in coarse])
    costs, silence = _smoothed(costs, heard), _smoothed(_energy(heard, curve)[None], heard)[0]
    best = costs.argmin(axis=0)
    moving = silence > _STILL**2
    lost = moving & (costs[best, np.arange(heard.size)] > _UNLIKE * silence)
    fine = np.arange(-_FINE_MS, _FINE_MS + 1)
    near = coarse[best]
    own = np.stack([_cost(poses, heard + near + shift, curve) for shift in fine])
    alike = own <= own.min(axis=0) + _SAME**2
    first, last = fine[alike.argmax(axis=0)], fine[-1 - alike[::-1].argmax(axis=0)]
    shifts = near + (first + last) / 2
    clear = moving & ~lost & (last - first <= _CLEAR_MS)
    return Match(-shifts[clear], heard[clear], int(lost.sum()), int(moving.sum()))


def _at(curve: Floats, moments: Floats) -> Floats:
    """The mouth of those moments; before the speech and after it as it is at its ends."""
    return curve[np.clip(np.rint(moments).astype(np.int64), 0, len(curve) - 1)]


def _cost(poses: Floats, moments: Floats, curve: Floats) -> Floats:
    cost: Floats = ((poses - _at(curve, moments)) ** 2).sum(axis=1)
    return cost


def _energy(heard: Floats, curve: Floats) -> Floats:
    """How much the mouth should do at each picture, beyond what it does on average."""
    energy: Floats = ((_at(curve, heard) - curve.mean(axis=0)) ** 2).sum(axis=1)
    return energy


def _smoothed(costs: Floats, heard: Floats) -> Floats:
    """Means over the pictures around each one."""
    begins = np.searchsorted(heard, heard - _AROUND_MS)
    ends = np.searchsorted(heard, heard + _AROUND_MS, side="right")
    sums = np.concatenate([np.zeros((len(costs), 1)), costs.cumsum(axis=1)], axis=1)
    means: Floats = (sums[:, ends] - sums[:, begins]) / (ends - begins)
    return means

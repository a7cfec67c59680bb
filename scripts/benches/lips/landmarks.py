"""What can be heard of a mouth without knowing what is said: how loud, and where lips are closed.

While lips are closed for a stop, next to nothing is heard above 500 Hz: voicing, which goes on in
a `b`, lies below that. A closure is where the sound above 500 Hz has lost more than half of its
decibels between the quieter of the two neighbours and the quietest moment. Its ends are as sharp as
the window, 6 ms.
"""

from collections.abc import Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from .arpabet import STOPS
from .reference import HOP, Closure, Phone

__all__ = ["closures", "loudness"]

_FLOOR_DB: Final = -96.0
_ABOVE_HZ: Final = 500
_WINDOW_MS: Final = 6
_LEAST_DEPTH_DB: Final = 12.0
"""Of a dip that is a closure; many a `b` is said with lips that do not quite touch."""
_LEAST_MS: Final = 15

Samples = NDArray[np.float32]


def loudness(samples: Samples) -> NDArray[np.uint8]:
    """Decibels above -96 dBFS, one for each hop."""
    power = np.square(samples.reshape(-1, HOP), dtype=np.float64).mean(axis=1)
    return np.rint(np.clip(_decibels(power) - _FLOOR_DB, 0, 255)).astype(np.uint8)


def closures(samples: Samples, phones: Sequence[Phone], sample_rate: int) -> list[Closure]:
    """The closed lips of `p`, `b` and `m` inside phrases.

    Of `p` and `b` those that can be heard as a dip: not beside another stop, and where the aligner
    hears them too. `m` is loud while the lips are closed, so the aligner has to say where it is.
    Beside a pause nobody can hear since when, or for how long.
    """
    level = _level_above(samples, sample_rate)
    found: list[Closure] = []
    for before, phone, after in zip(phones, phones[1:], phones[2:], strict=False):
        if phone.after_pause or after.after_pause:
            continue
        beside = {*before.phone.split(), *after.phone.split()}
        if phone.phone == "M":
            found.append(Closure("M", phone.start, phone.end))
        elif phone.phone in ("P", "B") and not beside & STOPS:
            begin, end = (before.start + before.end) // 2, (after.start + after.end) // 2
            dip = _dip(level[begin:end])
            if dip is None or dip[1] - dip[0] < sample_rate * _LEAST_MS // 1000:
                continue
            closure = Closure(phone.phone, begin + dip[0], begin + dip[1])
            if phone.start <= closure.middle < phone.end:
                found.append(closure)
    return found


def _dip(level: NDArray[np.float64]) -> tuple[int, int] | None:
    quietest = int(level.argmin())
    floor = float(level[quietest])
    around = min(float(level[: quietest + 1].max()), float(level[quietest:].max()))
    if around - floor < _LEAST_DEPTH_DB:
        return None
    loud = np.flatnonzero(level > (around + floor) / 2)
    return int(loud[loud < quietest].max()) + 1, int(loud[loud > quietest].min())


def _level_above(samples: Samples, sample_rate: int) -> NDArray[np.float64]:
    """Decibels above `_ABOVE_HZ` around each sample."""
    spectrum = np.fft.rfft(samples)
    spectrum[np.fft.rfftfreq(len(samples), 1 / sample_rate) < _ABOVE_HZ] = 0
    power = np.square(np.fft.irfft(spectrum, len(samples)))
    window = np.hanning(sample_rate * _WINDOW_MS // 1000 + 2)[1:-1]
    return _decibels(np.convolve(power, window / window.sum(), "same"))


def _decibels(power: NDArray[np.float64]) -> NDArray[np.float64]:
    return 10 * np.log10(np.maximum(power, 10 ** (_FLOOR_DB / 10)))

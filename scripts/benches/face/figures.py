"""How good frames are: what a listener is sent, held against what is said."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, Final, Self

import numpy as np
from numpy.typing import NDArray

from lipwire_server.face.landmarks import landmarks, measures

__all__ = ["Performed", "added_bytes", "closures_seen", "drift_samples", "mouth_errors_px"]

_CLOSED_SOUNDS: Final = frozenset("pbm")
_TOUCHING_PX: Final = 1.0
"""Between lips that are seen closed, at most, of a face 512 pixels high."""

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Performed:
    """The frames of something that was said, from its first sample on. Times are samples."""

    rate: int
    fps: int
    starts: tuple[int, ...]
    """Of each frame, as it is on the wire."""
    asked: tuple[int, ...]
    """The sample that the mouth of each frame was made for."""
    wanted: Floats
    """How the mouth is held in the middle of each frame, shape (frames, 12)."""
    shown: Floats
    """How the mouth that is shown is held, shape (frames, 12)."""
    sounds: tuple[tuple[str, int, int], ...]
    """Symbol, start and end of each phoneme."""

    @classmethod
    def of(cls, raw: Mapping[str, Any]) -> Self:
        """Out of a worker's answer."""
        return cls(
            rate=raw["rate"],
            fps=raw["fps"],
            starts=tuple(raw["starts"]),
            asked=tuple(raw["asked"]),
            wanted=np.array(raw["wanted"], np.float64).reshape(-1, 12),
            shown=np.array(raw["shown"], np.float64).reshape(-1, 12),
            sounds=tuple((symbol, start, end) for symbol, start, end in raw["sounds"]),
        )


def drift_samples(performed: Performed) -> int:
    """The largest distance of a frame from where it belongs, in whole samples.

    A frame belongs at the first sample at or after its time; its mouth, at its middle.
    """
    frame = Fraction(performed.rate, performed.fps)
    away = [0]
    for number, (start, asked) in enumerate(zip(performed.starts, performed.asked, strict=True)):
        away.append(abs(start + (-number * frame).__floor__()))
        away.append(int(abs(asked - (number + Fraction(1, 2)) * frame)))
    return max(away)


def closures_seen(performed: Performed) -> float | None:
    """Of p, b and m: how many have a frame with closed lips, one frame early or late at most."""
    at = measures(performed.shown)
    touching = at.above + at.below <= _TOUCHING_PX
    starts = np.array(performed.starts)
    frame = performed.rate / performed.fps
    seen = [
        bool(touching[(starts + 2 * frame > start) & (starts - frame < end)].any())
        for symbol, start, end in performed.sounds
        if symbol in _CLOSED_SOUNDS
    ]
    return sum(seen) / len(seen) if seen else None


def mouth_errors_px(performed: Performed) -> Floats:
    """How far the mouth of each frame is from the one that is meant."""
    away = landmarks(performed.wanted) - landmarks(performed.shown)
    distances: Floats = np.linalg.norm(away, axis=1)
    return distances


def added_bytes(chunks: Sequence[Mapping[str, Any]]) -> float:
    """What frames add to the messages of a second of speech."""
    added = sum(chunk["bytes"] - chunk["bytes_without"] for chunk in chunks)
    return float(added / sum(chunk["seconds"] for chunk in chunks))

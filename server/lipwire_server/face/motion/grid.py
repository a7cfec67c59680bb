"""When the frames of an utterance are.

Frame `k` starts at sample `k * rate / fps`, rounded up, and shows what is heard in its middle.
Everything is counted from the start of the utterance, so nothing drifts.
"""

from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

__all__ = ["Samples", "frame_start", "frames_between", "middles"]

Samples: TypeAlias = NDArray[np.int64]


def frame_start(frame: int, rate: int, fps: int) -> int:
    """The first sample of a frame."""
    return -(-frame * rate // fps)


def frames_between(begin: int, end: int, rate: int, fps: int) -> range:
    """The frames that start at one of the samples from `begin` to before `end`."""
    return range(-(-begin * fps // rate), -(-end * fps // rate))


def middles(frames: range, rate: int, fps: int) -> Samples:
    """The sample in the middle of each frame."""
    return (2 * np.arange(frames.start, frames.stop, dtype=np.int64) + 1) * rate // (2 * fps)

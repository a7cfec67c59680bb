"""When the frames of an utterance are.

Frame `k` starts at sample `k * rate / fps`, rounded up, and shows what is heard in its middle.
Everything is counted from the start of the utterance, so nothing drifts.
"""

from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from lipwire_protocol.timeline import rescale

__all__ = ["Place", "Samples", "frame_start", "frames_between", "middles"]

Samples: TypeAlias = NDArray[np.int64]


def frame_start(frame: int, rate: int, fps: int) -> int:
    """The first sample of a frame."""
    return -(-frame * rate // fps)


def frames_between(begin: int, end: int, rate: int, fps: int) -> range:
    """The frames that start at one of the samples from `begin` to before `end`."""
    return range((begin - 1) * fps // rate + 1, (end - 1) * fps // rate + 1)


def middles(frames: range, rate: int, fps: int) -> Samples:
    """The sample in the middle of each frame."""
    return _middles(np.arange(frames.start, frames.stop, dtype=np.int64), rate, fps)


def _middles(frames: Samples, rate: int, fps: int) -> Samples:
    return (2 * frames + 1) * rate // (2 * fps)


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where a segment lies in its utterance, and how that is divided into frames."""

    start: int
    """The segment's first sample, at `rate`."""
    rate: int
    voice_rate: int
    """Of the samples that the segment's plan counts."""
    fps: int

    def own(self, count: int) -> range:
        """The frames of a segment of so many samples of the plan."""
        end = self.start + rescale(count, self.voice_rate, self.rate)
        return frames_between(self.start, end, self.rate, self.fps)

    def heard(self, frames: Samples) -> Samples:
        """The samples of the plan in the middles of frames."""
        return (_middles(frames, self.rate, self.fps) - self.start) * self.voice_rate // self.rate

    def frames(self, plan_samples: Samples) -> Samples:
        """The frames in which samples of the plan are heard."""
        passed = plan_samples * self.rate // self.voice_rate
        return (self.start + passed) * self.fps // self.rate

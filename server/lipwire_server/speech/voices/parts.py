"""A voice in three parts: encoded once, then made into sound window by window."""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from lipwire_protocol.timeline import HOP

from .graph import FRAMES_MASK, IDS, LATENT, LENGTHS, NOISE, SCALES, SPEAKER
from .inference import Model
from .reading import Manner, Noise, Reading, Span, window_plan

__all__ = ["Encoded", "Parts", "PartsReading", "flow_plan"]

_FIRST_STRETCHES: Final = (1, 2)
_LATER_STRETCHES: Final = 2
"""Windows of a stretch: a long one recomputes less of the flow, in a short one nobody waits."""


@dataclass(frozen=True, slots=True)
class Encoded:
    """What a voice knows of a segment before any of its sound is made."""

    mean: NDArray[np.float32]
    """Prior mean of each token, shape (channels, ids)."""
    logs: NDArray[np.float32]
    """Logarithm of the prior's deviation of each token, shape (channels, ids)."""
    frames: NDArray[np.int64]
    """Hops of each token, shape (ids,)."""

    def sample(self, scale: float, noise: Noise) -> NDArray[np.float32]:
        """z_p = mean + noise * exp(logs) * scale, each token repeated for its frames.

        Shape (channels, hops).
        """
        mean = np.repeat(self.mean, self.frames, axis=1)
        if scale == 0:
            return mean
        # One row per hop: the noise of a hop does not depend on how many come after it.
        chance = noise("prior", (mean.shape[1], mean.shape[0])).T
        deviation = np.repeat(np.exp(self.logs) * np.float32(scale), self.frames, axis=1)
        latent: NDArray[np.float32] = mean + chance * deviation
        return latent


class Parts:
    """The three models of a voice, and how far the later two look to either side."""

    def __init__(
        self,
        encoder: Model,
        flow: Model,
        vocoder: Model,
        *,
        flow_context: int,
        vocoder_context: int,
    ) -> None:
        """Contexts are in hops: so much more, on each side, makes a window what it is in the
        whole."""
        self._encoder = encoder
        self._flow = flow
        self._vocoder = vocoder
        self.flow_context = flow_context
        self.vocoder_context = vocoder_context

    def read(self, ids: NDArray[np.int64], manner: Manner, noise: Noise) -> Reading:
        encoded = self.encode(ids, manner, noise)
        return PartsReading(
            self, encoded.frames, encoded.sample(manner.prior_noise, noise), manner.speaker
        )

    def encode(self, ids: NDArray[np.int64], manner: Manner, noise: Noise) -> Encoded:
        scales = [manner.prior_noise, manner.length_scale, manner.duration_noise]
        mean, logs, frames = self._encoder.run(
            {
                IDS: ids[np.newaxis],
                LENGTHS: np.array([ids.size], np.int64),
                SCALES: np.array(scales, np.float32),
                SPEAKER: np.array([manner.speaker], np.int64),
                NOISE: noise("durations", (2, ids.size))[np.newaxis],
            },
        )
        return Encoded(mean[0], logs[0], frames.ravel().astype(np.int64))

    def flow(self, latent: NDArray[np.float32], speaker: int) -> NDArray[np.float32]:
        """A stretch of z_p, shape (channels, frames), to z of the same shape."""
        (flowed,) = self._flow.run(
            {
                LATENT: latent[np.newaxis],
                FRAMES_MASK: np.ones((1, 1, latent.shape[1]), np.float32),
                SPEAKER: np.array([speaker], np.int64),
            },
        )
        stretch: NDArray[np.float32] = flowed[0]
        return stretch

    def vocode(self, latent: NDArray[np.float32], speaker: int) -> NDArray[np.float32]:
        """A stretch of z, shape (channels, frames), to samples, shape (frames * HOP,)."""
        (samples,) = self._vocoder.run(
            {LATENT: latent[np.newaxis], SPEAKER: np.array([speaker], np.int64)},
        )
        flat: NDArray[np.float32] = samples.ravel()
        return flat


class PartsReading:
    """Makes windows when they are asked for; the flow a stretch at a time, which it keeps."""

    def __init__(
        self,
        parts: Parts,
        frames: NDArray[np.int64],
        latent: NDArray[np.float32],
        speaker: int,
    ) -> None:
        """`latent` is z_p, shape (channels, hops)."""
        self.frames = frames
        self.windows = window_plan(latent.shape[1])
        self._parts = parts
        self._latent = latent
        self._speaker = speaker
        self._stretches = flow_plan(self.windows, parts.vocoder_context)
        self._flowed: dict[int, NDArray[np.float32]] = {}

    def window(self, index: int) -> NDArray[np.float32]:
        begin, end = self.windows[index]
        context = self._parts.vocoder_context
        from_hop = max(0, begin - context)
        to_hop = min(self._latent.shape[1], end + context)
        samples = self._parts.vocode(self._z(from_hop, to_hop), self._speaker)
        return samples[(begin - from_hop) * HOP : (end - from_hop) * HOP].copy()

    def _z(self, begin: int, end: int) -> NDArray[np.float32]:
        """z of these hops, shape (channels, end - begin)."""
        pieces = [
            self._stretch(index)[:, max(0, begin - first) : end - first]
            for index, (first, last) in enumerate(self._stretches)
            if first < end and begin < last
        ]
        return pieces[0] if len(pieces) == 1 else np.concatenate(pieces, axis=1)

    def _stretch(self, index: int) -> NDArray[np.float32]:
        # Two threads may both find it missing: they make the same.
        found = self._flowed.get(index)
        if found is None:
            begin, end = self._stretches[index]
            from_hop = max(0, begin - self._parts.flow_context)
            to_hop = end + self._parts.flow_context
            flowed = self._parts.flow(self._latent[:, from_hop:to_hop], self._speaker)
            found = self._flowed[index] = flowed[:, begin - from_hop : end - from_hop]
        return found


def flow_plan(windows: tuple[Span, ...], vocoder_context: int) -> tuple[Span, ...]:
    """The stretches in which the flow is computed, a pure function of the windows.

    Each reaches as far as the vocoder looks from the last of its windows. The first is as short as
    the first sound allows.
    """
    hops = windows[-1][1] if windows else 0
    stretches: list[Span] = []
    begin = done = 0
    while begin < hops:
        index = len(stretches)
        done += _FIRST_STRETCHES[index] if index < len(_FIRST_STRETCHES) else _LATER_STRETCHES
        end = hops if done >= len(windows) else min(hops, windows[done - 1][1] + vocoder_context)
        stretches.append((begin, end))
        begin = end
    return tuple(stretches)

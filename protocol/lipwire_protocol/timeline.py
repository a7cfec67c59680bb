"""Sample arithmetic. Every position on the wire is a whole number of samples."""

from typing import Final

__all__ = ["HOP", "hops_to_samples", "ms_to_samples", "rescale", "samples_to_ms"]

HOP: Final = 256
"""Samples of one decoder step of a Piper voice, at the voice's own rate."""


def rescale(position: int, from_rate: int, to_rate: int) -> int:
    """The sample at `to_rate` that is nearest to `position` at `from_rate`; halves go up.

    Positions are converted from the start of the utterance, never added up from converted spans,
    so rounding does not drift.
    """
    return (2 * position * to_rate + from_rate) // (2 * from_rate)


def hops_to_samples(hops: int, voice_rate: int, rate: int) -> int:
    """Where decoder step `hops` of an utterance begins, in samples at `rate`."""
    return rescale(hops * HOP, voice_rate, rate)


def ms_to_samples(ms: int, rate: int) -> int:
    return rescale(ms, 1000, rate)


def samples_to_ms(samples: int, rate: int) -> int:
    return rescale(samples, rate, 1000)

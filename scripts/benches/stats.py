"""Medians, quartiles, percentiles: of few samples, some of them disturbed."""

from collections.abc import Sequence
from dataclasses import dataclass

__all__ = ["Spread", "percentile", "spread"]


@dataclass(frozen=True, slots=True)
class Spread:
    """A figure and how far to trust it: half of the samples lie between `low` and `high`."""

    median: float
    low: float
    high: float
    count: int

    @property
    def width(self) -> float:
        """The distance of the quartiles as a share of the median."""
        return (self.high - self.low) / self.median if self.median else 0.0


def percentile(values: Sequence[float], percent: float) -> float:
    """The value that `percent` of the values do not exceed, interpolated between neighbours."""
    if not values:
        raise ValueError("there is no percentile of nothing")
    ordered = sorted(values)
    place = (len(ordered) - 1) * percent / 100
    below = int(place)
    above = min(below + 1, len(ordered) - 1)
    return ordered[below] + (ordered[above] - ordered[below]) * (place - below)


def spread(values: Sequence[float]) -> Spread:
    return Spread(
        median=percentile(values, 50),
        low=percentile(values, 25),
        high=percentile(values, 75),
        count=len(values),
    )

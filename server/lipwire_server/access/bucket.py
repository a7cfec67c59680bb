"""How much of something may be had at once, and how much in the long run."""

__all__ = ["Bucket"]


class Bucket:
    """Holds up to `burst` tokens and is filled with `rate` of them a second."""

    __slots__ = ("_burst", "_level", "_rate", "_then")

    def __init__(self, rate: float, burst: float, now: float) -> None:
        self._rate = rate
        self._burst = burst
        self._level = burst
        self._then = now

    def take(self, count: float, now: float) -> float:
        """Takes tokens, also those that are not there yet.

        Returns for how many seconds nothing more should be taken: 0 while there is some left.
        """
        self._level = self._refilled(now) - count
        self._then = now
        return max(0.0, -self._level / self._rate)

    def wait(self, count: float, now: float) -> float:
        """Seconds until so many tokens are there; takes none."""
        return max(0.0, (count - self._refilled(now)) / self._rate)

    def is_full(self, now: float) -> bool:
        """Nothing was taken for so long that nobody need remember it."""
        return self._refilled(now) >= self._burst

    def _refilled(self, now: float) -> float:
        return min(self._burst, self._level + (now - self._then) * self._rate)

"""A listener's clock: when sound that came in pieces is heard, and whether it ever ran dry."""

__all__ = ["Playout"]


class Playout:
    """Plays samples in real time, from a moment after the first of them has come.

    Time is an argument, in seconds. When samples run out while more are to come, that is one
    underrun: the clock stands still until the next ones are there.
    """

    def __init__(self, rate: int, wait_s: float = 0.1) -> None:
        """`wait_s`: how long the first samples are held, as a jitter buffer does."""
        self._rate = rate
        self._wait_s = wait_s
        self._start: float | None = None
        """When sample 0 would have been heard, had the clock never stood still."""
        self._came = 0
        self._dry_since: float | None = None
        self._complete = False
        self.underruns = 0
        self.silent_s = 0.0
        """How long there was nothing to hear, all underruns together."""

    def push(self, count: int, now: float) -> None:
        """`count` samples have come."""
        self._look(now)
        if self._start is None:
            self._start = now + self._wait_s
        if self._dry_since is not None:
            self.silent_s += now - self._dry_since
            self._start += now - self._dry_since
            self._dry_since = None
        self._came += count

    def complete(self, now: float) -> None:
        """Nothing more will come: from now on, silence is no underrun."""
        self._look(now)
        self._complete = True

    def stop(self, now: float) -> None:
        """The listener goes away; silence until now counts."""
        self._look(now)
        if self._dry_since is not None:
            self.silent_s += now - self._dry_since
            self._dry_since = None
        self._complete = True

    def position(self, now: float) -> int:
        """Samples heard so far."""
        self._look(now)
        return min(self._came, max(0, self._due(now)))

    def buffered_s(self, now: float) -> float:
        """Sound that has come and was not heard yet."""
        return (self._came - self.position(now)) / self._rate

    def _due(self, now: float) -> int:
        return 0 if self._start is None else round((now - self._start) * self._rate)

    def _look(self, now: float) -> None:
        if self._complete or self._dry_since is not None or self._start is None:
            return
        if self._due(now) > self._came:
            self.underruns += 1
            self._dry_since = self._start + self._came / self._rate

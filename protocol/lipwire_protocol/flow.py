"""Credit: how much unplayed media the listener is willing to hold.

Positions are samples on the session's clock, on which one utterance follows another. Time comes in
as `now_ns`, nanoseconds of a monotonic clock, and deadlines go out as values on the same clock.
"""

from .options import FlowMode

__all__ = ["CreditWindow", "PlayoutClock"]

_SECOND = 1_000_000_000


class PlayoutClock:
    """Where the listener is, worked out from what was sent and when, and from what was reported.

    It runs in real time while there is something to play and stands still at the end of what was
    sent. A report moves it to where the listener really is.
    """

    def __init__(self, rate: int) -> None:
        self.rate = rate
        self.sent = 0
        self._position = 0
        self._since_ns: int | None = None

    def send(self, count: int, now_ns: int) -> None:
        if self._since_ns is None or self.heard(now_ns) == self.sent:
            self._anchor(self.sent, now_ns)
        self.sent += count

    def report(self, position: int, now_ns: int) -> None:
        """The listener has nothing before `position` left to play."""
        self._anchor(min(position, self.sent), now_ns)

    def heard(self, now_ns: int) -> int:
        if self._since_ns is None:
            return self._position
        elapsed = max(0, now_ns - self._since_ns) * self.rate // _SECOND
        return min(self.sent, self._position + elapsed)

    def due_ns(self, position: int, now_ns: int) -> int:
        """When the listener will have heard everything before `position`, if nothing stops it."""
        missing = max(0, position - self.heard(now_ns))
        return now_ns + -(-missing * _SECOND // self.rate)

    def dry_ns(self) -> int:
        """When the listener has heard, or had heard, all that was sent; 0 when nothing was."""
        if self._since_ns is None:
            return 0
        return self._since_ns + -(-(self.sent - self._position) * _SECOND // self.rate)

    def _anchor(self, position: int, now_ns: int) -> None:
        self._position, self._since_ns = position, now_ns


class CreditWindow:
    """Says how much may be sent now and, when that is nothing, when to ask again.

    - `played`: no further ahead of the last report than the lead.
    - `paced`: no further ahead of the playout clock than the lead.
    - `off`: no bound.
    """

    def __init__(self, mode: FlowMode, lead: int, rate: int) -> None:
        self.mode = mode
        self.lead = lead
        self.clock = PlayoutClock(rate)
        self._reported = 0

    def available(self, now_ns: int) -> int | None:
        """Samples that may be sent now; None when there is no bound."""
        if self.mode is FlowMode.OFF:
            return None
        base = self._reported if self.mode is FlowMode.PLAYED else self.clock.heard(now_ns)
        return max(0, base + self.lead - self.clock.sent)

    def opens_ns(self, count: int, now_ns: int) -> int | None:
        """When `count` more samples may be sent; None when only a report can open the window."""
        if self.mode is FlowMode.PLAYED:
            return None
        return self.clock.due_ns(self.clock.sent + count - self.lead, now_ns)

    def send(self, count: int, now_ns: int) -> None:
        self.clock.send(count, now_ns)

    def report(self, position: int, now_ns: int) -> None:
        """The listener heard everything before `position`.

        A report that is late or claims too much is bounded, not believed.
        """
        position = min(position, self.clock.sent)
        if position >= self._reported:
            self._reported = position
            self.clock.report(position, now_ns)

    def pass_over(self, begin: int, end: int, now_ns: int) -> None:
        """The listener, who is at `begin` or beyond, threw away what comes before `end`."""
        self._reported = max(self._reported, min(end, self.clock.sent))
        heard = self.clock.heard(now_ns)
        if heard < end:
            self.clock.report(end + heard - begin, now_ns)

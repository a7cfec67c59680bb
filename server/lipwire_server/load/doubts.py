"""What makes the figures of a load test doubtful: that it was at its own limits, or cut short."""

from collections.abc import Iterator
from typing import Final

from .crowd import Result
from .target import OWN_LIMITS

__all__ = ["doubts"]

_BUSY: Final = 0.85
"""Of a core: from there on the load test may be what is slow."""
_LATE_MS: Final = 20.0


def doubts(result: Result) -> list[str]:
    """A sentence each."""
    return [*_of_haste(result), *_of_limits(result), *_of_gaps(result), *_of_time(result)]


def _of_haste(result: Result) -> Iterator[str]:
    share = result.cpu_s / result.seconds if result.seconds else 0.0
    if share > _BUSY:
        yield (
            f"The load test took {share:.0%} of a core: its times are too high. "
            "Run several with fewer sockets, each with a --seed of its own."
        )
    late = result.tally.figure("own_delay_p95_ms")
    if late is not None and late > _LATE_MS:
        yield (
            f"The load test itself was {late:,.0f} ms late or more for a twentieth of the time: "
            "its times are too high by up to as much. Give it a core of its own."
        )


def _of_limits(result: Result) -> Iterator[str]:
    for reason in dict.fromkeys(OWN_LIMITS.values()):
        count = result.tally.losses[reason]
        if count:
            yield f"{count:,} connections were not made, and not by the server's fault: {reason}."


def _of_gaps(result: Result) -> Iterator[str]:
    count = result.tally.counts["unsure gaps"]
    if count:
        yield (
            f"{count:,} gaps are not counted: the load test was held up itself when that sound was "
            "due, and it may have been there in time."
        )


def _of_time(result: Result) -> Iterator[str]:
    if result.is_stopped:
        yield f"It was stopped after {result.seconds:.0f} of {result.plan.duration_s:g} s."

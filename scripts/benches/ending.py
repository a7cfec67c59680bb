"""What is told to end ends as after an exception: all that it had started is ended, too."""

import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from types import FrameType
from typing import Final

__all__ = ["end_in_order", "held"]

_SIGNALS: Final = (signal.SIGTERM, signal.SIGHUP)


@dataclass(slots=True)
class _Ending:
    holds: int = 0
    """How many are in the middle of what must be done whole."""
    told: int | None = None
    """The signal that came meanwhile."""


_ending: Final = _Ending()


def end_in_order() -> None:
    """From now on SIGTERM and SIGHUP raise SystemExit, the first of them; those behind it find a
    process that is ending already."""
    for number in _SIGNALS:
        signal.signal(number, _end)


@contextmanager
def held() -> Iterator[None]:
    """What starts something and notes it must not be ended between the two: it is told after."""
    _ending.holds += 1
    try:
        yield
    finally:
        _ending.holds -= 1
        if _ending.told is not None and not _ending.holds:
            number, _ending.told = _ending.told, None
            sys.exit(128 + number)


def _end(number: int, frame: FrameType | None) -> None:
    for other in _SIGNALS:
        signal.signal(other, signal.SIG_IGN)
    if _ending.holds:
        _ending.told = number
    else:
        sys.exit(128 + number)

"""What a load test must not find: `first_sound_p95_ms>500`."""

import operator
import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from lipwire_protocol import ErrorCode, LipwireError

from .tally import Tally

__all__ = ["DEFAULTS", "Threshold", "Verdict", "judge", "read_thresholds"]

_COMPARE: Final[dict[str, Callable[[float, float], bool]]] = {
    ">": operator.gt,
    ">=": operator.ge,
    "<": operator.lt,
    "<=": operator.le,
}
_THRESHOLD: Final = re.compile(
    r"\s*(\w{1,40})\s*([<>]=?)\s*(-?\d{1,12}(?:\.\d{1,6})?)\s*", re.ASCII
)


@dataclass(frozen=True, slots=True)
class Threshold:
    figure: str
    comparison: str
    limit: float
    is_default: bool = False

    def __str__(self) -> str:
        return f"{self.figure}{self.comparison}{self.limit:g}"


@dataclass(frozen=True, slots=True)
class Verdict:
    threshold: Threshold
    value: float | None
    is_broken: bool

    def __str__(self) -> str:
        if self.value is None:
            return f"{self.threshold}: nothing of it was measured"
        return f"{self.threshold}: it is {self.value:g}"


DEFAULTS: Final = (
    Threshold("opened", "<", 1, True),
    Threshold("faults", ">", 0, True),
    Threshold("gaps", ">", 0, True),
    Threshold("lost", ">", 0, True),
    Threshold("drift_samples", ">", 0, True),
    Threshold("resume_success", "<", 1, True),
)
"""What fails a test where nothing else is said about these figures."""


def read_thresholds(texts: Iterable[str]) -> tuple[Threshold, ...]:
    """The given ones, and of the defaults those whose figure is not among them.

    Raises LipwireError for what is none.
    """
    given = [_read(text) for text in texts]
    named = {threshold.figure for threshold in given}
    return (*given, *(each for each in DEFAULTS if each.figure not in named))


def judge(thresholds: Sequence[Threshold], tally: Tally) -> list[Verdict]:
    """Of what was not measured a default says nothing. Who asks for a figure wants to have it:
    a test that measured none of it does not pass."""
    return [_judge(threshold, tally.figure(threshold.figure)) for threshold in thresholds]


def _judge(threshold: Threshold, value: float | None) -> Verdict:
    if value is None:
        return Verdict(threshold, None, not threshold.is_default)
    is_broken = _COMPARE[threshold.comparison](value, threshold.limit)
    return Verdict(threshold, value, is_broken)


def _read(text: str) -> Threshold:
    found = _THRESHOLD.fullmatch(text)
    if found is None:
        raise LipwireError(
            ErrorCode.BAD_MESSAGE,
            f"{text!r} is no threshold; it is like 'first_sound_p95_ms>500', with > >= < or <=",
        )
    try:
        Tally().figure(found[1])
    except KeyError:
        raise LipwireError(
            ErrorCode.BAD_MESSAGE,
            f"{found[1]!r} is no figure; there are {', '.join(Tally().names())}",
        ) from None
    return Threshold(found[1], found[2], float(found[3]))

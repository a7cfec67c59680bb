"""`Range`: which bytes of a file are asked for (RFC 9110, section 14)."""

import re
from typing import Final, TypeAlias

__all__ = ["MOST_RANGES", "Span", "read_ranges"]

Span: TypeAlias = tuple[int, int]
"""First byte, and the one behind the last."""

MOST_RANGES: Final = 16
"""Whoever asks for more gets the whole file, once."""
_SPEC: Final = re.compile(r"[ \t]*([0-9]{0,18})-([0-9]{0,18})[ \t]*", re.ASCII)


def read_ranges(header: str | None, size: int) -> list[Span] | None:
    """What is asked for of a file of `size` bytes, in order and without overlaps.

    None where that is the whole file: without the header, and for one that makes no sense. Empty
    where nothing of what is asked for exists.
    """
    unit, _, specs = (header or "").partition("=")
    if unit.strip().lower() != "bytes" or specs.count(",") >= MOST_RANGES:
        return None
    spans: list[Span] = []
    for spec in specs.split(","):
        found = _SPEC.fullmatch(spec)
        span = None if found is None else _span(found[1], found[2], size)
        if span is None:
            return None
        spans.append(span)
    return _joined(spans)


def _span(first: str, last: str, size: int) -> Span | None:
    if not first:
        # The last so many.
        return (max(0, size - int(last)), size) if last else None
    begin = int(first)
    if not last:
        return begin, size
    return (begin, min(int(last) + 1, size)) if begin <= int(last) else None


def _joined(spans: list[Span]) -> list[Span]:
    joined: list[Span] = []
    for begin, end in sorted(span for span in spans if span[0] < span[1]):
        if joined and begin <= joined[-1][1]:
            joined[-1] = joined[-1][0], max(end, joined[-1][1])
        else:
            joined.append((begin, end))
    return joined

"""Plots as SVG, for a page: their colours are the classes of its style sheet."""

import math
from collections.abc import Iterator, Mapping, Sequence
from html import escape
from typing import Final

__all__ = ["bars", "curves", "histogram", "over_time"]

_WIDTH: Final = 520
_HEIGHT: Final = 240
_LEFT: Final = 52
_RIGHT: Final = 24
_TOP: Final = 28
_BOTTOM: Final = 40
_BINS: Final = 36
_POINTS: Final = 300
_TAIL: Final = 0.005
"""Of the values, this share of the longest is drawn together in the last bar."""
_ROW: Final = 30


def over_time(points: Sequence[tuple[float, float]], label: str, unit: str) -> str:
    """A curve of (second, value), and what lies below it."""
    points = _thinned(points)
    place, body = _over_time([points], unit, 0.0)
    line, base = _line(place, points), place.y(0)
    area = f"{place.x(0):.1f},{base} {line} {place.x(points[-1][0]) if points else 0:.1f},{base}"
    body.append(f'<polygon class="area" points="{area}"/><polyline class="curve" points="{line}"/>')
    return _svg(body, _HEIGHT, label)


def curves(
    named: Mapping[str, Sequence[tuple[float, float]]], label: str, unit: str, end: float
) -> str:
    """Several curves of (second, value) with a dot for each value, and their names above them."""
    place, body = _over_time([*named.values()], unit, end)
    for number, (name, points) in enumerate(named.items()):
        kind = f"of{number}"
        body.append(f'<polyline class="curve {kind}" points="{_line(place, points)}"/>')
        for x, y in points:
            at = f'cx="{place.x(x):.1f}" cy="{place.y(y):.1f}"'
            said = f"{name} at {x:,.0f} s: {y:,.0f}"
            body.append(f'<circle class="{kind}" {at} r="3"><title>{escape(said)}</title></circle>')
        right = _WIDTH - _RIGHT - 60 * (len(named) - 1 - number)
        body.append(f'<circle class="{kind}" cx="{right - 38}" cy="10" r="4"/>')
        body.append(f'<text class="name end" x="{right}" y="14">{escape(name)}</text>')
    return _svg(body, _HEIGHT, label)


def _over_time(
    drawn: Sequence[Sequence[tuple[float, float]]], unit: str, end: float
) -> tuple["_Place", list[str]]:
    end = max(end, *(x for points in drawn for x, _ in points), 0.0) or 1.0
    most = max((y for points in drawn for _, y in points), default=0.0) or 1.0
    ticks = _ticks(most)
    place = _Place(end, max(ticks[-1], most))
    return place, [*_frame(place, _ticks(end), ticks, "seconds", unit)]


def _line(place: "_Place", points: Sequence[tuple[float, float]]) -> str:
    return " ".join(f"{place.x(x):.1f},{place.y(y):.1f}" for x, y in points)


def histogram(
    values: Sequence[float], label: str, marks: Mapping[str, float | None] | None = None
) -> str:
    """How often a value of so many milliseconds came; `marks` are lines with a name."""
    ordered = sorted(values)
    top = ordered[int((1 - _TAIL) * (len(ordered) - 1))] if ordered else 0.0
    across = _ticks(max(top, 1.0))
    width = across[-1] / _BINS
    counts = [0] * _BINS
    for value in ordered:
        counts[max(0, min(_BINS - 1, int(value / width)))] += 1
    ticks = _ticks(max(1, *counts))
    place = _Place(across[-1], ticks[-1])
    body = [*_frame(place, across, ticks, "milliseconds", "how often")]
    for index, count in enumerate(counts):
        if count:
            x, y = place.x(index * width), place.y(count)
            wide, tall = place.x((index + 1) * width) - x - 1.5, place.y(0) - y
            body.append(
                f'<rect class="bar" x="{x:.1f}" y="{y:.1f}" width="{wide:.1f}" '
                f'height="{max(tall, 1):.1f}" rx="1.5"><title>{index * width:,.0f} to '
                f"{(index + 1) * width:,.0f} ms: {count:,}</title></rect>"
            )
    for number, (name, at) in enumerate((marks or {}).items()):
        if at is not None:
            body.append(_mark(place, min(at, across[-1]), f"{name} {at:,.0f}", number))
    return _svg(body, _HEIGHT, label)


def bars(counts: Mapping[str, int], label: str) -> str:
    """One bar for each name."""
    most = max(counts.values(), default=1)
    body = []
    for row, (name, count) in enumerate(sorted(counts.items(), key=lambda item: -item[1])):
        y = row * _ROW
        wide = max(2.0, (_WIDTH - 70) * count / most)
        body.append(
            f'<text class="name" x="0" y="{y + 11}">{escape(name)}</text>'
            f'<rect class="bad" x="0" y="{y + 16}" width="{wide:.1f}" height="8" rx="2"/>'
            f'<text class="tick" x="{wide + 8:.1f}" y="{y + 24}">{count:,}</text>'
        )
    return _svg(body, max(1, len(counts)) * _ROW, label)


class _Place:
    """Where a value lies in a plot."""

    def __init__(self, right: float, top: float) -> None:
        self._across = (_WIDTH - _LEFT - _RIGHT) / right
        self._up = (_HEIGHT - _TOP - _BOTTOM) / top

    def x(self, value: float) -> float:
        return _LEFT + value * self._across

    def y(self, value: float) -> float:
        return _HEIGHT - _BOTTOM - value * self._up


def _frame(
    place: _Place, across: Sequence[float], up: Sequence[float], below: str, unit: str
) -> Iterator[str]:
    for value in up:
        y = place.y(value)
        yield f'<line class="grid" x1="{_LEFT}" x2="{_WIDTH - _RIGHT}" y1="{y:.1f}" y2="{y:.1f}"/>'
        yield f'<text class="tick end" x="{_LEFT - 8}" y="{y + 4:.1f}">{value:,g}</text>'
    for value in across:
        x = place.x(value)
        if x <= _WIDTH - _RIGHT + 1:
            y = _HEIGHT - _BOTTOM + 17
            yield f'<text class="tick middle" x="{x:.1f}" y="{y}">{value:,g}</text>'
    yield f'<text class="axis end" x="{_WIDTH - _RIGHT}" y="{_HEIGHT - 6}">{below}</text>'
    yield f'<text class="axis" x="0" y="14">{escape(unit)}</text>'


def _mark(place: _Place, at: float, name: str, number: int) -> str:
    x, y = place.x(at), _TOP + 10 + number * 15
    side, shift = ("end", -5) if x > _WIDTH * 0.75 else ("", 5)
    return (
        f'<line class="mark" x1="{x:.1f}" x2="{x:.1f}" y1="{_TOP}" y2="{_HEIGHT - _BOTTOM}"/>'
        f'<text class="said {side}" x="{x + shift:.1f}" y="{y}">{escape(name)}</text>'
    )


def _ticks(most: float) -> list[float]:
    """Four to seven round numbers from 0 to at least that."""
    raw = max(most, 1e-9) / 5
    size = 10.0 ** math.floor(math.log10(raw))
    step = next(size * each for each in (1, 2, 5, 10) if size * each >= raw * 0.999)
    if most >= 1:
        step = max(1.0, step)
    return [round(step * number, 9) for number in range(math.ceil(most / step - 1e-9) + 1)]


def _thinned(points: Sequence[tuple[float, float]]) -> Sequence[tuple[float, float]]:
    every = max(1, len(points) // _POINTS)
    return [*points[::every], *points[-1:]]


def _svg(body: Sequence[str], height: int, label: str) -> str:
    inside = "".join(body)
    return (
        f'<svg viewBox="0 0 {_WIDTH} {height}" role="img" aria-label="{escape(label)}">'
        f"{inside}</svg>"
    )

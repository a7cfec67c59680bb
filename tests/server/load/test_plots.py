import re
from xml.etree import ElementTree

import pytest

from lipwire_server.load.plots import _ticks, bars, curves, histogram, over_time


def numbers(svg: str) -> list[float]:
    ElementTree.fromstring(svg)
    return [float(found) for found in re.findall(r'[" ,](-?\d+\.?\d*)', svg)]


@pytest.mark.parametrize(
    ("most", "ticks"),
    [
        (1, [0, 1]),
        (4, [0, 1, 2, 3, 4]),
        (10, [0, 2, 4, 6, 8, 10]),
        (130, [0, 50, 100, 150]),
        (2_000, [0, 500, 1_000, 1_500, 2_000]),
        (0.004, [0, 0.001, 0.002, 0.003, 0.004]),
    ],
)
def test_ticks_are_round_and_reach_the_top(most: float, ticks: list[float]) -> None:
    assert _ticks(most) == pytest.approx(ticks)


def test_a_curve_stays_inside_its_plot() -> None:
    svg = over_time([(n / 2, n * n) for n in range(1_000)], "Sockets <over> time", "sockets")
    points = re.search(r'<polyline class="curve" points="([^"]*)"', svg)
    assert points is not None
    pairs = [tuple(map(float, pair.split(","))) for pair in points[1].split()]
    assert 250 < len(pairs) < 400
    assert all(0 <= x <= 520 and 0 <= y <= 230 for x, y in pairs)
    assert pairs == sorted(pairs, key=lambda pair: pair[0])
    assert "&lt;over&gt;" in svg


@pytest.mark.parametrize("points", [[], [(0.0, 0.0)], [(0.0, 5.0), (0.0, 5.0)]])
def test_a_plot_of_nothing_is_one(points: list[tuple[float, float]]) -> None:
    numbers(over_time(points, "x", "y"))


def test_every_value_is_in_a_bar() -> None:
    svg = histogram([float(n) for n in range(1_000)], "x", {"p50": 500.0, "p95": None})
    ElementTree.fromstring(svg)
    counts = [int(n.replace(",", "")) for n in re.findall(r"ms: ([\d,]+)<", svg)]
    assert sum(counts) == 1_000
    assert "p50 500" in svg
    assert "p95" not in svg


def test_one_value_that_is_far_away_does_not_hide_the_others() -> None:
    svg = histogram([*[100.0 + n / 10 for n in range(1_000)], 90_000.0], "x")
    ElementTree.fromstring(svg)
    assert svg.count("<rect") > 10


@pytest.mark.parametrize("values", [[], [0.0], [5.0] * 10, [-1.0]])
def test_a_histogram_of_little_is_one(values: list[float]) -> None:
    numbers(histogram(values, "x"))


def test_bars_are_named_and_the_longest_comes_first() -> None:
    svg = bars({"few": 1, "<many>": 99}, "x")
    ElementTree.fromstring(svg)
    assert svg.index("&lt;many&gt;") < svg.index("few")


def test_several_curves_have_their_names_and_a_dot_for_each_value() -> None:
    named = {"p50": [(0.0, 100.0), (5.0, 200.0)], "p95": [(0.0, 400.0), (5.0, 300.0)]}
    text = curves(named, "First sound", "milliseconds", 10.0)
    assert text.count("<polyline") == 2
    assert "<title>p95 at 5 s: 300</title>" in text
    assert ">p50</text>" in text and ">milliseconds</text>" in text
    assert ">10</text>" in text  # All of the time is there, also when nothing was heard.


def test_a_curve_of_one_value_can_be_seen() -> None:
    assert "<title>p50 at 3 s: 120</title>" in curves({"p50": [(3.0, 120.0)]}, "x", "y", 9.0)

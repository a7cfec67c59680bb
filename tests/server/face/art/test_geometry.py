import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lipwire_server.face.art.geometry import (
    bezier,
    bounds,
    curve,
    ellipse,
    join,
    mirror,
    move,
    rectangle,
    ribbon,
    scale,
    smooth,
    swell,
)

PLACES = st.floats(-500.0, 500.0)
POINTS = st.tuples(PLACES, PLACES)


@given(POINTS, POINTS, POINTS, POINTS)
def test_a_cubic_starts_and_ends_at_its_ends(
    start: tuple[float, float],
    out: tuple[float, float],
    into: tuple[float, float],
    end: tuple[float, float],
) -> None:
    line = bezier(start, out, into, end)
    assert line[0] == pytest.approx(start, abs=1e-9)
    assert line[-1] == pytest.approx(end, abs=1e-9)


def test_a_curve_goes_through_the_end_of_each_of_its_cubics() -> None:
    line = curve((0, 0), ((1, 0), (2, 1), (3, 3)), ((4, 5), (5, 5), (6, 0)))
    assert (3.0, 3.0) in [tuple(point) for point in line.tolist()]
    assert len(np.unique(line, axis=0)) == len(line)


def test_a_smooth_line_goes_through_all_of_its_points() -> None:
    points = [(0.0, 0.0), (40.0, 5.0), (60.0, 50.0), (10.0, 60.0)]
    line = smooth(points)
    assert all(np.abs(line - point).sum(axis=1).min() < 1e-9 for point in points)


def test_a_smooth_line_does_not_overshoot_a_point_that_is_near_the_next() -> None:
    left, top, right, bottom = bounds(smooth([(0, 0), (100, 0), (101, 1), (101, 100), (0, 100)]))
    assert min(left, top) > -20
    assert max(right, bottom) < 121


def test_a_line_turns_sharply_at_a_corner_alone() -> None:
    points = [(0.0, 0.0), (50.0, 50.0), (100.0, 0.0)]
    sharp = smooth(points, closed=False, corners=frozenset({1}))
    assert _sharpest(sharp) > 60.0 > _sharpest(smooth(points, closed=False))


def _sharpest(line: np.ndarray) -> float:
    """The largest turn of a line, in degrees."""
    steps = np.diff(line, axis=0)
    angles = np.degrees(np.unwrap(np.arctan2(steps[:, 1], steps[:, 0])))
    return float(np.abs(np.diff(angles)).max())


def test_a_ribbon_is_as_wide_as_it_is_said_to_be() -> None:
    line = np.array([(0.0, 0.0), (10.0, 0.0), (20.0, 0.0)])
    assert bounds(ribbon(line, 4.0)) == pytest.approx((0.0, -2.0, 20.0, 2.0))


def test_a_swelling_ribbon_is_thickest_in_the_middle() -> None:
    line = np.array([(0.0, 0.0), (10.0, 0.0), (20.0, 0.0)])
    heights = np.abs(ribbon(line, swell(1.0, 6.0))[:3, 1])
    assert heights == pytest.approx([0.5, 3.5, 0.5])


def test_a_ribbon_along_points_that_coincide_is_still_drawn() -> None:
    assert np.isfinite(ribbon(np.zeros((3, 2)), 2.0)).all()


def test_an_ellipse_of_one_radius_is_a_circle() -> None:
    assert bounds(ellipse(5.0, 6.0, 2.0)) == pytest.approx((3.0, 4.0, 7.0, 8.0))


@given(POINTS, st.floats(-4.0, 4.0), st.floats(-4.0, 4.0))
def test_what_a_shape_is_scaled_about_stays(about: tuple[float, float], x: float, y: float) -> None:
    assert scale(np.array([about]), x, y, about)[0] == pytest.approx(about)


def test_mirroring_twice_changes_nothing() -> None:
    path = ellipse(40.0, 50.0, 7.0, 3.0)
    assert mirror(mirror(path)) == pytest.approx(path)
    assert bounds(mirror(path)) == pytest.approx((465.0, 47.0, 479.0, 53.0))


def test_shapes_are_joined_and_moved() -> None:
    both = join(rectangle(0, 0, 1, 1), move(rectangle(0, 0, 1, 1), 10.0, 20.0))
    assert bounds(both) == (0.0, 0.0, 11.0, 21.0)

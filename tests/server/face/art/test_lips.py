import numpy as np
import pytest

from lipwire_protocol.visemes import Oculus
from lipwire_server.face.art.figures import FIGURES
from lipwire_server.face.art.lips import lips, outlines
from lipwire_server.face.articulation import Articulation

from .close_ups import close_up, held, shape

STYLE = FIGURES["ida"].lips


@pytest.mark.parametrize("viseme", Oculus)
def test_lips_meet_in_the_corners_and_nowhere_cross(viseme: Oculus) -> None:
    at = shape(viseme)
    assert at.upper[0] == pytest.approx(at.lower[-1])
    assert at.upper[-1] == pytest.approx(at.lower[0])
    assert at.top < at.above < at.below < at.bottom


@pytest.mark.parametrize("viseme", Oculus)
def test_both_sides_of_a_mouth_are_alike(viseme: Oculus) -> None:
    at = shape(viseme)
    for line in (at.upper, at.lower, at.inner_upper, at.inner_lower):
        assert line[::-1] * (-1.0, 1.0) == pytest.approx(line, abs=1e-6)


def test_closed_lips_leave_no_gap_to_see_through() -> None:
    assert shape(Oculus.PP).gap < 2.5 < 30.0 < shape(Oculus.AA).gap


def test_ou_is_narrow_and_round_and_ih_is_wide() -> None:
    ou, ih = shape(Oculus.OU), shape(Oculus.IH)
    assert ou.half_width < 0.55 * ih.half_width
    assert ou.gap / ou.inner_half_width > 0.6 * ih.gap / ih.inner_half_width


@pytest.mark.parametrize("viseme", [Oculus.SIL, Oculus.E, Oculus.AA])
def test_a_smile_lifts_the_corners_of_open_and_closed_mouths(viseme: Oculus) -> None:
    smiling = outlines(held(viseme)._replace(smile=1.0), 1.0)
    sulking = outlines(held(viseme)._replace(smile=-0.6), 1.0)
    assert smiling.corner < sulking.corner - 5.0
    assert smiling.half_width > sulking.half_width


def test_the_line_between_lips_shows_while_they_are_closed_alone() -> None:
    parts = [len(lips(shape(viseme), STYLE)) for viseme in (Oculus.PP, Oculus.AA)]
    assert parts[0] == parts[1] + 1


def test_fuller_lips_are_thicker() -> None:
    thin, full = (outlines(held(Oculus.SIL), share) for share in (0.8, 1.2))
    assert full.top < thin.top
    assert full.bottom > thin.bottom


@pytest.mark.parametrize("value", [-1.0, 3.0])
def test_a_mouth_that_is_held_beyond_all_bounds_is_still_drawn(value: float) -> None:
    at = outlines(Articulation(*[value] * 12), 1.0)
    pixels = close_up(lips(at, STYLE))
    assert np.isfinite(pixels).all()
    assert pixels[..., 3].max() > 0.9

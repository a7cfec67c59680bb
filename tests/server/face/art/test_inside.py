import numpy as np
import pytest

from lipwire_protocol.visemes import Oculus
from lipwire_server.face.art.inside import inside
from lipwire_server.face.art.lips import outlines
from lipwire_server.face.art.raster import Pixels

from .close_ups import close_up, held, shape


def _pixels(viseme: Oculus) -> Pixels:
    return close_up(inside(shape(viseme)))


def _white(pixels: Pixels) -> int:
    """How much is seen of teeth."""
    return int((pixels[..., :3].min(axis=-1) > 0.7).sum())


def _rosy(pixels: Pixels) -> int:
    """How much is seen of a tongue."""
    return int(((pixels[..., 0] > 0.6) & (pixels[..., 1] < 0.66)).sum())


def _dark(pixels: Pixels) -> int:
    return int(((pixels[..., 3] > 0.9) & (pixels[..., :3].max(axis=-1) < 0.4)).sum())


def test_between_pressed_lips_is_no_more_than_a_line() -> None:
    pixels = _pixels(Oculus.PP)
    assert _white(pixels) == 0
    assert (pixels[..., 3] > 0.5).sum() < 160


@pytest.mark.parametrize("viseme", [Oculus.SS, Oculus.CH, Oculus.IH, Oculus.E, Oculus.AA])
def test_open_mouths_show_teeth(viseme: Oculus) -> None:
    assert _white(_pixels(viseme)) > 100


def test_a_pursed_mouth_shows_none() -> None:
    assert _white(_pixels(Oculus.OU)) == 0


def test_teeth_rest_on_the_lip_for_f_and_v() -> None:
    at = shape(Oculus.FF)
    pixels = _pixels(Oculus.FF)
    lowest = np.flatnonzero(pixels[:, 60, :3].min(axis=-1) > 0.6)[-1] - 40
    assert lowest == pytest.approx(at.below, abs=1.6)


def test_an_open_mouth_is_dark_inside() -> None:
    assert _dark(_pixels(Oculus.AA)) > 400 > 10 * _dark(_pixels(Oculus.SS))


def test_the_tongue_is_between_the_teeth_for_th() -> None:
    assert _rosy(_pixels(Oculus.TH)) > 1.2 * _rosy(_pixels(Oculus.SS))


def test_a_tip_that_is_hardly_raised_is_no_post_in_a_wide_mouth() -> None:
    wide = held(Oculus.OH)
    none, hardly, raised = (
        _rosy(close_up(inside(outlines(wide._replace(tip=tip), 1.0)))) for tip in (0.0, 0.05, 1.0)
    )
    assert hardly - none < 0.2 * (raised - none)


@pytest.mark.parametrize("viseme", Oculus)
def test_nothing_inside_a_mouth_shows_outside_its_opening(viseme: Oculus) -> None:
    at = shape(viseme)
    pixels = _pixels(viseme)
    rows = np.flatnonzero(pixels[..., 3].max(axis=1) > 0.1) - 40
    columns = np.flatnonzero(pixels[..., 3].max(axis=0) > 0.1) - 60
    assert rows.size == 0 or at.top < rows[0] <= rows[-1] < at.bottom
    assert columns.size == 0 or -at.half_width < columns[0] <= columns[-1] < at.half_width

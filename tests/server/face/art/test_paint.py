import numpy as np
import pytest

from lipwire_server.face.art.geometry import bounds, ellipse, rectangle
from lipwire_server.face.art.paint import (
    Colour,
    Fill,
    Group,
    Linear,
    Radial,
    colour,
    down,
    glow,
    mix,
    place,
)
from lipwire_server.face.art.raster import draw

INK = Colour(0.2, 0.4, 0.6)


def test_a_colour_is_read_from_its_code() -> None:
    assert colour("#ff8000", 0.5) == pytest.approx((1.0, 128 / 255, 0.0, 0.5))


def test_a_mix_is_one_colour_at_0_and_the_other_at_1() -> None:
    other = INK.at(0.0)
    assert [mix(INK, other, share).alpha for share in (0.0, 0.25, 1.0)] == [1.0, 0.75, 0.0]


def test_a_glow_is_strongest_in_the_middle_and_gone_at_its_edge() -> None:
    alpha = draw([glow(20.0, 20.0, 10.0, 10.0, INK.at(0.8))], (0, 0, 40, 40))[20, :, 3]
    assert alpha.argmax() in (19, 20)
    assert alpha[20] == pytest.approx(0.75, abs=0.05)
    assert alpha[9] == alpha[30] == pytest.approx(0.0, abs=0.01)


def test_what_is_placed_is_drawn_there_with_its_paint() -> None:
    paint = down(0.0, 10.0, (0.0, INK), (1.0, INK.at(0.0)))
    fill = Fill(rectangle(0, 0, 10, 10), paint, soft=1.0)
    (placed,) = place([fill], (20.0, 20.0), (2.0, 2.0))
    assert bounds(placed.path) == (20.0, 20.0, 40.0, 40.0)
    assert isinstance(placed, Fill)
    assert isinstance(placed.paint, Linear)
    assert (placed.paint.start, placed.paint.end) == ((20.0, 20.0), (20.0, 40.0))
    assert placed.soft == 1.0


def test_a_mirrored_spot_keeps_its_size() -> None:
    spot = glow(10.0, 5.0, 4.0, 2.0, INK)
    (placed,) = place([spot], (0.0, 0.0), (-1.0, 1.0))
    assert isinstance(placed, Fill)
    assert isinstance(placed.paint, Radial)
    assert placed.paint.centre == (-10.0, 5.0)
    assert placed.paint.radii == (4.0, 2.0)


def test_a_group_is_placed_with_all_that_is_in_it() -> None:
    square = rectangle(0, 0, 10, 10)
    inner = Fill(square, INK, clip=square, hole=ellipse(5, 5, 2))
    group = Group((inner,), square, hole=square)
    here = draw(place([group], (5.0, 5.0)), (0, 0, 20, 20))
    there = draw(place([inner], (5.0, 5.0)), (0, 0, 20, 20))
    assert here.max() < 0.01
    assert there[7, 7, 3] == 1.0
    assert there[10, 10, 3] == 0.0
    assert np.isfinite(there).all()

import numpy as np

from lipwire_server.face.art.geometry import ellipse
from lipwire_server.face.art.joe_hair import hair_front, hair_shadow
from lipwire_server.face.art.raster import draw

_HEAD = ellipse(256.0, 220.0, 92.0, 130.0)


def test_hair_keeps_clear_of_the_frame_that_small_pictures_are_cut_to() -> None:
    hair = draw(hair_front())[..., 3] > 0.05
    rows, columns = np.flatnonzero(hair.any(axis=1)), np.flatnonzero(hair.any(axis=0))
    assert rows[0] > 46
    assert columns[0] > 86 + 40
    assert columns[-1] < 426 - 40


def test_hair_thins_out_towards_the_ears() -> None:
    opacity = draw(hair_front())[..., 3].max(axis=1)
    assert opacity[180] > 0.95
    assert opacity[215] > opacity[235] > opacity[246]
    assert opacity[246] < 0.4
    assert not opacity[255:].any()


def test_hair_throws_its_shadow_on_the_head_alone() -> None:
    shadow = draw(hair_shadow(_HEAD))[..., 3]
    x, y = np.meshgrid(np.arange(512) + 0.5, np.arange(512) + 0.5)
    outside = np.hypot((x - 256.0) / 94.0, (y - 220.0) / 132.0) > 1.0
    assert shadow.max() > 0.2
    assert not shadow[outside].any()


def test_the_shadow_ends_softly_on_the_forehead() -> None:
    column = draw(hair_shadow(_HEAD))[130:160, 256, 3]
    steps = np.diff(column)
    assert column[-1] < 0.02
    assert np.abs(steps).max() < 0.12

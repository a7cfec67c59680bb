import numpy as np

from lipwire_server.face.art.joe_clothes import NECK, torso
from lipwire_server.face.art.raster import draw

_OPAQUE = 0.98


def test_the_torso_reaches_below_the_frame_from_one_shoulder_to_the_other() -> None:
    """It goes up with each breath."""
    below = draw(torso(), (0, 0, 512, 530))[..., 3][505:530, 12:500]
    assert below.min() > _OPAQUE


def test_there_are_no_holes_from_the_chin_down() -> None:
    """Between neck, collar, shirt and sweater."""
    opacity = draw(torso())[..., 3]
    for row in range(350, 512, 3):
        cloth = np.flatnonzero(opacity[row] > 0.5)
        assert opacity[row, cloth[0] + 1 : cloth[-1]].min() > _OPAQUE


def test_the_neck_reaches_far_up_under_the_chin() -> None:
    """Heads nod and are lifted."""
    assert NECK[:, 1].min() < 300.0


def test_light_falls_from_the_left() -> None:
    pixels = draw(torso())[..., :3].sum(axis=-1)
    assert pixels[500, 40:90].mean() > pixels[500, 422:472].mean()

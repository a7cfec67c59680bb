import numpy as np
import pytest

from lipwire_server.face.art.figures import FIGURES
from lipwire_server.face.art.geometry import bounds
from lipwire_server.face.art.head import CHIN_DROP, Head, ear, head, outline
from lipwire_server.face.art.raster import draw

SKIN = FIGURES["ida"].skin
HEAD = Head(outline=((0, 110), (80, 150), (96, 200), (84, 284), (40, 340), (0, 354)))


def test_the_chin_goes_down_with_the_jaw_and_the_crown_stays() -> None:
    shut, half, open_ = (bounds(outline(HEAD, jaw)) for jaw in (0.0, 0.5, 1.0))
    assert shut[3] == pytest.approx(354.0, abs=0.5)
    assert [half[3] - shut[3], open_[3] - shut[3]] == pytest.approx([CHIN_DROP / 2, CHIN_DROP])
    assert open_[1] == shut[1]


def test_a_head_is_opaque_skin() -> None:
    pixels = draw(head(HEAD, SKIN, 0.0))
    assert pixels[150:340, 240:272, 3].min() > 0.99
    assert (pixels[200:300, 200:312, 0] > pixels[200:300, 200:312, 2]).all()


def test_light_falls_from_the_left() -> None:
    pixels = draw(head(HEAD, SKIN, 0.0))
    left, right = pixels[230, 175:195, :3].mean(), pixels[230, 317:337, :3].mean()
    assert left > right + 0.02


def test_ears_mirror_each_other() -> None:
    right, left = (draw(ear(256.0, 230.0, SKIN, side=side)) for side in (1, -1))
    assert np.abs(right - left[:, ::-1]).mean() < 0.10 * np.abs(right - left).mean()

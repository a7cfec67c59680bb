import numpy as np

from lipwire_server.face.art.figures import FIGURES
from lipwire_server.face.art.nose import Nose, nose
from lipwire_server.face.art.raster import crop, draw

SKIN = FIGURES["ida"].skin


def test_a_wider_nose_is_wider() -> None:
    narrow, wide = (crop(draw(nose(Nose(width=w), SKIN))).picture.width for w in (0.8, 1.3))
    assert wide > 1.3 * narrow


def test_a_nose_is_in_the_middle_of_the_face_and_above_the_mouth() -> None:
    alpha = draw(nose(Nose(), SKIN))[..., 3]
    across = float(np.average(np.arange(512), weights=alpha.sum(axis=0)))
    lowest = int(np.flatnonzero(alpha.max(axis=1) > 0.3)[-1])
    assert 253 < across < 263
    assert 262 < lowest < 285


def test_a_nose_without_definition_is_softer() -> None:
    sharp, soft = (draw(nose(Nose(definition=d), SKIN))[..., 3].sum() for d in (1.0, 0.0))
    assert soft < sharp

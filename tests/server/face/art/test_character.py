"""What `art.character` asks of every figure."""

import numpy as np
import pytest

from lipwire_server.face.art.character import Character
from lipwire_server.face.art.figures import FIGURES
from lipwire_server.face.art.raster import draw

EACH = pytest.mark.parametrize("figure", FIGURES.values(), ids=list(FIGURES))
STILL = 250


@EACH
def test_the_backdrop_covers_everything(figure: Character) -> None:
    assert draw(figure.backdrop())[..., 3].min() > 0.99


@EACH
def test_a_face_above_the_cheeks_does_not_move_with_the_jaw(figure: Character) -> None:
    shut, open_ = (draw(figure.face(jaw))[:STILL, 186:326] for jaw in (0.0, 1.0))
    assert np.abs(shut - open_).max() < 0.02


@EACH
def test_eyes_and_mouth_lie_on_skin(figure: Character) -> None:
    alpha = draw(figure.face(0.0))[..., 3]
    assert alpha[190:250, 176:336].min() > 0.99
    assert alpha[280:345, 222:290].min() > 0.99


@EACH
def test_the_torso_goes_on_below_the_picture(figure: Character) -> None:
    """Or breathing would lift its lower edge into sight."""
    below = draw(figure.torso(), (0, 508, 512, 516))[..., 3]
    assert below[-1, 150:362].min() > 0.99

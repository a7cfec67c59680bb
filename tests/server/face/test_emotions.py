import numpy as np
import pytest

from lipwire_server.face.articulation import HELD, Articulation
from lipwire_server.face.emotions import EMOTIONS, MOUTHS, NAMES, NEUTRAL
from lipwire_server.face.landmarks import measures


def test_the_neutral_one_comes_first() -> None:
    assert NAMES[0] == NEUTRAL
    assert (NAMES, len(MOUTHS)) == (tuple(EMOTIONS), len(EMOTIONS))


@pytest.mark.parametrize("name", NAMES)
def test_closed_lips_stay_closed_in_every_emotion(name: str) -> None:
    pressed = Articulation(press=1.0)
    at = measures(np.asarray(pressed) + MOUTHS[NAMES.index(name)])
    assert float(at.above + at.below) < 0.5


def test_a_happy_mouth_smiles_whatever_it_says_and_a_sad_one_does_not() -> None:
    corners = {name: measures(HELD + MOUTHS[NAMES.index(name)]).corner for name in NAMES}
    assert (corners["happy"] < corners[NEUTRAL] - 1.0).all()
    assert (corners["sad"] > corners[NEUTRAL] + 1.0).all()


def test_the_face_at_rest_smiles_a_little() -> None:
    assert -7.0 < float(measures(HELD[0] + MOUTHS[0]).corner) < -2.0


def test_surprise_opens_eyes_and_mouth_and_anger_lowers_the_brows() -> None:
    surprised, angry = EMOTIONS["surprised"], EMOTIONS["angry"]
    assert surprised.lids < 0 < surprised.mouth.jaw
    assert angry.brow_raise < 0
    assert angry.brow_tilt < 0 < EMOTIONS["sad"].brow_tilt

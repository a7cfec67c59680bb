import numpy as np

from lipwire_server.face.art.ida import IDA
from lipwire_server.face.art.raster import draw


def test_she_is_called_ida() -> None:
    assert (IDA.name, IDA.title) == ("ida", "Ida")


def test_her_hair_falls_to_both_sides_of_the_face_and_leaves_it_free() -> None:
    alpha = draw(IDA.hair_front())[..., 3]
    assert alpha[250, 120:150].max() > 0.99
    assert alpha[250, 365:390].max() > 0.99
    assert alpha[200:400, 176:334].max() < 0.05


def test_no_gap_opens_between_hair_and_head_when_it_turns() -> None:
    back, face = (draw(parts)[..., 3] for parts in (IDA.hair_back(), IDA.face(0.0)))
    front = draw(IDA.hair_front())[..., 3]
    for turn in (-1, 1):
        layers = [np.roll(a, round(x * turn), 1) for a, x in ((back, -4), (face, 2), (front, 4.5))]
        assert np.max(layers, axis=0)[110:300, 160:352].min() > 0.98

import numpy as np
import pytest

from lipwire_server.face.art.eyes import LIDS, Lids, irises, lids, whites
from lipwire_server.face.art.figures import FIGURES
from lipwire_server.face.art.raster import Pixels, draw, over

BOTH = pytest.mark.parametrize("name", FIGURES)
GAZE = (6.0, 4.0)
"""Pixels that irises move at most."""


def _alpha(parts: Pixels) -> Pixels:
    return parts[..., 3]


def _hole(name: str, at: Lids) -> float:
    """How much is seen through the lids."""
    figure = FIGURES[name]
    ball = _alpha(draw(whites(figure))) > 0.99
    return float((1.0 - _alpha(draw(lids(figure, at)))[ball]).sum())


@BOTH
def test_each_step_of_a_blink_shows_less_of_the_eyes(name: str) -> None:
    seen = [_hole(name, Lids(closed)) for closed in LIDS]
    assert seen == sorted(seen, reverse=True)
    assert seen[-1] < 0.5 < 100.0 < seen[1]


@BOTH
@pytest.mark.parametrize("way", [(1, 1), (1, -1), (-1, 1), (-1, -1)])
@pytest.mark.parametrize("closed", LIDS)
def test_nothing_of_an_iris_shows_outside_the_eye(
    name: str, closed: float, way: tuple[int, int]
) -> None:
    figure = FIGURES[name]
    x, y = way[0] * int(GAZE[0]), way[1] * int(GAZE[1])
    iris = np.roll(_alpha(draw(irises(figure))), (y, x), axis=(0, 1))
    lid, white = _alpha(draw(lids(figure, Lids(closed)))), _alpha(draw(whites(figure)))
    beside = iris * (1.0 - lid) * (white < 0.5)
    assert beside.max() < 0.1


@BOTH
@pytest.mark.parametrize("closed", LIDS)
def test_whites_fill_the_hole_of_the_lids(name: str, closed: float) -> None:
    figure = FIGURES[name]
    white, lid = (_alpha(draw(one)) for one in (whites(figure), lids(figure, Lids(closed))))
    x, y = (round(place) for place in figure.eyes.at)
    around = (slice(y - 17, y + 12), slice(256 + x - 24, 256 + x + 24))
    see_through = (1.0 - white) * (1.0 - lid)
    assert see_through[around].max() < 0.15


@BOTH
def test_lids_have_the_colour_of_the_face_where_they_end(name: str) -> None:
    figure = FIGURES[name]
    face = over(draw(figure.nose()), draw(figure.face(0.0)))
    both = over(draw(lids(figure, Lids(0.0))), face)
    ring = _alpha(draw(lids(figure, Lids(0.0))))
    edge = (ring > 0.02) & (ring < 0.3) & (face[..., 3] > 0.99)
    edge[:, :170] = edge[:, 342:] = False
    assert edge.sum() > 100
    assert float(np.abs(both - face)[edge].mean()) < 0.02


def test_a_squint_pushes_the_lower_lids_up() -> None:
    assert _hole("ida", Lids(0.0, squint=1.0)) < 0.85 * _hole("ida", Lids(0.0))


def test_lids_slant_to_the_outside_or_to_the_inside() -> None:
    def inner_share(slant: float) -> float:
        seen = 1.0 - _alpha(draw(lids(FIGURES["ida"], Lids(0.0, slant=slant))))
        seen *= _alpha(draw(whites(FIGURES["ida"])))
        right = seen[:, 256:]
        return float(right[:, :43].sum() / right.sum())

    assert inner_share(-1.0) < inner_share(0.0) < inner_share(1.0)


def test_irises_are_lit_from_the_same_side() -> None:
    pixels = draw(irises(FIGURES["ida"]))
    bright = pixels[..., :3].min(axis=-1) > 0.9
    for middle in (213, 299):
        columns = np.flatnonzero(bright[:, middle - 14 : middle + 14].any(axis=0)) - 14
        assert columns.min() < -2

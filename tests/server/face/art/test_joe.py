"""What has to be true of Joe whatever he looks like, or it would show when he moves."""

from typing import TypeAlias

import numpy as np
import pytest
from numpy.typing import NDArray

from lipwire_server.face.art.head import CHIN_DROP
from lipwire_server.face.art.joe import JOE
from lipwire_server.face.art.joe_clothes import NECK
from lipwire_server.face.art.paint import Fill, Fills
from lipwire_server.face.art.raster import Pixels, draw

Mask: TypeAlias = NDArray[np.bool_]

_STILL = 250
"""Lids are cut out of the face at rest as far down as here."""
_SWAY = 4
"""Pixels by which what is near moves over what is far."""


def _opacity(parts: Fills) -> Pixels:
    return draw(parts)[..., 3]


@pytest.fixture(scope="module")
def face() -> Pixels:
    return _opacity(JOE.face(0.0))


def test_the_voice_that_comes_with_lipwire_is_his() -> None:
    assert (JOE.name, JOE.title) == ("joe", "Joe")


def test_the_backdrop_leaves_nothing_open() -> None:
    assert _opacity(JOE.backdrop()).min() == pytest.approx(1.0, abs=1e-3)


def test_short_hair_has_no_layer_behind_the_shoulders() -> None:
    assert JOE.hair_back() == ()


def test_the_jaw_moves_nothing_near_the_eyes() -> None:
    shut, open_ = draw(JOE.face(0.0)), draw(JOE.face(1.0))
    near = np.abs(shut - open_)[:_STILL, 171:341]
    assert near.max() < 5.0 / 255.0


def test_the_chin_goes_down_with_the_jaw() -> None:
    def chin(jaw: float) -> int:
        skin = _opacity(JOE.face(jaw))[:, 256] > 0.95
        return int(np.flatnonzero(skin)[-1])

    assert [chin(jaw) - chin(0.0) for jaw in (0.5, 1.0)] == pytest.approx(
        [CHIN_DROP / 2.0, CHIN_DROP], abs=1.5
    )


@pytest.mark.parametrize("jaw", [0.0, 1.0])
def test_the_shadow_on_the_neck_stays_on_it_when_the_head_moves(jaw: float) -> None:
    below = _opacity(JOE.face(jaw))[385:]
    neck = _opacity((Fill(NECK, JOE.skin.base),))[385:]
    for sway in (-_SWAY, _SWAY):
        assert (below * (1.0 - np.roll(neck, sway, axis=1))).max() < 0.02


def test_ears_are_on_the_head(face: Pixels) -> None:
    """A row across them is one piece of skin."""
    for row in (215, 235, 255):
        skin = np.flatnonzero(face[row] > 0.5)
        assert len(skin) == skin[-1] - skin[0] + 1


def test_skin_shows_through_hair_that_is_cut_short_and_never_what_is_behind(face: Pixels) -> None:
    hair = _opacity(JOE.hair_front())
    behind = np.minimum(np.roll(face, 2, axis=1), np.roll(face, -2, axis=1))
    inside = _shrunk(hair > 0.05)
    seen = (1.0 - hair) * (1.0 - behind)
    assert seen[inside].max() < 0.05


def test_no_skin_shows_above_the_hair_when_the_head_nods(face: Pixels) -> None:
    hair = _opacity(JOE.hair_front())
    for nod in range(-_SWAY, _SWAY + 1):
        crown = np.roll(hair, nod, axis=0)
        for column in range(180, 333, 8):
            skin, covered = np.flatnonzero(face[:, column] > 0.05)[0], crown[:, column]
            assert covered[skin] > 0.98


def _shrunk(mask: Mask) -> Mask:
    """Without its outermost pixels, which are soft."""
    inner = mask.copy()
    for axis in (0, 1):
        for step in (-1, 1):
            inner &= np.roll(mask, step, axis=axis)
    return inner

"""Whole faces of the avatars that come with Lipwire, as they were accepted."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from lipwire_protocol.visemes import Oculus
from lipwire_server.face.atlas import Atlas
from lipwire_server.face.compositor import Compositor
from lipwire_server.face.packs.avatar import Avatar
from lipwire_server.face.packs.finding import find_avatars

from .posing import feeling, poses, saying

GOLDEN = Path(__file__).with_name("golden")
ALIKE_DB = 40.0
SMALL = 256
MOUTH = np.s_[140:220, 80:176]
"""Where it is in small pictures."""
FACES: dict[str, dict[str, Any]] = {
    "rest": {},
    "happy-e": saying(Oculus.E) | feeling("happy") | {"head": (0.6, -0.3, 0.06), "lids": 0.2},
    "sad-pp": saying(Oculus.PP, closed=(Oculus.PP,)) | feeling("sad") | {"brows": (0.15, 1.0)},
    "down-aa": saying(Oculus.AA) | {"gaze": (0.3, -1.0), "shift": (3.0, 2.0), "breath": 1.0},
}


@pytest.fixture(scope="module", params=["joe", "ida"])
def avatar(request: pytest.FixtureRequest) -> Avatar:
    return find_avatars().avatars[request.param].load()


def drawn(atlas: Atlas, **columns: Any) -> NDArray[np.float64]:
    return np.asarray(Compositor(atlas).picture(atlas.draws(poses(**columns), 25)[0]), np.float64)


def decibels(one: NDArray[np.float64], other: NDArray[np.float64]) -> float:
    error = float(np.mean((one - other) ** 2))
    return float("inf") if error == 0.0 else 10.0 * float(np.log10(255.0**2 / error))


@pytest.mark.parametrize("face", FACES)
def test_a_face_looks_as_it_was_accepted(avatar: Avatar, face: str) -> None:
    """Look at the new one, then replace the old one with it, if this was on purpose."""
    with Image.open(GOLDEN / f"{avatar.manifest.name}-{face}.webp") as accepted:
        wanted = np.asarray(accepted.convert("RGB"), np.float64)
    seen = drawn(Atlas(avatar, SMALL), **FACES[face])
    assert decibels(seen, wanted) > ALIKE_DB
    # All else being equal, a wrong mouth changes a twentieth of the picture.
    assert decibels(seen[MOUTH], wanted[MOUTH]) > ALIKE_DB


def test_a_small_mouth_is_a_large_one_made_smaller(avatar: Avatar) -> None:
    (view,) = avatar.manifest.views
    left, top, side = view.box
    large, small = Atlas(avatar, avatar.manifest.size), Atlas(avatar, SMALL)
    for viseme in Oculus:
        whole = Image.fromarray(drawn(large, **saying(viseme)).astype(np.uint8))
        made = whole.resize(
            (SMALL, SMALL), Image.Resampling.LANCZOS, (left, top, left + side, top + side)
        )
        wanted = np.asarray(made, np.float64)
        assert decibels(drawn(small, **saying(viseme))[MOUTH], wanted[MOUTH]) > 38.0, viseme

import math
from functools import cache
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lipwire_protocol.visemes import Oculus
from lipwire_server.face.articulation import HELD
from lipwire_server.face.packs.manifest import (
    Follow,
    Image,
    Layer,
    Manifest,
    Motion,
    Mouth,
    MouthSet,
    Shows,
)
from lipwire_server.face.rig import Rig
from tests.server.face.posing import feeling, poses, saying
from tests.tiny_avatar import tiny_manifest

FPS = 25
SIDE = 20
"""Of every picture."""


def _rig(*layers: Layer, size: int = 512, like: Manifest | None = None, **changes: Any) -> Rig:
    manifest = like or _manifest(*layers, **changes)
    extents = {image.file: (SIDE, SIDE) for layer in layers for image in layer.images}
    return Rig(manifest, size, extents)


def _manifest(*layers: Layer, **changes: Any) -> Manifest:
    return tiny_manifest(
        **{"size": 512, "pivot": (256, 356), "views": (), **changes, "layers": layers}
    )


def _layer(name: str = "layer", **changes: Any) -> Layer:
    at = changes.pop("at", (246, 246))
    return Layer(**{"name": name, "images": (Image(file=f"{name}.png", at=at),), **changes})


def _draw(rig: Rig, **columns: Any) -> list[list[int]]:
    drawn: list[list[int]] = rig.draws(poses(**columns), FPS)[0].tolist()
    return drawn


def test_a_face_at_rest_does_not_move() -> None:
    layers = [_layer(str(follow), follow=follow, parallax=(5, 5)) for follow in Follow]
    assert _draw(_rig(*layers)) == [[0, 0, 0, 0], [1, 0, 0, 0], [2, 0, 0, 0]]


@pytest.mark.parametrize(
    ("layer", "pose", "moved"),
    [
        ({"parallax": (4, 2)}, {"head": (0.5, 0, 0)}, [32, 0, 0]),
        ({"parallax": (4, 2)}, {"head": (0, 0.5, 0)}, [0, -16, 0]),
        ({"parallax": (-4, 2)}, {"head": (0.5, 0, 0)}, [-32, 0, 0]),
        ({"gaze": (4, 2)}, {"gaze": (1, 0)}, [64, 0, 0]),
        ({"gaze": (4, 2)}, {"gaze": (0, 1)}, [0, -32, 0]),
        ({"brow": (8, 0.2)}, {"brows": (1, 0)}, [0, -128, 0]),
        ({"brow": (8, 0.2)}, {"brows": (0, 0.5)}, [0, 0, 100]),
        ({"follow": Follow.BREATH}, {"breath": 1}, [0, -32, 0]),
        ({"follow": Follow.HEAD}, {"shift": (1, 2)}, [16, 32, 0]),
        ({"follow": Follow.HEAD}, {"breath": 1}, [0, 0, 0]),
        ({"follow": Follow.NONE}, {"shift": (1, 2), "head": (0, 0, 0.1), "breath": 1}, [0, 0, 0]),
    ],
)
def test_a_layer_follows_what_it_says(
    layer: dict[str, Any], pose: dict[str, Any], moved: list[int]
) -> None:
    rig = _rig(_layer(**layer), motion=Motion(breath_px=2))
    assert _draw(rig, **pose) == [[0, *moved]]


def test_a_head_rolls_about_its_pivot_clockwise_to_the_right() -> None:
    (drawn,) = _draw(_rig(_layer(follow=Follow.HEAD)), head=(0, 0, 0.1))
    # Its centre is 100 pixels over the pivot.
    right, up = 100 * math.sin(0.1), 100 * math.cos(0.1)
    assert drawn == [0, round(right * 16), round((100 - up) * 16), 100]


def test_a_liveliness_of_half_moves_the_head_by_half() -> None:
    layer = _layer(follow=Follow.HEAD, parallax=(4, 4))
    lazy = _rig(layer, motion=Motion(head_percent=50))
    pose = np.array((0.5, 0.3, 0.08)), np.array((1.0, 2.0))
    assert _draw(lazy, head=pose[0], shift=pose[1]) == _draw(
        _rig(layer), head=pose[0] / 2, shift=pose[1] / 2
    )


def test_half_the_size_moves_by_half() -> None:
    layer = _layer(follow=Follow.HEAD, parallax=(4, 4), gaze=(4, 4), brow=(4, 0.1))
    pose: Any = {"head": (0.5, 0.25, 0.1), "gaze": (1, 1), "brows": (1, 1), "shift": (2, 1)}
    (whole,), (half,) = (_draw(_rig(layer, size=size), **pose) for size in (512, 256))
    assert half[3] == whole[3]
    assert half[1:3] == pytest.approx([whole[1] / 2, whole[2] / 2], abs=0.5)


def test_the_shift_is_in_pixels_of_a_face_512_high() -> None:
    layer = _layer(follow=Follow.HEAD, at=(100, 100))
    assert _draw(_rig(layer, size=1_024, pivot=(0, 0)), shift=(1, 1))[0][1:3] == [16, 16]
    large = Rig(_manifest(layer, size=1_024), 1_024, {"layer.png": (SIDE, SIDE)})
    assert large.draws(poses(shift=(1, 1)), FPS)[0, 0, 1:3].tolist() == [32, 32]


def test_layers_that_are_never_seen_are_left_out() -> None:
    rig = _rig(_layer("seen"), _layer("below", at=(246, 600)))
    assert [layer.name for layer in rig.layers] == ["seen"]
    assert [picture.file for picture in rig.pictures] == ["seen.png"]
    assert _draw(rig) == [[0, 0, 0, 0]]


def test_what_is_not_shown_is_minus_one_and_does_not_move() -> None:
    tears = Layer(
        name="tears",
        images=(Image(file="tears.png", at=(246, 246), emotion="sad"),),
        follow=Follow.HEAD,
        parallax=(4, 4),
    )
    pose: Any = {"head": (1, 1, 0.1)}
    assert _draw(_rig(tears), **pose) == [[-1, 0, 0, 0]]
    assert _draw(_rig(tears), **pose, **feeling("sad"))[0][0] == 0


def test_an_avatar_of_which_nothing_is_seen_draws_nothing() -> None:
    assert _rig(_layer(at=(600, 600))).draws(poses(3), FPS).shape == (3, 0, 4)


def test_no_frames_are_no_draws() -> None:
    rig = _tiny_rig(64)
    assert rig.draws(poses(0), FPS).shape == (0, 9, 4)


@cache
def _tiny_rig(size: int) -> Rig:
    return _rig(*tiny_manifest().layers, size=size, like=tiny_manifest())


def test_pictures_that_are_always_shown_have_the_smallest_numbers() -> None:
    rig = _tiny_rig(64)
    files = [picture.file for picture in rig.pictures]
    mouths = [index for index, file in enumerate(files) if file.startswith("mouth/")]
    neutral = [index for index, file in enumerate(files) if "neutral" in file]
    assert mouths == list(range(len(files) - len(mouths), len(files)))
    assert neutral == mouths[: len(neutral)]


def test_equal_pictures_are_one() -> None:
    rig = _rig(_layer("iris"), _layer("iris"))
    assert len(rig.pictures) == 1
    assert [row[0] for row in _draw(rig)] == [0, 0]


def _tiny_shown(layer: str, **columns: Any) -> str:
    rig = _tiny_rig(64)
    index = [one.name for one in rig.layers].index(layer)
    return rig.pictures[_draw(rig, **columns)[index][0]].file


def test_the_mouth_is_the_one_of_the_codebook_in_the_emotion_that_is_strongest() -> None:
    said = saying(Oculus.OU)
    assert _tiny_shown("mouth", **said) == "mouth/14-neutral-1.0.png"
    assert _tiny_shown("mouth", **said, **feeling("happy")) == "mouth/14-happy-1.0.png"
    assert _tiny_shown("mouth", **said, **feeling("sad", 0.3)) == "mouth/14-neutral-1.0.png"
    assert _tiny_shown("mouth", **said, **feeling("angry")) == "mouth/14-neutral-1.0.png"
    assert _tiny_shown("mouth", **feeling("sad", 0.3)) == "mouth/0-sad-0.333.png"


def test_a_closure_is_shown_whatever_the_mouth_does() -> None:
    said = saying(Oculus.AA, closed=(Oculus.PP,))
    assert _tiny_shown("mouth", **said) == "mouth/1-neutral-1.0.png"


@pytest.mark.parametrize(
    ("viseme", "closed", "jaw"),
    [(Oculus.SIL, -1, 0.0), (Oculus.OH, -1, 0.5), (Oculus.AA, -1, 1.0), (Oculus.AA, 1, 0.0)],
)
def test_the_chin_goes_with_the_mouth_that_is_shown(viseme: int, closed: int, jaw: float) -> None:
    said = saying(Oculus(viseme), closed=(closed,))
    assert _tiny_shown("face", **said) == f"face/{jaw}.png"


@pytest.mark.parametrize(
    ("lids", "shown"), [(-0.5, -0.3), (0.0, 0.0), (0.2, 0.0), (0.3, 0.5), (1.0, 1.0)]
)
def test_lids_are_the_nearest_there_are(lids: float, shown: float) -> None:
    assert _tiny_shown("lids", lids=lids) == f"lids/{shown}.png"


def test_lids_go_down_with_the_eyes() -> None:
    assert _tiny_shown("lids", gaze=(0.0, -1.0)) == "lids/0.5.png"
    assert _tiny_shown("lids", gaze=(0.0, 1.0)) == "lids/0.0.png"
    assert _tiny_shown("lids", gaze=(0.0, -1.0), lids=1.0) == "lids/1.0.png"


def test_a_mouth_of_a_few_shapes_is_cut_hard() -> None:
    names = ("closed", "half", "open")
    images = tuple(Image(file=f"{name}.png", at=(246, 246), shape=name) for name in names)
    layer = Layer(name="mouth", images=images, shows=Shows.MOUTH)
    rig = _rig(layer, mouth=Mouth(set=MouthSet.PNGTUBER, hold_ms=40))
    said = saying(Oculus.SIL, Oculus.AA, Oculus.DD, Oculus.PP)
    drawn = rig.draws(poses(4, **said), FPS)[:, 0, 0]
    assert [rig.pictures[index].file for index in drawn] == [
        "closed.png", "open.png", "half.png", "closed.png",
    ]  # fmt: skip


@pytest.mark.parametrize("of", list(MouthSet))
def test_a_mouth_without_shapes_is_drawn_all_the_same(of: MouthSet) -> None:
    rig = _rig(_layer("mouth", shows=Shows.MOUTH), _layer("nose"), mouth=Mouth(set=of))
    drawn = rig.draws(poses(len(Oculus), **saying(*Oculus)), FPS)
    assert set(drawn[:, 1, 0].tolist()) == {0}
    assert set(drawn[:, 0, 0].tolist()) <= {-1, 1}


def test_of_two_mouths_that_are_about_as_near_the_one_before_stays() -> None:
    held = [HELD[Oculus.AA].tolist() for _ in range(2)]
    held[1][0] += 0.005
    rig = _rig(mouth=Mouth(set=MouthSet.ARTICULATION, codebook=tuple(map(tuple, held))))
    for before in range(2):
        said = saying(Oculus.AA)
        assert rig.shapes(poses(**said), FPS, before).tolist() == [before]


@given(st.integers(1, 12), st.randoms(use_true_random=False))
def test_a_frame_does_not_depend_on_those_it_is_drawn_with(frames: int, random: Any) -> None:
    rig = _tiny_rig(48)
    rng = np.random.default_rng(random.getrandbits(32))
    columns = {
        "head": rng.uniform(-1, 1, (frames, 3)),
        "gaze": rng.uniform(-1, 1, (frames, 2)),
        "shift": rng.uniform(-3, 3, (frames, 2)),
        "brows": rng.uniform(-1, 1, (frames, 2)),
        "lids": rng.uniform(-0.3, 1, frames),
    }
    together = rig.draws(poses(frames, **columns), FPS)
    alone = [
        rig.draws(poses(1, **{name: row[index] for name, row in columns.items()}), FPS)[0]
        for index in range(frames)
    ]
    assert (together == np.array(alone)).all()

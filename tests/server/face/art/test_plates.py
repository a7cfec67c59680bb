from collections import Counter

import pytest

from lipwire_protocol.visemes import Oculus
from lipwire_server.face.art.figures import FIGURES, codebook
from lipwire_server.face.art.plates import sheets
from lipwire_server.face.art.raster import draw
from lipwire_server.face.emotions import NAMES
from lipwire_server.face.packs.manifest import Follow, Shows

IDA = FIGURES["ida"]
MOUTHS = codebook()[:3]
FELT = NAMES[1:]
SHEETS = {sheet.name: sheet for sheet in sheets(IDA, MOUTHS)}


def test_layers_lie_from_back_to_front() -> None:
    assert list(SHEETS) == [
        *("backdrop", "hair_back", "torso", "face", "nose", "eyes", "irises", "lids"),
        *("brow_left", "brow_right", "mouth", "hair_front"),
    ]


def test_what_is_nearer_moves_more_when_the_head_turns() -> None:
    names = ("hair_back", "face", "hair_front", "mouth", "nose")
    turns = [SHEETS[name].parallax[0] for name in names]
    assert turns == sorted(turns)


def test_only_the_torso_breathes_and_the_backdrop_stands_still() -> None:
    follows = {name: sheet.follow for name, sheet in SHEETS.items()}
    assert follows.pop("torso") is Follow.BREATH
    assert follows.pop("backdrop") is Follow.NONE
    assert set(follows.values()) == {Follow.HEAD}


def test_brows_tilt_to_opposite_sides() -> None:
    left, right = SHEETS["brow_left"].brow, SHEETS["brow_right"].brow
    assert left[0] == right[0] > 0
    assert left[1] == -right[1] < 0


def test_each_mouth_is_drawn_in_each_emotion() -> None:
    drawn = Counter(p.emotion for p in SHEETS["mouth"].plates if p.strength == 1.0)
    assert drawn == dict.fromkeys((None, *FELT), len(MOUTHS))


def test_the_mouth_at_rest_is_also_drawn_while_an_emotion_comes() -> None:
    weak = [plate for plate in SHEETS["mouth"].plates if plate.strength < 1.0]
    assert {plate.shape for plate in weak} == {str(int(Oculus.SIL))}
    assert Counter(p.emotion for p in weak) == dict.fromkeys(FELT, 2)


def test_lids_have_all_steps_in_each_emotion_that_changes_them() -> None:
    steps = {plate.value for plate in SHEETS["lids"].plates if plate.emotion is None}
    for emotion in ("happy", "sad", "angry"):
        own = [p.value for p in SHEETS["lids"].plates if p.emotion == emotion and p.strength == 1.0]
        assert set(own) == steps


@pytest.mark.parametrize("shows", [Shows.JAW, Shows.LIDS])
def test_a_value_is_had_once_for_each_emotion_and_strength(shows: Shows) -> None:
    (sheet,) = (sheet for sheet in SHEETS.values() if sheet.shows is shows)
    keys = [(plate.value, plate.emotion, plate.strength) for plate in sheet.plates]
    assert len(keys) == len(set(keys))
    assert all(value is not None for value, _, _ in keys)


def test_files_have_names_of_their_own() -> None:
    names = [plate.file for sheet in SHEETS.values() for plate in sheet.plates]
    assert len(names) == len(set(names))


def test_thinking_raises_one_brow() -> None:
    plates = {p.file: p for p in SHEETS["brow_right"].plates}
    files = ("brow_right", "brow_right/thoughtful/0")
    rest, raised = (draw(plates[file].fills())[..., 3] for file in files)
    assert rest.max(axis=1).argmax() > raised.max(axis=1).argmax() + 3

"""What is asked of a face is added to what it does of itself."""

from dataclasses import replace

import numpy as np
import pytest

from lipwire_protocol.visemes import Oculus
from lipwire_server.face.articulation import HELD
from lipwire_server.face.emotions import EMOTIONS, NAMES
from lipwire_server.face.motion.closures import SHUT
from lipwire_server.face.motion.joining import Unasked, joined
from lipwire_server.face.motion.states import States
from lipwire_server.face.poses import Poses, State

FRAMES = 3
STILL = Unasked.calm(
    SHUT[[Oculus.AA] * FRAMES],
    np.full(FRAMES, -1, np.int8),
    np.array([0.0, 0.5, 1.0]),
    np.zeros((FRAMES, 3)),
)


def _joined(face: Unasked, state: State) -> Poses:
    return joined(face, States(1000, state).at(np.arange(FRAMES)))


def test_a_calm_face_that_was_asked_for_nothing_only_speaks_and_blinks() -> None:
    poses = _joined(STILL, State())
    assert np.array_equal(poses.mouth, HELD[[Oculus.AA] * FRAMES])
    assert poses.lids.tolist() == [0.0, 0.5, 1.0]
    for still in (poses.gaze, poses.brows, poses.head, poses.shift, poses.breath):
        assert len(still) == FRAMES
        assert not still.any()


@pytest.mark.parametrize("name", NAMES)
def test_an_emotion_changes_all_but_the_mouth(name: str) -> None:
    emotion = EMOTIONS[name]
    poses = _joined(STILL, State(name))
    assert np.array_equal(poses.mouth, STILL.mouth)
    assert poses.emotions[:, NAMES.index(name)].tolist() == [1.0] * FRAMES
    assert poses.lids[0] == pytest.approx(max(emotion.lids, -0.3))
    assert poses.lids[2] == 1.0
    assert poses.brows[0] == pytest.approx([emotion.brow_raise, emotion.brow_tilt])
    assert poses.gaze[0] == pytest.approx(emotion.gaze)
    assert poses.head[0] == pytest.approx(emotion.head)


def test_what_is_asked_for_is_added_as_far_as_it_goes() -> None:
    moving = replace(
        STILL,
        gaze=np.full((FRAMES, 2), 0.5),
        brows=np.full(FRAMES, 0.5),
        head=np.tile([0.5, -0.9, 0.02], (FRAMES, 1)),
    )
    poses = _joined(moving, State("sad", (500, -250), (-175, -350, 100)))
    sad = EMOTIONS["sad"]
    assert poses.gaze[0] == pytest.approx([1.0, sad.gaze[1]])
    assert poses.head[0] == pytest.approx([0.0, -1.0, 0.12 + sad.head[2]])
    assert poses.brows[0, 0] == pytest.approx(0.5 + sad.brow_raise)


def test_halfway_between_two_emotions_there_is_half_of_each() -> None:
    states = States(1000)
    states.change(0, State("angry"))
    poses = joined(STILL, states.at(np.array([0, 200, 400])))
    angry = EMOTIONS["angry"]
    assert poses.brows[:, 1] == pytest.approx([0.0, 0.5 * angry.brow_tilt, angry.brow_tilt])


def test_a_part_is_what_is_in_these_frames() -> None:
    part = STILL.part(1, 3)
    assert part.lids.tolist() == [0.5, 1.0]
    assert part.mouth.shape == (2, 12)


def test_what_is_handed_out_many_times_cannot_be_changed() -> None:
    with pytest.raises(ValueError, match="read-only"):
        _joined(STILL, State()).mouth[:] = 0.0

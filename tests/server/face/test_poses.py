from dataclasses import fields

import numpy as np

from lipwire_server.face.emotions import NAMES, NEUTRAL
from lipwire_server.face.motion.idling import idle
from lipwire_server.face.poses import Poses, State


def test_there_is_one_row_for_each_frame() -> None:
    poses = idle(10, 8_000, 1, State())
    assert {len(getattr(poses, field.name)) for field in fields(Poses)} == {len(poses)} == {80}


def test_a_face_of_which_nothing_was_asked_is_neutral() -> None:
    assert State().emotion == NEUTRAL
    neutral = idle(10, 8_000, 1, State()).emotions
    assert np.array_equal(neutral, np.eye(len(NAMES))[[NAMES.index(NEUTRAL)] * 80])

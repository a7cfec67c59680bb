"""A face that nobody speaks to or listens to lives on, in a loop."""

import numpy as np
import pytest

from lipwire_server.face.articulation import HELD
from lipwire_server.face.emotions import NAMES
from lipwire_server.face.motion.heads import PHASES
from lipwire_server.face.motion.idling import SECONDS, idle
from lipwire_server.face.poses import Poses, State

RATE = 22_050
SEEDS = range(12)


def _moving(poses: Poses) -> np.ndarray[tuple[int, int], np.dtype[np.float64]]:
    return np.column_stack([poses.gaze, poses.head, poses.shift, poses.breath, poses.lids])


@pytest.mark.parametrize("fps", [5, 25, 30, 60])
@pytest.mark.parametrize("calm", [False, True])
def test_a_loop_is_eight_seconds_of_silence(fps: int, calm: bool) -> None:
    poses = idle(fps, RATE, 1, State(), calm)
    assert len(poses) == SECONDS * fps == 8 * fps
    assert (poses.mouth == HELD[0]).all()
    assert (poses.weights[:, 0] == 255).all()
    assert (poses.closed == -1).all()


@pytest.mark.parametrize("seed", SEEDS)
def test_a_loop_begins_and_ends_at_rest(seed: int) -> None:
    moving = _moving(idle(50, RATE, seed, State()))
    steps = np.abs(np.diff(moving, axis=0)).max(axis=0)
    assert (np.abs(moving[[0, -1]]) <= steps).all()
    assert (np.abs(moving[0] - moving[-1]) <= steps).all()


@pytest.mark.parametrize("seed", SEEDS)
def test_a_loop_has_two_blinks_two_breaths_a_glance_and_a_small_sway(seed: int) -> None:
    poses = idle(50, RATE, seed, State())
    closing = (poses.lids[1:] > 0.5) & (poses.lids[:-1] <= 0.5)
    assert closing.sum() == 2
    assert poses.lids.max() > 0.95
    assert ((poses.breath[1:] > 0.5) & (poses.breath[:-1] <= 0.5)).sum() == 2
    assert 0.25 < np.hypot(*poses.gaze.T).max() < 0.65
    assert (np.abs(poses.gaze).max(axis=1) > 0.0).mean() < 0.2
    yaw, pitch, roll = np.abs(poses.head).max(axis=0)
    assert 0.05 < yaw < 0.5
    assert 0.02 < pitch < 0.4
    assert 0.004 < roll < 0.03
    assert 0.3 < np.abs(poses.shift).max() < 2.0


@pytest.mark.parametrize("calm", [False, True])
def test_the_state_is_kept_all_the_time(calm: bool) -> None:
    poses = idle(25, RATE, 1, State("sad", (-500, 0), (0, 0, 100)), calm)
    assert (poses.emotions[:, NAMES.index("sad")] == 1.0).all()
    assert poses.gaze[0, 0] == -1.0
    assert poses.brows[:, 1].min() > 0.5
    assert poses.head[0, 2] > 0.1


def test_a_calm_loop_is_in_few_places_and_the_same_for_all() -> None:
    one, other = (idle(25, RATE, seed, State(), calm=True) for seed in (1, 2))
    assert np.array_equal(one.head, other.head)
    assert 8 < len(np.unique(one.head, axis=0)) <= PHASES
    assert set(one.lids.tolist()) <= {0.0, 0.45, 1.0}
    for still in (one.gaze, one.brows, one.shift, one.breath):
        assert not still.any()


def test_seeds_differ() -> None:
    one, other = (idle(25, RATE, seed, State()).head for seed in (1, 2))
    assert not np.array_equal(one, other)

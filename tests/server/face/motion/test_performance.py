"""A face speaks: with the sound to the sample, the same in any portions, and without jumps."""

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lipwire_protocol.timeline import rescale
from lipwire_protocol.visemes import Oculus
from lipwire_server.face.articulation import HELD, articulations
from lipwire_server.face.emotions import NAMES
from lipwire_server.face.motion.grid import frames_between, middles
from lipwire_server.face.motion.heads import PHASES
from lipwire_server.face.motion.idling import idle
from lipwire_server.face.motion.performance import Performance
from lipwire_server.face.motion.states import States
from lipwire_server.face.poses import Poses, State
from lipwire_server.speech.port import Plan
from tests.server.face.motion.speech import RATE, SENTENCE, VOICE_RATE, plan_of, plans

PLAN = plan_of(*SENTENCE)
COUNT = rescale(PLAN.count, VOICE_RATE, RATE)


def _performance(
    plan: Plan, *, start: int = 0, fps: int = 25, seed: int = 1, calm: bool = False
) -> Performance:
    return Performance(
        plan, start=start, rate=RATE, voice_rate=VOICE_RATE, fps=fps, seed=seed, calm=calm
    )


def _moving(poses: Poses) -> np.ndarray[tuple[int, int], np.dtype[np.float64]]:
    """What must never jump, each in its own unit."""
    return np.column_stack([poses.gaze, poses.brows, poses.head, poses.shift, poses.breath])


def test_the_mouth_is_that_of_the_sound_in_the_middle_of_each_frame() -> None:
    start = 12_345
    frames = frames_between(start, start + COUNT, RATE, 30)
    poses = _performance(PLAN, start=start, fps=30).poses(frames, States(RATE), 0)
    heard = (middles(frames, RATE, 30) - start) * VOICE_RATE // RATE
    weights = PLAN.mouth.weights("oculus", heard)
    free = poses.closed < 0
    assert np.array_equal(poses.weights[free], weights[free])
    assert np.array_equal(poses.mouth, articulations(poses.weights))
    assert len(poses) == len(frames)


@pytest.mark.parametrize("calm", [False, True])
@pytest.mark.parametrize("fps", [12, 25, 60])
def test_lips_are_shut_where_that_must_be_seen(fps: int, calm: bool) -> None:
    poses = _performance(PLAN, fps=fps, calm=calm).poses(
        frames_between(0, COUNT, RATE, fps), States(RATE), 0
    )
    for viseme, sounds in (Oculus.PP, "pbm"), (Oculus.FF, "fv"):
        shut = np.flatnonzero(poses.closed == viseme)
        assert len(shut) == sum(symbol in sounds for symbol, _ in SENTENCE)
        assert (poses.mouth[shut] == HELD[viseme]).all()


@settings(max_examples=50)
@given(
    plans,
    st.integers(0, 10**6),
    st.sampled_from((5, 24, 25, 30, 60)),
    st.integers(),
    st.booleans(),
    st.lists(st.integers(-3, 40), max_size=6),
    st.sampled_from(NAMES),
)
def test_in_whichever_portions_the_poses_are_the_same(
    plan: Plan, start: int, fps: int, seed: int, calm: bool, cuts: list[int], emotion: str
) -> None:
    end = start + rescale(plan.count, VOICE_RATE, RATE)
    own = frames_between(start, end, RATE, fps)
    states = States(RATE)
    states.change(7_000 + start + 1_000, State(emotion, (100, 200), (300, -100, 50)))
    frames = range(own.start - 3, own.stop + 3)
    one = _performance(plan, start=start, fps=fps, seed=seed, calm=calm)
    other = _performance(plan, start=start, fps=fps, seed=seed, calm=calm)
    whole = one.poses(frames, states, 7_000)
    edges = sorted({frames.start, *(min(own.start + c, frames.stop) for c in cuts), frames.stop})
    parts = [other.poses(range(begin, end), states, 7_000) for begin, end in pairwise(edges)]
    for name in Poses.__slots__:
        together = np.concatenate([getattr(part, name) for part in parts])
        assert np.array_equal(together, getattr(whole, name)), name


@settings(max_examples=50)
@given(plans, st.integers(0, 10**6), st.integers(), st.booleans())
def test_every_pose_is_one_that_a_face_can_take(
    plan: Plan, start: int, seed: int, calm: bool
) -> None:
    frames = frames_between(start, start + rescale(plan.count, VOICE_RATE, RATE), RATE, 25)
    poses = _performance(plan, start=start, seed=seed, calm=calm).poses(frames, States(RATE), 0)
    assert {len(getattr(poses, name)) for name in Poses.__slots__} == {len(frames)}
    assert (poses.weights.sum(axis=1, dtype=int) == 255).all()
    for least, values, most in (
        (-0.3, poses.lids, 1.0), (-1.0, poses.gaze, 1.0), (-1.0, poses.brows, 1.0),
        (-1.0, poses.head, 1.0), (-4.0, poses.shift, 4.0), (0.0, poses.breath, 1.0),
    ):  # fmt: skip
        assert ((values >= least - 1e-9) & (values <= most + 1e-9)).all()


@pytest.mark.parametrize("seed", range(8))
@pytest.mark.parametrize("fps", [12, 25, 60])
def test_segments_join_without_a_jump(seed: int, fps: int) -> None:
    plans = [PLAN, plan_of(*SENTENCE[:12], ("?", 200)), PLAN]
    states = States(RATE, State("happy"))
    rest = _moving(idle(fps, RATE, seed, State("happy")))
    segments = [rest]
    start = 0
    for plan in plans:
        end = start + rescale(plan.count, VOICE_RATE, RATE)
        performance = _performance(plan, start=start, fps=fps, seed=seed)
        segments.append(
            _moving(performance.poses(frames_between(start, end, RATE, fps), states, 0))
        )
        start = end
    segments.append(rest)
    within = np.max([np.abs(np.diff(moving, axis=0)).max(axis=0) for moving in segments], axis=0)
    for before, after in pairwise(segments):
        assert (np.abs(after[0] - before[-1]) <= within + 1e-9).all()


@pytest.mark.parametrize("fps", [12, 25, 60])
def test_a_calm_head_is_at_rest_where_segments_and_the_idle_loop_meet(fps: int) -> None:
    start = 0
    for plan in (PLAN, plan_of(*SENTENCE[:12], ("?", 200)), plan_of(("m", 90)), PLAN):
        end = start + rescale(plan.count, VOICE_RATE, RATE)
        performance = _performance(plan, start=start, fps=fps, calm=True)
        head = performance.poses(frames_between(start, end, RATE, fps), States(RATE), 0).head
        assert np.abs(head[[0, -1]]).max() < 0.08
        start = end


def test_the_state_is_that_of_the_sessions_clock() -> None:
    states = States(RATE)
    states.change(50_000, State("surprised", (500, 0)))
    poses = _performance(PLAN).poses(range(50), states, 40_000)
    known = states.at(40_000 + middles(range(50), RATE, 25))
    assert np.array_equal(poses.emotions, known.emotions)
    assert poses.emotions[0, 0] == 1.0
    assert poses.emotions[-1, NAMES.index("surprised")] == 1.0
    assert poses.brows[-1, 0] > poses.brows[0, 0] + 0.5


def test_calm_faces_of_all_seeds_share_few_pictures() -> None:
    frames = frames_between(0, COUNT, RATE, 25)
    calm = [
        _performance(PLAN, seed=seed, calm=True).poses(frames, States(RATE), 0) for seed in (1, 2)
    ]
    assert np.array_equal(calm[0].head, calm[1].head)
    assert len(np.unique(calm[0].head, axis=0)) <= PHASES
    for poses in calm:
        assert set(poses.lids.tolist()) <= {0.0, 0.45, 1.0}
        for still in (poses.gaze, poses.brows, poses.shift, poses.breath):
            assert not still.any()


def test_a_calm_face_looks_where_it_is_asked_to() -> None:
    state = State("neutral", (250, -250))
    poses = _performance(PLAN, calm=True).poses(range(5), States(RATE, state), 0)
    assert poses.gaze.tolist() == [[0.5, -0.5]] * 5


def test_another_seed_is_another_performance() -> None:
    frames = frames_between(0, COUNT, RATE, 25)
    one, other = (_performance(PLAN, seed=s).poses(frames, States(RATE), 0) for s in (1, 2))
    assert np.array_equal(one.mouth, other.mouth)
    assert not np.array_equal(one.head, other.head)


def test_no_frames_are_no_poses() -> None:
    assert len(_performance(PLAN).poses(range(5, 5), States(RATE), 0)) == 0
    assert len(_performance(plan_of()).poses(range(0), States(RATE), 0)) == 0

"""What is asked of a face is blended in, whenever it is asked for."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lipwire_server.face.emotions import NAMES
from lipwire_server.face.motion.states import Attitude, States
from lipwire_server.face.poses import State

RATE = 1000
"""With it, a sample is a millisecond."""
BLEND = 400
HAPPY, SAD = (NAMES.index(name) for name in ("happy", "sad"))

angles = st.integers(-3_000, 3_000)
states = st.builds(
    State,
    st.sampled_from(NAMES),
    st.tuples(angles, angles),
    st.tuples(angles, angles, angles),
)
changes = st.lists(st.tuples(st.integers(-500, 5_000), states), max_size=10)


def _at(states: States, *samples: int) -> Attitude:
    return states.at(np.array(samples, np.int64))


def _row(states: States, sample: int) -> list[float]:
    attitude = _at(states, sample)
    return [*attitude.emotions[0], *attitude.gaze[0], *attitude.head[0]]


def test_a_face_is_as_it_was_asked_to_be_from_the_start() -> None:
    states = States(RATE, State("sad", (250, -500), (350, -175, 50)))
    attitude = _at(states, -1000, 0, 10**9)
    assert attitude.emotions[:, SAD].tolist() == [1.0] * 3
    assert attitude.gaze.tolist() == [[0.5, -1.0]] * 3
    assert attitude.head.tolist() == [[1.0, -0.5, 0.05]] * 3
    assert States(RATE).target == State()


def test_what_goes_too_far_goes_as_far_as_it_may() -> None:
    attitude = _at(States(RATE, State("neutral", (9_999, -9_999), (9_999, -9_999, 9_999))), 0)
    assert attitude.gaze.tolist() == [[1.0, -1.0]]
    assert attitude.head.tolist() == [[1.0, -1.0, 0.15]]


def test_a_change_takes_400_ms_and_is_slow_at_both_ends() -> None:
    states = States(RATE)
    states.change(1_000, State("happy", (500, 0)))
    assert states.target == State("happy", (500, 0))
    attitude = _at(states, 0, 1_000, 1_020, 1_200, 1_380, 1_400, 9_999)
    assert attitude.emotions[:, HAPPY] == pytest.approx([0, 0, 0.007, 0.5, 0.993, 1, 1], abs=0.001)
    assert attitude.gaze[:, 0] == pytest.approx(attitude.emotions[:, HAPPY])


def test_a_change_during_another_starts_from_where_that_is() -> None:
    states = States(RATE)
    states.change(0, State("happy"))
    states.change(200, State("sad"))
    halfway, later, done = _at(states, 200, 400, 600).emotions
    assert halfway[[HAPPY, SAD]].tolist() == [0.5, 0.0]
    assert later[[HAPPY, SAD]].tolist() == [0.25, 0.5]
    assert done[SAD] == 1.0


def test_a_change_takes_the_place_of_those_that_were_to_come_after_it() -> None:
    states = States(RATE)
    states.change(2_000, State("happy"))
    states.change(1_000, State("sad"))
    assert _at(states, 1_400, 2_000, 3_000).emotions[:, SAD].tolist() == [1.0] * 3
    states.change(1_000, State("happy"))
    assert _at(states, 1_000, 1_400).emotions[:, HAPPY].tolist() == [0.0, 1.0]


def test_an_emotion_that_nobody_has_is_none_at_all() -> None:
    assert _at(States(RATE, State("hungry")), 0).emotions.sum() == 0.0


@given(changes)
def test_emotions_add_up_and_nothing_jumps(asked: list[tuple[int, State]]) -> None:
    states = States(RATE)
    for at, state in asked:
        states.change(at, state)
    times = np.arange(-600, 6_000, 7)
    attitude = states.at(times)
    assert attitude.emotions.sum(axis=1) == pytest.approx(1.0)
    assert attitude.emotions.min() >= 0.0
    everything = np.concatenate([attitude.emotions, attitude.gaze, attitude.head], axis=1)
    # Of 2 at most, a blend does 1.5 times its mean in its middle.
    assert np.abs(np.diff(everything, axis=0)).max() <= 1.5 * 2 * 7 / BLEND + 1e-9


@given(changes, st.lists(st.integers(-600, 6_000), max_size=20))
def test_what_is_asked_for_at_a_time_does_not_depend_on_other_times(
    asked: list[tuple[int, State]], times: list[int]
) -> None:
    states = States(RATE)
    for at, state in asked:
        states.change(at, state)
    together = _at(states, *times)
    for index, time in enumerate(times):
        row = [*together.emotions[index], *together.gaze[index], *together.head[index]]
        assert row == _row(states, time)


def test_a_change_leaves_the_past_as_it_was() -> None:
    states = States(RATE)
    states.change(100, State("happy"))
    times = range(-100, 1_000, 9)
    before = [_row(states, time) for time in times]
    states.change(1_000, State("sad"))
    assert [_row(states, time) for time in times] == before


def test_of_endless_changes_only_some_are_remembered() -> None:
    states = States(RATE)
    for at in range(0, 100_000, 10):
        states.change(at, State(NAMES[at // 10 % 2]))
    assert len(states._changes) <= 64
    assert _at(states, 10**6).emotions[0, NAMES.index(states.target.emotion)] == 1.0
    assert np.isfinite(_row(states, 0)).all()

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lipwire_server.face.motion.curves import Move, Moves, Steps, ease, envelope, wave


def test_easing_goes_from_0_to_1_slowly_at_both_ends() -> None:
    assert ease(np.array([-5.0, 0.0, 0.5, 1.0, 5.0])).tolist() == [0.0, 0.0, 0.5, 1.0, 1.0]
    steps = np.diff(ease(np.linspace(0, 1, 101)))
    assert steps[[0, -1]].max() < 0.001 < steps[50]


def test_a_wave_is_a_sine() -> None:
    turns = np.linspace(-3, 3, 601)
    assert wave(turns) == pytest.approx(np.sin(2 * math.pi * turns), abs=0.002)
    assert wave(np.array([0.0, 0.5, 1.0, 17.0])).tolist() == [0.0] * 4


def test_an_envelope_is_at_rest_at_both_ends_however_near_they_are() -> None:
    assert envelope(np.array([1.0, 1.3, 3.0, 4.7, 5.0]), 1.0, 5.0).tolist() == pytest.approx(
        [0.0, 0.5, 1.0, 0.5, 0.0]
    )
    assert envelope(np.array([0.9, 1.0, 1.1, 1.2, 1.3]), 1.0, 1.2).tolist() == pytest.approx(
        [0.0, 0.0, 1.0, 0.0, 0.0]
    )
    assert envelope(np.array([0.0, 1.0, 2.0]), 1.0, 1.0).tolist() == [0.0, 0.0, 0.0]


def test_a_move_comes_up_stays_and_goes() -> None:
    moves = Moves(2, [Move.between(1.0, 0.2, 2.0, 0.4, 3.0, -1.0)])
    times = np.array([0.9, 1.0, 1.1, 1.2, 1.6, 1.8, 2.0, 2.1])
    amounts = [0.0, 0.0, 0.5, 1.0, 1.0, 0.5, 0.0, 0.0]
    assert moves.at(times).tolist() == [pytest.approx([3 * a, -a], abs=1e-9) for a in amounts]


def test_a_move_without_room_for_it_is_faster() -> None:
    assert Move.between(1.0, 0.2, 1.3, 0.4, 9.0)[:4] == pytest.approx((1.0, 1.1, 1.1, 1.3))


def test_of_two_moves_at_once_the_later_is_made() -> None:
    first, second, third = (Move.between(t, 0.1, t + 0.5, 0.1, t) for t in (1.0, 1.3, 1.6))
    amounts = Moves(1, [first, second, third]).at(np.array([1.2, 1.55, 1.8]))[:, 0]
    assert amounts.tolist() == pytest.approx([1.0, 0.0, 1.6])


def test_nothing_moves_where_there_is_no_room_at_all() -> None:
    for end in (1.0, 0.5):
        assert not Moves(1, [Move.between(1.0, 0.1, end, 0.1, 1.0)]).at(np.linspace(0, 2, 9)).any()
    assert Moves(2, []).at(np.linspace(0, 2, 9)).tolist() == [[0.0, 0.0]] * 9


def test_steps_go_from_place_to_place() -> None:
    steps = Steps([(1.0, 0.4), (3.0, -0.2), (3.5, 9.0)], 1.0)
    times = np.array([0.0, 1.0, 1.5, 2.5, 3.5, 4.0, 9.0])
    assert steps.at(times).tolist() == pytest.approx([0.0, 0.0, 0.2, 0.4, 0.1, -0.2, -0.2])
    assert Steps([], 1.0).at(times).tolist() == [0.0] * 7


@given(
    st.lists(st.floats(0, 20), max_size=12).map(sorted),
    st.floats(0.01, 2),
    st.lists(st.floats(-1, 21), max_size=20),
)
def test_no_curve_jumps(begins: list[float], length: float, times: list[float]) -> None:
    moves = Moves(1, [Move.between(b, 0.3, b + length, 0.3, 1.0) for b in begins])
    steps = Steps([(begin, (-1.0) ** index) for index, begin in enumerate(begins)], length)
    at = np.array(sorted(times))
    soon = at + 1e-9
    assert (np.abs(moves.at(soon) - moves.at(at)) < 1e-5).all()
    assert (np.abs(steps.at(soon) - steps.at(at)) < 1e-5).all()

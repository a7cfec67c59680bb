"""Heads and brows go along with what is said, and come to rest."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lipwire_server.face.motion.gaze import Glances
from lipwire_server.face.motion.heads import PHASES, Heads, breathing, looped, strolled
from lipwire_server.face.motion.prosody import Prosody, prosody
from lipwire_server.speech.port import Plan
from tests.server.face.motion.speech import RATE, SENTENCE, VOICE_RATE, plan_of, plans

LENGTH = sum(ms for _, ms in SENTENCE) / 1000
TIMES = np.arange(0, LENGTH, 0.01)


def _heads(plan: Plan, seed: int, start: int = 0) -> tuple[Heads, Prosody]:
    said = prosody(plan, start, RATE, VOICE_RATE, seed)
    return Heads(said, Glances(said, seed), seed), said


@pytest.mark.parametrize("seed", range(20))
def test_a_head_is_lively_and_never_nervous(seed: int) -> None:
    head, shift = _heads(plan_of(*SENTENCE), seed)[0].at(TIMES)
    yaw, pitch, roll = np.abs(head).max(axis=0)
    assert 0.05 < yaw < 0.65
    assert 0.3 < pitch < 0.8
    assert 0.003 < roll < 0.042
    assert 0.3 < np.abs(shift).max() < 4.0
    speed = np.abs(np.diff(head, axis=0)).max(axis=0) / 0.01
    assert (speed < [2.5, 7.0, 0.15]).all()


def test_the_head_nods_with_stressed_words() -> None:
    heads, said = _heads(plan_of(*SENTENCE), 1)
    for emphasis in said.emphases:
        before, down, after = heads.at(emphasis.at + np.array([-0.12, 0.07, 0.32]))[0][:, 1]
        assert down < min(before, after) - 0.25
    raised = heads.brows(np.array([emphasis.at for emphasis in said.emphases]))
    assert (raised > 0.1).all()


def test_brows_are_raised_at_the_end_of_a_question() -> None:
    asked = (*SENTENCE[:-1], ("?", 350))
    end = np.array([LENGTH - 0.35])
    assert _heads(plan_of(*asked), 1)[0].brows(end)[0] > 0.3
    assert _heads(plan_of(*SENTENCE), 1)[0].brows(end)[0] < 0.2


def test_another_seed_moves_in_another_way() -> None:
    ways = [_heads(plan_of(*SENTENCE), seed)[0].at(TIMES)[0] for seed in (1, 2)]
    assert np.abs(ways[0] - ways[1]).max() > 0.1


@settings(max_examples=50)
@given(plans, st.integers(), st.integers(0, 10**6))
def test_everything_is_at_rest_at_both_ends_of_a_segment(plan: Plan, seed: int, start: int) -> None:
    heads, said = _heads(plan, seed, start)
    ends = np.array([said.begin, said.end])
    for curve in (*heads.at(ends), heads.brows(ends), heads.breath(ends)):
        assert curve == pytest.approx(0.0, abs=1e-9)


def test_breath_goes_in_and_out_every_four_seconds() -> None:
    assert breathing(np.array([0.0, 1.0, 2.0, 4.0, 6.0])) == pytest.approx(
        [0.0, 0.5, 1.0, 0.0, 1.0], abs=1e-9
    )


def test_a_shared_head_is_in_few_places_and_comes_back_to_rest() -> None:
    places = looped(np.linspace(-2, 5, 7_001))
    assert len(np.unique(np.round(places, 9), axis=0)) <= PHASES
    assert looped(np.array([0.0, 1.0, 7.0])).tolist() == [[0.0, 0.0, 0.0]] * 3
    steps = np.abs(np.diff(looped(np.arange(PHASES + 1) / PHASES), axis=0)).max(axis=0)
    assert (steps < [0.08, 0.08, 0.003]).all()


@pytest.mark.parametrize("length", [0.0, 0.04, 0.4, 1.0, 3.1, 3.3, 6.4, 9.7, 30.0])
def test_a_stroll_takes_a_shared_head_from_rest_to_rest_in_small_steps(length: float) -> None:
    begin = 12.3
    head = strolled(begin + np.arange(-0.2, length + 0.2, 0.04), begin, begin + length)
    assert not head[[0, -1]].any()
    assert not strolled(np.array([begin, begin + length]), begin, begin + length).any()
    assert (np.abs(np.diff(head, axis=0)).max(axis=0) < [0.08, 0.08, 0.003]).all()


def test_a_stroll_goes_where_every_other_one_goes_farther_the_longer_it_is() -> None:
    places = {tuple(row) for row in looped(np.arange(PHASES) / PHASES).round(9).tolist()}
    far = []
    for length in (0.5, 1.5, 3.0, 5.0, 17.0):
        head = strolled(np.arange(0, length, 0.01), 0.0, length).round(9)
        assert {tuple(row) for row in head.tolist()} <= places
        far.append(len(np.unique(head, axis=0)))
    assert far[0] >= 2
    assert far == sorted(far)

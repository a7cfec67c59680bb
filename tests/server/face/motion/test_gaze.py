"""Eyes are on the listener, but for glances."""

import numpy as np
import pytest

from lipwire_server.face.motion.gaze import Glances, glance, turn
from lipwire_server.face.motion.prosody import prosody
from tests.server.face.motion.speech import RATE, SENTENCE, VOICE_RATE, plan_of

TIMES = np.arange(0, sum(ms for _, ms in SENTENCE) / 1000, 0.01)
SEEDS = range(60)


def _glances(seed: int) -> Glances:
    return Glances(prosody(plan_of(*SENTENCE), 0, RATE, VOICE_RATE, seed), seed)


def test_a_glance_goes_to_a_side_or_up_and_back() -> None:
    for seed in SEEDS:
        one = glance(3.0, seed, 1)
        right, up = one.amounts
        assert 0.25 < np.hypot(right, up) <= 0.62
        assert abs(right) > 0.1 or up > 0.15
        assert up > 0.0
        assert 3.3 < one.end < 4.0
        assert one.full - one.begin < 0.1
    assert len({glance(3.0, seed, 1).amounts[0] > 0 for seed in SEEDS}) == 2


def test_the_head_goes_with_the_eyes_later_slower_and_less_far() -> None:
    eyes = glance(3.0, 1, 1)
    head = turn(eyes)
    assert eyes.begin < eyes.full < head.full
    assert eyes.begin < head.begin
    assert eyes.end < head.end
    assert head.amounts == pytest.approx([0.4 * amount for amount in eyes.amounts])


def test_eyes_are_mostly_on_the_listener() -> None:
    away = [np.abs(_glances(seed).eyes(TIMES)).max(axis=1) > 0.05 for seed in SEEDS]
    assert 0.1 < np.mean(away) < 0.4
    assert {bool(one.any()) for one in away} == {True, False}


def test_a_glance_is_over_before_the_segment_is() -> None:
    for seed in SEEDS:
        glances = _glances(seed)
        for curve in (glances.eyes(TIMES), glances.head(TIMES)):
            assert not curve[[0, -1]].any()


def test_glances_are_at_the_beginning_and_around_pauses() -> None:
    (pause,) = prosody(plan_of(*SENTENCE), 0, RATE, VOICE_RATE, 1).pauses
    starts = set()
    for seed in SEEDS:
        away = np.abs(_glances(seed).eyes(TIMES)).max(axis=1) > 0.0
        starts |= set(np.round(TIMES[1:][~away[:-1] & away[1:]], 1))
    assert starts == {0.1, round(pause.begin - 0.1, 1)}

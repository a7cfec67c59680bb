"""Eyes close every few seconds, rather between phrases than in the middle of a word."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from lipwire_server.face.motion.blinks import Blinks, quantised
from lipwire_server.face.motion.curves import Floats
from lipwire_server.face.motion.prosody import prosody
from lipwire_server.speech.port import Plan
from tests.server.face.motion.speech import NEXT, RATE, VOICE_RATE, plan_of
from tests.server.lipsync.phonemes import Part

TALK: list[Part] = [
    ("^", 200),
    *[("t", 60), ("ˈa", 180), NEXT, ("n", 60), ("ə", 90), NEXT] * 5,
    *[(",", 300), *[("t", 60), ("ˈa", 180), NEXT, ("n", 60), ("ə", 90), NEXT] * 5] * 11,
    (".", 300),
]
"""Half a minute of phrases."""


def _blinks(plan: Plan, seed: int, start: int = 0) -> Blinks:
    return Blinks(prosody(plan, start, RATE, VOICE_RATE, seed), seed)


def _begins(times: Floats, closed: Floats) -> Floats:
    begins: Floats = times[1:][(closed[:-1] == 0.0) & (closed[1:] > 0.0)]
    return begins


def test_two_to_five_and_a_half_seconds_lie_between_blinks() -> None:
    times = np.arange(0, 30, 0.005)
    for seed in range(20):
        begins = _begins(times, _blinks(plan_of(*TALK), seed).at(times))
        assert 1.99 <= np.diff(begins).min() <= np.diff(begins).max() <= 5.51


def test_a_blink_closes_fast_opens_slower_and_is_seen_in_every_video() -> None:
    times = np.arange(0, 30, 0.001)
    closed = _blinks(plan_of(*TALK), 1).at(times)
    (begin, *_) = _begins(times, closed)
    one = closed[(times > begin - 0.01) & (times < begin + 0.4)]
    assert one.max() == 1.0
    assert 0.15 < (one > 0.0).mean() * 0.41 < 0.3
    assert one.argmax() < len(one) - one[::-1].argmax() < (np.flatnonzero(one)[-1] + 1)
    for fps in (10, 12, 25, 60):
        assert (closed[:: 1000 // fps] > 0.4).sum() >= 5


def test_most_blinks_are_at_the_end_of_a_phrase_and_few_in_a_stressed_word() -> None:
    plan = plan_of(*TALK)
    times = np.arange(0, 30, 0.005)
    in_pause = in_stress = total = 0
    for seed in range(30):
        said = prosody(plan, 0, RATE, VOICE_RATE, seed)
        begins = _begins(times, Blinks(said, seed).at(times))
        total += len(begins)
        in_pause += sum(any(p.begin <= b <= p.end for p in said.pauses) for b in begins)
        in_stress += sum(any(at <= b <= end for at, end in said.stressed) for b in begins)
    assert in_pause / total > 0.5
    assert in_stress / total < 0.2


@given(st.integers(), st.integers(500, 9_000), st.integers(500, 9_000))
def test_two_segments_agree_on_the_blinks_at_their_border(
    seed: int, first: int, second: int
) -> None:
    border = first * RATE // 1000
    before = _blinks(plan_of(("^", 100), ("ˈa", first - 200), (",", 100)), seed)
    after = _blinks(plan_of(("^", 100), ("ˈa", second - 200), (".", 100)), seed, border)
    at = np.array([border / RATE + step for step in (-0.02, 0.0, 0.02)])
    assert np.allclose(before.at(at), after.at(at))


def test_calm_lids_are_open_half_closed_or_closed() -> None:
    closed = np.array([0.0, 0.1, 0.3, 0.5, 0.9, 1.0])
    assert quantised(closed).tolist() == [0.0, 0.0, 0.45, 0.45, 1.0, 1.0]

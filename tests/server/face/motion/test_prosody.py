"""What a face goes along with in speech."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lipwire_server.face.motion.prosody import Prosody, prosody
from lipwire_server.speech.port import Plan
from tests.server.face.motion.speech import NEXT, RATE, SENTENCE, VOICE_RATE, plan_of, plans
from tests.server.lipsync.phonemes import Part


def _prosody(plan: Plan, seed: int = 1, start: int = 0) -> Prosody:
    return prosody(plan, start, RATE, VOICE_RATE, seed)


def _words(count: int, ms: int, symbol: str = "ˈa") -> list[Part]:
    said: list[Part] = [("^", 100)]
    for _ in range(count):
        said += [("t", 50), (symbol, ms - 50), NEXT]
    return [*said, (".", 100)]


def test_times_are_seconds_of_the_utterance() -> None:
    found = _prosody(plan_of(*SENTENCE), start=5 * RATE)
    length = sum(ms for _, ms in SENTENCE) / 1000
    assert (found.begin, found.end) == pytest.approx((5.0, 5.0 + length), abs=0.001)
    assert found.said_to == pytest.approx(5.0 + length - 0.35, abs=0.001)
    assert found.stressed[0] == pytest.approx((5.22, 5.48), abs=0.001)


def test_pauses_are_those_between_phrases() -> None:
    (pause,) = _prosody(plan_of(*SENTENCE)).pauses
    assert pause.end - pause.begin == pytest.approx(0.3, abs=0.001)
    short = [("^", 300), ("ˈa", 200), (",", 80), ("ˈa", 200), (".", 300)]
    assert _prosody(plan_of(*short)).pauses == ()


def test_the_first_and_the_last_stressed_word_are_emphasised_most() -> None:
    for seed in range(20):
        found = _prosody(plan_of(*SENTENCE), seed)
        strengths = [one.strength for one in found.emphases]
        assert found.emphases[0].at == found.stressed[0][0]
        assert found.emphases[-1].at == found.stressed[-1][0]
        assert min(strengths[0], strengths[-1]) >= max(strengths[1:-1], default=0.0)
        assert all(0.0 <= strength <= 1.0 for strength in strengths)


def test_about_every_second_stressed_word_is_emphasised_and_never_two_at_once() -> None:
    plan = plan_of(*_words(40, 500))
    shares = []
    for seed in range(20):
        times = [one.at for one in _prosody(plan, seed).emphases]
        shares.append(len(times) / 40)
        gaps = [later - sooner for sooner, later in pairwise(times)]
        assert 0.4 < min(gaps) <= max(gaps) < 2.1
    assert 0.35 < sum(shares) / len(shares) < 0.65
    assert len(set(shares)) > 1
    hurried = _prosody(plan_of(*_words(40, 100)))
    times = [one.at for one in hurried.emphases]
    assert all(b - a > 0.4 for a, b in pairwise(times))


def test_the_same_words_elsewhere_are_emphasised_in_another_way() -> None:
    plan = plan_of(*_words(12, 400))
    ways = {tuple(one.at - s for one in _prosody(plan, 1, s * RATE).emphases) for s in range(9)}
    assert len({tuple(round(at, 3) for at in way) for way in ways}) > 3


def test_a_voice_that_writes_no_stress_stresses_its_long_words() -> None:
    said = [*_words(2, 200, "a")[:-1], *_words(2, 400, "a")[1:]]
    found = _prosody(plan_of(*said))
    assert [at for at, _ in found.stressed] == pytest.approx([0.5, 0.9], abs=0.001)


@pytest.mark.parametrize(("mark", "asked"), [("?", True), (".", False), ("!", False)])
def test_questions_are_known_by_their_mark(mark: str, asked: bool) -> None:
    assert _prosody(plan_of(("^", 100), ("ˈa", 200), (mark, 100))).is_question == asked


def test_nothing_is_said_in_silence() -> None:
    for plan in (plan_of(), plan_of(("^", 500))):
        found = _prosody(plan)
        assert (found.emphases, found.pauses, found.stressed) == ((), (), ())
        assert found.said_to == found.end
        assert not found.is_question


@given(plans, st.integers())
def test_whatever_is_said_its_times_are_in_order(plan: Plan, seed: int) -> None:
    found = _prosody(plan, seed)
    assert found.begin <= found.said_to <= found.end
    for spans in (found.stressed, found.pauses):
        edges = [edge for span in spans for edge in span]
        assert edges == sorted(edges)
        assert all(found.begin <= edge <= found.said_to for edge in edges)

from statistics import fmean

from hypothesis import given
from hypothesis import strategies as st

from lipwire_server.face.motion.chance import Draw, chance, either_way


@given(st.integers(), st.sampled_from(Draw), st.lists(st.integers(), max_size=3))
def test_the_same_question_has_the_same_answer(seed: int, what: Draw, numbers: list[int]) -> None:
    answer = chance(seed, what, *numbers)
    assert 0.0 <= answer < 1.0
    assert chance(seed, what, *numbers) == answer


def test_answers_are_spread_evenly_whatever_is_counted() -> None:
    for answers in (
        [chance(seed, Draw.NOD, 7) for seed in range(2_000)],
        [chance(7, Draw.NOD, number) for number in range(2_000)],
        [chance(7, Draw.NOD, 5, number) for number in range(2_000)],
    ):
        assert abs(fmean(answers) - 0.5) < 0.03
        assert all(150 < sum(t / 10 <= a < (t + 1) / 10 for a in answers) < 250 for t in range(10))


def test_each_thing_that_is_drawn_has_its_own_answers() -> None:
    assert len({chance(1, what, 2) for what in Draw}) == len(Draw)
    assert chance(1, Draw.NOD, 2, 3) != chance(1, Draw.NOD, 3, 2)


def test_either_way_is_never_nowhere() -> None:
    ways = [either_way(number / 100) for number in range(100)]
    assert min(ways) == -1.0
    assert 0.98 < max(ways) < 1.0
    assert min(abs(way) for way in ways) >= 0.4 - 1e-9
    assert sum(way > 0 for way in ways) == 50

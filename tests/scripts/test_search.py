from hypothesis import given
from hypothesis import strategies as st

from benches.search import largest


@given(truth=st.integers(0, 500), guess=st.integers(-5, 700), limit=st.integers(1, 500))
def test_it_finds_the_largest_number_that_holds_and_tries_none_twice(
    truth: int, guess: int, limit: int
) -> None:
    tried: list[int] = []

    def holds(count: int) -> bool:
        tried.append(count)
        return count <= truth

    assert largest(holds, guess, limit) == min(truth, limit)
    assert len(tried) == len(set(tried))
    assert all(1 <= count <= limit for count in tried)


def test_a_good_guess_needs_few_trials() -> None:
    tried: list[int] = []

    def holds(count: int) -> bool:
        tried.append(count)
        return count <= 21

    assert largest(holds, 20, 1_000) == 21
    assert len(tried) <= 4


def test_the_number_of_trials_is_logarithmic_for_a_bad_guess() -> None:
    tried: list[int] = []

    def holds(count: int) -> bool:
        tried.append(count)
        return count <= 700

    assert largest(holds, 1, 1_000) == 700
    assert len(tried) <= 20

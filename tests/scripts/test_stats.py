import pytest
from hypothesis import given
from hypothesis import strategies as st

from benches.stats import percentile, spread

numbers = st.lists(st.floats(-1e6, 1e6), min_size=1, max_size=50)


@given(numbers, st.floats(0, 100))
def test_a_percentile_lies_between_the_smallest_and_the_largest(
    values: list[float], percent: float
) -> None:
    assert min(values) <= percentile(values, percent) <= max(values)


@given(numbers)
def test_percentiles_do_not_depend_on_the_order(values: list[float]) -> None:
    assert percentile(values, 95) == percentile(values[::-1], 95)


def test_a_percentile_between_two_values_is_interpolated() -> None:
    assert percentile([10, 20], 50) == 15
    assert percentile([1, 2, 3, 4, 5], 100) == 5


def test_there_is_no_percentile_of_nothing() -> None:
    with pytest.raises(ValueError, match="nothing"):
        percentile([], 50)


def test_one_disturbed_sample_does_not_move_the_median_and_widens_nothing() -> None:
    quiet, disturbed = spread([10, 10, 10, 10, 10]), spread([10, 10, 10, 10, 900])
    assert disturbed.median == quiet.median == 10
    assert disturbed.width == 0


def test_noise_widens_the_quartiles() -> None:
    assert spread([8, 9, 10, 11, 12]).width == pytest.approx(0.2)

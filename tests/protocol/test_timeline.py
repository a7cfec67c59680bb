from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.vectors import load

from lipwire_protocol import hops_to_samples, ms_to_samples, rescale, samples_to_ms

RATES = st.sampled_from([8_000, 16_000, 22_050, 24_000, 44_100, 48_000])
POSITIONS = st.integers(min_value=0, max_value=2**40)


@pytest.mark.parametrize("vector", load("timeline"))
def test_vectors(vector: dict[str, Any]) -> None:
    expected = vector.pop("expected")
    assert rescale(**vector) == expected


@given(POSITIONS, RATES, RATES)
def test_rescaling_is_off_by_half_a_sample_at_most(position: int, old: int, new: int) -> None:
    assert abs(2 * (rescale(position, old, new) * old - position * new)) <= old


@given(POSITIONS, POSITIONS, RATES, RATES)
def test_rescaling_keeps_the_order(a: int, b: int, old: int, new: int) -> None:
    low, high = sorted((a, b))
    assert rescale(low, old, new) <= rescale(high, old, new)


def test_an_hour_of_hops_does_not_drift() -> None:
    hops = 22_050 * 3_600 // 256
    assert hops_to_samples(hops, 22_050, 48_000) == round(hops * 256 * 48_000 / 22_050)


def test_milliseconds_there_and_back() -> None:
    assert ms_to_samples(500, 22_050) == 11_025
    assert samples_to_ms(11_025, 22_050) == 500

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lipwire_server.store.jsonb import from_jsonb, to_jsonb

NUMBERS = st.integers(-(2**53), 2**53) | st.floats(allow_nan=False, allow_infinity=False)


def spelled_out(number: int | float) -> str:
    """As PostgreSQL writes a numeric."""
    return format(number, "d" if isinstance(number, int) else ".400f")


@given(NUMBERS)
def test_a_number_is_the_same_however_many_digits_it_is_written_with(number: int | float) -> None:
    assert from_jsonb(f'{{"a": {spelled_out(number)}}}')["a"] == pytest.approx(number, abs=0)


@given(st.integers(-(2**53), 2**53))
def test_what_counts_stays_whole(number: int) -> None:
    assert type(from_jsonb(f'{{"a": {number}}}')["a"]) is int


def test_what_is_read_is_as_short_as_it_was_when_it_is_written_again() -> None:
    written = to_jsonb({"a": [1e300] * 3})
    read = from_jsonb(json.dumps({"a": [int(1e300)] * 3}))
    assert to_jsonb(read) == written == '{"a":[1e300,1e300,1e300]}'


def test_the_longest_number_that_comes_back_from_the_database_is_a_float() -> None:
    assert from_jsonb('{"a": -' + "9" * 308 + "}") == {"a": -1e308}

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lipwire_server.http.ranges import MOST_RANGES, Span, read_ranges


@pytest.mark.parametrize(
    ("header", "spans"),
    [
        ("bytes=0-0", [(0, 1)]),
        ("bytes=2-5", [(2, 6)]),
        ("BYTES=2-5", [(2, 6)]),
        ("bytes=2-", [(2, 10)]),
        ("bytes=-3", [(7, 10)]),
        ("bytes=-30", [(0, 10)]),
        ("bytes=8-99999999999999", [(8, 10)]),
        ("bytes=0-1, 4-5", [(0, 2), (4, 6)]),
        ("bytes=4-5,0-1", [(0, 2), (4, 6)]),
        ("bytes=0-5,3-8", [(0, 9)]),
        ("bytes=0-1,2-3", [(0, 4)]),
        ("bytes=0-,0-,0-,0-", [(0, 10)]),
        ("bytes=0-1,50-60", [(0, 2)]),
        ("bytes=10-", []),
        ("bytes=10-20,11-", []),
        ("bytes=-0", []),
    ],
)
def test_what_is_asked_for_of_ten_bytes(header: str, spans: list[Span]) -> None:
    assert read_ranges(header, 10) == spans


@pytest.mark.parametrize(
    "header",
    [
        None,
        "",
        "bytes",
        "bytes=",
        "bytes=-",
        "bytes=5-2",
        "bytes=a-b",
        "bytes=0-1,",
        "bytes=0-1;2-3",
        "bytes=--1",
        "bytes=1-2-3",
        "bytes=٠-١",
        f"bytes={'9' * 19}-",
        "items=0-1",
        "bytes=" + ",".join(["0-1"] * (MOST_RANGES + 1)),
        "bytes=" + ",".join(f"{n}-{n}" for n in range(0, 10_000, 2)),
    ],
)
def test_what_makes_no_sense_or_is_too_much_is_the_whole_file(header: str | None) -> None:
    assert read_ranges(header, 10) is None


def test_nothing_of_an_empty_file_can_be_had() -> None:
    assert read_ranges("bytes=0-", 0) == []
    assert read_ranges("bytes=-5", 0) == []


numbers = st.integers(0, 300).map(str) | st.just("")


@given(st.lists(st.tuples(numbers, numbers), min_size=1, max_size=MOST_RANGES), st.integers(0, 200))
def test_the_spans_are_exactly_the_bytes_that_were_asked_for(
    specs: list[tuple[str, str]], size: int
) -> None:
    found = read_ranges("bytes=" + ",".join(f"{first}-{last}" for first, last in specs), size)
    if found is None:
        assert any(
            (not first and not last) or (first and last and int(first) > int(last))
            for first, last in specs
        )
        return
    wanted = {byte for spec in specs for byte in bytes_of(*spec, size)}
    given = [byte for begin, end in found for byte in range(begin, end)]
    assert given == sorted(wanted)
    assert all(before[1] < after[0] for before, after in pairwise(found))


def bytes_of(first: str, last: str, size: int) -> range:
    if not first:
        return range(max(0, size - int(last)), size)
    return range(int(first), min(size, int(last) + 1 if last else size))

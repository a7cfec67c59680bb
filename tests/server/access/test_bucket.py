from hypothesis import given
from hypothesis import strategies as st

from lipwire_server.access.bucket import Bucket


def test_a_burst_is_free_and_what_is_beyond_it_is_waited_for() -> None:
    bucket = Bucket(rate=10, burst=20, now=0)
    assert bucket.take(20, 0) == 0
    assert bucket.take(5, 0) == 0.5
    assert bucket.take(0, 0.5) == 0


def test_nothing_is_saved_up_beyond_the_burst() -> None:
    bucket = Bucket(rate=10, burst=20, now=0)
    assert bucket.take(30, 1_000) == 1


def test_how_long_it_takes_can_be_asked_without_taking_any() -> None:
    bucket = Bucket(rate=10, burst=20, now=0)
    assert bucket.wait(20, 0) == 0
    assert bucket.wait(25, 0) == 0.5
    bucket.take(20, 0)
    assert [bucket.wait(1, 0) for _ in range(3)] == [0.1, 0.1, 0.1]
    assert bucket.wait(0, 0) == 0


def test_it_is_full_again_after_a_while() -> None:
    bucket = Bucket(rate=10, burst=20, now=0)
    assert bucket.is_full(0)
    bucket.take(10, 0)
    assert not bucket.is_full(0.9)
    assert bucket.is_full(1)


@given(st.lists(st.tuples(st.floats(0, 10), st.integers(0, 50)), max_size=30))
def test_who_waits_as_told_takes_no_more_than_the_rate(takes: list[tuple[float, int]]) -> None:
    bucket, now, taken = Bucket(rate=10, burst=20, now=0), 0.0, 0
    for pause, count in takes:
        now += pause
        taken += count
        now += bucket.take(count, now)
        assert taken <= 20 + 10 * now + 1e-6

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lipwire_server.face.single_flight import SingleFlight


def test_what_was_made_is_found_again() -> None:
    cache: SingleFlight[str, object] = SingleFlight()
    made = cache.get("a", object)
    assert cache.get("a", object) is made
    assert cache.get("b", object) is not made
    assert (cache.hits, cache.misses) == (1, 2)


def test_who_wants_what_is_being_made_waits_for_it() -> None:
    cache: SingleFlight[str, object] = SingleFlight()
    begun, go_on = threading.Event(), threading.Event()

    def slowly() -> object:
        begun.set()
        assert go_on.wait(10)
        return object()

    with ThreadPoolExecutor(8) as threads:
        first = threads.submit(cache.get, "a", slowly)
        assert begun.wait(10)
        others = [threads.submit(cache.get, "a", object) for _ in range(7)]
        # Another thing is made meanwhile.
        assert cache.get("b", lambda: "at once") == "at once"
        go_on.set()
        assert {id(other.result()) for other in others} == {id(first.result())}
    assert cache.misses == 2


def test_what_cannot_be_made_is_an_error_for_all_who_wait_and_is_tried_again() -> None:
    cache: SingleFlight[str, str] = SingleFlight()
    begun, go_on = threading.Event(), threading.Event()

    def failing() -> str:
        begun.set()
        assert go_on.wait(10)
        raise ValueError("broken")

    with ThreadPoolExecutor(2) as threads:
        first = threads.submit(cache.get, "a", failing)
        assert begun.wait(10)
        second = threads.submit(cache.get, "a", failing)
        go_on.set()
        for waiting in (first, second):
            with pytest.raises(ValueError, match="broken"):
                waiting.result()
    assert cache.get("a", lambda: "mended") == "mended"
    assert len(cache) == 1


def test_the_longest_unused_goes_first() -> None:
    cache: SingleFlight[str, bytes] = SingleFlight(4, len)
    for key in ("a", "b", "a", "c"):
        cache.get(key, lambda: b"12")
    misses = []
    for key in ("a", "c", "b"):
        before = cache.misses
        cache.get(key, lambda: b"12")
        misses.append(cache.misses - before)
    assert misses == [0, 0, 1]


def test_what_is_heavier_than_all_of_it_is_made_but_not_kept() -> None:
    cache: SingleFlight[str, bytes] = SingleFlight(4, len)
    assert cache.get("a", lambda: b"12345") == b"12345"
    assert (len(cache), cache.weight) == (0, 0)


@given(st.lists(st.tuples(st.integers(0, 9), st.integers(0, 6))))
def test_it_never_weighs_more_than_it_may(wanted: list[tuple[int, int]]) -> None:
    cache: SingleFlight[int, bytes] = SingleFlight(10, len)
    for key, size in wanted:
        cache.get(key, lambda size=size: bytes(size))  # type: ignore[misc]
        assert cache.weight <= 10
    assert cache.hits + cache.misses == len(wanted)

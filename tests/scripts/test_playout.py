import pytest
from hypothesis import given
from hypothesis import strategies as st

from benches.playout import Playout

RATE = 1_000


def test_sound_is_heard_from_a_tenth_of_a_second_after_its_first_piece() -> None:
    playout = Playout(RATE)
    assert playout.position(5.0) == 0
    playout.push(500, now=5.0)
    assert playout.position(5.1) == 0
    assert playout.position(5.3) == 200
    assert playout.buffered_s(5.3) == pytest.approx(0.3)


def test_pieces_that_come_in_time_give_no_underrun() -> None:
    playout = Playout(RATE)
    for number in range(10):
        playout.push(100, now=number * 0.1)
    playout.complete(now=1.0)
    playout.stop(now=9.0)
    assert (playout.underruns, playout.silent_s) == (0, 0.0)
    assert playout.position(9.0) == 1_000


def test_a_piece_that_is_too_late_is_one_underrun_as_long_as_the_silence() -> None:
    playout = Playout(RATE)
    playout.push(100, now=0.0)
    playout.push(100, now=0.5)
    assert playout.underruns == 1
    assert playout.silent_s == pytest.approx(0.3)


def test_the_clock_stands_still_while_there_is_nothing_to_hear() -> None:
    playout = Playout(RATE)
    playout.push(100, now=0.0)
    assert playout.position(0.4) == 100
    playout.push(100, now=0.5)
    assert playout.position(0.55) == 150
    assert playout.underruns == 1


def test_silence_that_lasts_until_the_listener_goes_counts() -> None:
    playout = Playout(RATE)
    playout.push(100, now=0.0)
    playout.stop(now=2.2)
    assert playout.underruns == 1
    assert playout.silent_s == pytest.approx(2.0)


def test_the_end_of_the_utterance_is_no_underrun() -> None:
    playout = Playout(RATE)
    playout.push(100, now=0.0)
    playout.complete(now=0.05)
    playout.stop(now=2.0)
    assert playout.underruns == 0


def test_who_never_hears_anything_has_no_underrun_and_has_heard_nothing() -> None:
    playout = Playout(RATE)
    playout.stop(now=30.0)
    assert (playout.underruns, playout.position(30.0)) == (0, 0)


@given(st.lists(st.tuples(st.floats(0, 1), st.integers(0, 500)), max_size=30))
def test_nobody_hears_more_than_came_or_goes_back(pieces: list[tuple[float, int]]) -> None:
    playout, now, came, heard = Playout(RATE), 0.0, 0, 0
    for wait, count in pieces:
        now += wait
        playout.push(count, now)
        came += count
        position = playout.position(now)
        assert heard <= position <= came
        heard = position

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lipwire_protocol.timeline import HOP
from lipwire_server.speech.voices.reading import SMALLEST_WINDOW, Joined, Silence, window_plan


@pytest.mark.parametrize(
    ("hops", "sizes"),
    [
        (0, []),
        (1, [1]),
        (16, [16]),
        (31, [31]),
        (32, [16, 16]),
        (63, [16, 47]),
        (64, [16, 32, 16]),
        (400, [16, 32, 64, 128, 128, 32]),
        (383, [16, 32, 64, 128, 143]),
    ],
)
def test_windows_grow_and_the_last_takes_what_is_left(hops: int, sizes: list[int]) -> None:
    assert [end - begin for begin, end in window_plan(hops)] == sizes


@given(st.integers(1, 5000))
def test_windows_are_contiguous_and_none_is_tiny(hops: int) -> None:
    windows = window_plan(hops)
    edges = [0, *(end for _, end in windows)]
    assert [begin for begin, _ in windows] == edges[:-1]
    assert edges[-1] == hops
    assert all(end - begin >= min(hops, SMALLEST_WINDOW) for begin, end in windows)


@given(st.integers(0, 1000))
def test_silence_is_silent_for_as_long_as_it_was_asked_to_be(hops: int) -> None:
    silence = Silence(hops)
    assert silence.frames.tolist() == [hops]
    samples = [silence.window(index) for index in range(len(silence.windows))]
    assert sum(window.size for window in samples) == hops * HOP
    assert all(window.dtype == np.float32 and not window.any() for window in samples)


@given(st.lists(st.integers(0, 300), min_size=1, max_size=4))
def test_joined_readings_have_the_windows_of_each_one_after_another(lengths: list[int]) -> None:
    readings = [Silence(hops) for hops in lengths]
    joined = Joined(readings)
    assert joined.frames.tolist() == lengths
    edges = [0, *(end for _, end in joined.windows)]
    assert [begin for begin, _ in joined.windows] == edges[:-1]
    assert edges[-1] == sum(lengths)
    sizes = [joined.window(index).size for index in range(len(joined.windows))]
    assert sizes == [(end - begin) * HOP for begin, end in joined.windows]
    assert len(sizes) == sum(len(reading.windows) for reading in readings)

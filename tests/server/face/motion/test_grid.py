import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from lipwire_server.face.motion.grid import Place, frame_start, frames_between, middles

rates = st.integers(120, 192_000)
speeds = st.integers(1, 120)
positions = st.integers(0, 10**9)


@given(st.integers(0, 10**7), rates, speeds)
def test_frames_start_at_the_first_sample_that_is_not_before_their_time(
    frame: int, rate: int, fps: int
) -> None:
    start = frame_start(frame, rate, fps)
    assert frame * rate <= start * fps < frame * rate + fps


@given(positions, st.integers(0, 10**6), rates, speeds)
def test_frames_between_two_samples_are_those_that_start_there(
    begin: int, count: int, rate: int, fps: int
) -> None:
    frames = frames_between(begin, begin + count, rate, fps)
    near = {edge + step for edge in (frames.start, frames.stop) for step in (-1, 0, 1)}
    for frame in near:
        starts_there = begin <= frame_start(frame, rate, fps) < begin + count
        assert starts_there == (frame in frames)


@given(positions, st.lists(st.integers(0, 20_000), max_size=5), rates, speeds)
def test_every_frame_is_in_one_of_the_portions(
    begin: int, counts: list[int], rate: int, fps: int
) -> None:
    whole = frames_between(begin, begin + sum(counts), rate, fps)
    for count in counts:
        part = frames_between(begin, begin + count, rate, fps)
        assert part.start == whole.start
        whole = whole[len(part) :]
        begin += count
    assert not whole


def test_the_middle_of_a_frame_is_half_a_frame_after_its_start() -> None:
    assert middles(range(3), 24_000, 25).tolist() == [480, 1440, 2400]
    assert middles(range(1, 3), 22_050, 30).tolist() == [1102, 1837]
    assert middles(range(10**6, 10**6 + 1), 24_000, 60).tolist() == [400_000_200]


@given(st.integers(0, 10**6), rates, rates, speeds, st.integers(0, 10**6))
def test_what_is_heard_in_the_middle_of_a_frame_is_heard_in_that_frame(
    start: int, rate: int, voice_rate: int, fps: int, frame: int
) -> None:
    place = Place(start=start, rate=rate, voice_rate=voice_rate, fps=fps)
    heard = place.heard(np.array([frame]))
    found = int(place.frames(heard)[0])
    # Where the voice has few samples, the one that is heard may have begun in an earlier frame.
    assert found <= frame
    assert (frame - found) * rate * voice_rate <= (rate + voice_rate) * 2 * fps + rate * voice_rate


def test_a_segment_has_the_frames_that_start_in_it() -> None:
    place = Place(start=500, rate=24_000, voice_rate=22_050, fps=25)
    assert place.own(0) == range(1, 1)
    assert place.own(22_050) == range(1, 26)
    assert place.own(100) == range(1, 1)

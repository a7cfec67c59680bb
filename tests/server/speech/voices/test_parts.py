from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from lipwire_protocol.timeline import HOP
from lipwire_server.speech.voices.graph import split
from lipwire_server.speech.voices.inference import open_model
from lipwire_server.speech.voices.parts import Encoded, Parts, flow_plan
from lipwire_server.speech.voices.reading import Manner, Reading, window_plan
from tests.noises import decibels, noise_of, samples_of, silent
from tests.tiny_voice import CHANNELS, STANDARD, Anatomy, tiny_model

IDS = np.tile(np.array([20, 0, 59, 0, 24, 0, 100, 0], np.int64), 24)
NATURAL = Manner(prior_noise=0.667, duration_noise=0.8)


def _parts(
    anatomy: Anatomy = STANDARD, *, flow_context: int = 2, vocoder_context: int = 1
) -> Parts:
    """The contexts are those of the standard anatomy."""
    cut = split(tiny_model(anatomy))
    return Parts(
        open_model(cut.encode),
        open_model(cut.flow),
        open_model(cut.vocoder),
        flow_context=flow_context,
        vocoder_context=vocoder_context,
    )


@pytest.fixture(scope="module")
def parts() -> Parts:
    return _parts()


def _whole(parts: Parts, manner: Manner) -> NDArray[np.float32]:
    """The same reading, decoded as one piece."""
    encoded = parts.encode(IDS, manner, noise_of(1))
    latent = encoded.sample(manner.prior_noise, noise_of(1))
    return parts.vocode(parts.flow(latent, manner.speaker), manner.speaker)


def test_encoding_gives_priors_and_whole_frames_for_every_id(parts: Parts) -> None:
    encoded = parts.encode(IDS, NATURAL, noise_of(1))
    assert encoded.mean.shape == encoded.logs.shape == (CHANNELS, IDS.size)
    assert encoded.frames.shape == IDS.shape
    assert encoded.frames.dtype == np.int64
    assert encoded.frames.min() >= 1


def test_a_longer_scale_makes_durations_longer(parts: Parts) -> None:
    totals = [
        parts.encode(IDS, Manner(length_scale=scale), silent).frames.sum() for scale in (0.5, 1, 2)
    ]
    assert totals[0] < totals[1] < totals[2]


def test_noise_changes_durations_only_as_much_as_is_asked_for(parts: Parts) -> None:
    plain = parts.encode(IDS, Manner(), silent).frames
    assert np.array_equal(parts.encode(IDS, Manner(prior_noise=1), noise_of(1)).frames, plain)
    assert not np.array_equal(
        parts.encode(IDS, Manner(duration_noise=0.8), noise_of(1)).frames, plain
    )


def test_a_token_is_sampled_as_often_as_it_has_frames() -> None:
    mean = np.array([[1, 2, 3]], np.float32)
    encoded = Encoded(mean, np.zeros_like(mean), np.array([2, 0, 3]))
    assert encoded.sample(0, noise_of(1)).tolist() == [[1, 1, 3, 3, 3]]


def test_noise_deviates_from_the_mean_by_the_deviation() -> None:
    mean = np.array([[1, 2]], np.float32)
    encoded = Encoded(mean, np.log(np.array([[3, 5]], np.float32)), np.array([1, 1]))
    ones = encoded.sample(0.5, lambda name, shape: np.ones(shape, np.float32))
    assert ones == pytest.approx(np.array([[1 + 1.5, 2 + 2.5]]))


def test_the_noise_of_a_hop_does_not_depend_on_how_many_follow() -> None:
    mean = np.zeros((CHANNELS, 1), np.float32)
    short, long = (Encoded(mean, mean, np.array([hops])).sample(1, noise_of(1)) for hops in (5, 9))
    assert np.array_equal(short, long[:, :5])


def test_windows_have_a_hop_of_samples_for_every_frame(parts: Parts) -> None:
    reading = parts.read(IDS, NATURAL, noise_of(1))
    assert len(reading.windows) > 4
    assert reading.windows[-1][1] == reading.frames.sum()
    for index, (begin, end) in enumerate(reading.windows):
        window = reading.window(index)
        assert window.shape == ((end - begin) * HOP,)
        assert window.dtype == np.float32


@pytest.mark.parametrize(("flow_reach", "vocoder_reach"), [(2, 1), (0, 0), (12, 7), (30, 1)])
def test_windows_are_those_of_the_whole(flow_reach: int, vocoder_reach: int) -> None:
    parts = _parts(
        Anatomy(flow_reach=flow_reach, vocoder_reach=vocoder_reach),
        flow_context=flow_reach,
        vocoder_context=vocoder_reach,
    )
    made = samples_of(parts.read(IDS, NATURAL, noise_of(1)))
    assert decibels(_whole(parts, NATURAL), made) > 120


@pytest.mark.parametrize(("flow_context", "vocoder_context"), [(8, 7), (12, 5), (0, 0)])
def test_with_too_small_a_context_the_seams_are_heard(
    flow_context: int, vocoder_context: int
) -> None:
    parts = _parts(
        Anatomy(flow_reach=12, vocoder_reach=7),
        flow_context=flow_context,
        vocoder_context=vocoder_context,
    )
    made = samples_of(parts.read(IDS, NATURAL, noise_of(1)))
    assert decibels(_whole(parts, NATURAL), made) < 60


@given(order=st.permutations(range(7)))
def test_it_does_not_matter_in_which_order_windows_are_made(parts: Parts, order: list[int]) -> None:
    def read() -> Reading:
        return parts.read(IDS, NATURAL, noise_of(1))

    reading = read()
    count = len(reading.windows)
    mixed = {index: reading.window(index) for index in order if index < count}
    assert len(mixed) == count
    straight = read()
    for index in range(count):
        assert np.array_equal(straight.window(index), mixed[index])


def test_a_window_can_be_made_again(parts: Parts) -> None:
    reading = parts.read(IDS, NATURAL, noise_of(1))
    first = reading.window(1)
    expected = first.copy()
    first[:] = 0
    assert np.array_equal(reading.window(1), expected)


def test_threads_that_read_at_once_do_not_disturb_each_other(parts: Parts) -> None:
    reading = parts.read(IDS, NATURAL, noise_of(1))
    expected = samples_of(parts.read(IDS, NATURAL, noise_of(1)))
    indices = range(len(reading.windows))
    with ThreadPoolExecutor(4) as threads:
        shared = [list(threads.map(reading.window, indices)) for _ in range(3)]
        apart = list(
            threads.map(
                lambda seed: samples_of(parts.read(IDS, NATURAL, noise_of(seed))), [1, 2, 1, 2]
            )
        )
    for windows in shared:
        assert np.array_equal(np.concatenate(windows), expected)
    assert np.array_equal(apart[0], expected)
    assert np.array_equal(apart[2], expected)
    assert np.array_equal(apart[1], apart[3])


def test_every_part_knows_the_speaker() -> None:
    parts = _parts(Anatomy(speakers=2))
    ann, bob = (parts.encode(IDS, Manner(speaker=number), silent) for number in (0, 1))
    assert not np.array_equal(ann.frames, bob.frames)
    assert np.array_equal(ann.mean, bob.mean)
    latent = ann.sample(0, silent)
    assert not np.allclose(parts.flow(latent, 0), parts.flow(latent, 1))
    assert not np.allclose(parts.vocode(latent, 0), parts.vocode(latent, 1))


@given(hops=st.integers(0, 3000), context=st.integers(0, 96))
def test_the_flow_is_computed_in_stretches_that_cover_everything_once(
    hops: int, context: int
) -> None:
    stretches = flow_plan(window_plan(hops), context)
    edges = [0, *(end for _, end in stretches)]
    assert [begin for begin, _ in stretches] == edges[:-1]
    assert edges[-1] == hops
    assert edges == sorted(set(edges))


@given(hops=st.integers(1, 3000), context=st.integers(0, 96))
def test_the_first_window_needs_no_more_of_the_flow_than_the_vocoder_sees(
    hops: int, context: int
) -> None:
    windows = window_plan(hops)
    assert flow_plan(windows, context)[0] == (0, min(hops, windows[0][1] + context))

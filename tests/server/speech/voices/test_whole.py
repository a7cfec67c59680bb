import numpy as np
import onnx
import pytest
from numpy.typing import NDArray
from onnx import TensorProto, helper

from lipwire_protocol.timeline import HOP
from lipwire_server.speech.voices.inference import open_model
from lipwire_server.speech.voices.reading import Manner
from lipwire_server.speech.voices.whole import (
    NOISE_STRIP,
    STRIP_LENGTH,
    Whole,
    WholeReading,
    give_noise,
    name_durations,
)
from tests.noises import noise_of, samples_of, silent
from tests.odd_voices import renamed, rounding_twice, telling_durations, without
from tests.tiny_voice import Anatomy, tiny_model

IDS = np.tile(np.array([20, 0, 59, 0, 24, 0, 100, 0], np.int64), 6)
NATURAL = Manner(prior_noise=0.667, duration_noise=0.8)


def _whole(model: onnx.ModelProto) -> Whole:
    give_noise(model)
    name_durations(model)
    return Whole(open_model(model))


def test_a_reading_is_the_same_each_time() -> None:
    whole = _whole(tiny_model())
    first, again = (samples_of(whole.read(IDS, NATURAL, noise_of(1))) for _ in range(2))
    other = samples_of(whole.read(IDS, NATURAL, noise_of(2)))
    assert np.array_equal(first, again)
    size = min(first.size, other.size)
    assert not np.allclose(first[:size], other[:size])


def test_without_noise_it_is_pipers_own_sound_with_its_own_durations() -> None:
    samples, durations = open_model(telling_durations(tiny_model())).run(
        {
            "input": IDS[np.newaxis],
            "input_lengths": np.array([IDS.size]),
            "scales": np.array([0, 1, 0], np.float32),
        },
    )
    for model in (tiny_model(), renamed(tiny_model())):
        reading = _whole(model).read(IDS, Manner(), noise_of(1))
        assert np.array_equal(samples_of(reading), samples.ravel())
        assert np.array_equal(reading.frames, durations.ravel())


def test_durations_are_even_where_they_are_not_known() -> None:
    for model in (rounding_twice(tiny_model()), without(tiny_model(), "Ceil")):
        reading = _whole(model).read(IDS, Manner(), silent)
        assert reading.frames.max() - reading.frames.min() <= 1
        assert reading.frames.sum() * HOP == samples_of(reading).size


@pytest.mark.parametrize("hop", [100, 128, 300, 512])
def test_timing_adds_up_to_the_samples_whatever_a_frame_is(hop: int) -> None:
    reading = _whole(tiny_model(Anatomy(hop=hop))).read(IDS, NATURAL, noise_of(1))
    hops = int(reading.frames.sum())
    assert reading.windows[-1][1] == hops
    assert samples_of(reading).size == hops * HOP
    assert reading.frames.min() >= 0


def test_the_pace_and_the_speaker_are_heard() -> None:
    whole = _whole(tiny_model(Anatomy(speakers=2)))
    slow, fast = (whole.read(IDS, Manner(length_scale=scale), silent) for scale in (2, 0.5))
    assert slow.frames.sum() > fast.frames.sum()
    ann, bob = (samples_of(whole.read(IDS, Manner(speaker=number), silent)) for number in (0, 1))
    size = min(ann.size, bob.size)
    assert not np.allclose(ann[:size], bob[:size])


@pytest.mark.parametrize(
    ("shares", "frames"),
    [
        ([1, 1, 2], [1, 1, 2]),
        ([0, 4, 0], [0, 4, 0]),
        ([1, 1, 0], [2, 2, 0]),
        ([8, 0, 8], [2, 0, 2]),
    ],
)
def test_hops_are_shared_among_the_ids(shares: list[float], frames: list[int]) -> None:
    reading = WholeReading(np.zeros(4 * HOP, np.float32), np.array(shares, np.float32))
    assert reading.frames.tolist() == frames


def test_half_a_hop_at_the_end_is_filled_with_silence() -> None:
    reading = WholeReading(np.ones(HOP + HOP // 2, np.float32), np.ones(3, np.float32))
    samples = samples_of(reading)
    assert samples.size == reading.frames.sum() * HOP == 2 * HOP
    assert samples.tolist() == [1] * (HOP + HOP // 2) + [0] * (HOP // 2)


# Noise


def _sampling(shape: list[int]) -> onnx.ModelProto:
    """A model that samples twice."""
    graph = helper.make_graph(
        [helper.make_node("RandomNormalLike", ["x"], [name]) for name in ("first", "second")],
        "sampling",
        [helper.make_tensor_value_info("x", TensorProto.FLOAT, shape)],
        [
            helper.make_tensor_value_info(name, TensorProto.FLOAT, None)
            for name in ("first", "second")
        ],
    )
    return helper.make_model(graph, ir_version=8, opset_imports=[helper.make_opsetid("", 15)])


def _sample(shape: list[int], strip: NDArray[np.float32]) -> list[NDArray[np.float32]]:
    model = _sampling(shape)
    give_noise(model)
    return open_model(model).run({"x": np.zeros(shape, np.float32), NOISE_STRIP: strip})


def test_every_place_takes_its_own_part_of_the_noise() -> None:
    first, second = _sample([1, 2, 50], np.arange(STRIP_LENGTH, dtype=np.float32))
    assert first.shape == second.shape == (1, 2, 50)
    assert first.ravel().tolist() == list(range(100))
    assert not set(first.ravel()) & set(second.ravel())


def test_what_needs_more_noise_than_there_is_repeats_it() -> None:
    strip = np.arange(STRIP_LENGTH, dtype=np.float32)
    first, _ = _sample([1, STRIP_LENGTH + 5], strip)
    assert np.array_equal(first[0, :STRIP_LENGTH], strip)
    assert first[0, STRIP_LENGTH:].tolist() == [0, 1, 2, 3, 4]


def test_a_model_without_chance_is_given_no_noise() -> None:
    model = without(tiny_model(), "RandomNormalLike")
    give_noise(model)
    assert NOISE_STRIP not in open_model(model).inputs

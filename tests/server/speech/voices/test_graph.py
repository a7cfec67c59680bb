import numpy as np
import onnx
import pytest
from numpy.typing import NDArray
from onnx import TensorProto, helper

from lipwire_protocol.errors import ErrorCode, LipwireError
from lipwire_server.speech.voices.graph import (
    FRAMES_MASK,
    LATENT,
    NOISE,
    SPEAKER,
    find_seams,
    split,
)
from lipwire_server.speech.voices.inference import open_model
from tests.odd_voices import reading_the_text, renamed, rounding_twice, without
from tests.tiny_voice import CHANNELS, STANDARD, Anatomy, tiny_model

IDS = np.array([1, 0, 20, 0, 59, 0, 24, 0, 100, 0, 2], np.int64)
SEVERAL = Anatomy(speakers=3)


def _inputs(model: onnx.ModelProto) -> set[str]:
    return {value.name for value in model.graph.input}


def _operations(model: onnx.ModelProto) -> set[str]:
    return {node.op_type for node in model.graph.node}


def _run(model: onnx.ModelProto, **inputs: NDArray[np.generic]) -> list[NDArray[np.float32]]:
    """Runs a model with those of the inputs that it has."""
    return open_model(model).run(inputs)


def test_mean_and_deviation_are_told_apart() -> None:
    model = tiny_model()
    seams = find_seams(model)
    (split_node,) = (node for node in model.graph.node if node.op_type == "Split")
    assert [seams.mean, seams.logs] == list(split_node.output)


@pytest.mark.parametrize("anatomy", [STANDARD, SEVERAL])
def test_the_seams_are_found_whatever_the_tensors_are_called(anatomy: Anatomy) -> None:
    model, other = tiny_model(anatomy), renamed(tiny_model(anatomy))
    names = {
        name: new
        for node, twin in zip(model.graph.node, other.graph.node, strict=True)
        for name, new in zip(node.output, twin.output, strict=True)
    }
    seams, new_seams = find_seams(model), find_seams(other)
    for field in seams.__slots__:
        assert getattr(new_seams, field) == names[getattr(seams, field)]
        assert getattr(new_seams, field) != getattr(seams, field)


def test_the_encode_part_takes_the_noise_of_the_durations() -> None:
    encode = split(tiny_model()).encode
    assert _inputs(encode) == {"input", "scales", NOISE}
    assert not _operations(encode) & {"RandomNormalLike", "Conv", "ConvTranspose"}


def test_the_flow_needs_the_latent_and_the_mask_alone() -> None:
    flow = split(tiny_model()).flow
    assert _inputs(flow) == {LATENT, FRAMES_MASK}
    assert not _operations(flow) & {"RandomNormalLike", "Gather", "Ceil", "ConvTranspose"}


def test_the_vocoder_needs_the_latent_alone() -> None:
    vocoder = split(tiny_model()).vocoder
    assert _inputs(vocoder) == {LATENT}
    assert [node.op_type for node in vocoder.graph.node].count("ConvTranspose") == 1
    assert not _operations(vocoder) & {"RandomNormalLike", "Gather", "Ceil", "Mul"}


def test_each_part_of_a_voice_of_several_looks_the_speaker_up_for_itself() -> None:
    parts = split(tiny_model(SEVERAL))
    for part in (parts.encode, parts.flow, parts.vocoder):
        assert SPEAKER in _inputs(part)


@pytest.mark.parametrize("anatomy", [STANDARD, SEVERAL])
def test_the_parts_are_valid_models(anatomy: Anatomy) -> None:
    parts = split(tiny_model(anatomy))
    for part in (parts.encode, parts.flow, parts.vocoder):
        onnx.checker.check_model(part)


@pytest.mark.parametrize(
    ("anatomy", "speaker"),
    [
        (STANDARD, 0),
        (Anatomy(flow_reach=9, vocoder_reach=5), 0),
        (SEVERAL, 0),
        (SEVERAL, 2),
    ],
)
@pytest.mark.parametrize("as_another_exporter", [False, True])
def test_without_noise_the_parts_give_the_bits_of_the_whole_model(
    anatomy: Anatomy, speaker: int, as_another_exporter: bool
) -> None:
    def model() -> onnx.ModelProto:
        made = tiny_model(anatomy)
        return renamed(made) if as_another_exporter else made

    inputs: dict[str, NDArray[np.generic]] = {
        "input": IDS[np.newaxis],
        "input_lengths": np.array([IDS.size]),
        "scales": np.array([0, 1, 0], np.float32),
        "sid": np.array([speaker]),
        NOISE: np.zeros((1, 2, IDS.size), np.float32),
    }
    (whole,) = _run(model(), **inputs)
    parts = split(model())
    mean, _, durations = _run(parts.encode, **inputs)
    latent = np.repeat(mean, durations.ravel().astype(np.int64), axis=2)
    mask = np.ones((1, 1, latent.shape[2]), np.float32)
    sid = inputs["sid"]
    (flowed,) = _run(parts.flow, **{LATENT: latent, FRAMES_MASK: mask, SPEAKER: sid})
    (samples,) = _run(parts.vocoder, **{LATENT: flowed, SPEAKER: sid})
    assert whole.size > 10 * 256
    assert np.array_equal(samples, whole)


def test_the_latents_channels_are_declared_where_the_model_tells_them() -> None:
    model = tiny_model()
    mean = find_seams(model).mean
    shape = [1, CHANNELS, "ids"]
    model.graph.value_info.append(helper.make_tensor_value_info(mean, TensorProto.FLOAT, shape))
    parts = split(model)
    for part in (parts.flow, parts.vocoder):
        (latent,) = (value for value in part.graph.input if value.name == LATENT)
        assert latent.type.tensor_type.shape.dim[1].dim_value == CHANNELS


@pytest.mark.parametrize("op_type", ["RandomNormalLike", "Ceil", "MatMul", "Exp", "Mul"])
def test_a_model_without_a_landmark_is_refused(op_type: str) -> None:
    with pytest.raises(LipwireError, match="cannot be cut into parts") as caught:
        split(without(tiny_model(), op_type))
    assert caught.value.code is ErrorCode.UNSUPPORTED


def test_a_model_that_rounds_twice_is_refused() -> None:
    with pytest.raises(LipwireError, match="in 2 places instead of one"):
        split(rounding_twice(tiny_model()))


@pytest.mark.parametrize("anatomy", [STANDARD, SEVERAL])
def test_a_model_whose_vocoder_reads_the_text_is_refused(anatomy: Anatomy) -> None:
    with pytest.raises(LipwireError, match="2 tensors besides the latent"):
        split(reading_the_text(tiny_model(anatomy)))


def test_a_model_whose_vocoder_reads_what_the_flow_reads_is_refused() -> None:
    model = tiny_model()
    latent = find_seams(model).latent
    (voicing,) = (node for node in model.graph.node if node.op_type == "ConvTranspose")
    model.graph.node.append(helper.make_node("Add", [voicing.input[0], latent], ["both"]))
    voicing.input[0] = "both"
    with pytest.raises(LipwireError, match="cannot be told apart"):
        split(model)

import onnx
import pytest
from onnx import TensorProto, helper

from lipwire_protocol.errors import ErrorCode, LipwireError
from lipwire_server.speech.voices.graph import FRAMES_MASK, LATENT, NOISE, find_seams, split
from tests.tiny_voice import CHANNELS, tiny_model


def _without(model: onnx.ModelProto, op_type: str) -> onnx.ModelProto:
    """The model with nodes of one kind turned into something else."""
    for node in model.graph.node:
        if node.op_type == op_type:
            node.op_type = "Identity"
    return model


def _inputs(serialized: bytes) -> set[str]:
    return {value.name for value in onnx.ModelProto.FromString(serialized).graph.input}


def test_the_seams_are_found_whatever_the_nodes_are_called() -> None:
    model = tiny_model()
    renamed = tiny_model()
    for node in renamed.graph.node:
        node.name = ""
        node.input[:] = [name.replace("t", "x") if name[0] == "t" else name for name in node.input]
        node.output[:] = [
            name.replace("t", "x") if name != "output" else name for name in node.output
        ]
    seams = find_seams(model)
    assert find_seams(renamed).latent == seams.latent.replace("t", "x")
    assert find_seams(renamed).mean == seams.mean.replace("t", "x")


def test_mean_and_deviation_are_told_apart() -> None:
    model = tiny_model()
    seams = find_seams(model)
    (split_node,) = (node for node in model.graph.node if node.op_type == "Split")
    assert [seams.mean, seams.logs] == list(split_node.output)


def test_the_encode_part_takes_the_noise_of_the_durations() -> None:
    parts = split(tiny_model())
    assert NOISE in _inputs(parts.encode)
    operations = {node.op_type for node in onnx.ModelProto.FromString(parts.encode).graph.node}
    assert not operations & {"RandomNormalLike", "Conv", "ConvTranspose"}


def test_the_decode_part_needs_the_latent_and_the_mask_alone() -> None:
    parts = split(tiny_model())
    assert _inputs(parts.decode) == {LATENT, FRAMES_MASK}
    operations = {node.op_type for node in onnx.ModelProto.FromString(parts.decode).graph.node}
    assert not operations & {"RandomNormalLike", "Gather", "Ceil"}


def test_the_parts_are_valid_models() -> None:
    parts = split(tiny_model())
    for part in (parts.encode, parts.decode):
        onnx.checker.check_model(part)


def test_the_latents_channels_are_declared_where_the_model_tells_them() -> None:
    model = tiny_model()
    mean = find_seams(model).mean
    shape = [1, CHANNELS, "ids"]
    model.graph.value_info.append(helper.make_tensor_value_info(mean, TensorProto.FLOAT, shape))
    decode = onnx.ModelProto.FromString(split(model).decode)
    (latent,) = (value for value in decode.graph.input if value.name == LATENT)
    assert latent.type.tensor_type.shape.dim[1].dim_value == CHANNELS


@pytest.mark.parametrize("op_type", ["RandomNormalLike", "Ceil", "MatMul", "Exp"])
def test_a_model_without_a_landmark_is_refused(op_type: str) -> None:
    with pytest.raises(LipwireError, match="cannot be cut into parts") as caught:
        split(_without(tiny_model(), op_type))
    assert caught.value.code is ErrorCode.UNSUPPORTED


def test_a_model_whose_decoder_reads_something_else_is_refused() -> None:
    model = tiny_model()
    (wave,) = (node for node in model.graph.node if node.op_type == "ConvTranspose")
    model.graph.node.append(helper.make_node("Cast", ["input"], ["speaker"], to=TensorProto.FLOAT))
    model.graph.node.append(helper.make_node("Add", [wave.output[0], "speaker"], ["voiced"]))
    tanh = next(node for node in model.graph.node if node.output[0] == "output")
    tanh.input[0] = "voiced"
    with pytest.raises(LipwireError, match="2 tensors besides the latent"):
        split(model)

import numpy as np
import onnx
import pytest
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper

from lipwire_server.speech.voices.inference import open_model
from lipwire_server.speech.voices.widening import widen
from tests.tiny_voice import Anatomy, tiny_model

CONVOLUTIONS: list[tuple[str, tuple[int, ...], dict[str, object]]] = [
    ("Conv", (6, 4, 3), {}),
    ("Conv", (6, 4, 3), {"pads": [1, 1], "kernel_shape": [3]}),
    ("Conv", (6, 4, 3), {"pads": [0, 5]}),
    ("Conv", (6, 4, 3), {"dilations": [4], "pads": [4, 4]}),
    ("Conv", (6, 4, 3), {"strides": [2]}),
    ("Conv", (6, 2, 3), {"group": 2}),
    ("Conv", (6, 4, 3), {"auto_pad": "SAME_UPPER"}),
    ("Conv", (6, 4, 1), {}),
    ("ConvTranspose", (4, 6, 8), {"strides": [4]}),
    ("ConvTranspose", (4, 6, 8), {"strides": [4], "pads": [2, 2], "kernel_shape": [8]}),
    ("ConvTranspose", (4, 6, 8), {"strides": [4], "pads": [1, 0], "output_padding": [1]}),
    ("ConvTranspose", (4, 3, 8), {"strides": [4], "dilations": [2], "group": 2}),
]


def _array(*shape: int) -> NDArray[np.float32]:
    return np.random.Generator(np.random.PCG64(3)).standard_normal(shape).astype(np.float32)


def _model(nodes: list[onnx.NodeProto], constants: list[onnx.TensorProto]) -> onnx.ModelProto:
    graph = helper.make_graph(
        nodes,
        "convolutions",
        [helper.make_tensor_value_info("x", TensorProto.FLOAT, [1, 4, "frames"])],
        [helper.make_tensor_value_info("y", TensorProto.FLOAT, [1, None, None])],
        constants,
    )
    return helper.make_model(graph, ir_version=8, opset_imports=[helper.make_opsetid("", 15)])


def _run(model: onnx.ModelProto) -> NDArray[np.float32]:
    return open_model(model).run({"x": _array(1, 4, 50)})[0]


def _dimensions(model: onnx.ModelProto) -> list[int]:
    """Of the weights of each convolution."""
    sizes = {tensor.name: len(tensor.dims) for tensor in model.graph.initializer}
    return [sizes[node.input[1]] for node in model.graph.node if node.op_type.startswith("Conv")]


@pytest.mark.parametrize("biased", [False, True])
@pytest.mark.parametrize(("op_type", "shape", "attributes"), CONVOLUTIONS)
def test_a_wide_convolution_gives_what_the_narrow_one_gives(
    op_type: str, shape: tuple[int, ...], attributes: dict[str, object], biased: bool
) -> None:
    outputs = 6
    constants = [numpy_helper.from_array(_array(*shape), "w")]
    if biased:
        constants.append(numpy_helper.from_array(_array(outputs), "b"))
    names = ["x", "w", "b"][: 2 + biased]
    model = _model([helper.make_node(op_type, names, ["y"], **attributes)], constants)
    narrow = _run(model)
    widen(model)
    onnx.checker.check_model(model)
    assert _dimensions(model) == [4]
    wide = _run(model)
    assert wide.shape == narrow.shape
    assert np.abs(wide - narrow).max() < 1e-5


def test_two_convolutions_may_share_their_weights() -> None:
    nodes = [
        helper.make_node("Conv", ["x", "w"], ["h"], pads=[1, 1]),
        helper.make_node("Conv", ["h", "w"], ["y"], dilations=[2]),
    ]
    model = _model(nodes, [numpy_helper.from_array(_array(4, 4, 3), "w")])
    narrow = _run(model)
    widen(model)
    assert _dimensions(model) == [4, 4]
    assert np.abs(_run(model) - narrow).max() < 1e-4


def test_a_convolution_whose_weights_are_computed_stays_as_it_is() -> None:
    nodes = [
        helper.make_node("Tanh", ["w"], ["bounded"]),
        helper.make_node("Conv", ["x", "bounded"], ["y"]),
    ]
    model = _model(nodes, [numpy_helper.from_array(_array(6, 4, 3), "w")])
    before = model.SerializeToString()
    widen(model)
    assert model.SerializeToString() == before


def test_all_convolutions_of_a_voice_become_wide() -> None:
    model = tiny_model(Anatomy(speakers=2))
    assert set(_dimensions(model)) == {3}
    widen(model)
    onnx.checker.check_model(model)
    assert set(_dimensions(model)) == {4}

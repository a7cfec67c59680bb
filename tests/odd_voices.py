"""Voices that are not as they should be: each function changes a model and gives it back."""

from collections.abc import Callable

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

__all__ = [
    "averaging_over_time",
    "no_voice",
    "reading_the_text",
    "renamed",
    "rounding_twice",
    "telling_durations",
    "undefined",
    "without",
]


def renamed(model: onnx.ModelProto) -> onnx.ModelProto:
    """The same voice as another exporter would write it: only inputs and output keep their names.

    Tensors inside of branches are left as they are.
    """
    graph = model.graph
    kept = {value.name for value in [*graph.input, *graph.output]} | {""}
    names: dict[str, str] = {}

    def new(name: str) -> str:
        return name if name in kept else names.setdefault(name, f"onnx::Thing_{len(names)}")

    for tensor in graph.initializer:
        tensor.name = new(tensor.name)
    for index, node in enumerate(graph.node):
        node.name = f"/node/{index}"
        node.input[:] = [new(name) for name in node.input]
        node.output[:] = [new(name) for name in node.output]
    del graph.value_info[:]
    return model


def without(model: onnx.ModelProto, op_type: str) -> onnx.ModelProto:
    """Nodes of one kind do nothing any more."""
    for node in _of_type(model, op_type):
        node.op_type = "Identity"
        del node.attribute[:]
        del node.input[1:]
    return model


def rounding_twice(model: onnx.ModelProto) -> onnx.ModelProto:
    """Sounds the same, but which of its two `Ceil` gives the durations cannot be seen."""
    (rounding,) = _of_type(model, "Ceil")
    return _replace_input(
        model, rounding, lambda name: [helper.make_node("Ceil", [name], ["rounded"])]
    )


def telling_durations(model: onnx.ModelProto) -> onnx.ModelProto:
    """Its durations are a second output, as `piper.patch_voice_with_alignment` makes it."""
    (rounding,) = _of_type(model, "Ceil")
    model.graph.output.append(onnx.ValueInfoProto(name=rounding.output[0]))
    return model


def reading_the_text(model: onnx.ModelProto) -> onnx.ModelProto:
    """Its vocoder knows the text, not only what the flow makes of it."""
    return _replace_input(
        model,
        _last(model),
        lambda name: [
            helper.make_node("Cast", ["input"], ["ids"], to=TensorProto.FLOAT),
            helper.make_node("ReduceMean", ["ids"], ["text"], axes=[1], keepdims=0),
            helper.make_node("Cos", ["text"], ["shift"]),
            helper.make_node("Add", [name, "shift"], ["shifted"]),
        ],
    )


def averaging_over_time(model: onnx.ModelProto) -> onnx.ModelProto:
    """Each sample of it depends on all the others, so no window can be made alone."""
    return _replace_input(
        model,
        _last(model),
        lambda name: [
            helper.make_node("Abs", [name], ["loud"]),
            helper.make_node("ReduceMean", ["loud"], ["loudness"], axes=[2], keepdims=1),
            helper.make_node("Div", [name, "loudness"], ["levelled"]),
        ],
    )


def undefined(model: onnx.ModelProto) -> onnx.ModelProto:
    """Its samples are not numbers."""
    model.graph.initializer.append(numpy_helper.from_array(np.float32(-2), "minus_two"))
    return _replace_input(
        model,
        _last(model),
        lambda name: [
            helper.make_node("Add", [name, "minus_two"], ["below_zero"]),
            helper.make_node("Log", ["below_zero"], ["undefined"]),
        ],
    )


def no_voice() -> onnx.ModelProto:
    """A good model of something else."""
    graph = helper.make_graph(
        [helper.make_node("Relu", ["pixels"], ["picture"])],
        "picture",
        [helper.make_tensor_value_info("pixels", TensorProto.FLOAT, [1, 3])],
        [helper.make_tensor_value_info("picture", TensorProto.FLOAT, [1, 3])],
    )
    return helper.make_model(graph, ir_version=8, opset_imports=[helper.make_opsetid("", 15)])


def _of_type(model: onnx.ModelProto, op_type: str) -> list[onnx.NodeProto]:
    return [node for node in model.graph.node if node.op_type == op_type]


def _last(model: onnx.ModelProto) -> onnx.NodeProto:
    """The node that gives the samples."""
    (name,) = (value.name for value in model.graph.output)
    (node,) = (node for node in model.graph.node if name in node.output)
    return node


def _replace_input(
    model: onnx.ModelProto,
    node: onnx.NodeProto,
    make: Callable[[str], list[onnx.NodeProto]],
) -> onnx.ModelProto:
    """Puts nodes between a node and its first input."""
    index = list(model.graph.node).index(node)
    added = make(node.input[0])
    for position, extra in enumerate(added):
        model.graph.node.insert(index + position, extra)
    model.graph.node[index + len(added)].input[0] = added[-1].output[0]
    return model

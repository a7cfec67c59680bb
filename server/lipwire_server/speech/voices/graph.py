"""Cuts a Piper voice, which is one VITS graph, into three parts: encode, flow and vocoder.

VITS (Kim, Kong, Son: "Conditional Variational Autoencoder with Adversarial Learning for End-to-End
Text-to-Speech", 2021) samples its prior in the middle of the graph:

    z_p = m + noise * exp(logs) * noise_scale

with mean `m` and log-deviation `logs` per token, repeated for as many frames as the duration
predictor gives the token. That line is the first cut: what is before it runs once for a segment and
tells its exact timing. What is after it looks only a few frames to either side, so it can run in
windows. It is cut again where the flow ends and the vocoder (HiFi-GAN) begins: the flow looks
farther than the vocoder, but costs a quarter of it.

The seams are found by what the nodes do, because exporters name them differently. In a voice of
several speakers, each part looks the speaker up for itself.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import onnx
from onnx import TensorProto, helper

from lipwire_protocol.errors import ErrorCode, LipwireError

__all__ = [
    "FRAMES_MASK",
    "IDS",
    "LATENT",
    "LENGTHS",
    "NOISE",
    "SCALES",
    "SPEAKER",
    "Graph",
    "Seams",
    "VoiceParts",
    "find_seams",
    "split",
]

IDS, LENGTHS, SCALES, SPEAKER = "input", "input_lengths", "scales", "sid"
"""Piper's own inputs: int64 [1, ids], int64 [1], float32 [3], and int64 [1] of several speakers."""
NOISE = "lipwire_noise"
"""Input of the encode part: noise of the duration predictor, float32 [1, 2, ids]."""
LATENT = "lipwire_latent"
"""Input of the flow, z_p, and of the vocoder, z: float32 [1, channels, frames]."""
FRAMES_MASK = "lipwire_frames_mask"
"""Input of the flow: 1 for every frame, float32 [1, 1, frames]."""


@dataclass(frozen=True, slots=True)
class Seams:
    """Names of the tensors at which a voice is cut."""

    duration_noise: str
    """[1, 2, ids]: what the duration predictor turns into durations."""
    mean: str
    """[1, channels, ids]: prior mean of each token."""
    logs: str
    """[1, channels, ids]: logarithm of the prior's deviation of each token."""
    durations: str
    """[1, 1, ids]: frames of each token, whole numbers."""
    latent: str
    """[1, channels, frames]: z_p, where the flow begins."""
    frames_mask: str
    """[1, 1, frames]."""
    flowed: str
    """[1, channels, frames]: z, where the vocoder begins."""


@dataclass(frozen=True, slots=True)
class VoiceParts:
    """Three models.

    `encode` takes Piper's own inputs and `NOISE`, and gives mean, logs and durations, in this
    order. `flow` takes `LATENT` and `FRAMES_MASK` and gives another latent. `vocoder` takes that
    one as `LATENT` and gives the samples. Each takes `SPEAKER` too where it needs it.
    """

    encode: onnx.ModelProto
    flow: onnx.ModelProto
    vocoder: onnx.ModelProto


class Graph:
    """A graph that can be walked along its tensors in both directions."""

    def __init__(self, graph: onnx.GraphProto) -> None:
        self.proto = graph
        self.nodes: list[onnx.NodeProto] = list(graph.node)
        self.producer = {name: node for node in self.nodes for name in node.output}
        self.consumers: dict[str, list[onnx.NodeProto]] = {}
        for node in self.nodes:
            for name in _reads(node):
                self.consumers.setdefault(name, []).append(node)

    def of_type(self, op_type: str) -> list[onnx.NodeProto]:
        return [node for node in self.nodes if node.op_type == op_type]

    def only_consumer(self, name: str, op_type: str) -> onnx.NodeProto | None:
        found = self.consumers.get(name, [])
        return found[0] if len(found) == 1 and found[0].op_type == op_type else None

    def source(self, name: str, op_type: str, through: tuple[str, ...]) -> onnx.NodeProto | None:
        """The node of `op_type` that `name` comes from, past nodes that are in `through`."""
        node = self.producer.get(name)
        while node is not None and node.op_type != op_type:
            if node.op_type not in through:
                return None
            node = self.producer.get(node.input[0])
        return node

    def upstream(self, names: Iterable[str], stop: Iterable[str] = ()) -> set[str]:
        """Every tensor that `names` depend on, themselves included; not past `stop`."""
        seen: set[str] = set()
        border = set(stop)
        waiting = list(names)
        while waiting:
            name = waiting.pop()
            if name in seen:
                continue
            seen.add(name)
            node = self.producer.get(name)
            if node is not None and name not in border:
                waiting.extend(_reads(node))
        return seen

    def downstream(self, names: Iterable[str]) -> set[str]:
        """Every tensor that depends on one of `names`, themselves included."""
        seen: set[str] = set()
        waiting = list(names)
        while waiting:
            name = waiting.pop()
            if name in seen:
                continue
            seen.add(name)
            for node in self.consumers.get(name, []):
                waiting.extend(node.output)
        return seen


def split(model: onnx.ModelProto) -> VoiceParts:
    """Cuts a voice in three. The model itself is changed: it cannot be used afterwards.

    Raises `LipwireError` (`unsupported`) when the model is not a VITS graph as Piper exports it.
    """
    seams = find_seams(model)
    channels = _channels(model, seams)
    _read_instead(
        model,
        {seams.duration_noise: NOISE, seams.latent: LATENT, seams.frames_mask: FRAMES_MASK},
    )
    graph = Graph(model.graph)
    latent = _tensor(LATENT, [1, channels, "frames"])
    mask = _tensor(FRAMES_MASK, [1, 1, "frames"])
    encode = _extract(
        model,
        graph,
        [*model.graph.input, _tensor(NOISE, [1, 2, "ids"])],
        [
            _tensor(seams.mean, [1, channels, "ids"]),
            _tensor(seams.logs, [1, channels, "ids"]),
            _tensor(seams.durations, [1, 1, "ids"]),
        ],
    )
    flowed = _tensor(seams.flowed, [1, channels, "frames"])
    flow = _extract(model, graph, [latent, mask, *model.graph.input], [flowed])
    _read_instead(model, {seams.flowed: LATENT})
    vocoder = _extract(
        model, Graph(model.graph), [latent, *model.graph.input], list(model.graph.output)
    )
    return VoiceParts(encode, flow, vocoder)


def find_seams(model: onnx.ModelProto) -> Seams:
    """Finds where a voice is to be cut; raises `LipwireError` (`unsupported`)."""
    graph = Graph(model.graph)
    sampling = [
        found for node in graph.of_type("RandomNormalLike") if (found := _prior(graph, node))
    ]
    if not sampling:
        raise _unsupported("nothing in it samples a prior from a mean and a deviation")
    prior_noise, latent, mean_product, logs_product = sampling[-1]
    durations = graph.of_type("Ceil")
    if len(durations) != 1:
        raise _unsupported(f"it rounds durations in {len(durations)} places instead of one")
    before_durations = graph.upstream(durations[0].output)
    duration_noise = [
        node.output[0]
        for node in graph.of_type("RandomNormalLike")
        if node.output[0] in before_durations and node.output[0] != prior_noise
    ]
    if len(duration_noise) != 1:
        raise _unsupported("its duration predictor does not take noise exactly once")
    attention = set(mean_product.input) & set(logs_product.input)
    if len(attention) != 1:
        raise _unsupported("mean and deviation are not stretched by the same alignment")
    mask = _frames_mask(graph, latent)
    return Seams(
        duration_noise=duration_noise[0],
        mean=_per_token(graph, mean_product, attention),
        logs=_per_token(graph, logs_product, attention),
        durations=durations[0].output[0],
        latent=latent,
        frames_mask=mask,
        flowed=_end_of_flow(graph, latent, mask),
    )


def _prior(
    graph: Graph, noise: onnx.NodeProto
) -> tuple[str, str, onnx.NodeProto, onnx.NodeProto] | None:
    """Follows noise -> Mul -> Mul -> Add: (noise, z_p, product of the mean, product of logs)."""
    name = noise.output[0]
    factors: list[str] = []
    for _ in range(2):
        product = graph.only_consumer(name, "Mul")
        if product is None:
            return None
        factors += [other for other in product.input if other != name]
        name = product.output[0]
    total = graph.only_consumer(name, "Add")
    if total is None:
        return None
    means = [
        graph.source(other, "MatMul", ("Transpose",)) for other in total.input if other != name
    ]
    deviations = [graph.source(factor, "Exp", ()) for factor in factors]
    logs = [
        graph.source(node.input[0], "MatMul", ("Transpose",))
        for node in deviations
        if node is not None
    ]
    if len(means) != 1 or len(logs) != 1 or means[0] is None or logs[0] is None:
        return None
    return noise.output[0], total.output[0], means[0], logs[0]


def _per_token(graph: Graph, product: onnx.NodeProto, attention: set[str]) -> str:
    """What an alignment product stretches over frames: [1, channels, ids]."""
    (stretched,) = (name for name in product.input if name not in attention)
    transpose = graph.producer.get(stretched)
    if transpose is None or transpose.op_type != "Transpose":
        raise _unsupported("the prior of its tokens is not transposed before it is aligned")
    return str(transpose.input[0])


def _frames_mask(graph: Graph, latent: str) -> str:
    """The one tensor besides z_p that depends on the text and that decoding reads."""
    decoding = graph.downstream([latent]) - {latent}
    dynamic = graph.downstream(
        [value.name for value in graph.proto.input if value.name != SPEAKER]
        + [node.output[0] for node in graph.of_type("RandomNormalLike")]
    )
    needed = {
        name
        for node in graph.nodes
        if not decoding.isdisjoint(node.output)
        for name in _reads(node)
        if name in dynamic and name != latent and name not in decoding
    }
    if len(needed) != 1:
        raise _unsupported(
            f"decoding needs {len(needed)} tensors besides the latent instead of one mask"
        )
    return needed.pop()


def _end_of_flow(graph: Graph, latent: str, mask: str) -> str:
    """What the mask is applied to last: everything that the output knows of z_p goes through it."""
    decoding = graph.downstream([latent])
    masked = [
        node for node in graph.nodes if mask in node.input and not decoding.isdisjoint(node.output)
    ]
    output = [value.name for value in graph.proto.output]
    for node in reversed(masked):
        beyond = graph.upstream(output, stop=node.output)
        if latent not in beyond and mask not in beyond:
            return str(node.output[0])
    raise _unsupported("its flow and its vocoder cannot be told apart")


def _extract(
    model: onnx.ModelProto,
    graph: Graph,
    inputs: Sequence[onnx.ValueInfoProto],
    outputs: Sequence[onnx.ValueInfoProto],
) -> onnx.ModelProto:
    """The part of a model between those of the `inputs` that it needs and `outputs`."""
    needed = graph.upstream(
        [value.name for value in outputs], stop=[value.name for value in inputs]
    )
    part = helper.make_graph(
        [node for node in graph.nodes if not needed.isdisjoint(node.output)],
        model.graph.name,
        [value for value in inputs if value.name in needed],
        outputs,
        [tensor for tensor in model.graph.initializer if tensor.name in needed],
    )
    return helper.make_model(part, ir_version=model.ir_version, opset_imports=model.opset_import)


def _reads(node: onnx.NodeProto) -> Iterator[str]:
    """Names of the tensors that a node needs, also from inside its branches."""
    yield from (name for name in node.input if name)
    for attribute in node.attribute:
        if attribute.HasField("g"):
            inside = {name for child in attribute.g.node for name in child.output}
            for child in attribute.g.node:
                yield from (name for name in _reads(child) if name not in inside)


def _read_instead(model: onnx.ModelProto, names: Mapping[str, str]) -> None:
    """Makes whatever reads a tensor in `names` read the one that it is mapped to."""
    for node in model.graph.node:
        for index, name in enumerate(node.input):
            if name in names:
                node.input[index] = names[name]


def _channels(model: onnx.ModelProto, seams: Seams) -> int | str:
    """Channels of the latent where the model tells them, else a name for them."""
    for value in model.graph.value_info:
        dimensions = value.type.tensor_type.shape.dim
        if value.name in (seams.mean, seams.logs) and len(dimensions) == 3:
            return int(dimensions[1].dim_value) or "channels"
    return "channels"


def _tensor(name: str, shape: list[int | str]) -> onnx.ValueInfoProto:
    return helper.make_tensor_value_info(name, TensorProto.FLOAT, shape)


def _unsupported(reason: str) -> LipwireError:
    return LipwireError(
        ErrorCode.UNSUPPORTED,
        f"this model cannot be cut into parts: {reason}",
    )

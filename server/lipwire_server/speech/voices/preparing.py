"""From the file of a voice to models that are ready to run, once; then they are kept.

Whatever can be found out about a voice is found out here: whether it can be cut, how far its parts
look to either side, and that the parts make the sound of the whole.
"""

import ctypes
import logging
import os
import tempfile
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import msgspec
import numpy as np
import onnx
from msgspec import Struct
from numpy.typing import NDArray

from lipwire_protocol.errors import ErrorCode, LipwireError
from lipwire_protocol.timeline import HOP

from .graph import IDS, LENGTHS, SCALES, SPEAKER, split
from .inference import MODEL_ERRORS, open_model
from .parts import Parts
from .reading import Engine, Manner
from .whole import Whole, give_noise, name_durations
from .widening import widen

__all__ = ["Contexts", "Prepared", "open_prepared", "prepare"]

_log = logging.getLogger(__name__)

_VERSION: Final = 1
"""Of what this module makes: what an older one has made is made again."""
_ABOUT: Final = "about.json"
_PARTS: Final = ("encode", "flow", "vocoder")
_WHOLE: Final = "whole.onnx"

_ENOUGH_DB: Final = 120.0
"""How far below the sound the error of a window is when nothing but rounding is left of it."""
_TOLERABLE_DB: Final = 90.0
"""Below the resolution of 16 bits: a voice that does not get there cannot be spoken in windows."""
_LONGEST_CONTEXT: Final = 96
_PROBE: Final = 20
"""Hops of the window that contexts are measured with."""
_SAME: Final = 1e-3
"""Largest difference between the sound of the parts and that of the whole, which is -1..1."""

_UNSUITABLE: tuple[type[Exception], ...] = (LipwireError, *MODEL_ERRORS)
_DAMAGED: tuple[type[Exception], ...] = (OSError, ValueError, msgspec.DecodeError, *MODEL_ERRORS)


@dataclass(frozen=True, slots=True)
class Contexts:
    """Hops that are needed on each side of a window to make it what it is in the whole."""

    flow: int
    vocoder: int


class Prepared(Struct, frozen=True, kw_only=True):
    """What is known of a voice that was prepared; kept beside its models."""

    contexts: Contexts | None
    """None for a voice that is spoken whole."""
    why_whole: str = ""
    sizes: dict[str, int]
    """Bytes of each model, by the name of its file."""


def prepare(model: bytes, ids: NDArray[np.int64]) -> tuple[Engine, dict[str, bytes], Prepared]:
    """The engine of a voice, its models by the names of their files, and what is known of it.

    `ids` are some of the voice's phonemes, shape (n,), to try it with. Raises `LipwireError`
    (`unsupported`) for a file that is no voice.
    """
    _check_is_voice(onnx.ModelProto.FromString(model))
    try:
        return _prepare_parts(model, ids)
    except _UNSUITABLE as error:
        return _prepare_whole(model, ids, str(error).splitlines()[0])


def open_prepared(
    folder: Path, key: str, make: Callable[[], tuple[Engine, dict[str, bytes], Prepared]]
) -> tuple[Engine, Prepared]:
    """The engine of the voice that is kept in `folder` under `key`, or what `make` gives.

    What cannot be kept is made each time; what was kept and is damaged is made again.
    """
    place = folder / f"v{_VERSION}-{key}"
    try:
        return _open(place)
    except FileNotFoundError:
        pass
    except _DAMAGED as error:
        _log.warning("preparing a voice again: what is kept in %s is damaged (%s)", place, error)
    engine, models, prepared = make()
    try:
        _keep(place, models, prepared)
    except OSError as error:
        _log.warning("a voice is prepared at each start: it cannot be kept (%s)", error)
        return engine, prepared
    try:
        # Opened from the files, it does not hold on to what preparing needed of memory.
        engine, prepared = _open(place)
    except _DAMAGED:
        return engine, prepared  # Another process is just keeping the same.
    del models
    _give_memory_back()
    return engine, prepared


def _give_memory_back() -> None:
    """To the system: glibc would keep the 350 MB that preparing took for ever."""
    with suppress(AttributeError, OSError):
        ctypes.CDLL(None).malloc_trim(0)


# Parts


def _prepare_parts(
    model: bytes, ids: NDArray[np.int64]
) -> tuple[Engine, dict[str, bytes], Prepared]:
    cut = split(_parse(model))
    protos = dict(zip(_PARTS, (cut.encode, cut.flow, cut.vocoder), strict=True))
    for proto in protos.values():
        widen(proto)
    models = {f"{name}.onnx": proto.SerializeToString() for name, proto in protos.items()}
    everything = Contexts(_LONGEST_CONTEXT, _LONGEST_CONTEXT)
    engine = _parts(cut.encode, cut.flow, cut.vocoder, everything)
    _check_against_whole(engine, model, ids)
    contexts = _measure(engine, engine.encode(ids, Manner(), _no_noise).mean.shape[0])
    engine.flow_context, engine.vocoder_context = contexts.flow, contexts.vocoder
    sizes = {name: len(content) for name, content in models.items()}
    return engine, models, Prepared(contexts=contexts, sizes=sizes)


def _parts(
    encode: onnx.ModelProto | Path,
    flow: onnx.ModelProto | Path,
    vocoder: onnx.ModelProto | Path,
    contexts: Contexts,
) -> Parts:
    return Parts(
        open_model(encode, keep_memory=False),
        open_model(flow),
        open_model(vocoder),
        flow_context=contexts.flow,
        vocoder_context=contexts.vocoder,
    )


def _check_against_whole(parts: Parts, model: bytes, ids: NDArray[np.int64]) -> None:
    """Raises `LipwireError` unless both make the same sound where there is no noise."""
    proto = _parse(model)
    give_noise(proto)
    whole = Whole(open_model(proto)).read(ids, Manner(), _no_noise)
    cut = parts.read(ids, Manner(), _no_noise)
    expected, made = (
        np.concatenate([reading.window(index) for index in range(len(reading.windows))])
        for reading in (whole, cut)
    )
    if not expected.size == made.size == int(cut.frames.sum()) * HOP:
        raise _unsuitable(f"it does not make {HOP} samples of a frame")
    if not float(np.abs(expected - made).max()) <= _SAME:
        raise _unsuitable("its parts do not make the sound of the whole")


def _no_noise(name: str, shape: tuple[int, ...]) -> NDArray[np.float32]:
    return np.zeros(shape, np.float32)


def _measure(parts: Parts, channels: int) -> Contexts:
    """The smallest contexts at which what is made of a window does not change any more."""
    random = np.random.Generator(np.random.PCG64(0))
    frames = _PROBE + 2 * _LONGEST_CONTEXT
    latent = random.standard_normal((channels, frames)).astype(np.float32)
    flowed = parts.flow(latent, 0)
    return Contexts(
        flow=_context(lambda z: parts.flow(z, 0), latent, hop=1, step=4),
        vocoder=_context(lambda z: parts.vocode(z, 0)[np.newaxis], flowed, hop=HOP, step=2),
    )


def _context(
    run: Callable[[NDArray[np.float32]], NDArray[np.float32]],
    latent: NDArray[np.float32],
    *,
    hop: int,
    step: int,
) -> int:
    """Hops on each side; `run` makes `hop` columns of each one of the latent."""
    whole = run(latent)
    expected = whole[:, _LONGEST_CONTEXT * hop : (_LONGEST_CONTEXT + _PROBE) * hop]
    reached: dict[int, float] = {}
    for context in range(0, _LONGEST_CONTEXT, step):
        begin, end = _LONGEST_CONTEXT - context, _LONGEST_CONTEXT + _PROBE + context
        made = run(latent[:, begin:end])[:, context * hop : (context + _PROBE) * hop]
        reached[context] = _decibels(expected, made)
        if reached[context] >= _ENOUGH_DB:
            return context
    best = max(reached.values())
    if not best >= _TOLERABLE_DB:
        raise _unsuitable(f"its sound depends on more than {_LONGEST_CONTEXT} frames to each side")
    return min(context for context, decibels in reached.items() if decibels > best - 3)


def _decibels(expected: NDArray[np.float32], made: NDArray[np.float32]) -> float:
    """How far the error is below the signal."""
    signal = float(np.square(expected, dtype=np.float64).sum())
    error = float(np.square(expected - made, dtype=np.float64).sum())
    return float("inf") if error == 0 else 10 * float(np.log10(max(signal, 1e-30) / error))


# Whole


def _prepare_whole(
    model: bytes, ids: NDArray[np.int64], why: str
) -> tuple[Engine, dict[str, bytes], Prepared]:
    proto = _parse(model)
    give_noise(proto)
    name_durations(proto)
    content = proto.SerializeToString()
    prepared = Prepared(contexts=None, why_whole=why, sizes={_WHOLE: len(content)})
    engine = Whole(open_model(proto))
    _check_speaks(engine, ids)
    return engine, {_WHOLE: content}, prepared


def _check_speaks(engine: Engine, ids: NDArray[np.int64]) -> None:
    """Raises `LipwireError` for a model that is a voice by its looks alone."""
    try:
        reading = engine.read(ids, Manner(), _no_noise)
    except MODEL_ERRORS as error:
        raise LipwireError(
            ErrorCode.UNSUPPORTED, f"it does not speak: {str(error).splitlines()[0]}"
        ) from error
    samples = [reading.window(index) for index in range(len(reading.windows))]
    if not samples or not np.isfinite(np.concatenate(samples)).all():
        raise LipwireError(ErrorCode.UNSUPPORTED, "what it makes of phonemes is no sound")


# Models


def _parse(model: bytes) -> onnx.ModelProto:
    """A voice without the output of durations that Piper can add to it."""
    proto = onnx.ModelProto.FromString(model)
    del proto.graph.output[1:]
    return proto


def _check_is_voice(model: onnx.ModelProto) -> None:
    """Raises `LipwireError` for a model that is no voice at all."""
    graph = model.graph
    has = {value.name for value in graph.input} - {tensor.name for tensor in graph.initializer}
    wanted = {IDS, LENGTHS, SCALES}
    if not wanted <= has <= wanted | {SPEAKER} or not graph.output:
        raise LipwireError(
            ErrorCode.UNSUPPORTED,
            f"it is no Piper voice: it has the inputs {', '.join(sorted(has)) or 'none'}"
            f" instead of {', '.join(sorted(wanted))}, and {len(graph.output)} outputs",
        )


# Keeping


def _open(place: Path) -> tuple[Engine, Prepared]:
    prepared = msgspec.json.decode((place / _ABOUT).read_bytes(), type=Prepared)
    for name, size in prepared.sizes.items():
        if (place / name).stat().st_size != size:
            raise ValueError(f"{name} does not have {size} bytes")
    if prepared.contexts is None:
        return Whole(open_model(place / _WHOLE)), prepared
    encode, flow, vocoder = (place / f"{name}.onnx" for name in _PARTS)
    return _parts(encode, flow, vocoder, prepared.contexts), prepared


def _keep(place: Path, models: dict[str, bytes], prepared: Prepared) -> None:
    """Writes everything beside its place and moves it there, so that it is there whole or not.

    What another process has just kept there stays: somebody may be opening it.
    """
    place.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=".new-", dir=place.parent) as beside:
        unfinished = Path(beside, "unfinished")
        unfinished.mkdir()
        for name, content in {**models, _ABOUT: msgspec.json.encode(prepared)}.items():
            with (unfinished / name).open("wb") as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
        if place.exists():
            if _is_whole(place):
                return
            with suppress(FileNotFoundError):
                place.rename(Path(beside, "damaged"))
        try:
            unfinished.rename(place)
        except OSError:
            if not place.exists():  # Another process was faster.
                raise


def _is_whole(place: Path) -> bool:
    try:
        _open(place)
    except _DAMAGED:
        return False
    return True


def _unsuitable(reason: str) -> LipwireError:
    return LipwireError(ErrorCode.UNSUPPORTED, f"this model cannot be spoken in windows: {reason}")

"""onnxruntime as the engine uses it."""

from collections.abc import Mapping
from pathlib import Path

import numpy as np
import onnx
import onnxruntime
from google.protobuf.message import DecodeError
from numpy.typing import NDArray
from onnxruntime.capi import onnxruntime_pybind11_state as onnxruntime_errors

__all__ = ["MODEL_ERRORS", "Model", "open_model"]

_QUIET = 4
"""onnxruntime's severity of what is fatal: everything else is raised, and need not be printed."""

MODEL_ERRORS: tuple[type[Exception], ...] = (
    DecodeError,
    onnxruntime_errors.Fail,
    onnxruntime_errors.InvalidArgument,
    onnxruntime_errors.InvalidGraph,
    onnxruntime_errors.InvalidProtobuf,
    onnxruntime_errors.NoSuchFile,
    onnxruntime_errors.NotImplemented,
    onnxruntime_errors.RuntimeException,
)
"""What is raised for files that are no model, or not a whole one, and by models that do not fit."""


class Model:
    """An open model, which takes what it needs of what it is given."""

    def __init__(self, session: onnxruntime.InferenceSession) -> None:
        self.session = session
        self.inputs = frozenset(value.name for value in session.get_inputs())

    def run(self, inputs: Mapping[str, NDArray[np.generic]]) -> list[NDArray[np.float32]]:
        """Its outputs. Of `inputs`, those that it does not have are left out."""
        given = {name: value for name, value in inputs.items() if name in self.inputs}
        outputs: list[NDArray[np.float32]] = self.session.run(None, given)
        return outputs


def open_model(model: onnx.ModelProto | Path, *, keep_memory: bool = True) -> Model:
    """A model that computes in the calling thread alone: the scheduler owns the cores.

    One that keeps its memory for the next run is a little faster. The encoder must not: what
    attention needs grows with the square of a segment, and the longest one would stay for ever.
    """
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    options.inter_op_num_threads = 1
    options.log_severity_level = _QUIET
    options.enable_cpu_mem_arena = keep_memory
    source = str(model) if isinstance(model, Path) else model.SerializeToString()
    return Model(onnxruntime.InferenceSession(source, options, providers=["CPUExecutionProvider"]))

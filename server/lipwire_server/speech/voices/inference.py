"""onnxruntime as the engine uses it."""

from pathlib import Path

import onnx
import onnxruntime
from google.protobuf.message import DecodeError  # type: ignore[import-untyped]
from onnxruntime.capi import onnxruntime_pybind11_state as onnxruntime_errors

__all__ = ["MODEL_ERRORS", "input_names", "open_model"]

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


def open_model(
    model: onnx.ModelProto | Path, *, keep_memory: bool = True
) -> onnxruntime.InferenceSession:
    """A session that computes in the calling thread alone: the scheduler owns the cores.

    One that keeps its memory for the next run is a little faster. The encoder must not: what
    attention needs grows with the square of a segment, and the longest one would stay for ever.
    """
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    options.inter_op_num_threads = 1
    options.log_severity_level = _QUIET
    options.enable_cpu_mem_arena = keep_memory
    source = str(model) if isinstance(model, Path) else model.SerializeToString()
    return onnxruntime.InferenceSession(source, options, providers=["CPUExecutionProvider"])


def input_names(session: onnxruntime.InferenceSession) -> set[str]:
    return {value.name for value in session.get_inputs()}

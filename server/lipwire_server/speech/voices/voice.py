"""A voice: a Piper model and its configuration, loaded and cut into its parts."""

import hashlib
from dataclasses import dataclass
from pathlib import Path
from typing import Self

import numpy as np
import onnx
import onnxruntime
from google.protobuf.message import DecodeError  # type: ignore[import-untyped]
from numpy.typing import NDArray
from onnxruntime.capi import onnxruntime_pybind11_state as onnxruntime_errors

from lipwire_protocol.errors import ErrorCode, LipwireError

from ..port import VoiceInfo
from .config import NoiseScales, VoiceConfig, read_config
from .graph import FRAMES_MASK, LATENT, NOISE, split

__all__ = ["Encoded", "Voice"]

_QUIET = 3
"""onnxruntime's severity of errors: everything below it stays silent."""


@dataclass(frozen=True, slots=True)
class Encoded:
    """What the voice knows of a segment before any of its sound is made."""

    mean: NDArray[np.float32]
    """Prior mean of each token, shape (channels, ids)."""
    logs: NDArray[np.float32]
    """Logarithm of the prior's deviation of each token, shape (channels, ids)."""
    frames: NDArray[np.int64]
    """Decoder steps of each token, shape (ids,)."""


@dataclass(frozen=True, slots=True)
class Voice:
    """A loaded voice. Its methods may be called from any number of threads at once."""

    name: str
    config: VoiceConfig
    fingerprint: str
    """SHA-256 of model and configuration, in hexadecimal: equal voices sound equal."""
    _encoder: onnxruntime.InferenceSession
    _decoder: onnxruntime.InferenceSession

    @classmethod
    def load(cls, model_path: Path, *, noise: NoiseScales | None = None) -> Self:
        """Reads `model_path` and the configuration `<model_path>.json` beside it.

        `noise` replaces the voice's own noise scales. Raises `LipwireError`: `not_found` when a
        file is missing, `unsupported` when it is damaged or not such a voice.
        """
        config_path = model_path.with_name(model_path.name + ".json")
        model_bytes = _read(model_path)
        config_bytes = _read(config_path)
        config = read_config(config_bytes, config_path, noise=noise)
        digest = hashlib.sha256(model_bytes)
        digest.update(config_bytes)
        try:
            parts = split(onnx.ModelProto.FromString(model_bytes))
            encoder = _session(parts.encode, keep_memory=False)
            decoder = _session(parts.decode, keep_memory=True)
        except DecodeError as error:
            raise _damaged(model_path) from error
        except _SESSION_ERRORS as error:
            raise _damaged(model_path) from error
        except LipwireError as error:
            raise LipwireError(error.code, f"{model_path}: {error}") from error
        return cls(model_path.stem, config, digest.hexdigest(), encoder, decoder)

    @property
    def info(self) -> VoiceInfo:
        return VoiceInfo(
            name=self.name,
            language=self.config.language,
            sample_rate=self.config.sample_rate,
            speakers=self.config.speakers,
        )

    def encode(
        self, ids: NDArray[np.int64], noise: NDArray[np.float32], rate_percent: int
    ) -> Encoded:
        """Phoneme ids, shape (ids,), to priors and durations.

        `noise` is standard normal, shape (2, ids); `rate_percent` 200 halves the durations.
        """
        scales = [
            self.config.noise.prior,
            self.config.length_scale * 100 / rate_percent,
            self.config.noise.duration,
        ]
        mean, logs, frames = self._encoder.run(
            None,
            self._fitting(
                {
                    "input": ids[np.newaxis],
                    "input_lengths": np.array([ids.size], np.int64),
                    "scales": np.array(scales, np.float32),
                    NOISE: noise[np.newaxis],
                }
            ),
        )
        return Encoded(mean[0], logs[0], frames.ravel().astype(np.int64))

    def decode(self, latent: NDArray[np.float32]) -> NDArray[np.float32]:
        """A stretch of z_p, shape (channels, frames), to samples, shape (frames * HOP,)."""
        mask = np.ones((1, 1, latent.shape[1]), np.float32)
        (samples,) = self._decoder.run(None, {LATENT: latent[np.newaxis], FRAMES_MASK: mask})
        flat: NDArray[np.float32] = samples.ravel()
        return flat

    def _fitting(self, inputs: dict[str, NDArray[np.generic]]) -> dict[str, NDArray[np.generic]]:
        """Those inputs that the encode part reads."""
        return {value.name: inputs[value.name] for value in self._encoder.get_inputs()}


_SESSION_ERRORS: tuple[type[Exception], ...] = (
    onnxruntime_errors.Fail,
    onnxruntime_errors.InvalidGraph,
    onnxruntime_errors.InvalidProtobuf,
    onnxruntime_errors.InvalidArgument,
    onnxruntime_errors.NotImplemented,
    onnxruntime_errors.RuntimeException,
)


def _session(model: bytes, *, keep_memory: bool) -> onnxruntime.InferenceSession:
    """A session that computes in the calling thread alone: the scheduler owns the cores.

    One that keeps its memory for the next run is a little faster. The encoder must not: what
    attention needs grows with the square of a segment, and the longest one would stay for ever.
    """
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    options.inter_op_num_threads = 1
    options.log_severity_level = _QUIET
    options.enable_cpu_mem_arena = keep_memory
    return onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except FileNotFoundError as error:
        raise LipwireError(
            ErrorCode.NOT_FOUND,
            f"{path} does not exist; a voice is a file NAME.onnx with NAME.onnx.json beside it",
        ) from error
    except OSError as error:
        raise LipwireError(
            ErrorCode.UNSUPPORTED, f"{path} cannot be read: {error.strerror}"
        ) from error


def _damaged(path: Path) -> LipwireError:
    return LipwireError(
        ErrorCode.UNSUPPORTED,
        f"{path} is not a whole ONNX model; it was probably cut off: download the voice again",
    )

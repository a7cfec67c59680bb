"""A voice: a Piper model and its configuration, ready to read."""

import hashlib
import logging
from dataclasses import dataclass
from pathlib import Path
from typing import Self

import numpy as np
from numpy.typing import NDArray

from lipwire_protocol.errors import ErrorCode, LipwireError

from ...observe.once import tell_once
from ..port import Job, VoiceInfo
from .config import BOS, EOS, PAD, NoiseScales, VoiceConfig, read_config
from .inference import MODEL_ERRORS
from .preparing import Prepared, open_prepared, prepare
from .reading import Engine, Manner, Noise, Reading

__all__ = ["Voice", "voice_info"]

_log = logging.getLogger(__name__)

_TRIED = 24
"""Phonemes that a voice is tried with when it is prepared."""


@dataclass(frozen=True, slots=True)
class Voice:
    """A loaded voice. Its methods may be called from any number of threads at once."""

    name: str
    config: VoiceConfig
    fingerprint: str
    """SHA-256 of model and configuration, in hexadecimal: equal voices sound equal."""
    engine: Engine
    why_whole: str = ""
    """Why it cannot be spoken in windows; empty where it can."""

    @classmethod
    def load(
        cls, model_path: Path, *, noise: NoiseScales | None = None, cache: Path | None = None
    ) -> Self:
        """Reads `model_path` and the configuration `<model_path>.json` beside it.

        `noise` replaces the voice's own noise scales. In `cache`, a folder, what is made of the
        model is kept for the next time. Raises `LipwireError`: `not_found` when a file is missing,
        `unsupported` when it is damaged or not such a voice.
        """
        config_path = model_path.with_name(model_path.name + ".json")
        config_bytes = _read(config_path)
        config = read_config(config_bytes, config_path, noise=noise)
        model = _read(model_path)
        key = hashlib.sha256(model)
        digest = key.copy()
        digest.update(config_bytes)
        tried = _ids_to_try(config)

        def make() -> tuple[Engine, dict[str, bytes], Prepared]:
            tell_once(f"preparing the voice {model_path.stem}")
            return prepare(model, tried)

        try:
            if cache is None:
                engine, _, prepared = prepare(model, tried)
            else:
                engine, prepared = open_prepared(cache, key.hexdigest()[:32], make)
        except MODEL_ERRORS as error:
            raise _damaged(model_path) from error
        except LipwireError as error:
            raise LipwireError(error.code, f"{model_path}: {error}") from error
        if prepared.why_whole:
            _log.warning(
                "%s is spoken sentence by sentence, so its first sound comes late: %s",
                model_path.stem,
                prepared.why_whole,
            )
        return cls(model_path.stem, config, digest.hexdigest(), engine, prepared.why_whole)

    @property
    def info(self) -> VoiceInfo:
        return voice_info(self.name, self.config)

    def read(self, ids: NDArray[np.int64], job: Job, noise: Noise) -> Reading:
        """Reads phoneme ids, shape (ids,), in the manner that the job asks for.

        Raises `LipwireError` (`not_found`) for a speaker that the voice does not have.
        """
        own = self.config.noise
        manner = Manner(
            length_scale=self.config.length_scale * 100 / job.rate_percent,
            prior_noise=own.prior * job.noise_percent / 100,
            duration_noise=own.duration * job.noise_percent / 100,
            speaker=self.config.speaker_number(job.speaker),
        )
        return self.engine.read(ids, manner, noise)


def voice_info(name: str, config: VoiceConfig) -> VoiceInfo:
    return VoiceInfo(
        name=name,
        language=config.language,
        sample_rate=config.sample_rate,
        speakers=tuple(config.speakers),
    )


def _ids_to_try(config: VoiceConfig) -> NDArray[np.int64]:
    """Some phonemes, as a sentence of them would be written."""
    marks = (BOS, PAD, EOS)
    some = [numbers for symbol, numbers in config.phoneme_ids.items() if symbol not in marks]
    ids = [*config.phoneme_ids[BOS], *config.phoneme_ids[PAD]]
    for numbers in some[:_TRIED]:
        ids += [*numbers, *config.phoneme_ids[PAD]]
    return np.array([*ids, *config.phoneme_ids[EOS]], np.int64)


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

"""The configuration that lies beside a Piper voice, checked."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from lipwire_protocol.errors import ErrorCode, LipwireError

__all__ = ["BOS", "EOS", "PAD", "PHONEME_TYPES", "NoiseScales", "VoiceConfig", "read_config"]

BOS: Final = "^"
PAD: Final = "_"
EOS: Final = "$"

PHONEME_TYPES: Final = ("espeak", "text", "pinyin")
"""Kinds of phonemes that are spoken: espeak's IPA, letters, Chinese syllables in parts."""


@dataclass(frozen=True, slots=True)
class NoiseScales:
    """How much chance there is in a voice; zeros make it speak the same way whatever the seed."""

    prior: float
    """Piper's `noise_scale`: of the sound."""
    duration: float
    """Piper's `noise_w`: of the durations."""


@dataclass(frozen=True, slots=True, kw_only=True)
class VoiceConfig:
    sample_rate: int
    language: str
    """BCP 47, for example `en-US`."""
    speakers: Mapping[str, int]
    """Numbers of the speakers by their names; empty for a voice of one."""
    phoneme_type: str
    """What its phonemes are: "espeak" is IPA; see `timing.kinds`."""
    espeak_voice: str
    phoneme_ids: Mapping[str, tuple[int, ...]]
    noise: NoiseScales
    length_scale: float
    """Durations are multiplied by it; 1 is the voice's own pace."""

    def speaker_number(self, name: str | None) -> int:
        """The number of a speaker, of the first one without a name.

        Raises `LipwireError` (`not_found`) when the voice does not have it.
        """
        if name is None:
            return min(self.speakers.values(), default=0)
        if name not in self.speakers:
            some = ", ".join(list(self.speakers)[:10]) or "one, who needs no name"
            raise LipwireError(
                ErrorCode.NOT_FOUND, f"there is no speaker {name!r}; there is: {some}"
            )
        return self.speakers[name]


def read_config(content: bytes, path: Path, *, noise: NoiseScales | None = None) -> VoiceConfig:
    """Checks the configuration that was read from `path`.

    `noise` replaces the voice's own noise scales. Raises `LipwireError` (`unsupported`) with a
    message that names the file.
    """
    try:
        raw = json.loads(content)
    except (ValueError, RecursionError) as error:
        raise _unusable(path, f"it is not JSON ({error}); download the voice again") from error
    if not isinstance(raw, dict):
        raise _unusable(path, "it is not a JSON object; download the voice again")
    try:
        config = _from_raw(raw, noise)
    except KeyError as error:
        raise _unusable(path, f"the key {error} is missing; download the voice again") from error
    except (TypeError, ValueError, AttributeError) as error:
        raise _unusable(path, f"a value has the wrong type ({error})") from error
    _check(raw, config, path)
    return config


def _from_raw(raw: dict[str, Any], noise: NoiseScales | None) -> VoiceConfig:
    inference = raw.get("inference", {})
    phoneme_type = str(raw.get("phoneme_type", "espeak"))
    # Only the voices that read espeak's phonemes need one of its voices.
    espeak = raw["espeak"] if phoneme_type == "espeak" else raw.get("espeak", {"voice": ""})
    espeak_voice = str(espeak["voice"])
    language = raw.get("language", {}).get("code") or espeak_voice
    return VoiceConfig(
        sample_rate=int(raw["audio"]["sample_rate"]),
        language=str(language).replace("_", "-"),
        speakers=_speakers(raw),
        phoneme_type=phoneme_type,
        espeak_voice=espeak_voice,
        phoneme_ids={
            str(symbol): tuple(int(number) for number in ids)
            for symbol, ids in raw["phoneme_id_map"].items()
        },
        noise=noise
        or NoiseScales(
            prior=float(inference.get("noise_scale", 0.667)),
            duration=float(inference.get("noise_w", 0.8)),
        ),
        length_scale=float(inference.get("length_scale", 1.0)),
    )


def _speakers(raw: dict[str, Any]) -> dict[str, int]:
    count = int(raw.get("num_speakers", 1))
    if count <= 1:
        return {}
    named = {str(name): int(number) for name, number in (raw.get("speaker_id_map") or {}).items()}
    if any(not 0 <= number < count for number in named.values()):
        raise ValueError(f"speaker_id_map has numbers that are not below {count}")
    return named or {str(number): number for number in range(count)}


def _check(raw: dict[str, Any], config: VoiceConfig, path: Path) -> None:
    """Refuses voices that would load and then speak wrongly."""
    if config.phoneme_type not in PHONEME_TYPES:
        known = ", ".join(PHONEME_TYPES)
        raise _unusable(
            path, f"its phonemes are of type {config.phoneme_type!r}; spoken are {known}"
        )
    if config.sample_rate <= 0 or config.length_scale <= 0:
        raise _unusable(path, "sample_rate and length_scale must be above 0")
    absent = [symbol for symbol in (BOS, PAD, EOS) if not config.phoneme_ids.get(symbol)]
    if absent:
        raise _unusable(path, f"phoneme_id_map has no id for {' '.join(absent)}")


def _unusable(path: Path, reason: str) -> LipwireError:
    return LipwireError(ErrorCode.UNSUPPORTED, f"{path} cannot be used: {reason}")

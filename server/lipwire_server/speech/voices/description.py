"""What can be said of a voice without loading it."""

import json
import re
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from lipwire_protocol.errors import LipwireError

from .config import read_config
from .finding import FoundVoice

__all__ = ["Description", "describe", "licence"]

_QUALITIES: Final = ("x_low", "low", "medium", "high")
_LARGEST_CARD: Final = 1 << 16
_LICENCE = re.compile(r"^[ \t*-]*licen[sc]e[ \t]*:[ \t]*(\S.*)$", re.IGNORECASE | re.MULTILINE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Description:
    """What is not told is empty, or 0."""

    language: str
    """BCP 47, for example `en-US`."""
    quality: str
    sample_rate: int
    speakers: int
    size: int
    """Bytes of model and configuration."""
    licence: str
    problem: str
    """Why it cannot be spoken."""


def describe(voice: FoundVoice) -> Description:
    """Reads the configuration and the model card, never the model."""
    raw: Any = None
    problem = ""
    content = b""
    try:
        content = voice.config.read_bytes()
        read_config(content, voice.config)
    except OSError as error:
        problem = f"{voice.config} cannot be read: {error.strerror}"
    except LipwireError as error:
        problem = str(error)
    with suppress(ValueError, RecursionError):
        raw = json.loads(content)
    return Description(
        language=_text(raw, "language", "code").replace("_", "-"),
        quality=_text(raw, "audio", "quality") or _quality(voice.name),
        sample_rate=_number(raw, "audio", "sample_rate"),
        speakers=_number(raw, "num_speakers"),
        size=_size(voice.model) + len(content),
        licence=licence(voice.model),
        problem=problem,
    )


def licence(model: Path) -> str:
    """What the model card beside a model says of it."""
    for card in (model.with_name(f"{model.stem}.MODEL_CARD"), model.with_name("MODEL_CARD")):
        with suppress(OSError), card.open("rb") as stream:
            text = stream.read(_LARGEST_CARD).decode("utf-8", "replace")
            if found := _LICENCE.search(text):
                return found[1].strip()[:200]
    return ""


def _quality(name: str) -> str:
    last = name.rpartition("-")[2]
    return last if last in _QUALITIES else ""


def _inside(raw: Any, *keys: str) -> Any:
    for key in keys:
        raw = raw.get(key) if isinstance(raw, dict) else None
    return raw


def _text(raw: Any, *keys: str) -> str:
    value = _inside(raw, *keys)
    return value[:100] if isinstance(value, str) else ""


def _number(raw: Any, *keys: str) -> int:
    value = _inside(raw, *keys)
    return value if isinstance(value, int) and not isinstance(value, bool) else 0


def _size(path: Path) -> int:
    with suppress(OSError):
        return path.stat().st_size
    return 0

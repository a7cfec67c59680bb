"""What a movie can be, and which one a name asks for."""

import re
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Final

from lipwire_protocol import ErrorCode, LipwireError

__all__ = ["DEFAULTS", "MEDIA_TYPES", "Kind", "Look", "kind_of"]


class Kind(StrEnum):
    MP4 = "mp4"
    """H.264 and AAC: what every player, editor and network takes."""
    WEBM = "webm"
    """VP9 and Opus: smaller, and slower to make."""
    GIF = "gif"
    WEBP = "webp"
    """Animated."""
    PNG = "png"
    """A folder of numbered pictures, and the sound beside them."""

    @property
    def silent(self) -> bool:
        """It has no sound."""
        return self in (Kind.GIF, Kind.WEBP)

    @property
    def even(self) -> bool:
        """So is its size: there is one colour for two by two pixels."""
        return self in (Kind.MP4, Kind.WEBM)

    @property
    def fastest(self) -> int:
        """Frames a second. In a GIF a frame stays for a whole number of 1/100 s, and what stays
        for one of them is shown as if it were ten."""
        return 50 if self is Kind.GIF else 60


@dataclass(frozen=True, slots=True)
class Look:
    """How large the pictures are and how many there are in a second."""

    size: int
    fps: int


DEFAULTS: Final = {
    Kind.MP4: Look(512, 25),
    Kind.WEBM: Look(512, 25),
    # 25 kB a frame at 512: twice a whole second of MP4. The delay of a frame is a whole number of
    # 1/100 s: 20 frames a second are exact.
    Kind.GIF: Look(320, 20),
    Kind.WEBP: Look(512, 25),
    Kind.PNG: Look(512, 25),
}

MEDIA_TYPES: Final = {
    Kind.MP4: "video/mp4",
    Kind.WEBM: "video/webm",
    Kind.GIF: "image/gif",
    Kind.WEBP: "image/webp",
}
"""Of those that are one file."""

_SUFFIXES: Final = {f".{kind}": kind for kind in Kind}


def kind_of(path: Path) -> Kind:
    """What a movie of this name is.

    Raises LipwireError `unsupported` for a name that says something else.
    """
    if not path.suffix:
        return Kind.PNG
    kind = _SUFFIXES.get(path.suffix.lower())
    if kind is None:
        raise _unsupported(
            f"{path.name} ends with {path.suffix}, and movies can end with: .mp4, .webm, .gif,"
            " .webp; or name a folder for PNG pictures, like frames/ or frames/%04d.png"
        )
    if kind is Kind.PNG and not re.search(r"%0?\d*d", path.name):
        raise _unsupported(
            f"{path.name} is one picture; for many, name them like {path.stem}%04d.png"
        )
    return kind


def _unsupported(text: str) -> LipwireError:
    return LipwireError(ErrorCode.UNSUPPORTED, text)

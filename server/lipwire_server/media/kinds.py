"""What a file is, by its first bytes: its name and what is said of it can be anything."""

from enum import StrEnum
from typing import Final

__all__ = ["HEAD_BYTES", "Kind", "kind_of"]

HEAD_BYTES: Final = 12
"""So many tell."""


class Kind(StrEnum):
    """The media types of what can be taken in. Nothing among them can hold a program."""

    PNG = "image/png"
    JPEG = "image/jpeg"
    WEBP = "image/webp"
    WAV = "audio/wav"

    @property
    def is_picture(self) -> bool:
        return self is not Kind.WAV

    @property
    def suffixes(self) -> tuple[str, ...]:
        """How names of such files end; the usual one first."""
        return _SUFFIXES[self]


_SUFFIXES: Final = {
    Kind.PNG: (".png",),
    Kind.JPEG: (".jpg", ".jpeg"),
    Kind.WEBP: (".webp",),
    Kind.WAV: (".wav",),
}


def kind_of(head: bytes) -> Kind | None:
    """None for what is not taken in."""
    if head.startswith(b"\x89PNG\r\n\x1a\n"):
        return Kind.PNG
    if head.startswith(b"\xff\xd8\xff"):
        return Kind.JPEG
    if head[:4] == b"RIFF":
        return {b"WEBP": Kind.WEBP, b"WAVE": Kind.WAV}.get(head[8:12])
    return None

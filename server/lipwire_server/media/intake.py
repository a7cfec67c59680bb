"""Files that people send: only what can be decoded is kept, and only as we write it."""

import asyncio
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Final

from .kinds import Kind
from .redrawing import redraw
from .wav import rewrite_wav

__all__ = ["Intake", "Medium"]

_AT_ONCE: Final = 2
"""Each takes a core, and up to some hundred megabytes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Medium:
    """What was taken in."""

    kind: str
    """`image` or `audio`."""
    media_type: str
    meta: dict[str, object]


class Intake:
    """Two files are worked on at once; whoever comes after them waits."""

    def __init__(self) -> None:
        self._room = asyncio.Semaphore(_AT_ONCE)

    async def take(self, kind: Kind, source: Path, target: Path) -> Medium:
        """Writes the content of `source` anew, into `target`.

        Raises LipwireError for what cannot be decoded within bounds.
        """
        async with self._room:
            if kind.is_picture:
                picture = await redraw(source, target)
                size: dict[str, object] = {"width": picture.width, "height": picture.height}
                return Medium(kind="image", media_type=picture.media_type, meta=size)
            sound = await asyncio.to_thread(rewrite_wav, source, target)
            return Medium(kind="audio", media_type=Kind.WAV, meta=asdict(sound))

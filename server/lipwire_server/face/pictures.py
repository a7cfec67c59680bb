"""Whole frames, encoded: what one listener has seen costs the next one nothing."""

import io
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from lipwire_protocol import ErrorCode, LipwireError

from .atlas import Atlas
from .compositor import Compositor, patches
from .single_flight import SingleFlight

__all__ = ["MIMES", "PictureCache", "Stats"]

MIMES: Final = ("image/jpeg", "image/webp")
"""What whole frames can be encoded as; the first one where nobody says."""

_COMPOSITORS: Final = 32
_PATCH_BYTES: Final = 128 << 20
"""Of all compositors together: the heads of two avatars that nod in 32 ways, at 512 pixels."""


class Stats(NamedTuple):
    hits: int
    misses: int
    bytes: int
    """Of all that is kept."""


class PictureCache:
    """Shared by everybody, bounded in bytes: the longest unused goes. For any thread.

    What pictures are composed of is kept as well, up to 128 MB of it.
    """

    def __init__(self, max_bytes: int) -> None:
        self._pictures: SingleFlight[tuple[str, str, bytes], bytes] = SingleFlight(max_bytes, len)
        self._patches = patches(_PATCH_BYTES)
        self._compositors: SingleFlight[str, Compositor] = SingleFlight(_COMPOSITORS)

    @property
    def stats(self) -> Stats:
        pictures = self._pictures
        return Stats(pictures.hits, pictures.misses, pictures.weight)

    def compositor(self, atlas: Atlas) -> Compositor:
        return self._compositors.get(atlas.key, lambda: Compositor(atlas, self._patches))

    def picture(self, atlas: Atlas, draws: NDArray[np.int32], mime: str = MIMES[0]) -> bytes:
        """A frame's draws, shape (layers, 4), as a file. Blocks while it is made."""
        if mime not in MIMES:
            raise LipwireError(
                ErrorCode.UNSUPPORTED, f"whole frames are {' or '.join(MIMES)}, not {mime!r}"
            )
        row = np.ascontiguousarray(draws, np.int32)
        return self._pictures.get(
            (atlas.key, mime, row.tobytes()),
            lambda: _encoded(self.compositor(atlas).picture(row), mime),
        )


def _encoded(picture: Image.Image, mime: str) -> bytes:
    out = io.BytesIO()
    if mime == "image/jpeg":
        picture.save(out, "JPEG", quality=80)
    else:
        picture.save(out, "WEBP", quality=80, method=2)
    return out.getvalue()

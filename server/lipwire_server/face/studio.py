"""All avatars of this process, at all sizes that are asked for."""

from collections.abc import Callable, Mapping
from typing import Final

import numpy as np
from numpy.typing import NDArray

from lipwire_protocol import ErrorCode, LipwireError

from .atlas import Atlas
from .compositor import Compositor
from .packs.avatar import Avatar
from .pictures import PictureCache
from .single_flight import SingleFlight

__all__ = ["Studio"]

_AVATARS: Final = 16
_ATLASES: Final = 32


class Studio:
    """Loads an avatar when it is first wanted, and keeps the last ones. For any thread."""

    def __init__(
        self, avatars: Mapping[str, Callable[[], Avatar]], default: str, *, cache_bytes: int
    ) -> None:
        if default not in avatars:
            raise _not_found(default, avatars)
        self._makers = dict(avatars)
        self.names = tuple(avatars)
        self.default = default
        self.pictures = PictureCache(cache_bytes)
        """Whole frames; `cache_bytes` at most."""
        self._avatars: SingleFlight[str, Avatar] = SingleFlight(_AVATARS)
        self._atlases: SingleFlight[tuple[str, int, str], Atlas] = SingleFlight(_ATLASES)

    def avatar(self, name: str) -> Avatar:
        if name not in self._makers:
            raise _not_found(name, self._makers)
        return self._avatars.get(name, self._makers[name])

    def atlas(self, name: str, size: int, mime: str) -> Atlas:
        """Blocks while the avatar is loaded; sprites are made later, when they are wanted.

        Who holds an atlas can use it as long as he likes, though another one may take its place.
        """
        avatar = self.avatar(name)
        # Whatever is larger than the avatar is the same atlas.
        size = min(size, avatar.manifest.size)
        return self._atlases.get((name, size, mime), lambda: Atlas(avatar, size, mime))

    def compositor(self, atlas: Atlas) -> Compositor:
        return self.pictures.compositor(atlas)

    def picture(self, atlas: Atlas, draws: NDArray[np.int32], mime: str) -> bytes:
        """A frame's draws, shape (layers, 4), as a file of a whole picture."""
        return self.pictures.picture(atlas, draws, mime)


def _not_found(name: str, avatars: Mapping[str, object]) -> LipwireError:
    there_are = ", ".join(avatars) or "none"
    return LipwireError(ErrorCode.NOT_FOUND, f"no avatar {name!r}; there are: {there_are}")

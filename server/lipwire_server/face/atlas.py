"""An avatar at one size, as the sprites that its frames are drawn from."""

import hashlib
from typing import Final

from lipwire_protocol import ErrorCode, LipwireError, Sprite

from .packs.avatar import Avatar
from .placing import GRID
from .poses import Poses
from .rig import Draws, Indices, Rig
from .single_flight import SingleFlight
from .sprites import MIMES, extent, sprite_file

__all__ = ["Atlas"]

_KEY_DIGITS: Final = 16


class Atlas:
    """Each sprite is made once in a process, when it is first wanted. For any thread."""

    def __init__(self, avatar: Avatar, size: int, mime: str = MIMES[0]) -> None:
        if mime not in MIMES:
            raise LipwireError(
                ErrorCode.UNSUPPORTED, f"sprites are {' or '.join(MIMES)}, not {mime!r}"
            )
        self._files = avatar.files
        extents = {name: extent(data) for name, data in avatar.files.items()}
        self._rig = Rig(avatar.manifest, size, extents)
        self._sprites: SingleFlight[int, Sprite] = SingleFlight()
        self.mime = mime
        self.size = self._rig.window.size
        """Width and height of what is drawn: no more than the avatar has."""
        self.key = hashlib.sha256(f"{avatar.key} {self.size} {mime}".encode()).hexdigest()
        """Equal for what looks the same."""
        self.layers = len(self._rig.layers)
        """Of which anything is seen at this size."""

    def __len__(self) -> int:
        return len(self._rig.pictures)

    def sprite(self, index: int) -> Sprite:
        """A sprite by its number. Blocks while it is made."""
        return self._sprites.get(index, lambda: self._made(index))

    def draws(self, poses: Poses, fps: int, previous: int | None = None) -> Draws:
        """What is drawn in each frame, shape (frames, layers, 4): see `rig.Draws`.

        `previous` is the shape of the mouth in the frame before (`shapes`), if there was one.
        """
        return self._rig.draws(poses, fps, previous)

    def shapes(self, poses: Poses, fps: int, previous: int | None = None) -> Indices:
        """The shape of the mouth in each frame, the same in every emotion."""
        return self._rig.shapes(poses, fps, previous)

    def _made(self, index: int) -> Sprite:
        placed = self._rig.pictures[index]
        data = sprite_file(self._files[placed.file], placed, self.mime)
        x, y = placed.centre
        return Sprite(
            id=index,
            key=hashlib.sha256(data).hexdigest()[:_KEY_DIGITS],
            mime=self.mime,
            width=placed.width,
            height=placed.height,
            x=round(x * GRID),
            y=round(y * GRID),
            data=data,
        )

"""From draws to what goes on the wire: frames and the sprites that they need, or whole pictures."""

import asyncio
from collections.abc import Awaitable, Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final, TypeAlias

import numpy as np
from msgspec import UNSET, UnsetType, structs
from numpy.typing import NDArray

from lipwire_protocol import Frame, FrameMode, Frames, Picture, Sprite, Sprites

from ..face.atlas import Atlas
from ..face.studio import Studio

__all__ = ["Draws", "Footage", "FramePacker"]

Draws: TypeAlias = NDArray[np.int32]
"""Shape (frames, layers, 4): for each sprite, from back to front, its index in the atlas (-1 for
none), to the right and down (1/16 px), rotation (1/1000 rad)."""

_MESSAGE_BYTES: Final = 128 << 10
"""Sprites are cut into messages of about so much: what is urgent need not wait for all of them."""


@dataclass(frozen=True, slots=True)
class Footage:
    """What is seen during a span of samples."""

    frames: tuple[Frame, ...] | UnsetType = UNSET
    pictures: tuple[Picture, ...] | UnsetType = UNSET


class FramePacker:
    """Packs the frames of one connection, on which a sprite is sent once and keeps its number.

    Sprites and pictures that nobody drew before are drawn in a thread.
    """

    def __init__(self, studio: Studio, send: Callable[[Sprites], Awaitable[None]]) -> None:
        """`send` queues a message, or is cancelled and does not."""
        self._studio = studio
        self._send = send
        self._first: dict[str, int] = {}
        """By the key of an atlas, the number of its first sprite."""
        self._next = 0
        self._sent: set[int] = set()
        self._sending = asyncio.Lock()

    async def pack(
        self, atlas: Atlas, draws: Draws, starts: Sequence[int], frames: Frames
    ) -> Footage:
        """Frames that start at these samples. The sprites that they need have been sent."""
        if frames.mode is FrameMode.FULL:
            return await self._pictures(atlas, draws, starts, frames)
        return await self._frames(atlas, draws, starts)

    async def _frames(self, atlas: Atlas, draws: Draws, starts: Sequence[int]) -> Footage:
        first = self._first.get(atlas.key)
        if first is None:
            first = self._first[atlas.key] = self._next
            self._next += len(atlas)
        await self._send_missing(atlas, set(draws[..., 0].ravel().tolist()) - {-1}, first)
        return Footage(
            frames=tuple(
                Frame(start, tuple(_flat(rows, first)))
                for start, rows in zip(starts, draws.tolist(), strict=True)
            ),
        )

    async def _send_missing(self, atlas: Atlas, needed: set[int], first: int) -> None:
        async with self._sending:
            missing = sorted(index for index in needed if first + index not in self._sent)
            if not missing:
                return
            sprites = await asyncio.to_thread(_drawn, atlas, missing)
            for message in _messages(sprites, first):
                await self._send(message)
                self._sent.update(sprite.id for sprite in message.sprites)

    async def _pictures(
        self, atlas: Atlas, draws: Draws, starts: Sequence[int], frames: Frames
    ) -> Footage:
        mime = frames.mime
        assert mime is not None

        def drawn() -> list[bytes]:
            return [self._studio.picture(atlas, row, mime) for row in draws]

        pictures = await asyncio.to_thread(drawn)
        return Footage(
            pictures=tuple(
                Picture(start, True, data) for start, data in zip(starts, pictures, strict=True)
            )
        )


def _drawn(atlas: Atlas, indices: Sequence[int]) -> list[Sprite]:
    return [atlas.sprite(index) for index in indices]


def _flat(rows: list[list[int]], first: int) -> Iterator[int]:
    for sprite, x, y, rotation in rows:
        if sprite >= 0:
            yield from (first + sprite, x, y, rotation)


def _messages(sprites: Sequence[Sprite], first: int) -> Iterator[Sprites]:
    waiting: list[Sprite] = []
    size = 0
    for sprite in sprites:
        waiting.append(structs.replace(sprite, id=first + sprite.id))
        size += len(sprite.data)
        if size > _MESSAGE_BYTES:
            yield Sprites(sprites=tuple(waiting))
            waiting, size = [], 0
    if waiting:
        yield Sprites(sprites=tuple(waiting))

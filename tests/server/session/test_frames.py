"""Sprites go out once, before the frames that need them, also when something comes between."""

import asyncio

import numpy as np
import pytest

from lipwire_protocol import FrameMode, Frames, Sprites
from lipwire_server.face.atlas import Atlas
from lipwire_server.face.studio import Studio
from lipwire_server.session.frames import FramePacker
from tests.tiny_avatar import NAME, SIZE, tiny_avatar

SPRITES = Frames(mode=FrameMode.SPRITES, size=SIZE, mime="image/webp")
FULL = Frames(mode=FrameMode.FULL, size=SIZE, mime="image/jpeg")


class Wire:
    """Keeps what is sent; can be made to wait."""

    def __init__(self) -> None:
        self.sent: list[Sprites] = []
        self.open = asyncio.Event()
        self.open.set()

    async def send(self, message: Sprites) -> None:
        await self.open.wait()
        self.sent.append(message)

    @property
    def ids(self) -> list[int]:
        return [sprite.id for message in self.sent for sprite in message.sprites]


@pytest.fixture
def studio() -> Studio:
    return Studio({NAME: tiny_avatar, "other": tiny_avatar}, NAME, cache_bytes=1 << 20)


def draws(*sprites: int) -> np.ndarray[tuple[int, ...], np.dtype[np.int32]]:
    """A frame for each number: that sprite, a little to the right, and one layer with nothing."""
    return np.array([[[-1, 0, 0, 0], [sprite, 16, -3, 2]] for sprite in sprites], np.int32)


def atlas_of(studio: Studio, size: int = SIZE) -> Atlas:
    return studio.atlas(NAME, size, "image/webp")


async def test_a_sprite_is_sent_before_its_first_frame_and_never_again(studio: Studio) -> None:
    wire, atlas = Wire(), atlas_of(studio)
    packer = FramePacker(studio, wire.send)
    footage = await packer.pack(atlas, draws(2, 1, 2), [0, 40, 80], SPRITES)
    assert wire.ids == [1, 2]
    assert [(frame.start, frame.draws) for frame in footage.frames or ()] == [
        (0, (2, 16, -3, 2)),
        (40, (1, 16, -3, 2)),
        (80, (2, 16, -3, 2)),
    ]
    await packer.pack(atlas, draws(1, 3), [120, 160], SPRITES)
    assert wire.ids == [1, 2, 3]


async def test_sprites_of_another_size_have_other_numbers(studio: Studio) -> None:
    wire, atlas = Wire(), atlas_of(studio)
    small = atlas_of(studio, SIZE // 2)
    packer = FramePacker(studio, wire.send)
    await packer.pack(atlas, draws(1), [0], SPRITES)
    footage = await packer.pack(small, draws(1), [40], SPRITES)
    assert wire.ids == [1, len(atlas) + 1]
    assert (footage.frames or ())[0].draws[0] == len(atlas) + 1
    await packer.pack(atlas, draws(1), [80], SPRITES)
    assert len(wire.ids) == 2


async def test_who_was_stopped_before_his_sprites_left_has_not_sent_them(studio: Studio) -> None:
    wire, atlas = Wire(), atlas_of(studio)
    packer = FramePacker(studio, wire.send)
    wire.open.clear()
    stopped = asyncio.ensure_future(packer.pack(atlas, draws(1), [0], SPRITES))
    await asyncio.sleep(0.05)
    stopped.cancel()
    await asyncio.gather(stopped, return_exceptions=True)
    wire.open.set()
    await packer.pack(atlas, draws(1), [0], SPRITES)
    assert wire.ids == [1]


async def test_two_at_once_send_a_sprite_once(studio: Studio) -> None:
    wire, atlas = Wire(), atlas_of(studio)
    packer = FramePacker(studio, wire.send)
    await asyncio.gather(
        packer.pack(atlas, draws(1, 2), [0, 40], SPRITES),
        packer.pack(atlas, draws(2, 3), [0, 40], SPRITES),
    )
    assert sorted(wire.ids) == [1, 2, 3]


async def test_many_sprites_travel_in_several_messages(
    studio: Studio, monkeypatch: pytest.MonkeyPatch
) -> None:
    wire, atlas = Wire(), atlas_of(studio)
    monkeypatch.setattr("lipwire_server.session.frames._MESSAGE_BYTES", 100)
    await FramePacker(studio, wire.send).pack(atlas, draws(1, 2, 3), [0, 40, 80], SPRITES)
    assert len(wire.sent) > 1
    assert sorted(wire.ids) == [1, 2, 3]


async def test_whole_pictures_need_no_sprites(studio: Studio) -> None:
    wire, atlas = Wire(), atlas_of(studio)
    whole = np.zeros((2, atlas.layers, 4), np.int32)
    whole[..., 0] = -1
    footage = await FramePacker(studio, wire.send).pack(atlas, whole, [0, 40], FULL)
    pictures = footage.pictures or ()
    assert [(picture.start, picture.key) for picture in pictures] == [(0, True), (40, True)]
    assert all(picture.data.startswith(b"\xff\xd8") for picture in pictures)
    assert not wire.sent

"""An avatar of a few kilobytes with everything that a real one has.

64 pixels, flat colours, no art. A mouth is a box as wide and as open as its articulation says, and
its colour says which one it is (`mouth_colour`), so that tests can see in a picture what is shown.
"""

import io
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any, Final
from zipfile import ZipFile

import msgspec
from PIL import Image as Pillow

from lipwire_server.face.articulation import HELD
from lipwire_server.face.emotions import NAMES, NEUTRAL
from lipwire_server.face.landmarks import measures
from lipwire_server.face.packs.avatar import Avatar
from lipwire_server.face.packs.manifest import (
    FORMAT,
    Follow,
    Image,
    Layer,
    Manifest,
    Motion,
    Mouth,
    MouthSet,
    Shows,
    View,
)

__all__ = ["EMOTIONS", "JAWS", "LIDS", "NAME", "SIZE", "mouth_colour", "tiny_avatar",
           "tiny_manifest", "write_tiny_pack"]  # fmt: skip

NAME: Final = "tiny"
SIZE: Final = 64
EMOTIONS: Final = ("happy", "sad")
"""Those that it has mouths of, beside the neutral ones."""
STRENGTHS: Final = (0.333, 0.667)
"""Of mouths at rest on their way to an emotion."""
JAWS: Final = (0.0, 0.5, 1.0)
LIDS: Final = (-0.3, 0.0, 0.5, 1.0)

Colour = tuple[int, int, int]

TORSO: Final = (70, 90, 160)
FACE: Final = (230, 190, 160)
WHITE: Final = (250, 250, 250)
IRIS: Final = (40, 90, 60)
LID: Final = (200, 150, 120)
BROW: Final = (80, 50, 30)
HAIR: Final = (100, 60, 30)


def mouth_colour(shape: int, emotion: str = NEUTRAL, strength: float = 1.0) -> Colour:
    """The colour that no other mouth has."""
    return 60 + 10 * shape, 30 * NAMES.index(emotion), round(120 * strength)


def tiny_avatar(**changes: Any) -> Avatar:
    """The avatar; `changes` are to fields of its manifest."""
    manifest = tiny_manifest(**changes)
    names = {image.file for layer in manifest.layers for image in layer.images}
    return Avatar.of(manifest, {name: _pictures()[name] for name in names})


def tiny_manifest(**changes: Any) -> Manifest:
    return msgspec.structs.replace(_manifest(), **changes)


def write_tiny_pack(path: Path, **changes: Any) -> Path:
    """Writes it as a zip where `path` ends with .zip, else as a folder."""
    avatar = tiny_avatar(**changes)
    files = {"avatar.json": msgspec.json.encode(avatar.manifest), **avatar.files}
    if path.suffix == ".zip":
        with ZipFile(path, "w") as archive:
            for name, content in files.items():
                archive.writestr(name, content)
        return path
    for name, content in files.items():
        (path / name).parent.mkdir(parents=True, exist_ok=True)
        (path / name).write_bytes(content)
    return path


@cache
def _manifest() -> Manifest:
    head = Follow.HEAD
    return Manifest(
        format=FORMAT,
        name=NAME,
        title="Tiny",
        author="The tests",
        license="CC0-1.0",
        size=SIZE,
        pivot=(32, 46),
        layers=(
            Layer(
                name="torso", images=(Image(file="torso.png", at=(8, 50)),), follow=Follow.BREATH
            ),
            Layer(
                name="face", images=tuple(_faces()), shows=Shows.JAW, follow=head, parallax=(1, 0.5)
            ),
            Layer(
                name="whites",
                images=(Image(file="whites.png", at=(20, 24)),),
                follow=head,
                parallax=(2, 1),
            ),
            Layer(
                name="irises",
                images=(Image(file="irises.png", at=(22, 24)),),
                follow=head,
                parallax=(2, 1),
                gaze=(2, 1),
            ),
            Layer(
                name="lids", images=tuple(_lids()), shows=Shows.LIDS, follow=head, parallax=(2, 1)
            ),
            *(_brow(side, left) for side, left in (("left", 19), ("right", 36))),
            Layer(
                name="mouth",
                images=tuple(_mouths()),
                shows=Shows.MOUTH,
                follow=head,
                parallax=(2, 1.5),
            ),
            Layer(
                name="hair",
                images=(Image(file="hair.png", at=(14, 6)),),
                follow=head,
                parallax=(1, 0.5),
            ),
        ),
        mouth=Mouth(set=MouthSet.ARTICULATION, codebook=tuple(map(tuple, HELD.tolist()))),
        views=(View(up_to=32, box=(8, 4, 48)),),
        motion=Motion(breath_px=0.5),
    )


def _faces() -> Iterator[Image]:
    for jaw in JAWS:
        yield Image(file=f"face/{jaw}.png", at=(16, 8), value=jaw)


def _lids() -> Iterator[Image]:
    for closed in LIDS:
        yield Image(file=f"lids/{closed}.png", at=(20, 22), value=closed)


def _brow(side: str, left: int) -> Layer:
    return Layer(
        name=f"brow {side}",
        images=(Image(file="brow.png", at=(left, 18)),),
        follow=Follow.HEAD,
        parallax=(2, 1),
        brow=(2, 0.3 if side == "left" else -0.3),
    )


def _mouths() -> Iterator[Image]:
    """Neutral and emotional ones of every shape, and in-betweens of the mouth at rest."""
    for shape in range(len(HELD)):
        yield _mouth(shape)
        for emotion in EMOTIONS:
            for strength in (1.0, *(STRENGTHS if shape == 0 else ())):
                yield _mouth(shape, emotion, strength)


def _mouth(shape: int, emotion: str = NEUTRAL, strength: float = 1.0) -> Image:
    width, height = _opening(shape)
    return Image(
        file=f"mouth/{shape}-{emotion}-{strength}.png",
        at=(32 - width // 2, 38 - height // 4),
        shape=str(shape),
        emotion=None if emotion == NEUTRAL else emotion,
        strength=strength,
    )


def _opening(shape: int) -> tuple[int, int]:
    at = measures(HELD[shape])
    scale = SIZE / 512
    width = 2 * round(float(at.half_width) * scale)
    return width, 2 + round(float(at.above + at.below) * scale)


@cache
def _pictures() -> dict[str, bytes]:
    pictures = {
        "torso.png": _box(48, 14, TORSO),
        "whites.png": _boxes(24, 6, WHITE, (0, 0, 9, 6), (15, 0, 24, 6)),
        "irises.png": _boxes(20, 6, IRIS, (0, 1, 4, 5), (15, 1, 19, 5)),
        "brow.png": _box(9, 2, BROW),
        "hair.png": _box(36, 10, HAIR),
    }
    for jaw in JAWS:
        pictures[f"face/{jaw}.png"] = _box(32, 40 + round(4 * jaw), FACE)
    for closed in LIDS:
        height = max(1, round(8 * (0.2 + 0.8 * closed)))
        boxes = ((0, 0, 9, height), (15, 0, 24, height))
        pictures[f"lids/{closed}.png"] = _boxes(24, 8, LID, *boxes)
    for image in _mouths():
        shape, emotion = int(image.shape or 0), image.emotion or NEUTRAL
        colour = mouth_colour(shape, emotion, image.strength)
        pictures[image.file] = _box(*_opening(shape), colour)
    return pictures


def _box(width: int, height: int, colour: Colour) -> bytes:
    return _boxes(width, height, colour, (0, 0, width, height))


def _boxes(width: int, height: int, colour: Colour, *boxes: tuple[int, int, int, int]) -> bytes:
    picture = Pillow.new("RGBA", (width, height))
    for box in boxes:
        picture.paste((*colour, 255), box)
    out = io.BytesIO()
    picture.save(out, "PNG")
    return out.getvalue()

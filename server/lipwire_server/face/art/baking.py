"""Figures to avatar packs. The same figure becomes the same bytes, wherever Pillow is the same."""

import io
from collections.abc import Callable, Iterable, Sequence
from typing import Final
from zipfile import ZIP_STORED, ZipFile, ZipInfo

import msgspec
from PIL import Image as Pillow

from ..articulation import Articulation
from ..bleeding import bled
from ..packs.manifest import FORMAT, Follow, Image, Layer, Manifest, Mouth, MouthSet, Shows, View
from .character import Character
from .geometry import SIZE
from .plates import Plate, Sheet, sheets
from .raster import EVERYTHING, Cropped, crop, draw

__all__ = ["MANIFEST", "bake", "count"]

MANIFEST: Final = "avatar.json"

_AUTHOR: Final = "The Lipwire authors"
_LICENSE: Final = "GPL-3.0-or-later"
_VIEWS: Final = (View(up_to=320, box=(86, 40, 340)),)
"""Small pictures show the face alone, or nobody could read its lips."""

_BREATHING: Final = (0, 0, SIZE, SIZE + 4)
"""Shoulders go up with each breath: there has to be something below the frame."""

_QUALITIES: Final = {Shows.ALWAYS: (96, 100), Shows.MOUTH: (87, 72)}
"""Of colours and of opacity: the many mouths are what an avatar weighs."""
_QUALITY: Final = (92, 72)
_METHOD: Final = 6
_LOSSLESS_BYTES: Final = 12_000
"""Pictures of which there is one are kept as they are, unless they become larger than this."""
_DATE: Final = (1980, 1, 1, 0, 0, 0)
"""The first that a zip can have. Files have no other, so that equal packs are equal bytes."""


def _ignore() -> None:
    pass


def count(of: Character, codebook: Sequence[Articulation]) -> int:
    """How many pictures there are to draw."""
    return sum(len(sheet.plates) for sheet in sheets(of, codebook))


def bake(
    of: Character, codebook: Sequence[Articulation], drawn: Callable[[], None] = _ignore
) -> bytes:
    """The zip of a pack; `drawn` is called after each picture."""
    files: dict[str, bytes] = {}
    layers = []
    for sheet in sheets(of, codebook):
        box = _BREATHING if sheet.follow is Follow.BREATH else EVERYTHING
        images = []
        for plate in sheet.plates:
            cropped = crop(draw(plate.fills(), box))
            images.append(_image(plate, cropped))
            files[images[-1].file] = _encoded(cropped.picture, sheet.shows)
            drawn()
        layers.append(_layer(sheet, images))
    return _zip({MANIFEST: msgspec.json.encode(_manifest(of, codebook, layers)), **files})


def _manifest(of: Character, codebook: Sequence[Articulation], layers: Iterable[Layer]) -> Manifest:
    return Manifest(
        format=FORMAT,
        name=of.name,
        title=of.title,
        author=_AUTHOR,
        license=_LICENSE,
        size=SIZE,
        layers=tuple(layers),
        mouth=Mouth(
            set=MouthSet.ARTICULATION,
            codebook=tuple(tuple(held) for held in codebook),
        ),
        views=_VIEWS,
    )


def _image(plate: Plate, cropped: Cropped) -> Image:
    return Image(
        file=f"{plate.file}.webp",
        at=cropped.at,
        shape=plate.shape,
        value=plate.value,
        emotion=plate.emotion,
        strength=plate.strength,
    )


def _layer(sheet: Sheet, images: Sequence[Image]) -> Layer:
    return Layer(
        name=sheet.name,
        images=tuple(images),
        shows=sheet.shows,
        follow=sheet.follow,
        parallax=sheet.parallax,
        gaze=sheet.gaze,
        brow=sheet.brow,
    )


def _encoded(picture: Pillow.Image, shows: Shows) -> bytes:
    if shows is Shows.ALWAYS:
        exact = _webp(picture, lossless=True, quality=100)
        if len(exact) <= _LOSSLESS_BYTES:
            return exact
    quality, alpha_quality = _QUALITIES.get(shows, _QUALITY)
    return _webp(bled(picture), quality=quality, alpha_quality=alpha_quality, exact=True)


def _webp(picture: Pillow.Image, **options: int) -> bytes:
    out = io.BytesIO()
    picture.save(out, "WEBP", method=_METHOD, **options)
    return out.getvalue()


def _zip(files: dict[str, bytes]) -> bytes:
    out = io.BytesIO()
    with ZipFile(out, "w", ZIP_STORED) as pack:
        for name, content in files.items():
            pack.writestr(ZipInfo(name, _DATE), content)
    return out.getvalue()

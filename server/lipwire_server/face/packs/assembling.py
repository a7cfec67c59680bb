"""Layers out of the pictures of a character."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

from PIL import Image as Pillow
from PIL import ImageChops, ImageFilter

from .conventions import Parts
from .manifest import Follow, Image, Layer, Shows
from .pixels import encoded

__all__ = ["Assembled", "assemble"]

_LARGEST: Final = 1_024
"""Sides of larger characters are brought down to this."""
_SMALLEST: Final = 64
_MOUTH_AT: Final = 0.62
_EYES_AT: Final = 0.42
"""How far down something is put of which nobody knows where it belongs."""
_OPAQUE: Final = 250
_CHANGED: Final = 12
"""How much a pixel of closed eyes differs from the same one of open eyes."""
_WHOLE: Final = 0.5
"""What covers so much of the character is another picture of it, and nothing to lay on it."""


@dataclass(kw_only=True)
class Assembled:
    size: int
    layers: list[Layer] = field(default_factory=list)
    files: dict[str, bytes] = field(default_factory=dict)
    warnings: list[str] = field(default_factory=list)


def assemble(parts: Parts, read: Callable[[str], Pillow.Image]) -> Assembled:
    """`read` decodes the picture of a name; it is asked for one after another."""
    return _Assembly(parts, read).made()


class _Assembly:
    def __init__(self, parts: Parts, read: Callable[[str], Pillow.Image]) -> None:
        self._parts = parts
        self._read = read
        self._character = read(parts.base or next(iter(parts.mouths.values())))
        side = max(self._character.size)
        self._scale = min(_LARGEST, max(_SMALLEST, side)) / side
        self._made = Assembled(size=round(side * self._scale))
        # What fills its corners would show its edges if it turned.
        corners = {(x, y) for x in (0, -1) for y in (0, -1)}
        alpha = self._character.getchannel("A")
        filled = all(alpha.getpixel((x % alpha.width, y % alpha.height)) == 255 for x, y in corners)
        self._follow = Follow.NONE if filled else Follow.HEAD

    def made(self) -> Assembled:
        parts = self._parts
        if parts.base is not None:
            self._layer("base", [self._image("base", self._character, _EYES_AT)])
        # Mouths that are the whole picture lie below the eyes, all others on top of them.
        if parts.base is None:
            self._mouths()
        if parts.closed_eyes is not None:
            self._eyes(parts.closed_eyes)
        elif parts.open_eyes is not None:
            self._layer("eyes", [self._image("eyes/open", self._read(parts.open_eyes), _EYES_AT)])
        else:
            self._made.warnings.append("there is no picture of closed eyes: it will never blink")
        if parts.base is not None:
            self._mouths()
        return self._made

    def _mouths(self) -> None:
        images = []
        for shape, file in self._parts.mouths.items():
            images.append(self._image(f"mouth/{shape}", self._read(file), _MOUTH_AT, shape=shape))
        for (emotion, shape), file in self._parts.feelings.items():
            name, picture = f"mouth/{emotion}/{shape}", self._read(file)
            images.append(self._image(name, picture, _MOUTH_AT, shape=shape, emotion=emotion))
        self._layer("mouth", images, Shows.MOUTH)

    def _eyes(self, file: str) -> None:
        closed = self._read(file)
        covers = _covered(closed) > _WHOLE * _covered(self._character)
        if covers and closed.size == self._character.size:
            closed = _what_changed(self._character, closed)
        # Nothing is shown of eyes that are open in the picture below.
        shown = self._parts.open_eyes
        opened = self._read(shown) if shown else Pillow.new("RGBA", self._character.size)
        self._layer(
            "eyes",
            [
                self._image("eyes/open", opened, _EYES_AT, value=0.0),
                self._image("eyes/closed", closed, _EYES_AT, value=1.0),
            ],
            Shows.LIDS,
        )

    def _layer(self, name: str, images: list[Image], shows: Shows = Shows.ALWAYS) -> None:
        self._made.layers.append(
            Layer(name=name, images=tuple(images), shows=shows, follow=self._follow)
        )

    def _image(
        self,
        name: str,
        picture: Pillow.Image,
        down: float,
        *,
        shape: str | None = None,
        value: float | None = None,
        emotion: str | None = None,
    ) -> Image:
        left, top = self._place(picture, name, down)
        box = picture.getchannel("A").getbbox() or (0, 0, 1, 1)
        cropped, (x, y) = _scaled(picture.crop(box), self._scale), box[:2]
        file = f"{name}.webp"
        self._made.files[file] = encoded(cropped)
        at = (round((left + x) * self._scale), round((top + y) * self._scale))
        return Image(file=file, at=at, shape=shape, value=value, emotion=emotion)

    def _place(self, picture: Pillow.Image, name: str, down: float) -> tuple[float, float]:
        """Where its top left corner lies in the square, before that is scaled.

        Characters stand in the middle of its lower edge.
        """
        side = max(self._character.size)
        width, height = self._character.size
        if picture.size == self._character.size or self._parts.base is None:
            return (side - picture.width) / 2, float(side - picture.height)
        self._made.warnings.append(
            f"{name} is {picture.width} x {picture.height} and the base {width} x {height}: it was"
            " put in the middle; save all of the same size, or change `at` in avatar.json"
        )
        return (side - picture.width) / 2, side - height + down * height - picture.height / 2


def _covered(picture: Pillow.Image) -> int:
    """Pixels that can be seen."""
    histogram = picture.getchannel("A").histogram()
    return sum(histogram[128:])


def _what_changed(before: Pillow.Image, after: Pillow.Image) -> Pillow.Image:
    """The pixels of a picture that another one of the same size has not."""
    difference = ImageChops.difference(before.convert("RGBa"), after.convert("RGBa"))
    bands = difference.split()
    largest = bands[0]
    for band in bands[1:]:
        largest = ImageChops.lighter(largest, band)
    mask = largest.point([255 * (value >= _CHANGED) for value in range(256)])
    mask = mask.filter(ImageFilter.MaxFilter(5))
    changed = after.copy()
    changed.putalpha(ImageChops.darker(after.getchannel("A"), mask))
    return changed


def _scaled(picture: Pillow.Image, scale: float) -> Pillow.Image:
    if scale == 1.0:
        return picture
    size = (max(1, round(picture.width * scale)), max(1, round(picture.height * scale)))
    # Premultiplied, or colours of pixels that nobody sees bleed into the others.
    return picture.convert("RGBa").resize(size, Pillow.Resampling.LANCZOS).convert("RGBA")

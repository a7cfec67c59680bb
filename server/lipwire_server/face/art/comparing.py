"""Are two packs the same avatar? Encoders change from release to release, so bytes do not tell."""

import io
from collections.abc import Iterator, Mapping
from typing import Final
from zipfile import ZipFile

import msgspec
import numpy as np
from numpy.typing import NDArray
from PIL import Image as Pillow

from ..packs.manifest import Image, Manifest
from .baking import MANIFEST

__all__ = ["differences"]

_ALIKE_DB: Final = 42.0
"""Ratio of signal to noise from which two pictures count as the same."""


def differences(one: bytes, other: bytes) -> Iterator[str]:
    """What differs, one line each."""
    packs = [_unpacked(pack) for pack in (one, other)]
    first, second = (_manifest(pack) for pack in packs)
    if _without_places(first) != _without_places(second):
        yield f"{MANIFEST} differs"
        return
    for image, twin in zip(_images(first), _images(second), strict=True):
        pictures = [_pasted(packs[0], image, first.size), _pasted(packs[1], twin, second.size)]
        ratio = _psnr(*pictures)
        if ratio < _ALIKE_DB:
            yield f"{image.file} differs ({ratio:.0f} dB)"


def _unpacked(pack: bytes) -> Mapping[str, bytes]:
    with ZipFile(io.BytesIO(pack)) as opened:
        return {name: opened.read(name) for name in opened.namelist()}


def _manifest(files: Mapping[str, bytes]) -> Manifest:
    return msgspec.json.decode(files[MANIFEST], type=Manifest)


def _images(manifest: Manifest) -> Iterator[Image]:
    for layer in manifest.layers:
        yield from layer.images


def _without_places(manifest: Manifest) -> Manifest:
    """Where a picture begins depends on where its edge fades to nothing."""
    layers = (
        msgspec.structs.replace(
            layer, images=tuple(msgspec.structs.replace(i, at=(0, 0)) for i in layer.images)
        )
        for layer in manifest.layers
    )
    return msgspec.structs.replace(manifest, layers=tuple(layers))


def _pasted(files: Mapping[str, bytes], image: Image, size: int) -> NDArray[np.float64]:
    """Premultiplied, and as large as the face."""
    canvas = Pillow.new("RGBA", (size, size))
    with Pillow.open(io.BytesIO(files[image.file])) as picture:
        canvas.paste(picture.convert("RGBA"), (int(image.at[0]), int(image.at[1])))
    return np.asarray(canvas.convert("RGBa"), np.float64)


def _psnr(one: NDArray[np.float64], other: NDArray[np.float64]) -> float:
    """Over what is seen in either: empty space would make all pictures alike."""
    seen = (one[..., 3] > 0) | (other[..., 3] > 0)
    error = float(np.mean((one[seen] - other[seen]) ** 2)) if seen.any() else 0.0
    return float("inf") if error == 0.0 else 10.0 * float(np.log10(255.0**2 / error))

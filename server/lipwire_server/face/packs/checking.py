"""Whether an avatar can speak: what its manifest says, and its pictures."""

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Final

from lipwire_protocol.visemes import SETS

from ..emotions import NAMES, NEUTRAL
from .manifest import Image, Layer, Manifest, MouthSet, Shows
from .sources import is_safe

__all__ = ["OPTIONAL", "REQUIRED", "problems"]

REQUIRED: Final[Mapping[MouthSet, tuple[str, ...]]] = {
    MouthSet.OCULUS: SETS["oculus"],
    MouthSet.RHUBARB: ("A", "B", "C", "D", "E", "F"),
    MouthSet.PRESTON_BLAIR: ("AI", "E", "O", "MBP"),
    MouthSet.PNGTUBER: ("closed", "open"),
}
"""Shapes that a mouth has to have, at ease."""

OPTIONAL: Final[Mapping[MouthSet, Mapping[str, str]]] = {
    MouthSet.OCULUS: {},
    MouthSet.RHUBARB: {"G": "A", "H": "C", "X": "A"},
    MouthSet.PRESTON_BLAIR: {
        "U": "O", "etc": "E", "L": "etc", "WQ": "U", "FV": "MBP", "rest": "MBP",
    },
    MouthSet.PNGTUBER: {"half": "open", "e": "open", "u": "open"},
}  # fmt: skip
"""Shapes that it may have, and which one is shown where it has not."""

_ARTICULATED: Final = 2.0
"""Largest number of a codebook."""
_LISTED: Final = 20


def problems(manifest: Manifest, extents: Mapping[str, tuple[int, int]]) -> Iterator[str]:
    """Sentences about what is wrong. `extents` are widths and heights of the pictures."""
    names = Counter(layer.name for layer in manifest.layers)
    for name, count in names.items():
        if count > 1:
            yield f"{count} layers are named {name!r}: give each a name of its own"
    for layer in manifest.layers:
        for text in _of_layer(layer, manifest.size, extents):
            yield f"layer {layer.name!r}: {text}"
    yield from _of_mouth(manifest)
    for view in manifest.views:
        left, top, side = view.box
        if side < 1 or min(left, top) < 0 or max(left, top) + side > manifest.size:
            yield f"the view up to {view.up_to} px does not lie within the {manifest.size} px"


def _of_layer(layer: Layer, size: int, extents: Mapping[str, tuple[int, int]]) -> Iterator[str]:
    for image in layer.images:
        if not is_safe(image.file):
            yield f"{image.file[:100]!r} does not name a file within the pack"
            continue
        width, height = extents.get(image.file, (1, 1))
        left, top = image.at
        if left >= size or top >= size or left + width <= 0 or top + height <= 0:
            yield f"{image.file} lies outside of the {size} px: change its `at`"
        if image.emotion is not None and image.emotion not in NAMES:
            known = ", ".join(NAMES)
            yield f"{image.file} is for the emotion {image.emotion!r}; there are: {known}"
        if image.emotion in (None, NEUTRAL) and image.strength != 1.0:
            yield f"{image.file} has a strength and no emotion: strengths are of emotions"
    yield from _of_choice(layer)


def _of_choice(layer: Layer) -> Iterator[str]:
    """What the pictures are chosen by."""
    by_shape, by_value = layer.shows is Shows.MOUTH, layer.shows in (Shows.JAW, Shows.LIDS)
    for image in layer.images:
        if (image.shape is not None) != by_shape:
            what = "needs a `shape`" if by_shape else "has a `shape` that nothing asks for"
            yield f"{image.file} {what}, as the layer shows {layer.shows.value!r}"
        if (image.value is not None) != by_value:
            what = "needs a `value`" if by_value else "has a `value` that nothing asks for"
            yield f"{image.file} {what}, as the layer shows {layer.shows.value!r}"
    if layer.shows is not Shows.MOUTH and all(_is_emotional(image) for image in layer.images):
        yield "it has pictures for emotions only: add one without `emotion`"
    seen: dict[tuple[object, ...], Image] = {}
    latest: dict[tuple[object, ...], float] = {}
    for image in layer.images:
        choice = (image.emotion or NEUTRAL, image.strength)
        first = seen.setdefault((*choice, image.shape, image.value), image)
        if first is not image:
            yield f"{first.file} and {image.file} are for the same: delete one of them"
        elif image.value is not None:
            if image.value < latest.get(choice, -2.0):
                yield f"the `value` of {image.file} is out of order: the smallest comes first"
            latest[choice] = image.value


def _of_mouth(manifest: Manifest) -> Iterator[str]:
    kind, codebook = manifest.mouth.set, manifest.mouth.codebook
    layers = [layer for layer in manifest.layers if layer.shows is Shows.MOUTH]
    if not layers:
        yield "no layer has the pictures of the mouth: one has to show 'mouth'"
        return
    if kind is MouthSet.ARTICULATION:
        required: tuple[str, ...] = tuple(map(str, range(len(codebook))))
        known = set(required)
        if not codebook:
            yield "mouth.codebook: shapes of the set 'articulation' are numbers of its rows"
        if any(abs(number) > _ARTICULATED for row in codebook for number in row):
            yield "mouth.codebook: numbers are from -2 to 2"
    else:
        required = REQUIRED[kind]
        known = {*required, *OPTIONAL[kind]}
        if codebook:
            yield f"mouth.codebook: the set {kind.value!r} has none"
    images = [image for layer in layers for image in layer.images if image.shape is not None]
    there = {image.shape for image in images if not _is_emotional(image)}
    if missing := [shape for shape in required if shape not in there]:
        yield f"of the set {kind.value!r} there is no {_list(missing)}: every mouth needs these"
    if unknown := sorted({str(image.shape) for image in images} - known):
        yield f"the set {kind.value!r} has no {_list(unknown)}; it has {_list(sorted(known))}"


def _is_emotional(image: Image) -> bool:
    return image.emotion not in (None, NEUTRAL)


def _list(names: list[str]) -> str:
    more = len(names) - _LISTED
    shown = names if more <= 0 else names[:_LISTED]
    return ", ".join(name[:40] for name in shown) + (f" and {more} more" if more > 0 else "")

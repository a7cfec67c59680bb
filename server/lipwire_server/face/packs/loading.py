"""Packs to avatars."""

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from lipwire_protocol import LipwireError

from .avatar import Avatar
from .checking import problems
from .manifest import Manifest
from .pixels import MOST_PIXELS, cleaned, extent
from .reading import MANIFEST, MANIFEST_BYTES, read_manifest
from .sources import Source, open_source, wrong

__all__ = ["load_avatar", "load_manifest", "look_through"]

_TOLD: Final = 5


def load_avatar(path: Path, *, trusted: bool = False) -> Avatar:
    """An avatar out of a folder or a zip. Raises LipwireError that says what is wrong with it.

    Its pictures are decoded and encoded again, unless it is `trusted`: one of our own.
    """
    with _told_of(path), open_source(path) as source:
        manifest = _manifest(source)
        if trusted:
            return Avatar.of(manifest, {name: source.read(name) for name in _named(manifest)})
        files = _files(source, manifest)
        found = look_through(manifest, files)
        if found:
            raise wrong(_told(found))
        return Avatar.of(manifest, {name: cleaned(name, data) for name, data in files.items()})


def load_manifest(path: Path) -> Manifest:
    """Only that: fast, and nothing is known about the pictures."""
    with _told_of(path), open_source(path) as source:
        return _manifest(source)


def look_through(manifest: Manifest, files: Mapping[str, bytes]) -> list[str]:
    """What is wrong, as sentences; of pictures no more than their heads is looked at."""
    extents = {name: extent(name, data) for name, data in files.items()}
    found = list(problems(manifest, extents))
    if sum(width * height for width, height in extents.values()) > MOST_PIXELS:
        found.append(
            f"the pictures have more than {MOST_PIXELS >> 20} megapixels: make them smaller"
        )
    return found


@contextmanager
def _told_of(path: Path) -> Iterator[None]:
    """Errors say of which pack they are."""
    try:
        yield
    except LipwireError as error:
        text = str(error)
        if str(path) in text:
            raise
        raise LipwireError(error.code, f"{path}: {text}") from error


def _manifest(source: Source) -> Manifest:
    if MANIFEST not in source.names:
        raise wrong(
            f"there is no {MANIFEST} in it, so it is no avatar pack; `lipwire avatar bake` makes"
            " one out of pictures"
        )
    return read_manifest(source.read(MANIFEST, MANIFEST_BYTES))


def _files(source: Source, manifest: Manifest) -> dict[str, bytes]:
    return {name: source.read(name) for name in _named(manifest)}


def _named(manifest: Manifest) -> Iterable[str]:
    return dict.fromkeys(image.file for layer in manifest.layers for image in layer.images)


def _told(found: list[str]) -> str:
    more = len(found) - _TOLD
    return "; ".join(found[:_TOLD]) + (f"; and {more} more" if more > 0 else "")

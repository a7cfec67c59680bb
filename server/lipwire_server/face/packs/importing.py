"""Pictures as people have them, or a pack that is not baked yet, to an avatar."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import msgspec
from PIL import Image as Pillow

from .assembling import assemble
from .avatar import Avatar
from .conventions import CONVENTIONS, Convention, Parts, recognised
from .loading import load_avatar, look_through
from .manifest import FORMAT, Image, Manifest, Motion, Mouth
from .pixels import decoded, encoded
from .reading import MANIFEST
from .sources import Source, open_source, wrong

__all__ = ["About", "Imported", "import_avatar"]

_MOTION: Final = Motion(head_percent=60)
"""A drawing that turns as one piece looks seasick sooner than a face."""


@dataclass(frozen=True, slots=True, kw_only=True)
class About:
    """What no picture tells; what is None stays as it is, or is made of the file's name."""

    name: str | None = None
    title: str | None = None
    author: str | None = None
    license: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Imported:
    avatar: Avatar
    convention: Convention
    warnings: tuple[str, ...] = ()


def _ignore() -> None:
    pass


def import_avatar(
    path: Path,
    about: About,
    convention: Convention | None = None,
    drawn: Callable[[], None] = _ignore,
) -> Imported:
    """Makes an avatar of a folder or zip. Without a convention, the names of its files tell which.

    Raises LipwireError for what cannot become one. `drawn` is called after each picture.
    """
    with open_source(path) as source:
        if convention is None and MANIFEST in source.names:
            convention = Convention.PACK
        if convention is Convention.PACK:
            manifest, files, warnings = _baked(path, about, drawn)
        else:
            convention, parts = _recognised(source, convention, path)
            manifest, files, warnings = _assembled(source, parts, path, about, drawn)
    if found := look_through(manifest, files):
        raise wrong(f"{path}: {'; '.join(found)}")
    for field, option in (("license", "licence it is under"), ("author", "name of who made it")):
        if not getattr(manifest, field):
            warnings.append(f"the {option} is not known: say it with --{field}")
    avatar = Avatar.of(manifest, files)
    return Imported(avatar=avatar, convention=convention, warnings=tuple(warnings))


def _recognised(
    source: Source, convention: Convention | None, path: Path
) -> tuple[Convention, Parts]:
    if not source.names:
        raise wrong(f"there is no picture in {path}")
    if convention is None:
        if found := recognised(source.names):
            return found
        known = f"none of {', '.join(CONVENTIONS)}"
    else:
        if parts := CONVENTIONS[convention](list(source.names)):
            return convention, parts
        known = f"not {convention.value}"
    raise wrong(
        f"the pictures in {path} are named after {known}: docs/avatars.md says which names there"
        " have to be"
    )


def _baked(
    path: Path, about: About, drawn: Callable[[], None]
) -> tuple[Manifest, dict[str, bytes], list[str]]:
    avatar = load_avatar(path)
    turned = {
        image.file for layer in avatar.manifest.layers if layer.brow[1] for image in layer.images
    }
    files: dict[str, bytes] = {}
    cut: dict[str, tuple[int, int]] = {}
    for name, data in avatar.files.items():
        picture = decoded(name, data)
        # What turns about its middle keeps it.
        box = None if name in turned else picture.getchannel("A").getbbox()
        files[name] = encoded(picture.crop(box) if box else picture)
        cut[name] = (box[0], box[1]) if box else (0, 0)
        drawn()
    return _described(_moved(avatar.manifest, cut), about), files, []


def _moved(manifest: Manifest, cut: Mapping[str, tuple[int, int]]) -> Manifest:
    """`cut` is how much of each picture is gone, at the left and at the top."""

    def moved(image: Image) -> Image:
        (left, top), (right, down) = image.at, cut[image.file]
        return msgspec.structs.replace(image, at=(left + right, top + down))

    layers = tuple(
        msgspec.structs.replace(layer, images=tuple(map(moved, layer.images)))
        for layer in manifest.layers
    )
    return msgspec.structs.replace(manifest, layers=layers)


def _assembled(
    source: Source, parts: Parts, path: Path, about: About, drawn: Callable[[], None]
) -> tuple[Manifest, dict[str, bytes], list[str]]:
    def read(name: str) -> Pillow.Image:
        picture = decoded(name, source.read(name))
        drawn()
        return picture

    made = assemble(parts, read)
    name = _identifier(path.resolve().name.removesuffix(".zip"))
    manifest = Manifest(
        format=FORMAT,
        name=name,
        title=name.replace("-", " ").title(),
        size=made.size,
        pivot=(made.size / 2, made.size),
        layers=tuple(made.layers),
        mouth=Mouth(set=parts.set),
        motion=_MOTION,
    )
    return _described(manifest, about), made.files, made.warnings


def _described(manifest: Manifest, about: About) -> Manifest:
    given = {"name": about.name, "title": about.title}
    given |= {"author": about.author, "license": about.license}
    changed = msgspec.to_builtins(manifest) | {k: v for k, v in given.items() if v is not None}
    try:
        # Once more, since what is typed in a terminal may be no name.
        return msgspec.convert(changed, Manifest)
    except msgspec.ValidationError as error:
        raise wrong(
            "that cannot be said of an avatar: a name has up to 64 of a-z, 0-9, - and _, a title"
            " has 1 to 100 letters, author and licence have up to 200"
        ) from error


def _identifier(text: str) -> str:
    """A name like that of a file."""
    kept = "".join(letter if letter.isascii() and letter.isalnum() else " " for letter in text)
    return "-".join(kept.lower().split())[:64].strip("-") or "avatar"

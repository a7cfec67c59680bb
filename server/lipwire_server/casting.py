"""`lipwire avatar`: which there are, whether one can be used, how one is made and looks."""

import json
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Final, TextIO

from rich.progress import TextColumn, TimeElapsedColumn
from rich.text import Text

from lipwire_protocol import ErrorCode, LipwireError

from .config import Settings
from .face.packs.avatar import Avatar
from .face.packs.conventions import Convention
from .face.packs.finding import FoundAvatar, find_avatars
from .face.packs.importing import About, import_avatar
from .face.packs.loading import load_avatar
from .face.packs.manifest import Manifest, Shows
from .face.packs.writing import write_pack
from .face.preview import gif, sheet
from .printing import amount, console_of, plain_table, print_table, printable, progress_on

__all__ = ["BakeRequest", "bake_avatar", "check_avatar", "list_avatars", "preview_avatar"]

_HEADINGS: Final = ("  name", "title", "size", "mouths", "set", "from", "licence")
_SPARE: Final = frozenset(("title", "set", "licence"))
_PICTURES: Final = {".png": "PNG", ".webp": "WEBP", ".jpg": "JPEG", ".jpeg": "JPEG"}
_SMALLEST: Final = 32
_LARGEST: Final = 1_024
_NOTHING: Final = About()


@dataclass(frozen=True, slots=True, kw_only=True)
class BakeRequest:
    source: Path
    out: Path | None = None
    """A zip, or a folder; without it the zip lies where the command is run."""
    about: About = _NOTHING
    convention: Convention | None = None


def list_avatars(settings: Settings, out: TextIO, *, as_json: bool = False) -> None:
    """Shows the avatars that are here, and what looks like one and is none."""
    found = find_avatars(settings.avatars)
    problems = list(found.problems)
    if settings.avatar not in found.avatars:
        problems.append(
            f"the default avatar {settings.avatar} is not here: put it into the folder that"
            " LIPWIRE_AVATARS names, or let LIPWIRE_AVATAR name another"
        )
    avatars = [found.avatars[name] for name in sorted(found.avatars)]
    if as_json:
        told = [_as_json(avatar, settings.avatar) for avatar in avatars]
        out.write(f"{json.dumps({'avatars': told, 'problems': problems}, indent=1)}\n")
        return
    console = console_of(out)
    table = plain_table()
    narrow = console.width < 80
    kept = [at for at, name in enumerate(_HEADINGS) if not (narrow and name in _SPARE)]
    for at in kept:
        table.add_column(_HEADINGS[at], overflow="fold")
    for avatar in avatars:
        row = _row(avatar, settings.avatar)
        table.add_row(*(Text(printable(row[at])) for at in kept))
    print_table(table, console)
    for at, problem in enumerate(problems):
        lead = "" if at else "\n"
        console.print(Text(f"{lead}! {printable(problem)}", style="yellow"), soft_wrap=True)


def check_avatar(path: Path, out: TextIO) -> None:
    """Loads a pack as a server does. Raises LipwireError that says what is wrong with it."""
    avatar = load_avatar(path)
    out.write(f"{path} is right: {_told(avatar)}\n")


def bake_avatar(request: BakeRequest, out: TextIO, err: TextIO) -> None:
    """Makes a pack and says what it made. Raises LipwireError."""
    with progress_on(err, TextColumn("{task.completed} pictures"), TimeElapsedColumn()) as bar:
        advance = partial(bar.advance, bar.add_task("", total=None))
        made = import_avatar(request.source, request.about, request.convention, advance)
    path = request.out or Path(f"{made.avatar.manifest.name}.zip")
    size = write_pack(made.avatar, path)
    for warning in made.warnings:
        err.write(f"lipwire: {printable(warning)}\n")
    out.write(f"{path}: {amount(size)}, {_told(made.avatar)}, made of {made.convention.value}\n")


def preview_avatar(
    settings: Settings, wanted: str, path: Path | None, size: int, out: TextIO
) -> None:
    """Draws a picture of an avatar, by its name or out of a pack. Raises LipwireError."""
    if not _SMALLEST <= size <= _LARGEST:
        raise _bad(f"--size is {size}; it is a number from {_SMALLEST} to {_LARGEST}")
    if path is not None and path.suffix.lower() not in (*_PICTURES, ".gif"):
        raise _bad(f"{path} is no kind of picture that is known: name it .png, .webp or .gif")
    avatar = _wanted(settings, wanted)
    path = path or Path(f"{avatar.manifest.name}.png")
    kind = path.suffix.lower()
    try:
        if kind == ".gif":
            path.write_bytes(gif(avatar, size))
        else:
            sheet(avatar, size).save(path, _PICTURES[kind], quality=90)
    except OSError as error:
        raise _bad(f"cannot write {path}: {error.strerror or error}") from error
    out.write(f"{path}: {_told(avatar)}\n")


def _wanted(settings: Settings, wanted: str) -> Avatar:
    found = find_avatars(settings.avatars).avatars
    if wanted in found:
        return found[wanted].load()
    if Path(wanted).exists():
        return load_avatar(Path(wanted))
    raise LipwireError(
        ErrorCode.NOT_FOUND,
        f"there is no avatar and no pack {wanted[:100]!r}; there are: {', '.join(sorted(found))}",
    )


def _told(avatar: Avatar) -> str:
    manifest = avatar.manifest
    return (
        f"{printable(manifest.title)} ({manifest.name}), {manifest.size} px,"
        f" {len(_shapes(manifest))} mouths of {manifest.mouth.set.value},"
        f" {len(avatar.files)} pictures"
    )


def _shapes(manifest: Manifest) -> set[str]:
    layers = (layer for layer in manifest.layers if layer.shows is Shows.MOUTH)
    return {image.shape for layer in layers for image in layer.images if image.shape is not None}


def _row(avatar: FoundAvatar, default: str) -> tuple[str, ...]:
    manifest = avatar.manifest
    return (
        f"{'*' if avatar.name == default else ' '} {avatar.name}",
        manifest.title,
        f"{manifest.size}",
        f"{len(_shapes(manifest))}",
        manifest.mouth.set.value,
        "lipwire" if avatar.built_in else str(avatar.path),
        manifest.license,
    )


def _as_json(avatar: FoundAvatar, default: str) -> dict[str, object]:
    manifest = avatar.manifest
    return {
        "name": avatar.name,
        "default": avatar.name == default,
        "title": manifest.title,
        "author": manifest.author,
        "licence": manifest.license,
        "size": manifest.size,
        "set": manifest.mouth.set.value,
        "shapes": len(_shapes(manifest)),
        "built_in": avatar.built_in,
        "path": str(avatar.path),
    }


def _bad(text: str) -> LipwireError:
    return LipwireError(ErrorCode.BAD_MESSAGE, text)

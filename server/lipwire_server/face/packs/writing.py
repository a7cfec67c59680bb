"""Avatars to packs: the same avatar becomes the same bytes."""

import os
from pathlib import Path
from typing import Final
from zipfile import ZIP_STORED, ZipFile, ZipInfo

import msgspec

from .avatar import Avatar
from .reading import MANIFEST
from .sources import wrong

__all__ = ["write_pack"]

_DATE: Final = (1980, 1, 1, 0, 0, 0)
"""The first that a zip can have."""


def write_pack(avatar: Avatar, path: Path) -> int:
    """A zip where `path` ends with .zip, else a folder to edit. Returns how many bytes it has.

    A zip appears whole or not at all; a folder has to be new. What it lies in is made.
    Raises LipwireError.
    """
    manifest = msgspec.json.format(msgspec.json.encode(avatar.manifest), indent=1)
    files = {MANIFEST: manifest, **avatar.files}
    is_zip = path.suffix == ".zip"
    if path.exists() and not is_zip:
        raise wrong(f"{path} is there already: delete it, or name another with --out")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        return _zip(files, path) if is_zip else _folder(files, path)
    except OSError as error:
        raise wrong(f"cannot write {path}: {error.strerror or error}") from error


def _folder(files: dict[str, bytes], path: Path) -> int:
    path.mkdir()
    for name, content in files.items():
        (path / name).parent.mkdir(parents=True, exist_ok=True)
        (path / name).write_bytes(content)
    return sum(map(len, files.values()))


def _zip(files: dict[str, bytes], path: Path) -> int:
    part = path.with_name(f"{path.name}.part")
    try:
        with ZipFile(part, "w", ZIP_STORED) as archive:
            for name, content in files.items():
                archive.writestr(ZipInfo(name, _DATE), content)
        os.replace(part, path)
    finally:
        part.unlink(missing_ok=True)
    return path.stat().st_size

"""Which avatars there are: the ones that come with Lipwire, and those in a folder."""

import os
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from lipwire_protocol import ErrorCode, LipwireError

from .avatar import Avatar
from .loading import load_avatar, load_manifest
from .manifest import Manifest
from .reading import MANIFEST

__all__ = ["BUILT_IN", "Found", "FoundAvatar", "find_avatars"]

BUILT_IN: Final = Path(__file__).parents[1] / "avatars"
_MOST: Final = 1_000
"""Packs in a folder. Whoever names `/` by mistake is not to wait for long."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundAvatar:
    manifest: Manifest
    path: Path
    built_in: bool = False

    @property
    def name(self) -> str:
        return self.manifest.name

    def load(self) -> Avatar:
        """Raises LipwireError for a pack that is wrong."""
        return load_avatar(self.path, trusted=self.built_in)


@dataclass(frozen=True, slots=True)
class Found:
    avatars: dict[str, FoundAvatar] = field(default_factory=dict)
    """By name."""
    problems: list[str] = field(default_factory=list)
    """What looks like an avatar and is none, and why; with what to do."""


def find_avatars(folder: Path | None = None) -> Found:
    """All avatars; of packs only the manifest is read.

    One in `folder` takes the place of a built-in one of the same name. Raises LipwireError
    (`not_found`) when `folder` does not exist.
    """
    found = Found()
    for path in sorted(BUILT_IN.glob("*.zip")):
        _add(path, found, built_in=True)
    if folder is None:
        return found
    if not folder.is_dir():
        raise LipwireError(
            ErrorCode.NOT_FOUND, f"there is no folder {folder}: create it or leave it out"
        )
    for path in _packs(folder, found.problems):
        _add(path, found)
    return found


def _packs(folder: Path, problems: list[str]) -> Iterator[Path]:
    """Zips, folders with a manifest, and the folder itself if it is a pack."""
    if (folder / MANIFEST).is_file():
        yield folder
        return
    try:
        names = sorted(os.listdir(folder))
    except OSError as error:
        problems.append(f"{folder} cannot be read: {error.strerror}")
        return
    if len(names) > _MOST:
        problems.append(f"{folder} has more than {_MOST} files; name one that has only avatars")
        return
    for path in (folder / name for name in names if not name.startswith(".")):
        if os.path.isfile(path / MANIFEST) or (path.suffix == ".zip" and os.path.isfile(path)):
            yield path


def _add(path: Path, found: Found, *, built_in: bool = False) -> None:
    try:
        manifest = load_manifest(path)
    except LipwireError as error:
        found.problems.append(str(error))
        return
    other = found.avatars.get(manifest.name)
    if other is not None and not other.built_in:
        found.problems.append(
            f"{path} is not used: {other.path} has the same name {manifest.name!r}; rename one in"
            f" its {MANIFEST}"
        )
        return
    found.avatars[manifest.name] = FoundAvatar(manifest=manifest, path=path, built_in=built_in)

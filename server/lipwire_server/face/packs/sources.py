"""The files of a pack, out of a folder or a zip of which nothing is believed.

All that can be wrong with names, links, sizes and the archive itself is found here, so that
whoever reads a file gets so many bytes at most, and they come from within the pack.
"""

import os
import stat
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final, Protocol
from zipfile import ZIP_DEFLATED, ZIP_STORED, BadZipFile, ZipFile, ZipInfo

from lipwire_protocol import ErrorCode, LipwireError

__all__ = ["FILES", "FILE_BYTES", "TOTAL_BYTES", "Source", "is_safe", "open_source", "wrong"]

FILES: Final = 3_000
"""In a pack."""
FILE_BYTES: Final = 16 << 20
"""Of one of them, unpacked."""
TOTAL_BYTES: Final = 64 << 20
"""Of all that is read, unpacked; also of the zip."""

_NAME_LENGTH: Final = 200
_DEEPEST: Final = 8
_DIRECTORY_BYTES: Final = FILES * 512
_END: Final = b"PK\x05\x06"
_END_LENGTH: Final = 22
_END_SEARCHED: Final = _END_LENGTH + 0xFFFF
_LOCATOR: Final = b"PK\x06\x07"
"""Of a directory of the kind that zips of more than 4 GB have, which overrules the usual one."""
_LOCATOR_LENGTH: Final = 20
_ENCRYPTED: Final = 1


class Source(Protocol):
    @property
    def names(self) -> tuple[str, ...]:
        """Of all files, sorted, with `/` between folders."""

    def read(self, name: str, limit: int = FILE_BYTES) -> bytes:
        """One of them. Raises LipwireError when it has more than `limit` bytes."""


def wrong(text: str) -> LipwireError:
    """What is wrong with a pack and what to do, as an error."""
    return LipwireError(ErrorCode.BAD_MESSAGE, text)


@contextmanager
def open_source(path: Path) -> Iterator[Source]:
    """Raises LipwireError for what is no folder and no zip, and for one that is not safe."""
    if path.is_dir():
        yield _Folder(path)
        return
    if not path.is_file():
        raise LipwireError(
            ErrorCode.NOT_FOUND, f"there is no {path}: name a folder or a .zip with an avatar"
        )
    try:
        _look_at_end(path)
        with ZipFile(path) as archive:
            yield _Zip(path, archive)
    except BadZipFile as error:
        raise wrong(f"{path} is no zip, or damaged ({error}): make it again") from error
    except OSError as error:
        raise wrong(f"{path} cannot be read: {error.strerror or error}") from error


def is_safe(name: str) -> bool:
    """Whether it names something within a folder, on every system."""
    return (
        0 < len(name) <= _NAME_LENGTH
        and name.isprintable()
        and not any(letter in name for letter in "\\:")
        and all(part not in ("", ".", "..") for part in name.split("/"))
    )


class _Budget:
    """Counts what is read of a pack."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._left = TOTAL_BYTES

    def spend(self, name: str, data: bytes, limit: int) -> bytes:
        if len(data) > limit:
            raise wrong(f"{name} in {self._path} has more than {limit:,} bytes: make it smaller")
        self._left -= len(data)
        if self._left < 0:
            raise wrong(
                f"{self._path} has more than {TOTAL_BYTES >> 20} MB in it: use fewer or smaller"
                " pictures"
            )
        return data


class _Folder:
    def __init__(self, path: Path) -> None:
        self._path = path
        self._budget = _Budget(path)
        try:
            self.names = tuple(sorted(_walk(path)))
        except OSError as error:
            raise wrong(f"{path} cannot be read: {error.strerror or error}") from error

    def read(self, name: str, limit: int = FILE_BYTES) -> bytes:
        if name not in self.names:
            raise _missing(name, self._path)
        try:
            with (self._path / name).open("rb") as file:
                return self._budget.spend(name, file.read(limit + 1), limit)
        except OSError as error:
            raise wrong(f"{self._path / name} cannot be read: {error.strerror}") from error


def _walk(top: Path) -> Iterator[str]:
    """Names of files, hidden ones left out."""
    waiting = [("", 0)]
    count = 0
    while waiting:
        inner, depth = waiting.pop()
        with os.scandir(top / inner) as entries:
            for entry in entries:
                name = f"{inner}{entry.name}"
                count += 1
                if count > FILES:
                    raise _too_many(top)
                if entry.name.startswith("."):
                    continue
                if entry.is_dir(follow_symlinks=False):
                    if depth < _DEEPEST:
                        waiting.append((f"{name}/", depth + 1))
                elif entry.is_file(follow_symlinks=False):
                    if is_safe(name):
                        yield name
                else:
                    raise wrong(f"{top / name} is a link or no file: put a copy in its place")


class _Zip:
    def __init__(self, path: Path, archive: ZipFile) -> None:
        self._path = path
        self._archive = archive
        self._budget = _Budget(path)
        self._infos: dict[str, ZipInfo] = {}
        infos = archive.infolist()
        if len(infos) > FILES:
            raise _too_many(path)
        for info in infos:
            self._add(info)
        self._unwrap()
        self.names = tuple(sorted(self._infos))

    def _add(self, info: ZipInfo) -> None:
        # `filename` was cut at a NUL and had its backslashes replaced on Windows.
        name = info.orig_filename.removesuffix("/")
        if not is_safe(name):
            raise wrong(f"{self._path} has a file named {name[:100]!r}, which is not safe")
        if stat.S_ISLNK(info.external_attr >> 16):
            raise wrong(f"{name} in {self._path} is a link: put a copy in its place")
        if info.flag_bits & _ENCRYPTED:
            raise wrong(f"{name} in {self._path} is encrypted: make the zip without a password")
        if info.compress_type not in (ZIP_STORED, ZIP_DEFLATED):
            raise wrong(f"{name} in {self._path} is packed in a rare way: use deflate, or none")
        if info.orig_filename.endswith("/"):
            return
        if name in self._infos:
            raise wrong(f"{self._path} has two files named {name}: make it again")
        self._infos[name] = info

    def _unwrap(self) -> None:
        """Whoever packs a folder with a right click has a zip with nothing but that folder."""
        infos = {name: info for name, info in self._infos.items() if not _is_clutter(name)}
        folders = {name.partition("/")[0] if "/" in name else "" for name in infos}
        if len(folders) == 1 and folders != {""}:
            infos = {name.partition("/")[2]: info for name, info in infos.items()}
        self._infos = infos

    def read(self, name: str, limit: int = FILE_BYTES) -> bytes:
        if name not in self._infos:
            raise _missing(name, self._path)
        try:
            with self._archive.open(self._infos[name]) as file:
                # What the directory says of sizes may be a lie; this is not.
                data = file.read(limit + 1)
        except (BadZipFile, EOFError, NotImplementedError, RuntimeError, zlib.error) as error:
            raise wrong(f"{name} in {self._path} is damaged ({error}): make the zip again") from (
                error
            )
        return self._budget.spend(name, data, limit)


def _is_clutter(name: str) -> bool:
    """What systems put beside the files of people."""
    return name.startswith("__MACOSX/") or any(part.startswith(".") for part in name.split("/"))


def _look_at_end(path: Path) -> None:
    """Refuses what would take long to list: a pack has few files and no gigabytes."""
    size = path.stat().st_size
    if size > TOTAL_BYTES:
        raise wrong(f"{path} has more than {TOTAL_BYTES >> 20} MB: use fewer or smaller pictures")
    with path.open("rb") as file:
        file.seek(max(0, size - _END_SEARCHED - _LOCATOR_LENGTH))
        tail = file.read()
    at = tail.rfind(_END)
    end = tail[at : at + _END_LENGTH]
    if at < 0 or len(end) < _END_LENGTH or at + len(end) + _number(end[20:22]) != len(tail):
        raise BadZipFile("it does not end like one")
    has_locator = at >= _LOCATOR_LENGTH and tail[at - _LOCATOR_LENGTH :].startswith(_LOCATOR)
    if has_locator or _number(end[12:16]) > _DIRECTORY_BYTES:
        raise _too_many(path)


def _number(data: bytes) -> int:
    return int.from_bytes(data, "little")


def _too_many(path: Path) -> LipwireError:
    return wrong(f"{path} has more than {FILES:,} files: an avatar needs far fewer")


def _missing(name: str, path: Path) -> LipwireError:
    return wrong(f"{path} has no {name[:200]}: add it, or do not name it")

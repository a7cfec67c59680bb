"""A zip with everything that is kept: what lies in it, and how it is checked.

`tables/NAME.copy` are the rows of a table in PostgreSQL's text format, which every version of it
reads; `blobs/SHA256` are the files that rows refer to; `manifest.json`, which is written last, says
how many rows and bytes there are, and what their SHA-256 is.
"""

import hashlib
import os
import struct
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import IO, Final, Self

import msgspec

from lipwire_protocol.errors import ErrorCode, LipwireError

__all__ = ["ArchiveReader", "ArchiveWriter", "Manifest", "Member", "damaged"]

_FORMAT: Final = 1
_MANIFEST: Final = "manifest.json"
_LARGEST_MANIFEST: Final = 64 << 20
_BLOCK: Final = 1 << 20
_LEVEL: Final = 3
_DAMAGE: Final = (
    zipfile.BadZipFile,
    zlib.error,
    struct.error,
    EOFError,
    ValueError,
    OverflowError,
    NotImplementedError,
    RuntimeError,
)


class Member(msgspec.Struct, frozen=True, kw_only=True):
    """A table."""

    columns: tuple[str, ...]
    rows: int
    bytes: int
    sha256: str


class Manifest(msgspec.Struct, frozen=True, kw_only=True):
    format: int
    lipwire: str
    """The version that wrote it."""
    postgres: str
    migrations: tuple[str, ...]
    """What the tables were made by."""
    tables: dict[str, Member]
    blobs: dict[str, int]
    """Bytes of each, by its SHA-256."""
    missing_blobs: int = 0
    """Files that rows refer to and that were not there."""


class _Version(msgspec.Struct):
    format: int


def damaged(path: Path, what: str) -> LipwireError:
    return LipwireError(
        ErrorCode.BAD_MESSAGE,
        f"{path} is damaged: {what}; nothing of it was taken over, export again where it came from",
    )


class ArchiveWriter:
    """Written beside its place, and put there when it is whole and on disk."""

    def __init__(self, path: Path) -> None:
        self.bytes = 0
        self._path = path
        self._beside = path.with_name(f".{path.name}.{os.getpid()}.part")
        self._zip: zipfile.ZipFile

    def __enter__(self) -> Self:
        if self._path.exists():
            raise LipwireError(
                ErrorCode.CONFLICT, f"{self._path} is there already: name another file"
            )
        try:
            self._zip = zipfile.ZipFile(
                self._beside, "w", zipfile.ZIP_DEFLATED, compresslevel=_LEVEL
            )
            self._beside.chmod(0o600)
        except OSError as error:
            raise _unwritable(self._path, error) from error
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        try:
            self._zip.close()
            if error is None:
                with self._beside.open("rb") as file:
                    os.fsync(file.fileno())
                self._beside.replace(self._path)
                self.bytes = self._path.stat().st_size
        except (OSError, ValueError) as failure:
            if error is None:
                raise _unwritable(self._path, failure) from failure
        finally:
            self._beside.unlink(missing_ok=True)
        if isinstance(error, OSError):
            raise _unwritable(self._path, error) from error

    @contextmanager
    def table(self, name: str) -> Iterator[IO[bytes]]:
        with self._zip.open(f"tables/{name}.copy", "w", force_zip64=True) as file:
            yield file

    @contextmanager
    def blob(self, sha256: str) -> Iterator[IO[bytes]]:
        """Stored as it is: sound and pictures do not get any smaller."""
        info = zipfile.ZipInfo(f"blobs/{sha256}")
        with self._zip.open(info, "w", force_zip64=True) as file:
            yield file

    def finish(self, manifest: Manifest) -> None:
        self._zip.writestr(_MANIFEST, msgspec.json.format(msgspec.json.encode(manifest), indent=1))


class ArchiveReader:
    """Reads it piece by piece. Raises `LipwireError` for whatever is wrong with it."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.manifest: Manifest
        self._zip: zipfile.ZipFile

    def __enter__(self) -> Self:
        try:
            self._zip = zipfile.ZipFile(self.path)
        except _DAMAGE as error:
            raise damaged(self.path, "it is no zip file, or not all of one") from error
        except OSError as error:
            raise LipwireError(
                ErrorCode.NOT_FOUND, f"cannot read {self.path}: {error.strerror or error}"
            ) from error
        try:
            self.manifest = self._read_manifest()
        except BaseException:
            self._zip.close()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self._zip.close()

    def table(self, name: str) -> Iterator[bytes]:
        """Its rows; complains at their end where they are not those that were written."""
        member = self.manifest.tables[name]
        return self._checked(f"tables/{name}.copy", member.bytes, member.sha256)

    def blob(self, sha256: str) -> Iterator[bytes]:
        return self._checked(f"blobs/{sha256}", self.manifest.blobs[sha256], sha256)

    def _read_manifest(self) -> Manifest:
        data = b"".join(self._pieces(_MANIFEST, _LARGEST_MANIFEST))
        try:
            version = msgspec.json.decode(data, type=_Version).format
            if version > _FORMAT:
                raise LipwireError(
                    ErrorCode.BAD_MESSAGE,
                    f"{self.path} has format {version}, and this Lipwire reads {_FORMAT}: "
                    f"it takes a newer one",
                )
            return msgspec.json.decode(data, type=Manifest)
        except msgspec.MsgspecError as error:
            raise damaged(self.path, f"its manifest makes no sense ({error})") from error

    def _checked(self, name: str, size: int, sha256: str) -> Iterator[bytes]:
        digest, total = hashlib.sha256(), 0
        for piece in self._pieces(name, size):
            digest.update(piece)
            total += len(piece)
            yield piece
        if (total, digest.hexdigest()) != (size, sha256):
            raise damaged(self.path, f"{name} is not what was written")

    def _pieces(self, name: str, at_most: int) -> Iterator[bytes]:
        try:
            with self._zip.open(name) as file:
                while piece := file.read(min(_BLOCK, at_most + 1)):
                    at_most -= len(piece)
                    if at_most < 0:
                        raise damaged(self.path, f"{name} is larger than it says")
                    yield piece
        except KeyError as error:
            raise damaged(self.path, f"{name} is missing") from error
        except (*_DAMAGE, OSError) as error:
            raise damaged(self.path, f"{name} cannot be read ({error})") from error


def _unwritable(path: Path, error: Exception) -> LipwireError:
    reason = error.strerror if isinstance(error, OSError) and error.strerror else error
    return LipwireError(
        ErrorCode.BAD_MESSAGE, f"cannot write {path}: {reason}; nothing is left of it"
    )

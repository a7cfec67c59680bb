"""What a download needs of a disk: files that grow, locks, and names that last."""

import hashlib
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO, Final

from lipwire_protocol.errors import ErrorCode, LipwireError

if sys.platform != "win32":
    import fcntl

__all__ = ["Partial", "alone_in", "md5_of", "open_partial", "sync_folder"]

_BLOCK: Final = 1 << 20


class Partial:
    """As much of a file as has come so far."""

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream
        stream.seek(0)
        self._digest = _md5_of(stream)
        self.size = stream.tell()

    @property
    def md5(self) -> str:
        return self._digest.hexdigest()

    def append(self, block: bytes) -> None:
        self._stream.write(block)
        self._digest.update(block)
        self.size += len(block)

    def clear(self) -> None:
        self._stream.truncate(0)
        self._digest = _md5()
        self.size = 0

    def sync(self) -> None:
        self._stream.flush()
        os.fsync(self._stream.fileno())


@contextmanager
def open_partial(path: Path) -> Iterator[Partial]:
    """What has come of a file; nothing stays where nothing has."""
    with path.open("ab+") as stream:
        part = Partial(stream)
        try:
            yield part
        finally:
            stream.close()
            if part.size == 0:
                path.unlink()


@contextmanager
def alone_in(folder: Path) -> Iterator[None]:
    """Keeps a second download out of the folder.

    On Windows nothing has to: there a file that is open cannot be renamed.
    """
    if sys.platform == "win32":
        yield
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise LipwireError(
                ErrorCode.BAD_STATE, f"another download into {folder} is running; wait for its end"
            ) from error
        except OSError:
            # A network file system that cannot lock a folder.
            pass
        yield
    finally:
        os.close(descriptor)


def sync_folder(folder: Path) -> None:
    """Makes the new names last; where folders cannot be synchronised, they do without."""
    if sys.platform != "win32":
        with suppress(OSError):
            descriptor = os.open(folder, os.O_RDONLY)
            try:
                os.fsync(descriptor)
            finally:
                os.close(descriptor)


def _md5() -> "hashlib._Hash":
    # A checksum, no signature: systems with FIPS rules refuse it otherwise.
    return hashlib.md5(usedforsecurity=False)


def _md5_of(stream: BinaryIO) -> "hashlib._Hash":
    digest = _md5()
    while block := stream.read(_BLOCK):
        digest.update(block)
    return digest


def md5_of(path: Path) -> str:
    with path.open("rb") as stream:
        return _md5_of(stream).hexdigest()

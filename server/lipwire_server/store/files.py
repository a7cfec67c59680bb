"""Files named by what is in them: written aside, made durable, then put in their place.

A draft lies in a folder of this process, which holds its lock; what a killed process left behind
goes at the next start. A file is put in its place and removed only by whoever holds the lock on
its row (`blobs.py`), so neither needs another lock here.
"""

import asyncio
import errno
import fcntl
import hashlib
import itertools
import os
import re
import shutil
import tempfile
from collections.abc import AsyncIterator, Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Final, Protocol, TypeVar

from lipwire_protocol.errors import ErrorCode, LipwireError

__all__ = ["BlobReader", "BlobStore", "Content", "FileBlobs", "disk_fault"]

_Result = TypeVar("_Result")

_NAME: Final = re.compile("[0-9a-f]{64}")
_THREADS: Final = 4
"""Of their own: a disk that hangs must not keep those who make speech."""
_BLOCK: Final = 1 << 20
_COME_BACK_MS: Final = 60_000


@dataclass(frozen=True, slots=True)
class Content:
    """What a file holds, and so its name."""

    sha256: bytes
    byte_count: int


class BlobReader(Protocol):
    """A file that is being read; it stays readable when it is removed meanwhile."""

    @property
    def size(self) -> int: ...

    async def read(self, begin: int, count: int) -> bytes:
        """Up to `count` bytes from `begin` on; fewer at its end."""

    async def close(self) -> None: ...


class BlobStore(Protocol):
    """Where files are kept: here a folder, elsewhere perhaps a service.

    Raises `LipwireError` with `storage_unavailable` where the disk is full or away.
    """

    def new_draft(self) -> Path:
        """A local path to write at, which nobody else has. There is no file yet."""

    def draft(self) -> AbstractAsyncContextManager[Path]:
        """A path to write at; what still lies there in the end is removed."""

    async def append(self, draft: Path, data: bytes) -> None:
        """Writes on at the end of the draft."""

    async def measure(self, draft: Path) -> Content:
        """Makes the draft durable, and says what is in it."""

    async def place(self, draft: Path, content: Content) -> None:
        """Puts the draft in its place. May be done again, and by several at once."""

    async def discard(self, draft: Path) -> None:
        """Removes the draft, if it is still there."""

    async def open(self, sha256: bytes) -> BlobReader:
        """Raises `LipwireError` with `not_found` where there is no such file."""

    async def remove(self, sha256: bytes) -> None:
        """Removes the file, if there is one."""

    async def exists(self, sha256: bytes) -> bool: ...

    def names(self) -> AsyncIterator[list[bytes]]:
        """The hashes of all files, some at a time."""


class FileBlobs:
    """A `BlobStore` in a folder: `blobs/ab/<sha256>` and `drafts/`.

    Work on the disk is done in four threads; whatever is more waits for one of them.
    """

    def __init__(self, root: Path, drafts: Path, threads: ThreadPoolExecutor) -> None:
        """Use `open_in`."""
        self._blobs = root / "blobs"
        self._drafts = drafts
        self._threads = threads
        self._numbers = itertools.count()

    @classmethod
    @asynccontextmanager
    async def open_in(cls, root: Path) -> AsyncIterator["FileBlobs"]:
        """Makes the folders and removes the drafts of processes that are no more."""
        threads = ThreadPoolExecutor(_THREADS, "files")
        try:
            try:
                drafts, lock = await asyncio.get_running_loop().run_in_executor(
                    threads, _enter, root
                )
            except OSError as error:
                raise LipwireError(
                    ErrorCode.STORAGE_UNAVAILABLE,
                    f"cannot write in {root} ({error.strerror}): make it writable for this account,"
                    " or name another folder with --data or LIPWIRE_DATA",
                ) from error
            try:
                yield cls(root, drafts, threads)
            finally:
                os.close(lock)
                await _told(threads, shutil.rmtree, drafts, True)
        finally:
            threads.shutdown(wait=False)

    def new_draft(self) -> Path:
        return self._drafts / str(next(self._numbers))

    @asynccontextmanager
    async def draft(self) -> AsyncIterator[Path]:
        path = self.new_draft()
        try:
            yield path
        finally:
            await self.discard(path)

    async def append(self, draft: Path, data: bytes) -> None:
        await self._do(_append, draft, data)

    async def measure(self, draft: Path) -> Content:
        return await self._do(_measure, draft)

    async def place(self, draft: Path, content: Content) -> None:
        await self._do(_place, draft, self._path(content.sha256), content.byte_count)

    async def discard(self, draft: Path) -> None:
        await self._do(draft.unlink, True)

    async def open(self, sha256: bytes) -> BlobReader:
        file = await self._do(_open, self._path(sha256))
        if file is None:
            raise LipwireError(ErrorCode.NOT_FOUND, "this file is no longer kept")
        return _Reader(file, self._threads)

    async def remove(self, sha256: bytes) -> None:
        await self._do(self._path(sha256).unlink, True)

    async def exists(self, sha256: bytes) -> bool:
        return await self._do(self._path(sha256).is_file)

    async def names(self) -> AsyncIterator[list[bytes]]:
        for folder in await self._do(_subfolders, self._blobs):
            yield await self._do(_names, folder)

    def _path(self, sha256: bytes) -> Path:
        name = sha256.hex()
        return self._blobs / name[:2] / name

    async def _do(self, work: Callable[..., _Result], *arguments: object) -> _Result:
        return await _told(self._threads, work, *arguments)


class _Reader:
    """Of one request: nobody else moves its position."""

    def __init__(self, file: BinaryIO, threads: ThreadPoolExecutor) -> None:
        self.size = os.fstat(file.fileno()).st_size
        self._file = file
        self._threads = threads

    async def read(self, begin: int, count: int) -> bytes:
        return await _told(self._threads, _read, self._file, begin, count)

    async def close(self) -> None:
        self._file.close()


async def _told(
    threads: ThreadPoolExecutor, work: Callable[..., _Result], *arguments: object
) -> _Result:
    """What `work` gives; a disk that cannot do it is something that the peer is told."""
    try:
        return await asyncio.get_running_loop().run_in_executor(threads, work, *arguments)
    except OSError as error:
        raise disk_fault(error) from error


def disk_fault(error: OSError) -> LipwireError:
    """What the peer is told about a disk that cannot do it."""
    name = errno.errorcode.get(error.errno or 0, type(error).__name__)
    full = error.errno in (errno.ENOSPC, errno.EDQUOT)
    reason = "the disk is full" if full else f"the disk does not take or give files ({name})"
    return LipwireError(
        ErrorCode.STORAGE_UNAVAILABLE,
        f"{reason}; ask again later",
        retry_after_ms=_COME_BACK_MS,
    )


def _enter(root: Path) -> tuple[Path, int]:
    """The folder for the drafts of this process, and the lock that says that it lives."""
    drafts = root / "drafts"
    for folder in (root / "blobs", drafts):
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    # Who is between making a folder and locking it has this lock; so has who clears.
    entrance = os.open(root / "lock", os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW, 0o600)
    try:
        fcntl.flock(entrance, fcntl.LOCK_EX)
        for folder in _subfolders(drafts):
            _clear(folder)
        own = Path(tempfile.mkdtemp(dir=drafts))
        lock = os.open(own, os.O_RDONLY)
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    finally:
        os.close(entrance)
    return own, lock


def _clear(folder: Path) -> None:
    try:
        lock = os.open(folder, os.O_RDONLY | os.O_NOFOLLOW)
    except FileNotFoundError:
        return  # Its process has just left.
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        shutil.rmtree(folder, ignore_errors=True)
    except BlockingIOError:
        pass  # Its process lives.
    finally:
        os.close(lock)


def _append(draft: Path, data: bytes) -> None:
    flags = os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_NOFOLLOW
    with open(os.open(draft, flags, 0o600), "ab", buffering=0) as file:
        rest = memoryview(data)
        while rest:
            rest = rest[file.write(rest) :]


def _measure(draft: Path) -> Content:
    digest, size = hashlib.sha256(), 0
    with draft.open("rb") as file:
        while block := file.read(_BLOCK):
            digest.update(block)
            size += len(block)
        os.fsync(file.fileno())
    return Content(digest.digest(), size)


def _place(draft: Path, target: Path, byte_count: int) -> None:
    try:
        there = target.stat().st_size == byte_count
    except FileNotFoundError:
        there = False
    if there:
        draft.unlink(missing_ok=True)
        return
    if not target.parent.is_dir():
        target.parent.mkdir(exist_ok=True, mode=0o700)
        _sync(target.parent.parent)
    draft.replace(target)
    _sync(target.parent)


def _sync(folder: Path) -> None:
    """A new name in a folder outlives a power cut only then."""
    opened = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(opened)
    finally:
        os.close(opened)


def _open(path: Path) -> BinaryIO | None:
    try:
        return path.open("rb")
    except FileNotFoundError:
        return None


def _read(file: BinaryIO, begin: int, count: int) -> bytes:
    file.seek(begin)
    return file.read(count)


def _subfolders(folder: Path) -> list[Path]:
    return sorted(entry for entry in folder.iterdir() if entry.is_dir() and not entry.is_symlink())


def _names(folder: Path) -> list[bytes]:
    """Whatever else somebody has put there is not ours."""
    names = (entry.name for entry in folder.iterdir() if entry.name.startswith(folder.name))
    return [bytes.fromhex(name) for name in names if _NAME.fullmatch(name)]

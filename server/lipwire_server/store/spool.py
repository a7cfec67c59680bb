"""Records on disk while there is no database to take them: `<data>/spool/*.log`.

Each process appends to files of its own, which it holds a lock on; the lock goes with the process,
and whoever starts next takes over what it left. Where a file has been written up to is only in
memory: after a crash it is written again from its start, which the database bears.
"""

import asyncio
import errno
import fcntl
import hashlib
import itertools
import logging
import os
import threading
from collections import deque
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

from lipwire_protocol import LipwireError

from .cluster import make_root
from .errors import DatabaseSetupError
from .files import BlobStore
from .records import AudioRecord, Record
from .spool_format import (
    HEADER_BYTES,
    UnreadableError,
    decode,
    frame,
    frames,
    header,
    target_of,
)

__all__ = ["Spool", "SpoolSurvey", "survey"]

_log = logging.getLogger(__name__)

_MAX_BYTES: Final = 1 << 30
_FILE_BYTES: Final = 32 << 20
"""What is taken back from the disk at once, and written a second time after a crash at most."""
_AHEAD_RECORDS: Final = 256
_AHEAD_BYTES: Final = 4 << 20
_HERE: Final = "embedded"


@dataclass(slots=True)
class _File:
    path: Path
    fd: int
    size: int
    """What is known to be whole and on disk."""
    read: int = HEADER_BYTES
    """Up to where it was dropped."""
    records: int = 0
    """How many are left in it."""
    is_damaged: bool = False

    def is_spent(self) -> bool:
        return self.read >= self.size


class Spool:
    """First in, first out, bounded in bytes: when it is full, it refuses.

    `dsn` is the database that the records are for, None the embedded one: those of another are left
    alone. Sound that is recorded is put in its place among the `blobs` first: a draft goes with its
    process. Whatever touches the disk is done in a thread, one after another.
    """

    def __init__(
        self,
        folder: Path,
        dsn: str | None = None,
        *,
        max_bytes: int = _MAX_BYTES,
        file_bytes: int = _FILE_BYTES,
        blobs: BlobStore | None = None,
        fsync: Callable[[int], None] = os.fsync,
    ) -> None:
        self.records = 0
        self.bytes = 0
        """Of the files."""
        self._folder = folder
        self._target = _target(dsn)
        self._max_bytes = max_bytes
        self._file_bytes = file_bytes
        self._blobs = blobs
        self._fsync = fsync
        self._files: deque[_File] = deque()
        self._growing: _File | None = None
        """The last of the files, while it is appended to."""
        self._ahead: deque[tuple[Record, int]] = deque()
        """What was read of the first file and is not dropped, and where each ends."""
        self._lock = threading.Lock()

    async def adopt(self) -> int:
        """Takes over what dead processes left; how many records wait now. Never raises."""
        return await asyncio.to_thread(self._adopt)

    async def append(self, records: Sequence[Record]) -> None:
        """They are durable once it returns. Raises `OSError` where they are not."""
        for record in records:
            if isinstance(record, AudioRecord) and self._blobs is not None:
                await _place(self._blobs, record)
        await asyncio.to_thread(self._append, records)

    async def head(self, max_records: int, max_bytes: int) -> list[Record]:
        """The oldest, which stay where they are. Raises `OSError`."""
        return await asyncio.to_thread(self._head, max_records, max_bytes)

    async def drop(self, count: int) -> None:
        """Forget the oldest, which were given by `head`; a file goes with the last of its own."""
        await asyncio.to_thread(self._drop, count)

    async def close(self) -> None:
        """Leaves what waits for whoever starts next."""
        await asyncio.to_thread(self._close)

    def _adopt(self) -> int:
        with self._lock:
            for path in sorted(self._folder.glob("*.log")):
                try:
                    self._take_over(path)
                except FileNotFoundError:
                    pass  # Its owner was quicker.
                except (OSError, UnreadableError) as error:
                    reason = error.strerror if isinstance(error, OSError) else error
                    _log.error("%s of the spool is left alone: %s", path.name, reason)
            self._count()
            return self.records

    def _take_over(self, path: Path) -> None:
        fd = os.open(path, os.O_RDWR | os.O_NOFOLLOW | os.O_CLOEXEC)
        try:
            file = self._taken(path, fd)
        except BaseException:
            os.close(fd)
            raise
        if file is None:
            os.close(fd)
            return
        self._files.append(file)
        _log.info("%d records of an earlier process wait in %s", file.records, path.name)
        self._shed_spent()

    def _taken(self, path: Path, fd: int) -> _File | None:
        """None where it is another process's, or for another database."""
        if not _locked(fd) or os.fstat(fd).st_nlink == 0:
            return None
        start = os.pread(fd, HEADER_BYTES, 0)
        if len(start) < HEADER_BYTES:
            path.unlink()
            return None
        if target_of(start) != self._target:
            _log.warning("%s of the spool is for another database, and waits for it", path.name)
            return None
        file = _File(path, fd, HEADER_BYTES)
        _scan(file)
        # A tail that was torn off was never acknowledged.
        if not file.is_damaged:
            os.ftruncate(fd, file.size)
        return file

    def _append(self, records: Iterable[Record]) -> None:
        framed = list(_framed(records))
        data = b"".join(framed)
        with self._lock:
            if self.bytes + len(data) > self._max_bytes:
                raise OSError(
                    errno.ENOSPC, f"the spool has {self._max_bytes >> 20} MiB and is full"
                )
            file = self._room_for(len(data))
            try:
                _write(file.fd, data, file.size)
                self._fsync(file.fd)
            except OSError:
                self._give_up(file)
                raise
            file.size += len(data)
            file.records += len(framed)
            self._count()

    def _room_for(self, size: int) -> _File:
        file = self._growing
        if file is None or (file.records and file.size + size > self._file_bytes):
            file = self._growing = self._create()
            self._files.append(file)
        return file

    def _create(self) -> _File:
        try:
            make_root(self._folder)
        except DatabaseSetupError as error:
            raise OSError(errno.EACCES, str(error)) from error
        numbers = [int(path.stem) for path in self._folder.glob("*.log") if path.stem.isdecimal()]
        for number in itertools.count(max(numbers, default=0) + 1):
            path = self._folder / f"{number:08d}.log"
            try:
                fd = os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
            except FileExistsError:
                continue
            if _locked(fd) and os.fstat(fd).st_nlink:
                break
            # Somebody who starts takes it for a leftover, or did and has removed it.
            os.close(fd)
        try:
            _write(fd, header(self._target), 0)
            # Both names outlive a power cut only then.
            for folder in (self._folder, self._folder.parent):
                self._sync_folder(folder)
        except BaseException:
            path.unlink(missing_ok=True)
            os.close(fd)
            raise
        return _File(path, fd, HEADER_BYTES)

    def _sync_folder(self, folder: Path) -> None:
        opened = os.open(folder, os.O_RDONLY | os.O_CLOEXEC)
        try:
            self._fsync(opened)
        finally:
            os.close(opened)

    def _give_up(self, file: _File) -> None:
        """What a failed write or fsync left in a file is unknown: nothing is appended to it."""
        self._growing = None
        try:
            os.ftruncate(file.fd, file.size)
        except OSError as error:
            _log.error("cannot cut %s: %s", file.path.name, error.strerror)
        if file is self._files[-1] and file.size == HEADER_BYTES:
            self._shed(self._files.pop())

    def _head(self, max_records: int, max_bytes: int) -> list[Record]:
        with self._lock:
            while not self._ahead and self._files:
                self._read_ahead(self._files[0])
            begin, taken = self._files[0].read if self._files else 0, list[Record]()
            for record, end in itertools.islice(self._ahead, max_records):
                if taken and end - begin > max_bytes:
                    break
                taken.append(record)
            return taken

    def _read_ahead(self, file: _File) -> None:
        limit = file.read + _AHEAD_BYTES
        for payload, end in frames(file.fd, file.read, file.size):
            if payload is None:
                continue
            try:
                self._ahead.append((decode(payload), end))
            except UnreadableError as error:
                _log.error("%s of the spool has %s", file.path.name, error)
                file.is_damaged = True
            if self._ahead and (len(self._ahead) >= _AHEAD_RECORDS or end > limit):
                break
        if not self._ahead:
            file.read = file.size
            self._shed_spent()

    def _drop(self, count: int) -> None:
        with self._lock:
            for _ in range(count):
                file = self._files[0]
                _, file.read = self._ahead.popleft()
                file.records -= 1
            if count:
                self._shed_spent()

    def _shed_spent(self) -> None:
        while self._files and not self._ahead and self._files[0].is_spent():
            self._shed(self._files.popleft())
        self._count()

    def _shed(self, file: _File) -> None:
        if file is self._growing:
            self._growing = None
        try:
            if file.is_damaged:
                kept = file.path.rename(file.path.with_suffix(".damaged"))
                _log.error("a part of %s cannot be read; it is kept as %s", file.path.name, kept)
            else:
                file.path.unlink(missing_ok=True)
        except OSError as error:
            # Then it is written once more after the next start.
            _log.error("%s of the spool cannot be removed: %s", file.path.name, error.strerror)
        os.close(file.fd)

    def _count(self) -> None:
        self.records = sum(file.records for file in self._files)
        self.bytes = sum(file.size for file in self._files)

    def _close(self) -> None:
        with self._lock:
            while self._files:
                os.close(self._files.pop().fd)
            self._growing = None
            self._ahead.clear()
            self._count()


@dataclass(frozen=True, slots=True)
class SpoolSurvey:
    """What lies in a folder of the spool, whoever it belongs to."""

    files: int = 0
    records: int = 0
    """At most: what a server that runs has written already of a file is not known."""
    bytes: int = 0
    unreadable: int = 0
    """Files that this version cannot read, or a part of which it could not."""


def survey(folder: Path) -> SpoolSurvey:
    """Reads the files of a spool, and changes nothing. Raises `OSError`."""
    files = records = size = 0
    unreadable = len(list(folder.glob("*.damaged")))
    for path in sorted(folder.glob("*.log")):
        try:
            fd = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC)
        except FileNotFoundError:
            # The server was quicker.
            continue
        try:
            file = _File(path, fd, HEADER_BYTES)
            start = os.pread(fd, HEADER_BYTES, 0)
            if len(start) == HEADER_BYTES:
                target_of(start)
                _scan(file)
        except UnreadableError:
            unreadable += 1
        finally:
            os.close(fd)
        files += 1
        records += file.records
        size += path.stat().st_size if path.exists() else 0
    return SpoolSurvey(files, records, size, unreadable)


def _scan(file: _File) -> None:
    """Counts what is whole. What is damaged and has something whole behind it is no torn tail."""
    damaged = False
    for payload, end in frames(file.fd, HEADER_BYTES, os.fstat(file.fd).st_size):
        if payload is None:
            damaged = True
            continue
        file.is_damaged |= damaged
        file.size = end
        file.records += 1


async def _place(blobs: BlobStore, audio: AudioRecord) -> None:
    try:
        await blobs.place(audio.draft, audio.content)
    except LipwireError as error:
        if not audio.draft.exists():
            # Then it is lost, and the database will not take the record.
            _log.error("the sound of an utterance is gone: %s", error)
            return
        raise OSError(errno.EIO, str(error)) from error


def _framed(records: Iterable[Record]) -> Iterable[bytes]:
    for record in records:
        try:
            yield frame(record)
        except ValueError:
            # A lone surrogate, which the database would not take either.
            _log.error("%s of %s cannot be written down", type(record).__name__, record.id)


def _locked(fd: int) -> bool:
    try:
        fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _write(fd: int, data: bytes, at: int) -> None:
    view = memoryview(data)
    while view:
        written = os.pwrite(fd, view, at)
        view, at = view[written:], at + written


def _target(dsn: str | None) -> bytes:
    """Stands for a database, whoever uses it and with which password."""
    name = _HERE
    if dsn is not None:
        try:
            parts = urlsplit(dsn)
            name = f"{parts.hostname}:{parts.port or 5432}{parts.path}?{parts.query}"
        except ValueError:
            name = dsn
    return hashlib.sha256(name.encode()).digest()[:16]

"""Who owns a data root: the process that holds the lock on its `lock` file."""

import fcntl
import os
from pathlib import Path

from .errors import DatabaseSetupError

__all__ = ["RootLock"]


class RootLock:
    """The kernel's lock on a file: it goes with its process, however that ends.

    The file's text is the folder of the owner's socket, for those who attach.
    """

    def __init__(self, path: Path) -> None:
        self.held = False
        try:
            self._file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW, 0o600)
        except OSError as error:
            raise DatabaseSetupError(f"cannot open the lock of the data root: {error}") from error

    def acquire(self) -> bool:
        """Take the lock if nobody has it. Never waits."""
        if not self.held:
            try:
                fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                return False
            self.held = True
            os.ftruncate(self._file, 0)
        return True

    def publish(self, socket_folder: Path) -> None:
        """Tell those who attach where the server listens. Only for the holder."""
        os.ftruncate(self._file, 0)
        os.pwrite(self._file, os.fsencode(socket_folder), 0)

    def published(self) -> Path | None:
        """Where the owner's server listens; None before it has said so."""
        text = os.pread(self._file, 4096, 0)
        return Path(os.fsdecode(text)) if text else None

    def close(self) -> None:
        """Give the lock back."""
        self.held = False
        os.close(self._file)

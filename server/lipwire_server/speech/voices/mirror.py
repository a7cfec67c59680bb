"""Where the files of a catalogue are read: a web server, or a folder with the same layout."""

from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Protocol

from lipwire_protocol.errors import ErrorCode, LipwireError

from .catalogue import CATALOGUE

__all__ = ["FolderMirror", "Interrupted", "Mirror", "Stream", "open_mirror"]

_BLOCK: Final = 1 << 16
"""Bytes that are read at once."""


class Interrupted(LipwireError):
    """The connection broke or the server is not well now: another try may help."""

    def __init__(self, message: str) -> None:
        super().__init__(ErrorCode.INTERNAL, message)


@dataclass(frozen=True, slots=True)
class Stream:
    """A file, or the end of it."""

    start: int
    """Offset of the first byte; 0 also where the rest was asked for and all of it came."""
    size: int | None
    """Bytes of the whole file, where it is known."""
    blocks: AsyncIterator[bytes]


class Mirror(Protocol):
    """Files by their path in the catalogue."""

    @property
    def address(self) -> str: ...

    def open(self, path: str, start: int = 0) -> AbstractAsyncContextManager[Stream]:
        """The file from `start` on.

        Raises `LipwireError`, here or while the blocks are read; `Interrupted` where another try
        may help.
        """
        ...


@asynccontextmanager
async def open_mirror(address: str) -> AsyncIterator[Mirror]:
    """The mirror at a URL or in a folder; the catalogue itself may be named, too."""
    base = address.removesuffix(CATALOGUE).rstrip("/")
    if not base.startswith(("http://", "https://")):
        yield FolderMirror(Path(base or "/"))
        return
    # Here, not above: its HTTP client takes a tenth of a second to import, at every start.
    from .web_mirror import open_web_mirror

    async with open_web_mirror(base) as mirror:
        yield mirror


class FolderMirror:
    """A folder that somebody filled."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    @property
    def address(self) -> str:
        return str(self._folder)

    @asynccontextmanager
    async def open(self, path: str, start: int = 0) -> AsyncIterator[Stream]:
        place = self._folder / path
        try:
            file = place.open("rb")
        except OSError as error:
            code = ErrorCode.NOT_FOUND
            raise LipwireError(code, f"{place} cannot be read: {error.strerror}") from error
        with file:
            size = file.seek(0, 2)
            start = file.seek(min(start, size))

            async def blocks() -> AsyncIterator[bytes]:
                while block := file.read(_BLOCK):
                    yield block

            yield Stream(start, size, blocks())

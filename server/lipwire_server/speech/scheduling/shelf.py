"""The renditions of the last contents that were spoken: a cache, bounded in bytes."""

from collections import OrderedDict
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from .admission import Claimant
from .rendition import Rendition

__all__ = ["Shelf"]


class Shelf:
    """Keeps what nobody uses any more until it needs the room: the longest unused goes first.

    What is in use is kept whatever it needs, so the bound holds for the rest. Bytes are those of
    the samples, and of what windows are made from while some are missing.
    """

    def __init__(self, max_bytes: int) -> None:
        self.max_bytes = max_bytes
        self._renditions: OrderedDict[bytes, Rendition] = OrderedDict()

    def __len__(self) -> int:
        return len(self._renditions)

    @property
    def nbytes(self) -> int:
        return sum(rendition.nbytes for rendition in self._renditions.values())

    @contextmanager
    def use(self, key: bytes, make: Callable[[], Rendition], user: Claimant) -> Iterator[Rendition]:
        """The rendition of a content, which stays while it is in use."""
        rendition = self._renditions.get(key)
        if rendition is None:
            rendition = self._renditions[key] = make()
        self._renditions.move_to_end(key)
        rendition.users[user] = None
        try:
            yield rendition
        finally:
            del rendition.users[user]
            if rendition.empty and not rendition.users:
                self._renditions.pop(key, None)
            self._make_room()

    def _make_room(self) -> None:
        excess = self.nbytes - self.max_bytes
        if excess <= 0:
            return
        for key, rendition in list(self._renditions.items()):
            if not rendition.users:
                excess -= rendition.nbytes
                del self._renditions[key]
                if excess <= 0:
                    return

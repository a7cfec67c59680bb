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
        self._sizes: dict[bytes, int] = {}
        self.nbytes = 0
        """Of all of them, each as large as it was when somebody last had done with it."""

    def __len__(self) -> int:
        return len(self._renditions)

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
            self._weigh(key)
            self._make_room()

    def _weigh(self, key: bytes) -> None:
        self.nbytes -= self._sizes.pop(key, 0)
        if key in self._renditions:
            size = self._sizes[key] = self._renditions[key].nbytes
            self.nbytes += size

    def _make_room(self) -> None:
        excess = self.nbytes - self.max_bytes
        doomed = []
        for key, rendition in self._renditions.items():
            if excess <= 0:
                break
            if not rendition.users:
                doomed.append(key)
                excess -= self._sizes[key]
        for key in doomed:
            del self._renditions[key]
            self._weigh(key)

"""What many listeners get of the same sound, held side by side."""

from collections import OrderedDict
from typing import Final

from .tally import Tally

__all__ = ["Broadcast", "Stage"]

_REMEMBERED: Final = 4_096
"""Chunks. A server that lets somebody wait for longer than those last has other troubles."""


class Broadcast:
    """Who had each chunk first, and how much later the others had it."""

    def __init__(self, tally: Tally) -> None:
        self._tally = tally
        self._first: OrderedDict[tuple[int, int], float] = OrderedDict()

    def came(self, utterance: int, start: int, now: float, joined: float) -> None:
        """A chunk reached a listener who is there since `joined`.

        What was sent to the others before he came reaches him later as it must, and says nothing.
        """
        key = utterance, start
        first = self._first.get(key)
        if first is None:
            self._first[key] = now
            if len(self._first) > _REMEMBERED:
                self._first.popitem(last=False)
        elif first >= joined:
            self._tally.chunk_late_ms.add((now - first) * 1000)


class Stage:
    """The session that listeners watch."""

    def __init__(self, session: str, secret: str, tally: Tally) -> None:
        self.session = session
        self.secret = secret
        self.broadcast = Broadcast(tally)

"""Things that are made when first wanted, and made once, however many threads want them."""

import math
from collections import OrderedDict
from collections.abc import Callable, Hashable
from concurrent.futures import Future
from threading import Lock
from typing import Generic, TypeVar

__all__ = ["SingleFlight"]

Key = TypeVar("Key", bound=Hashable)
Value = TypeVar("Value")


class SingleFlight(Generic[Key, Value]):
    """A cache for threads. Who wants what somebody else is making waits for it.

    When all of it weighs more than `max_weight`, the longest unused goes. What cannot be made is
    an exception for all who waited, and the next one tries again. Making one thing may want
    another one, but never itself.
    """

    def __init__(
        self, max_weight: float = math.inf, weigh: Callable[[Value], int] = lambda value: 1
    ) -> None:
        self._max_weight = max_weight
        self._weigh = weigh
        self._lock = Lock()
        self._futures: OrderedDict[Key, Future[Value]] = OrderedDict()
        self._weights: dict[Key, int] = {}
        self.weight = 0
        """Of all that is kept."""
        self.hits = 0
        """How often something was there already, or on its way."""
        self.misses = 0

    def __len__(self) -> int:
        return len(self._futures)

    def get(self, key: Key, make: Callable[[], Value]) -> Value:
        with self._lock:
            future = self._futures.get(key)
            if future is not None:
                self.hits += 1
                self._futures.move_to_end(key)
            else:
                self.misses += 1
                mine = self._futures[key] = Future()
        return future.result() if future is not None else self._make(key, make, mine)

    def _make(self, key: Key, make: Callable[[], Value], future: "Future[Value]") -> Value:
        try:
            value = make()
            weight = self._weigh(value)
        except BaseException as error:
            with self._lock:
                del self._futures[key]
            future.set_exception(error)
            raise
        future.set_result(value)
        with self._lock:
            self._weights[key] = weight
            self.weight += weight
            self._make_room()
        return value

    def _make_room(self) -> None:
        """What is being made has no weight yet, and stays."""
        excess, doomed = self.weight - self._max_weight, []
        for key in self._futures:
            if excess <= 0:
                break
            if key in self._weights:
                doomed.append(key)
                excess -= self._weights[key]
        for key in doomed:
            del self._futures[key]
            self.weight -= self._weights.pop(key)

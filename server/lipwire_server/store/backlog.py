"""What is to be recorded and is not durable yet, in memory."""

import itertools
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass

from .records import Record, SessionOpened, SettingsRecord, SpeechRecord, UtteranceRecord

__all__ = ["Backlog", "Batch"]

Settled = Callable[[], None]


@dataclass(frozen=True, slots=True)
class Batch:
    records: list[Record]
    end: int
    """What to let go of the backlog with, once they are durable."""


class Backlog:
    """A queue that is bounded in records and in bytes; when it is full, the newest is refused.

    What is in it has a place that does not change, so that two may work on its head at once: what
    one of them has let go of is not let go of again.
    """

    def __init__(self, max_records: int, max_bytes: int) -> None:
        self.bytes = 0
        """Roughly what it takes up."""
        self._max_records = max_records
        self._max_bytes = max_bytes
        self._items: deque[tuple[Record, int, Settled | None]] = deque()
        self._begin = 0
        """Place of the head."""

    def __len__(self) -> int:
        return len(self._items)

    @property
    def is_half_full(self) -> bool:
        return 2 * len(self._items) >= self._max_records or 2 * self.bytes >= self._max_bytes

    def add(self, record: Record, settled: Settled | None) -> bool:
        """False where there is no room."""
        size = _roughly_bytes(record)
        if len(self._items) >= self._max_records or self.bytes + size > self._max_bytes:
            return False
        self._items.append((record, size, settled))
        self.bytes += size
        return True

    def head(self, max_records: int, max_bytes: int) -> Batch:
        """The oldest so many, and one at least, where there is any."""
        records: list[Record] = []
        total = 0
        for record, size, _ in itertools.islice(self._items, max_records):
            total += size
            if records and total > max_bytes:
                break
            records.append(record)
        return Batch(records, self._begin + len(records))

    def release(self, end: int) -> list[Settled]:
        """Lets go of all before that place; gives whom to tell, where they are durable."""
        released = [self._items.popleft() for _ in range(end - self._begin)]
        self._begin += len(released)
        self.bytes -= sum(size for _, size, _ in released)
        return [settled for _, _, settled in released if settled is not None]


def _roughly_bytes(record: Record) -> int:
    # What grows without bound, and a flat price for everything that does not.
    if isinstance(record, SessionOpened | SettingsRecord):
        return 1000 + len(record.settings)
    if isinstance(record, SpeechRecord):
        return 300 + 2 * len(record.text)
    if not isinstance(record, UtteranceRecord):
        return 300
    details = sum(
        500 + 2 * len(segment.text) + len(segment.timing) + 200 * len(segment.phonemes)
        for segment in record.segments
    )
    return 1000 + 2 * len(record.text) + details

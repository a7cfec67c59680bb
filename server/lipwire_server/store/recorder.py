"""Records what was spoken, behind the stream's back: the stream never waits for SQL."""

import asyncio
import itertools
import logging
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol

from .errors import DatabaseAwayError, UnrecordableError
from .records import Record, SessionOpened, SettingsRecord, SpeechRecord, UtteranceRecord

__all__ = ["Recorder", "RecorderState", "Writer"]

_log = logging.getLogger(__name__)

_BATCH_RECORDS = 64
_BATCH_BYTES = 4 << 20
"""Also bounds the time that a batch takes: PostgreSQL gets 10 s for each of its commands."""


class Writer(Protocol):
    """What the recorder writes with."""

    async def write(self, batch: Sequence[Record]) -> None:
        """Make the whole batch durable, or none of it; the same batch may come again.

        Raises `DatabaseAwayError` where it may work later and `UnrecordableError` where it never
        will.
        """


@dataclass(frozen=True, slots=True)
class RecorderState:
    """For /readyz and the metrics. The counts are since the start."""

    waiting: int
    """Records that are not known to be durable."""
    waiting_bytes: int
    """Roughly what they take up in memory."""
    written: int
    refused: int
    """Records that found no room and are lost."""
    unrecordable: int
    """Records that the database does not take and that are lost."""
    last_error: str | None
    """Class of the error that keeps records waiting; None while there is none."""


class Recorder:
    """A bounded queue in memory and one writer behind it.

    When it is full, the newest record is refused and counted. `record` is called on the loop's
    thread; `run` is one task of the caller's. What is taken from the queue at once is one
    transaction, so commits are grouped exactly when the database is the slower side.
    """

    def __init__(
        self, writer: Writer, *, max_records: int = 20_000, max_bytes: int = 64 << 20
    ) -> None:
        self._writer = writer
        self._max_records = max_records
        self._max_bytes = max_bytes
        # A record stays in here until its transaction is known to be committed.
        self._waiting: deque[tuple[Record, int, Callable[[], None] | None]] = deque()
        self._bytes = 0
        self._singly = 0
        """Records at the head that are written one by one: one of them is unrecordable."""
        self._written = 0
        self._refused = 0
        self._unrecordable = 0
        self._last_error: str | None = None
        self._arrival = asyncio.Event()
        self._turn = asyncio.Lock()

    @property
    def state(self) -> RecorderState:
        return RecorderState(
            waiting=len(self._waiting),
            waiting_bytes=self._bytes,
            written=self._written,
            refused=self._refused,
            unrecordable=self._unrecordable,
            last_error=self._last_error,
        )

    @property
    def refused(self) -> int:
        """Records that found no room since the start, and are lost."""
        return self._refused

    def record(self, item: Record, settled: Callable[[], None] | None = None) -> bool:
        """Take the record, or refuse it (False) where the queue is full. Never waits or raises.

        `settled` is called once it is durable, and never where it is lost.
        """
        size = _roughly_bytes(item)
        if len(self._waiting) >= self._max_records or self._bytes + size > self._max_bytes:
            self._refused += 1
            if self._refused.bit_count() == 1:
                # At 1, 2, 4, 8, ...: an outage refuses thousands.
                _log.error("the recorder is full; refused so far: %d", self._refused)
            return False
        self._waiting.append((item, size, settled))
        self._bytes += size
        self._arrival.set()
        return True

    async def run(self) -> None:
        """Write what is recorded, for ever. While the database is away, try again after pauses.

        Cancelling loses nothing: what was being written stays in the queue for `drain`.
        """
        pauses = _pauses()
        while True:
            if not self._waiting:
                self._arrival.clear()
                await self._arrival.wait()
            if await self._write_next():
                pauses = _pauses()
            else:
                await asyncio.sleep(next(pauses))

    async def drain(self, within: float) -> int:
        """Write what waits, within that many seconds; how many records are left.

        Works beside `run` and after it was cancelled.
        """
        pauses = _pauses()
        try:
            async with asyncio.timeout(within):
                while self._waiting:
                    if not await self._write_next():
                        await asyncio.sleep(next(pauses))
        except TimeoutError:
            _log.error("%d records were not written: %s", len(self._waiting), self._last_error)
        return len(self._waiting)

    async def _write_next(self) -> bool:
        """Write the head of the queue. False where the database is away."""
        async with self._turn:
            batch = self._head()
            if not batch:
                return True
            try:
                await self._writer.write(batch)
            except DatabaseAwayError as error:
                self._note_outage(str(error))
                return False
            except Exception as error:
                # Whatever it is, it must not keep the others from being written.
                self._suspect(batch, error)
                return True
            self._note_success(len(batch))
            return True

    def _head(self) -> list[Record]:
        limit = 1 if self._singly else _BATCH_RECORDS
        batch: list[Record] = []
        size = 0
        for record, record_size, _ in itertools.islice(self._waiting, limit):
            size += record_size
            if batch and size > _BATCH_BYTES:
                break
            batch.append(record)
        return batch

    def _remove(self, count: int) -> list[Callable[[], None]]:
        """Lets go of the head; gives whom to tell, had it become durable."""
        removed = [self._waiting.popleft() for _ in range(count)]
        self._bytes -= sum(size for _, size, _ in removed)
        self._singly = max(0, self._singly - count)
        return [settled for _, _, settled in removed if settled is not None]

    def _note_outage(self, reason: str) -> None:
        if self._last_error is None:
            _log.warning("the database is away (%s); records wait", reason)
        self._last_error = reason

    def _note_success(self, count: int) -> None:
        for settled in self._remove(count):
            settled()
        self._written += count
        if self._last_error is not None:
            _log.info("the database is back; %d records wait", len(self._waiting))
            self._last_error = None

    def _suspect(self, batch: list[Record], error: Exception) -> None:
        if len(batch) > 1:
            self._singly = len(batch)
            return
        reason = str(error) if isinstance(error, UnrecordableError) else type(error).__name__
        self._remove(1)
        self._unrecordable += 1
        # Neither the message nor the traceback: both can quote what was spoken.
        _log.error("%s cannot be recorded: %s", _name(batch[0]), reason)


def _pauses() -> Iterator[float]:
    """Seconds before the next attempt: 0.1, doubled up to 5."""
    for doublings in itertools.count():
        yield min(0.1 * 2 ** min(doublings, 6), 5.0)


def _name(record: Record) -> str:
    if isinstance(record, UtteranceRecord):
        return f"utterance {record.id} of session {record.session_id}"
    return f"{type(record).__name__} of {record.id}"


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

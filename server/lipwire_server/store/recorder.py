"""Records what was spoken, behind the stream's back: the stream never waits for SQL."""

import asyncio
import itertools
import logging
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from enum import Enum
from typing import Protocol

from .backlog import Backlog, Batch
from .errors import DatabaseAwayError, UnrecordableError
from .records import Record, UtteranceRecord

__all__ = ["Recorder", "RecorderState", "Shelter", "Writer"]

_log = logging.getLogger(__name__)

_BATCH_RECORDS = 64
_BATCH_BYTES = 4 << 20
"""Also bounds the time that a batch takes: PostgreSQL gets 10 s for each of its commands."""
_SHELTERED_RECORDS = 1_024
"""What goes to disk at once: it shares one fsync."""
_SLOW_S = 1.0
"""A database that takes longer is away, as far as those know who wait for their receipt."""
_LAST_WORDS_S = 5.0


class Writer(Protocol):
    """What the recorder writes with."""

    async def write(self, batch: Sequence[Record]) -> None:
        """Make the whole batch durable, or none of it; the same batch may come again.

        Raises `DatabaseAwayError` where it may work later and `UnrecordableError` where it never
        will.
        """


class Shelter(Protocol):
    """Where records are safe until there is a database: first in, first out."""

    @property
    def records(self) -> int: ...

    @property
    def bytes(self) -> int: ...

    async def append(self, records: Sequence[Record]) -> None:
        """They are durable once it returns. Raises `OSError` where they are not."""

    async def head(self, max_records: int, max_bytes: int) -> Sequence[Record]:
        """The oldest, which stay where they are. Raises `OSError`."""

    async def drop(self, count: int) -> None:
        """Forget the oldest."""


@dataclass(frozen=True, slots=True)
class RecorderState:
    """For /readyz and the metrics. The counts are since the start."""

    waiting: int
    """Records that are not known to be durable."""
    waiting_bytes: int
    """Roughly what they take up in memory."""
    spooled: int
    """Records that are safe on disk and wait there for the database."""
    spooled_bytes: int
    written: int
    refused: int
    """Records that found no room and are lost."""
    unrecordable: int
    """Records that the database does not take and that are lost."""
    last_error: str | None
    """Class of the error that keeps records waiting; None while there is none."""
    spool_error: str | None
    """Why the disk does not take what waits; None while it does, or need not."""
    unspooled: int = 0
    """Records that waited on disk, and wait no more."""

    @property
    def goal(self) -> int:
        """What `unspooled` will be once all that waits on disk now is in the database."""
        return self.unspooled + self.spooled

    def is_past(self, goal: int) -> bool:
        """Whether what waited on disk when that was the goal is in the database."""
        return not self.spooled or self.unspooled >= goal


class _Outcome(Enum):
    WRITTEN = 1
    AWAY = 2
    SPLIT = 3
    """One of several is unrecordable."""
    LOST = 4
    """The only one is unrecordable."""


class Recorder:
    """A bounded queue in memory and one writer behind it, with a disk to turn to.

    When the queue is full, the newest record is refused and counted. `record` is called on the
    loop's thread; `run` is one task of the caller's. What is taken from the queue at once is one
    transaction, so commits are grouped exactly when the database is the slower side.

    While the database is away or slow, what waits goes to `shelter`, and so does what comes until
    that is empty again: records are written in their order. What was on its way into the database
    while it was sheltered is written once; after a crash it may come a second time.
    """

    def __init__(
        self,
        writer: Writer,
        shelter: Shelter | None = None,
        *,
        max_records: int = 20_000,
        max_bytes: int = 64 << 20,
    ) -> None:
        self._writer = writer
        self._shelter = shelter
        # A record stays in here until it is known to be durable.
        self._backlog = Backlog(max_records, max_bytes)
        self._settled_to = 0
        """Place in the backlog before which nothing has to be written any more, sheltered or not;
        from 0 on, nothing is sheltered that an earlier process left."""
        self._sheltered_to = 0
        """Place behind the last record that was sheltered."""
        self._is_placed = True
        """Nothing is sheltered twice."""
        self._singly = 0
        """So many are written one by one: one of them is unrecordable."""
        self._written = 0
        self._refused = 0
        self._unrecordable = 0
        self._unspooled = 0
        self._last_error: str | None = None
        self._spool_error: str | None = None
        self._is_slow = False
        self._arrival = asyncio.Event()
        self._need = asyncio.Event()
        """Something may have to go to disk."""
        self._return = asyncio.Event()
        self._progress = asyncio.Event()
        """Of what is sheltered, some is written, or is tried to be."""
        self._turn = asyncio.Lock()
        self._door = asyncio.Lock()

    @property
    def state(self) -> RecorderState:
        return RecorderState(
            waiting=len(self._backlog),
            waiting_bytes=self._backlog.bytes,
            spooled=self._sheltered,
            spooled_bytes=self._shelter.bytes if self._shelter is not None else 0,
            written=self._written,
            refused=self._refused,
            unrecordable=self._unrecordable,
            last_error=self._last_error,
            spool_error=self._spool_error,
            unspooled=self._unspooled,
        )

    @property
    def refused(self) -> int:
        """Records that found no room since the start, and are lost."""
        return self._refused

    def record(self, item: Record, settled: Callable[[], None] | None = None) -> bool:
        """Take the record, or refuse it (False) where the queue is full. Never waits or raises.

        `settled` is called once it is durable, and never where it is lost.
        """
        if not self._backlog.add(item, settled):
            self._refused += 1
            if self._refused.bit_count() == 1:
                # At 1, 2, 4, 8, ...: an outage refuses thousands.
                _log.error("the recorder is full; refused so far: %d", self._refused)
            return False
        self._arrival.set()
        if self._needs_shelter():
            self._need.set()
        return True

    async def run(self) -> None:
        """Write what is recorded, for ever. While the database is away, try again after pauses.

        Cancelling loses nothing: what was being written stays in the queue for `drain`.
        """
        async with asyncio.TaskGroup() as group:
            group.create_task(self._keep_writing())
            if self._shelter is not None:
                group.create_task(self._keep_sheltering(self._shelter))

    async def drain(self, within: float) -> int:
        """Write what waits, within that many seconds; how many records are left in memory.

        While the database is away, what can be sheltered is safe, and not waited for. Works beside
        `run` and after it was cancelled.
        """
        pauses = _pauses()
        try:
            async with asyncio.timeout(within):
                while self._backlog or self._sheltered:
                    if await self._write_next():
                        continue
                    if self._shelter is not None and await self._take_all(self._shelter):
                        break
                    await asyncio.sleep(next(pauses))
        except TimeoutError:
            if self._shelter is not None:
                await self._take_last(self._shelter)
        if self._backlog:
            _log.error("%d records were not written: %s", len(self._backlog), self._last_error)
        return len(self._backlog)

    def try_again(self) -> None:
        """The database may be there: do not wait to see."""
        self._return.set()

    async def caught_up(self) -> None:
        """Returns when all is written that was sheltered by now. What comes meanwhile is not waited
        for: where much is said and the database is slow, there is no end of it."""
        goal = self.state.goal
        while not self.state.is_past(goal):
            self._progress.clear()
            await self._progress.wait()

    @property
    def _sheltered(self) -> int:
        return self._shelter.records if self._shelter is not None else 0

    async def _keep_writing(self) -> None:
        pauses = _pauses()
        while True:
            if not (self._backlog or self._sheltered):
                self._arrival.clear()
                await self._arrival.wait()
            if await self._write_next():
                pauses = _pauses()
                if not self._needs_shelter():
                    self._spool_error = None
                continue
            self._return.clear()
            with suppress(TimeoutError):
                async with asyncio.timeout(next(pauses)):
                    await self._return.wait()

    async def _write_next(self) -> bool:
        """Write the oldest. False where the database is away."""
        async with self._turn:
            limit = 1 if self._singly else _BATCH_RECORDS
            if self._shelter is not None and self._shelter.records:
                return await self._write_sheltered(self._shelter, limit)
            batch = self._backlog.head(limit, _BATCH_BYTES)
            if not batch.records:
                return True
            outcome = await self._write(batch.records)
            if outcome in (_Outcome.WRITTEN, _Outcome.LOST):
                self._settled_to = batch.end
            if outcome is _Outcome.WRITTEN:
                _tell(self._backlog.release(batch.end))
            elif outcome is _Outcome.LOST:
                self._backlog.release(batch.end)
            return outcome is not _Outcome.AWAY

    async def _write_sheltered(self, shelter: Shelter, limit: int) -> bool:
        try:
            async with self._door:  # What is on its way there has a place then.
                batch = await shelter.head(limit, _BATCH_BYTES)
                settled = self._settled_at_head(shelter)
        except OSError as error:
            self._note_outage(f"the spool cannot be read: {_reason(error)}")
            return False
        if settled > 0:
            # Written again, it would undo what came after it.
            batch = batch[:settled]
        outcome = await self._write(batch) if batch and settled <= 0 else _Outcome.WRITTEN
        if outcome in (_Outcome.WRITTEN, _Outcome.LOST):
            # Counted first: a goal that is set while they go would be too near.
            self._unspooled += len(batch)
            await shelter.drop(len(batch))
        self._progress.set()
        return outcome is not _Outcome.AWAY

    def _settled_at_head(self, shelter: Shelter) -> int:
        """How many of the oldest there were written out of memory while they were sheltered."""
        if not (self._settled_to and self._is_placed):
            return 0
        return self._settled_to - (self._sheltered_to - shelter.records)

    async def _write(self, batch: Sequence[Record]) -> _Outcome:
        slow = asyncio.get_running_loop().call_later(_SLOW_S, self._note_slowness)
        try:
            await self._writer.write(batch)
        except DatabaseAwayError as error:
            self._note_outage(str(error))
            return _Outcome.AWAY
        except Exception as error:
            # Whatever it is, it must not keep the others from being written.
            if len(batch) > 1:
                self._singly = len(batch)
                return _Outcome.SPLIT
            self._note_loss(batch[0], error)
            return _Outcome.LOST
        finally:
            slow.cancel()
            self._is_slow = False
        self._note_success(len(batch))
        return _Outcome.WRITTEN

    def _needs_shelter(self) -> bool:
        is_behind = self._is_slow or self._last_error is not None or self._sheltered > 0
        return bool(self._backlog) and (is_behind or self._backlog.is_half_full)

    async def _keep_sheltering(self, shelter: Shelter) -> None:
        pauses = _pauses()
        while True:
            if not self._needs_shelter():
                self._need.clear()
                await self._need.wait()
            elif await self._take_shelter(shelter):
                pauses = _pauses()
            else:
                await asyncio.sleep(next(pauses))

    async def _take_shelter(self, shelter: Shelter) -> bool:
        """Moves the oldest out of memory. False where the disk does not take them."""
        async with self._door:
            return await self._move(self._backlog.head(_SHELTERED_RECORDS, _BATCH_BYTES), shelter)

    async def _move(self, batch: Batch, shelter: Shelter) -> bool:
        if not batch.records:
            return True
        try:
            await shelter.append(batch.records)
        except OSError as error:
            if self._spool_error is None:
                _log.error("records stay in memory: %s", _reason(error))
            self._spool_error = _reason(error)
            return False
        except asyncio.CancelledError:
            # They may get there yet, and once more: from now on nobody can say what is where.
            self._is_placed = False
            raise
        if self._spool_error is not None:
            _log.info("the spool takes records again")
            self._spool_error = None
        self._sheltered_to = batch.end
        # Not all of them are there still where the database was slow and not away.
        _tell(self._backlog.release(batch.end))
        self._arrival.set()
        return True

    async def _take_all(self, shelter: Shelter) -> bool:
        while self._backlog:
            if not await self._take_shelter(shelter):
                return False
        return True

    async def _take_last(self, shelter: Shelter) -> None:
        try:
            async with asyncio.timeout(_LAST_WORDS_S):
                await self._take_all(shelter)
        except TimeoutError:
            _log.error("the disk does not answer")

    def _note_outage(self, reason: str) -> None:
        if self._last_error is None:
            _log.warning("the database is away (%s); records wait", reason)
        self._last_error = reason
        self._need.set()

    def _note_slowness(self) -> None:
        self._is_slow = True
        self._need.set()

    def _note_success(self, count: int) -> None:
        self._written += count
        self._singly = max(0, self._singly - count)
        if self._last_error is not None:
            waiting = len(self._backlog) + self._sheltered - count
            _log.info("the database is back; %d records wait", waiting)
            self._last_error = None

    def _note_loss(self, record: Record, error: Exception) -> None:
        reason = str(error) if isinstance(error, UnrecordableError) else type(error).__name__
        self._unrecordable += 1
        self._singly = max(0, self._singly - 1)
        # Neither the message nor the traceback: both can quote what was spoken.
        _log.error("%s cannot be recorded: %s", _name(record), reason)


def _pauses() -> Iterator[float]:
    """Seconds before the next attempt: 0.1, doubled up to 5."""
    for doublings in itertools.count():
        yield min(0.1 * 2 ** min(doublings, 6), 5.0)


def _tell(receivers: Sequence[Callable[[], None]]) -> None:
    for settled in receivers:
        settled()


def _reason(error: OSError) -> str:
    return error.strerror or type(error).__name__


def _name(record: Record) -> str:
    if isinstance(record, UtteranceRecord):
        return f"utterance {record.id} of session {record.session_id}"
    return f"{type(record).__name__} of {record.id}"

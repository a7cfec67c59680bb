import asyncio
import errno
import logging
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from functools import partial
from uuid import UUID

import pytest

from lipwire_server.store.errors import DatabaseAwayError, UnrecordableError
from lipwire_server.store.recorder import Recorder
from lipwire_server.store.records import Record, SessionEnded, SessionOpened, UtteranceRecord

pytestmark = pytest.mark.virtual_time

NOW = datetime(2026, 1, 1, tzinfo=UTC)
SESSION = UUID(int=1)


class FakeWriter:
    """Keeps what is written; the next writes fail with `failures`, and `poison` always does."""

    def __init__(self, *failures: Exception | None, poison: Sequence[Record] = ()) -> None:
        self.failures = list(failures)
        self.poison = poison
        self.batches: list[list[Record]] = []
        self.attempts = 0
        self.gate = asyncio.Event()
        self.gate.set()

    async def write(self, batch: Sequence[Record]) -> None:
        self.attempts += 1
        await self.gate.wait()
        if self.failures and (failure := self.failures.pop(0)) is not None:
            raise failure
        if any(record in self.poison for record in batch):
            raise UnrecordableError("NotNullViolationError 23502")
        self.batches.append(list(batch))

    @property
    def written(self) -> list[Record]:
        return [record for batch in self.batches for record in batch]


def opened() -> SessionOpened:
    return SessionOpened(
        id=SESSION,
        secret_sha256=bytes(32),
        voice="joe",
        sample_rate=22050,
        settings=b"{}",
        opened_at=NOW,
    )


def ended() -> SessionEnded:
    return SessionEnded(id=SESSION, close_code=1000, ended_at=NOW)


def spoken(number: int, text: str = "a secret") -> UtteranceRecord:
    return UtteranceRecord(
        id=UUID(int=1000 + number),
        session_id=SESSION,
        number=number,
        at=0,
        count=0,
        heard=None,
        text=text,
        voice="joe",
        rate_percent=100,
        seed=0,
        reason="done",
        started_at=NOW,
        ended_at=NOW,
        segments=(),
    )


async def test_what_was_recorded_is_written_in_its_order() -> None:
    writer = FakeWriter()
    recorder = Recorder(writer)
    items: list[Record] = [opened(), *map(spoken, range(200)), ended()]
    assert all(recorder.record(item) for item in items)
    assert await recorder.drain(1) == 0
    assert writer.written == items
    assert recorder.state.written == len(items)
    assert recorder.state.waiting_bytes == 0


async def test_what_waits_is_written_at_once_and_never_more_than_64() -> None:
    writer = FakeWriter()
    recorder = Recorder(writer)
    for number in range(100):
        recorder.record(spoken(number))
    await recorder.drain(1)
    assert [len(batch) for batch in writer.batches] == [64, 36]


async def test_a_batch_is_bounded_in_bytes_too() -> None:
    writer = FakeWriter()
    recorder = Recorder(writer)
    for number in range(4):
        recorder.record(spoken(number, "x" * 1_500_000))
    await recorder.drain(1)
    assert [len(batch) for batch in writer.batches] == [1, 1, 1, 1]


async def test_the_writer_waits_for_records_without_being_asked() -> None:
    writer = FakeWriter()
    recorder = Recorder(writer)
    async with asyncio.TaskGroup() as tasks:
        running = tasks.create_task(recorder.run())
        await asyncio.sleep(1)
        recorder.record(spoken(1))
        await asyncio.sleep(1)
        recorder.record(spoken(2))
        await asyncio.sleep(1)
        running.cancel()
    assert writer.batches == [[spoken(1)], [spoken(2)]]


async def test_the_newest_record_is_refused_when_the_queue_is_full(
    caplog: pytest.LogCaptureFixture,
) -> None:
    writer = FakeWriter()
    recorder = Recorder(writer, max_records=2)
    assert [recorder.record(spoken(number)) for number in range(4)] == [True, True, False, False]
    assert recorder.refused == recorder.state.refused == 2
    await recorder.drain(1)
    assert writer.written == [spoken(0), spoken(1)]
    assert recorder.record(spoken(4))
    assert "a secret" not in caplog.text


async def test_the_queue_is_bounded_in_bytes_too() -> None:
    recorder = Recorder(FakeWriter(), max_bytes=10_000)
    assert not recorder.record(spoken(0, "x" * 10_000))
    assert recorder.record(spoken(1))
    assert recorder.state.waiting == 1


async def test_records_wait_while_the_database_is_away_and_keep_their_order() -> None:
    writer = FakeWriter(*[DatabaseAwayError("ConnectionRefusedError")] * 20)
    recorder = Recorder(writer)
    recorder.record(opened())
    async with asyncio.TaskGroup() as tasks:
        running = tasks.create_task(recorder.run())
        await asyncio.sleep(0.05)
        assert recorder.state.last_error == "ConnectionRefusedError"
        for number in range(3):
            recorder.record(spoken(number))
        await asyncio.sleep(120)
        running.cancel()
    assert writer.written == [opened(), spoken(0), spoken(1), spoken(2)]
    assert recorder.state.last_error is None


async def test_pauses_between_attempts_grow_to_five_seconds() -> None:
    writer = FakeWriter(*[DatabaseAwayError("TimeoutError")] * 1000)
    recorder = Recorder(writer)
    recorder.record(opened())
    async with asyncio.TaskGroup() as tasks:
        running = tasks.create_task(recorder.run())
        await asyncio.sleep(60)
        settled = writer.attempts
        await asyncio.sleep(50)
        running.cancel()
    assert writer.attempts - settled == 10


async def test_a_record_that_cannot_be_written_does_not_block_the_others(
    caplog: pytest.LogCaptureFixture,
) -> None:
    writer = FakeWriter(poison=[spoken(3)])
    recorder = Recorder(writer)
    for number in range(6):
        recorder.record(spoken(number))
    assert await recorder.drain(1) == 0
    assert writer.written == [spoken(number) for number in (0, 1, 2, 4, 5)]
    assert recorder.state.unrecordable == 1
    assert f"utterance {spoken(3).id} of session {SESSION}" in caplog.text
    assert "NotNullViolationError 23502" in caplog.text
    assert "a secret" not in caplog.text


async def test_an_unexpected_error_costs_one_record_and_quotes_nothing(
    caplog: pytest.LogCaptureFixture,
) -> None:
    writer = FakeWriter(ValueError("a secret"))
    recorder = Recorder(writer)
    recorder.record(spoken(0))
    recorder.record(spoken(1))
    await recorder.drain(1)
    assert writer.written == [spoken(0), spoken(1)]
    writer.failures.append(ValueError("a secret"))
    recorder.record(spoken(2))
    await recorder.drain(1)
    assert recorder.state.unrecordable == 1
    assert "ValueError" in caplog.text
    assert "a secret" not in caplog.text


async def test_an_outage_in_the_middle_of_singling_out_loses_nothing() -> None:
    away = DatabaseAwayError("AdminShutdownError 57P01")
    writer = FakeWriter(None, None, away, poison=[spoken(2)])
    recorder = Recorder(writer)
    for number in range(4):
        recorder.record(spoken(number))
    assert await recorder.drain(10) == 0
    assert writer.written == [spoken(0), spoken(1), spoken(3)]
    assert recorder.state.unrecordable == 1


async def test_batches_grow_again_after_a_record_was_singled_out() -> None:
    writer = FakeWriter(poison=[spoken(0)])
    recorder = Recorder(writer)
    for number in range(64 + 10):
        recorder.record(spoken(number))
    await recorder.drain(1)
    assert len(writer.batches[-1]) == 10


async def test_drain_says_how_many_records_are_left() -> None:
    recorder = Recorder(FakeWriter(*[DatabaseAwayError("TimeoutError")] * 1000))
    for number in range(7):
        recorder.record(spoken(number))
    assert await recorder.drain(30) == 7


async def test_drain_gives_up_on_a_write_that_hangs() -> None:
    writer = FakeWriter()
    writer.gate.clear()
    recorder = Recorder(writer)
    recorder.record(spoken(0))
    assert await recorder.drain(3) == 1


async def test_draining_beside_the_running_writer_writes_everything_once() -> None:
    writer = FakeWriter(DatabaseAwayError("TimeoutError"))
    recorder = Recorder(writer)
    async with asyncio.TaskGroup() as tasks:
        running = tasks.create_task(recorder.run())
        for number in range(100):
            recorder.record(spoken(number))
        assert await recorder.drain(10) == 0
        running.cancel()
    assert writer.written == [spoken(number) for number in range(100)]


async def test_what_a_cancelled_writer_held_is_drained() -> None:
    writer = FakeWriter()
    writer.gate.clear()
    recorder = Recorder(writer)
    recorder.record(spoken(0))
    async with asyncio.TaskGroup() as tasks:
        running = tasks.create_task(recorder.run())
        await asyncio.sleep(1)
        running.cancel()
    writer.gate.set()
    assert await recorder.drain(1) == 0
    assert writer.written == [spoken(0)]


async def test_an_outage_is_logged_once_and_its_end_too(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    recorder = Recorder(FakeWriter(*[DatabaseAwayError("TimeoutError")] * 5))
    recorder.record(spoken(0))
    await recorder.drain(60)
    assert [record.levelname for record in caplog.records] == ["WARNING", "INFO"]


AWAY = DatabaseAwayError("ConnectionRefusedError")


class FakeShelter:
    """A list in place of a disk; the next appends fail with `failures`."""

    def __init__(self, *failures: OSError) -> None:
        self.kept: list[Record] = []
        self.failures = list(failures)
        self.appends = 0

    @property
    def records(self) -> int:
        return len(self.kept)

    @property
    def bytes(self) -> int:
        return 100 * len(self.kept)

    async def append(self, records: Sequence[Record]) -> None:
        await asyncio.sleep(0.001)
        if self.failures:
            raise self.failures.pop(0)
        self.appends += 1
        self.kept += records

    async def head(self, max_records: int, max_bytes: int) -> list[Record]:
        await asyncio.sleep(0.001)
        return self.kept[:max_records]

    async def drop(self, count: int) -> None:
        await asyncio.sleep(0.001)
        del self.kept[:count]


@asynccontextmanager
async def running(recorder: Recorder) -> AsyncIterator[None]:
    async with asyncio.TaskGroup() as tasks:
        run = tasks.create_task(recorder.run())
        yield
        run.cancel()


def full_disk() -> OSError:
    return OSError(errno.ENOSPC, "No space left on device")


async def test_while_the_database_is_there_nothing_is_sheltered() -> None:
    writer, shelter = FakeWriter(), FakeShelter()
    recorder = Recorder(writer, shelter)
    async with running(recorder):
        for number in range(300):
            recorder.record(spoken(number))
            await asyncio.sleep(0.01)
    assert writer.written == [spoken(number) for number in range(300)]
    assert shelter.appends == 0


async def test_a_record_is_settled_once_it_is_sheltered() -> None:
    writer, shelter, told = FakeWriter(*[AWAY] * 1000), FakeShelter(), list[int]()
    recorder = Recorder(writer, shelter)
    async with running(recorder):
        for number in range(3):
            assert recorder.record(spoken(number), partial(told.append, number))
        assert told == []
        await asyncio.sleep(0.5)
        assert told == [0, 1, 2]
        assert (recorder.state.waiting, recorder.state.spooled) == (0, 3)
        recorder.record(spoken(3), partial(told.append, 3))
        await asyncio.sleep(0.01)
        assert told == [0, 1, 2, 3], "at once, while it is known that the database is away"


async def test_what_was_sheltered_is_written_in_its_order_when_the_database_is_back() -> None:
    writer, shelter = FakeWriter(*[AWAY] * 8), FakeShelter()
    recorder = Recorder(writer, shelter)
    async with running(recorder):
        for number in range(500):
            recorder.record(spoken(number))
            await asyncio.sleep(0.05)
        await asyncio.sleep(10)
        assert recorder.state.spooled == recorder.state.waiting == 0
        assert recorder.state.last_error is None
    assert writer.written == [spoken(number) for number in range(500)]
    sheltered = shelter.appends
    assert 0 < sheltered < 500, "and then they are written at once again"


async def test_a_frozen_database_delays_no_receipt_for_longer_than_a_second() -> None:
    writer, shelter, told = FakeWriter(), FakeShelter(), list[int]()
    writer.gate.clear()
    recorder = Recorder(writer, shelter)
    async with running(recorder):
        for number in range(200):
            recorder.record(spoken(number), partial(told.append, number))
        await asyncio.sleep(1.1)
        assert told == [*range(200)]
        writer.gate.set()
        await asyncio.sleep(10)
    # What was on its way into the database is written a second time, and that is all.
    assert writer.written == [*map(spoken, range(64)), *map(spoken, range(200))]
    assert told == [*range(200)], "nobody is told twice"


async def test_a_queue_that_is_half_full_is_sheltered_though_the_database_answers() -> None:
    writer, shelter = FakeWriter(), FakeShelter()
    writer.gate.clear()
    recorder = Recorder(writer, shelter, max_records=200)
    async with running(recorder):
        await asyncio.sleep(0.1)
        for number in range(150):
            recorder.record(spoken(number))
        await asyncio.sleep(0.1)
        assert recorder.state.waiting == 0
        assert recorder.state.spooled == 150


async def test_a_full_disk_leaves_records_in_memory_and_says_so(
    caplog: pytest.LogCaptureFixture,
) -> None:
    writer, shelter = FakeWriter(*[AWAY] * 1000), FakeShelter(*[full_disk()] * 4)
    recorder = Recorder(writer, shelter, max_records=3)
    async with running(recorder):
        assert [recorder.record(spoken(number)) for number in range(5)] == [True] * 3 + [False] * 2
        await asyncio.sleep(0.5)
        assert recorder.state.spool_error == "No space left on device"
        assert recorder.state.waiting == 3
        await asyncio.sleep(60)
        assert recorder.state.spool_error is None
        assert (recorder.state.waiting, recorder.state.spooled) == (0, 3)
    assert caplog.text.count("records stay in memory") == 1
    assert recorder.refused == 2


async def test_a_full_disk_is_forgotten_when_it_is_not_needed_any_more() -> None:
    writer, shelter = FakeWriter(*[AWAY] * 5), FakeShelter(*[full_disk()] * 1000)
    recorder = Recorder(writer, shelter)
    async with running(recorder):
        recorder.record(spoken(0))
        await asyncio.sleep(0.5)
        assert recorder.state.spool_error is not None
        await asyncio.sleep(30)
        assert writer.written == [spoken(0)]
        assert recorder.state.spool_error is None


async def test_a_disk_that_cannot_be_read_is_waited_for() -> None:
    class Unreadable(FakeShelter):
        trouble = 3

        async def head(self, max_records: int, max_bytes: int) -> list[Record]:
            if self.trouble:
                self.trouble -= 1
                raise OSError(errno.EIO, "Input/output error")
            return await super().head(max_records, max_bytes)

    writer, shelter = FakeWriter(AWAY), Unreadable()
    recorder = Recorder(writer, shelter)
    async with running(recorder):
        recorder.record(spoken(0))
        await asyncio.sleep(0.2)
        assert "Input/output error" in (recorder.state.last_error or "")
        await asyncio.sleep(20)
    assert writer.written == [spoken(0)]


async def test_what_cannot_be_recorded_does_not_hold_up_what_is_sheltered() -> None:
    writer, shelter = FakeWriter(*[AWAY] * 4, poison=[spoken(3)]), FakeShelter()
    recorder = Recorder(writer, shelter)
    async with running(recorder):
        for number in range(6):
            recorder.record(spoken(number))
        await asyncio.sleep(30)
    assert writer.written == [spoken(number) for number in (0, 1, 2, 4, 5)]
    assert recorder.state.unrecordable == 1


async def test_what_an_earlier_process_left_comes_first() -> None:
    writer, shelter = FakeWriter(), FakeShelter()
    shelter.kept = [opened(), spoken(0)]
    recorder = Recorder(writer, shelter)
    recorder.record(spoken(1))
    async with running(recorder):
        await recorder.caught_up()
        assert shelter.kept == []
        assert recorder.state.unspooled >= 2
        await asyncio.sleep(0.1)
    assert writer.written == [opened(), spoken(0), spoken(1)]


async def test_it_need_not_wait_when_it_is_told_that_the_database_is_there() -> None:
    writer = FakeWriter(*[AWAY] * 1000)
    recorder = Recorder(writer)
    recorder.record(spoken(0))
    async with running(recorder):
        await asyncio.sleep(20)
        assert writer.written == []
        writer.failures.clear()
        recorder.try_again()
        await asyncio.sleep(0)
        await asyncio.sleep(0.001)
        assert writer.written == [spoken(0)]


async def test_draining_shelters_what_finds_no_database_and_does_not_wait() -> None:
    writer, shelter = FakeWriter(*[AWAY] * 1000), FakeShelter()
    recorder = Recorder(writer, shelter)
    for number in range(3000):
        recorder.record(spoken(number))
    began = asyncio.get_running_loop().time()
    assert await recorder.drain(10) == 0
    assert asyncio.get_running_loop().time() - began < 0.5
    assert shelter.kept == [spoken(number) for number in range(3000)]


async def test_draining_shelters_what_a_frozen_database_does_not_take() -> None:
    writer, shelter = FakeWriter(), FakeShelter()
    writer.gate.clear()
    recorder = Recorder(writer, shelter)
    recorder.record(spoken(0))
    assert await recorder.drain(3) == 0
    assert shelter.kept == [spoken(0)]

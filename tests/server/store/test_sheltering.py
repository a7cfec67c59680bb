"""What a recorder does with records while the database is away: they wait on the disk."""

import asyncio
import errno
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from functools import partial

import pytest
from tests.server.store.fake_writer import FakeWriter
from tests.stored_records import opened, spoken

from lipwire_server.store.errors import DatabaseAwayError
from lipwire_server.store.recorder import Recorder
from lipwire_server.store.records import Record

pytestmark = pytest.mark.virtual_time

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
    # What was on its way into the database was sheltered too.
    assert writer.written == [*map(spoken, range(200))]
    assert recorder.state.unspooled == 200
    assert told == [*range(200)], "nobody is told twice"


async def test_what_a_slow_disk_takes_after_the_database_did_undoes_nothing_that_came_later() -> (
    None
):
    class Slow(FakeShelter):
        async def append(self, records: Sequence[Record]) -> None:
            await asyncio.sleep(5)
            await super().append(records)

    writer, shelter = FakeWriter(), Slow()
    writer.gate.clear()
    recorder = Recorder(writer, shelter)
    async with running(recorder):
        recorder.record(spoken(0))
        await asyncio.sleep(1.1)  # Now it is on its way to both.
        recorder.record(spoken(1))
        writer.gate.set()
        await asyncio.sleep(1)
        recorder.record(spoken(2))
        await asyncio.sleep(30)
        assert (shelter.appends, recorder.state.spooled, recorder.state.waiting) == (1, 0, 0)
        writer.failures = [AWAY] * 5
        for number in (3, 4):
            recorder.record(spoken(number))
        await asyncio.sleep(60)
    assert writer.written == [*map(spoken, range(5))]


async def test_what_gets_to_the_disk_twice_costs_nothing_that_is_there_once() -> None:
    class Unstoppable(FakeShelter):
        """Goes on though it is cancelled, as a thread does."""

        async def append(self, records: Sequence[Record]) -> None:
            await asyncio.shield(self.at_last(records))

        async def at_last(self, records: Sequence[Record]) -> None:
            await asyncio.sleep(3)
            await super().append(records)

    writer, shelter = FakeWriter(), Unstoppable()
    recorder = Recorder(writer, shelter)
    for numbers, within in ((range(5), 1), (range(5, 10), 10), (range(10, 13), 1)):
        for number in numbers:
            recorder.record(spoken(number))
        assert await recorder.drain(within) == 0
        writer.failures = [AWAY] * 10
    assert [*map(spoken, range(10, 13))] * 2 == shelter.kept[5:]
    writer.failures.clear()
    assert await recorder.drain(10) == 0
    assert writer.written == [*map(spoken, range(13)), *map(spoken, range(10, 13))]


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
        assert writer.written[:2] == [opened(), spoken(0)]
        assert recorder.state.unspooled >= 2
        await asyncio.sleep(0.1)
    assert writer.written == [opened(), spoken(0), spoken(1)]


class Slow(FakeWriter):
    """A database that takes a tenth of a second for whatever it is given."""

    async def write(self, batch: Sequence[Record]) -> None:
        await asyncio.sleep(0.1)
        await super().write(batch)


async def test_it_has_caught_up_although_more_comes_than_a_slow_database_takes_at_once() -> None:
    writer, shelter = Slow(), FakeShelter()
    shelter.kept = [opened(), spoken(0)]
    recorder = Recorder(writer, shelter)

    async def keep_speaking() -> None:
        for number in range(1, 10_000):
            recorder.record(spoken(number))
            await asyncio.sleep(0.02)

    async with running(recorder), asyncio.TaskGroup() as tasks:
        speaking = tasks.create_task(keep_speaking())
        await asyncio.sleep(0.05)
        async with asyncio.timeout(1):
            await recorder.caught_up()
        assert writer.written[:2] == [opened(), spoken(0)]
        assert recorder.state.spooled
        speaking.cancel()


async def test_who_asks_while_the_disk_forgets_some_waits_for_the_others() -> None:
    class Forgetful(FakeShelter):
        async def drop(self, count: int) -> None:
            await super().drop(count)
            await asyncio.sleep(1)

    writer, shelter = Slow(), Forgetful()
    shelter.kept = [spoken(number) for number in range(3_000)]
    recorder = Recorder(writer, shelter)
    async with running(recorder):
        await asyncio.sleep(0.5)
        assert 0 < recorder.state.spooled < 3_000
        await recorder.caught_up()
        assert writer.written == [spoken(number) for number in range(3_000)]


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

import asyncio
import logging

import pytest
from tests.server.store.fake_writer import FakeWriter
from tests.stored_records import NOW, SESSION, opened, spoken

from lipwire_server.store.errors import DatabaseAwayError
from lipwire_server.store.recorder import Recorder
from lipwire_server.store.records import Record, SessionEnded

pytestmark = pytest.mark.virtual_time


def ended() -> SessionEnded:
    return SessionEnded(id=SESSION, close_code=1000, ended_at=NOW)


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

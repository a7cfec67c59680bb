"""The storage without a database. With one it is in tests/integration."""

import asyncio
from pathlib import Path
from types import SimpleNamespace
from typing import cast
from unittest.mock import AsyncMock

import pytest
from tests.stored_records import said

from lipwire_protocol import LipwireError
from lipwire_server.store.errors import DatabaseAwayError
from lipwire_server.store.pool import Database
from lipwire_server.store.spool import survey
from lipwire_server.store.storage import Storage

AWAY = "postgresql://someone:secret@127.0.0.1:1/x"


async def test_before_it_runs_it_says_so_and_takes_records(tmp_path: Path) -> None:
    storage = Storage(None, tmp_path)
    assert storage.fault == "the database is starting"
    assert storage.database is None
    with pytest.raises(DatabaseAwayError, match="not open yet"):
        await storage.write([])


async def test_a_database_that_is_away_is_a_state_and_no_error(tmp_path: Path) -> None:
    storage, stopping = Storage(AWAY, tmp_path), asyncio.Event()
    async with asyncio.TaskGroup() as group:
        running = group.create_task(storage.run(stopping))
        while storage.database is None:  # noqa: ASYNC110
            await asyncio.sleep(0.01)
        await storage.settled(0.05)
        assert storage.fault is not None
        assert "does not answer" in storage.fault
        assert not running.done()
        stopping.set()


async def test_stopping_before_it_was_there_ends_at_once(tmp_path: Path) -> None:
    storage, stopping = Storage(AWAY, tmp_path), asyncio.Event()
    stopping.set()
    async with asyncio.timeout(30):
        await storage.run(stopping)


@pytest.mark.parametrize(
    "dsn",
    [
        "postgresql://someone:secret@127.0.0.1:port/x",
        "postgresql://someone:secret@127.0.0.1:99999/x",
        "postgresql://someone:secret@127.0.0.1/x?sslmode=never",
    ],
)
async def test_an_address_that_cannot_be_understood_is_the_fault_from_then_on(
    tmp_path: Path, dsn: str, caplog: pytest.LogCaptureFixture
) -> None:
    storage, stopping = Storage(dsn, tmp_path), asyncio.Event()
    async with asyncio.timeout(30), asyncio.TaskGroup() as group:
        group.create_task(storage.run(stopping))
        await storage.settled(20)
        stopping.set()
    assert storage.fault is not None
    assert "secret" not in storage.fault + caplog.text
    assert "nothing is stored" in caplog.text


def test_a_database_that_stops_answering_is_a_fault_with_its_reason(tmp_path: Path) -> None:
    storage = Storage(None, tmp_path)
    database = SimpleNamespace(available=True, reason="")
    storage.database, storage._fault = cast(Database, database), None
    assert storage.fault is None
    database.available, database.reason = False, "ConnectionRefusedError"
    assert storage.fault == "the database does not answer (ConnectionRefusedError)"
    with pytest.raises(LipwireError) as told:
        storage.asked()
    assert str(told.value) == f"{storage.fault}; ask again in a moment"


@pytest.mark.parametrize("dsn", [AWAY, "postgresql://someone:secret@127.0.0.1:port/x"])
async def test_without_a_database_what_is_recorded_is_safe_on_disk_for_the_next_start(
    tmp_path: Path, dsn: str, caplog: pytest.LogCaptureFixture
) -> None:
    spool = tmp_path / "spool"
    for run in (1, 2):
        storage, stopping = Storage(dsn, tmp_path, spool=spool), asyncio.Event()
        safe = asyncio.Event()
        async with asyncio.timeout(30), asyncio.TaskGroup() as group:
            group.create_task(storage.run(stopping))
            assert storage.recorder.record(said(run), safe.set)
            await safe.wait()
            assert storage.recorder.state.spooled == run, "with what was left"
            stopping.set()
        storage.log_lost()
        assert f"{run} records wait on disk for the next start" in caplog.text
    assert survey(spool).records == 2


async def test_what_is_recorded_at_the_last_moment_is_safe_too(tmp_path: Path) -> None:
    storage, stopping = Storage(AWAY, tmp_path, spool=tmp_path / "spool"), asyncio.Event()
    stopping.set()
    storage.recorder.record(said(1))
    async with asyncio.timeout(30):
        await storage.run(stopping)
    assert storage.recorder.state.waiting == 0
    assert survey(tmp_path / "spool").records == 1


async def test_a_disk_that_takes_nothing_is_a_fault(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("no folder")
    storage = Storage(AWAY, tmp_path, spool=tmp_path / "file" / "spool")
    stopping = asyncio.Event()
    async with asyncio.timeout(30), asyncio.TaskGroup() as group:
        group.create_task(storage.run(stopping))
        storage.recorder.record(said(1))
        while storage.recorder.state.spool_error is None:  # noqa: ASYNC110
            await asyncio.sleep(0.01)
        assert storage.fault is not None
        assert "records wait in memory, for the disk does not take them" in storage.fault
        with pytest.raises(LipwireError, match="does not take them"):
            storage.asked()
        # There is no use in waiting for the disk, as the last thing that it does.
        storage.recorder.drain = AsyncMock(return_value=1)  # type: ignore[method-assign]
        stopping.set()

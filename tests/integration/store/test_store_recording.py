"""Recording into a real PostgreSQL that is killed, away, or picky."""

import asyncio
import json
import os
import signal
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from uuid_utils.compat import uuid7

from lipwire_server.store.embedded import EmbeddedPostgres
from lipwire_server.store.errors import DatabaseAwayError, UnrecordableError
from lipwire_server.store.migrate import migrate
from lipwire_server.store.pool import Database
from lipwire_server.store.recorder import Recorder
from lipwire_server.store.records import (
    PhonemeRecord,
    Record,
    SegmentRecord,
    SessionEnded,
    SessionOpened,
    UtteranceHeard,
    UtteranceRecord,
)
from lipwire_server.store.sessions import get_session, utterances
from lipwire_server.store.writer import PostgresWriter

NOW = datetime(2026, 1, 1, 12, 30, 15, 123456, tzinfo=UTC)


def in_one(*records: Record) -> list[Record]:
    return list(records)


def opened() -> SessionOpened:
    return SessionOpened(
        id=uuid7(),
        secret_sha256=bytes(range(32)),
        voice="joe",
        sample_rate=22050,
        settings=b'{"rate_percent":100,"language":"en"}',
        opened_at=NOW,
    )


def spoken(session: SessionOpened, number: int = 1) -> UtteranceRecord:
    return UtteranceRecord(
        id=uuid7(),
        session_id=session.id,
        number=number,
        at=3_000_000_000 + number,
        count=44100,
        heard=None if number % 2 else 22050,
        text="Grüße, 世界 \N{GRINNING FACE}",
        voice="joe",
        rate_percent=90,
        seed=-(2**63) if number % 2 else 2**63 - 1,
        reason="interrupted",
        started_at=NOW,
        ended_at=NOW + timedelta(seconds=2),
        segments=tuple(
            SegmentRecord(
                number=part,
                start=part * 22050,
                count=22050,
                text="Grüße, 世界",
                begin=0,
                end=9,
                timing=b'{"words": [ [0,5] ],\n "visemes":{}}',
                phonemes=tuple(
                    PhonemeRecord("ɡʁ", at % 15, part * 22050 + 256 * at, 256, at - 1)
                    for at in range(20)
                ),
            )
            for part in range(2)
        ),
    )


class Unanswered:
    """A writer whose first answers are lost after the commit."""

    def __init__(self, writer: PostgresWriter, lost: int) -> None:
        self._writer = writer
        self._lost = lost

    async def write(self, batch: Sequence[Record]) -> None:
        await self._writer.write(batch)
        if self._lost:
            self._lost -= 1
            raise DatabaseAwayError("ConnectionDoesNotExistError 08003")


async def test_what_is_read_is_what_was_recorded(database: Database) -> None:
    session = opened()
    items = [spoken(session, number) for number in range(70)]
    recorder = Recorder(PostgresWriter(database))
    for record in in_one(session, *items):
        recorder.record(record)
    recorder.record(SessionEnded(id=session.id, close_code=1000, ended_at=NOW))
    assert await recorder.drain(30) == 0
    assert await utterances(database, session.id) == items
    assert await utterances(database, session.id, after=10, limit=2) == items[11:13]
    stored = await get_session(database, session.id)
    assert stored is not None
    assert (stored.voice, stored.sample_rate, stored.opened_at) == ("joe", 22050, NOW)
    assert stored.secret_sha256 == session.secret_sha256
    assert json.loads(stored.settings) == json.loads(session.settings)
    assert (stored.close_code, stored.ended_at) == (1000, NOW)
    assert stored.updated_at >= stored.created_at


async def test_an_utterance_without_segments_is_recorded(database: Database) -> None:
    session = opened()
    empty = replace(spoken(session), segments=(), text="", count=0)
    silent = replace(
        spoken(session, 2), segments=(replace(spoken(session).segments[0], phonemes=()),)
    )
    await PostgresWriter(database).write([session, empty, silent])
    assert await utterances(database, session.id) == [empty, silent]


async def test_a_session_that_is_unknown_or_deleted_is_not_found(database: Database) -> None:
    session = opened()
    assert await get_session(database, session.id) is None
    await PostgresWriter(database).write([session, spoken(session)])
    async with database.connection() as connection:
        await connection.execute("UPDATE session SET deleted_at = now()")
    assert await get_session(database, session.id) is None
    assert await utterances(database, session.id) == []


async def test_deleting_a_session_deletes_all_that_was_spoken_in_it(database: Database) -> None:
    session = opened()
    await PostgresWriter(database).write([session, spoken(session)])
    async with database.connection() as connection:
        await connection.execute("DELETE FROM session")
        for table in ("utterance", "segment", "phoneme"):
            assert await connection.fetchval(f"SELECT count(*) FROM {table}") == 0


async def test_the_last_end_of_a_session_stays_in_whatever_order_they_are_written(
    database: Database,
) -> None:
    session, later = opened(), NOW + timedelta(minutes=1)
    first = SessionEnded(id=session.id, close_code=1012, ended_at=NOW)
    last = SessionEnded(id=session.id, close_code=1000, ended_at=later)
    writer = PostgresWriter(database)
    await writer.write([session, last])
    await writer.write([first])
    stored = await get_session(database, session.id)
    assert stored is not None
    assert (stored.close_code, stored.ended_at) == (1000, later)


@pytest.mark.parametrize("together", [True, False])
async def test_what_was_heard_in_the_end_is_noted_with_the_utterance(
    database: Database, together: bool
) -> None:
    session = opened()
    item, other = spoken(session), spoken(session, 2)
    heard = UtteranceHeard(id=item.id, heard=33000, reason="done")
    writer = PostgresWriter(database)
    if together:
        await writer.write([session, item, other, heard])
    else:
        await writer.write([session, item, other])
        await writer.write([heard])
    assert await utterances(database, session.id) == [
        replace(item, heard=33000, reason="done"),
        other,
    ]


async def test_a_batch_whose_commit_was_not_answered_is_not_doubled(database: Database) -> None:
    session = opened()
    items = [spoken(session, number) for number in range(10)]
    recorder = Recorder(Unanswered(PostgresWriter(database), lost=3))
    for record in in_one(session, *items[:5]):
        recorder.record(record)
    await recorder.drain(0.05)
    for record in items[5:]:
        recorder.record(record)
    assert await recorder.drain(30) == 0
    assert recorder.state.unrecordable == 0
    assert await utterances(database, session.id) == items


async def test_a_character_that_postgresql_cannot_hold_is_replaced(database: Database) -> None:
    session = opened()
    await PostgresWriter(database).write([session, replace(spoken(session), text="a\0b")])
    assert [item.text for item in await utterances(database, session.id)] == ["a\ufffdb"]


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"seed": 2**63}, "DataError 22000"),
        ({"session_id": uuid7()}, "ForeignKeyViolationError 23503 utterance_session_id_fkey"),
        ({"reason": "bored"}, "CheckViolationError 23514 utterance_reason_check"),
        ({"text": "\ud800"}, "DataError 22000"),
    ],
)
async def test_what_the_database_never_takes_is_told_apart_and_not_quoted(
    database: Database, change: dict[str, Any], reason: str
) -> None:
    session = opened()
    bad = replace(spoken(session), **change)
    with pytest.raises(UnrecordableError) as error:
        await PostgresWriter(database).write([session, bad])
    assert str(error.value) == reason


async def test_one_bad_record_does_not_cost_the_others(
    database: Database, caplog: pytest.LogCaptureFixture
) -> None:
    session = opened()
    items = [spoken(session, number) for number in range(6)]
    bad_timing = replace(items[3].segments[0], timing=b"Gr\xc3\xbc\xc3\x9fe")
    bad = [
        replace(items[2], seed=2**63),
        replace(items[3], segments=(bad_timing,)),
    ]
    recorder = Recorder(PostgresWriter(database))
    for record in in_one(session, *items[:2], *bad, *items[4:]):
        recorder.record(record)
    assert await recorder.drain(30) == 0
    assert recorder.state.unrecordable == 2
    assert await utterances(database, session.id) == [*items[:2], *items[4:]]
    assert str(bad[0].id) in caplog.text
    assert "Gr" not in caplog.text


async def test_a_table_that_is_missing_keeps_records_waiting(empty_dsn: str) -> None:
    session = opened()
    async with Database.open(empty_dsn) as database:
        recorder = Recorder(PostgresWriter(database))
        recorder.record(session)
        while recorder.state.last_error is None:
            assert await recorder.drain(0.2) == 1
        assert recorder.state.last_error == "UndefinedTableError 42P01"
        await migrate(empty_dsn)
        assert await recorder.drain(30) == 0
        assert await get_session(database, session.id) is not None


async def test_nothing_is_lost_when_postgres_is_killed_under_the_recorder(data_root: Path) -> None:
    session = opened()
    items = [spoken(session, number) for number in range(400)]
    async with EmbeddedPostgres(data_root) as server:
        await migrate(server.dsn)
        async with Database.open(server.dsn) as database, asyncio.TaskGroup() as tasks:
            recorder = Recorder(PostgresWriter(database))
            running = tasks.create_task(recorder.run())
            recorder.record(session)
            for number, item in enumerate(items):
                assert recorder.record(item)
                await asyncio.sleep(0.002)
                if number in (100, 250) and server.pid is not None:
                    os.kill(server.pid, signal.SIGKILL)
            assert await recorder.drain(60) == 0
            running.cancel()
            assert server.restarts >= 1
            assert recorder.state.written == len(items) + 1
            assert await utterances(database, session.id, limit=1000) == items


async def test_what_was_done_in_time_has_not_failed_because_its_connection_hangs_afterwards(
    database: Database,
) -> None:
    async with database.connection() as connection:
        backend = await connection.fetchval("SELECT pg_backend_pid()")
    try:
        async with database.for_requests().connection() as connection:
            assert await connection.fetchval("SELECT pg_backend_pid()") == backend
            await connection.execute("INSERT INTO config (key, value) VALUES ('a', '1')")
            os.kill(backend, signal.SIGSTOP)
    finally:
        os.kill(backend, signal.SIGCONT)
    async with database.connection() as connection:
        assert await connection.fetchval("SELECT value FROM config") == "1"


async def test_a_database_that_is_down_at_the_start_is_a_state_and_no_error(
    data_root: Path,
) -> None:
    session = opened()
    dsn = f"postgresql://postgres@/postgres?host={data_root}/pg18"
    async with Database.open(dsn) as database, asyncio.TaskGroup() as tasks:
        assert not database.available
        assert database.reason == "FileNotFoundError"
        recorder = Recorder(PostgresWriter(database))
        running = tasks.create_task(recorder.run())
        watching = tasks.create_task(database.watch(0.05))
        recorder.record(session)
        async with EmbeddedPostgres(data_root) as server:
            await migrate(server.dsn)
            assert await recorder.drain(60) == 0
            assert await get_session(database, session.id) is not None
            async with asyncio.timeout(60):
                while not database.available:  # noqa: ASYNC110
                    await asyncio.sleep(0.02)
            assert database.reason == ""
        running.cancel()
        watching.cancel()
        assert not await database.probe()
        assert database.reason != ""

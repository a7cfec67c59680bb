"""What others do with sessions in a real PostgreSQL, and what whoever holds them hears of it."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import cast
from uuid import UUID

import pytest
from tests.stored import put_session

from lipwire_server.store import standings
from lipwire_server.store.files import FileBlobs
from lipwire_server.store.pool import Database
from lipwire_server.store.recollections import Standing
from lipwire_server.store.retention import Keep, prune, prunings
from lipwire_server.store.sessions import delete_session
from lipwire_server.store.speech_log import take_up
from lipwire_server.store.standings import CHANNEL, Standings
from lipwire_server.store.storage import Storage

HOUR = 3_600.0


class Ours:
    """Holds some sessions, and is told about them."""

    def __init__(self, *ids: UUID) -> None:
        self.ids = ids
        self.told: list[Standing] = []

    def holds(self, id: UUID) -> bool:
        return id in self.ids

    def held(self) -> list[UUID]:
        return list(self.ids)

    def note(self, standing: Standing) -> None:
        self.told.append(standing)

    async def hear(self, count: int = 1) -> list[Standing]:
        async with asyncio.timeout(60):
            while len(self.told) < count:  # noqa: ASYNC110
                await asyncio.sleep(0.01)
        return self.told


@asynccontextmanager
async def listening(database: Database, ours: Ours, look_s: float = HOUR) -> AsyncIterator[None]:
    storage = cast(Storage, SimpleNamespace(database=database, fault=None))
    async with asyncio.TaskGroup() as group:
        running = group.create_task(Standings(storage, ours, look_s).run())
        async with asyncio.timeout(60):
            while not await listeners(database):  # noqa: ASYNC110
                await asyncio.sleep(0.01)
        yield
        running.cancel()


async def listeners(database: Database) -> list[int]:
    async with database.connection() as connection:
        rows = await connection.fetch(
            """
            SELECT pid FROM pg_stat_activity
            WHERE pid <> pg_backend_pid() AND datname = current_database()
              AND query LIKE '%SELECT id, epoch%' AND state = 'idle'
            """
        )
    return [row["pid"] for row in rows]


@pytest.fixture
async def session(database: Database) -> UUID:
    async with database.connection() as connection:
        return await put_session(connection, opened=datetime.now(UTC))


async def test_who_holds_a_session_that_is_deleted_hears_of_it(
    database: Database, session: UUID
) -> None:
    ours = Ours(session)
    async with listening(database, ours):
        await delete_session(database, session)
        assert await ours.hear() == [Standing(session, epoch=0, is_deleted=True)]


async def test_who_holds_a_session_that_is_taken_up_hears_of_it(
    database: Database, session: UUID
) -> None:
    ours = Ours(session)
    async with listening(database, ours), database.connection() as connection:
        secret = await connection.fetchval("SELECT secret_sha256 FROM session")
        logged = await take_up(
            database,
            session,
            shown_sha256=secret,
            new_sha256=bytes(32),
            first=None,
            now=datetime.now(UTC),
            window=timedelta(seconds=120),
        )
        assert logged is not None
        assert await ours.hear() == [Standing(session, epoch=logged.epoch, is_deleted=False)]


async def test_what_others_hold_and_what_is_no_session_is_passed_over(
    database: Database, session: UUID
) -> None:
    ours = Ours(session)
    async with listening(database, ours), database.connection() as connection:
        theirs = await put_session(connection, opened=datetime.now(UTC))
        await delete_session(database, theirs)
        await connection.execute("SELECT pg_notify($1, 'nonsense')", CHANNEL)
        await delete_session(database, session)
        assert await ours.hear() == [Standing(session, epoch=0, is_deleted=True)]


async def test_what_was_said_while_nobody_could_hear_it_is_seen_afterwards(
    database: Database, session: UUID, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(standings, "_AGAIN_S", 0.3)
    ours = Ours(session)
    async with listening(database, ours):
        (pid,) = await listeners(database)
        async with database.connection() as connection:
            await connection.execute("SELECT pg_terminate_backend($1, 5000)", pid)
        await delete_session(database, session)
        assert await ours.hear() == [Standing(session, epoch=0, is_deleted=True)]


async def test_what_is_done_without_a_word_is_seen_after_a_while(
    database: Database, session: UUID
) -> None:
    ours = Ours(session)
    async with listening(database, ours, look_s=0.05), database.connection() as connection:
        await connection.execute("UPDATE session SET epoch = 3 WHERE id = $1", session)
        assert (await ours.hear())[0] == Standing(session, epoch=3, is_deleted=False)


async def test_what_is_done_without_a_word_is_seen_however_much_is_said_of_others(
    database: Database, session: UUID
) -> None:
    async with database.connection() as connection:
        other = await put_session(connection, opened=datetime.now(UTC))
        ours = Ours(session, other)
        async with listening(database, ours, look_s=0.5):
            await connection.execute("UPDATE session SET epoch = 3 WHERE id = $1", session)
            async with asyncio.timeout(60):
                while not ours.told:
                    await connection.execute("SELECT pg_notify($1, $2)", CHANNEL, str(other))
                    await asyncio.sleep(0.05)
    assert ours.told[0] == Standing(session, epoch=3, is_deleted=False)


async def test_a_session_that_people_are_in_is_kept_however_long_they_say_nothing(
    database: Database, tmp_path: Path
) -> None:
    now = datetime.now(UTC)
    async with database.connection() as connection:
        ours, theirs = [
            await put_session(connection, opened=now - timedelta(days=40)) for _ in range(2)
        ]
        ended, recent = [
            await put_session(connection, opened=now - timedelta(days=5), ended=ended)
            for ended in (now - timedelta(days=4), None)
        ]
        await connection.execute("UPDATE session SET epoch = 0 WHERE id = $1", recent)
        rows = "SELECT id, updated_at FROM session"
        before = {row["id"]: row["updated_at"] for row in await connection.fetch(rows)}
        async with listening(database, Ours(ours, ended, recent)):
            pass
        async with FileBlobs.open_in(tmp_path) as files:
            await prune(prunings(database, files, Keep(), lambda: now))
        left = {row["id"]: row["updated_at"] for row in await connection.fetch(rows)}
    assert left.keys() == {ours, ended, recent}
    assert [id for id, at in left.items() if at != before[id]] == [ours]
    assert theirs in before


async def test_a_session_as_it_was_opened_is_nothing_to_tell(
    database: Database, session: UUID
) -> None:
    ours = Ours(session)
    async with listening(database, ours, look_s=0.01):
        await asyncio.sleep(0.2)
    assert ours.told == []

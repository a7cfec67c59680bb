"""What retention removes from a real PostgreSQL, what it leaves, and when it does so."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from pathlib import Path

import asyncpg
import pytest
from tests.fakes import BEGAN
from tests.stored import (
    count_rows,
    put_asset,
    put_audio,
    put_avatar,
    put_blob,
    put_render,
    put_session,
    put_speech,
    put_utterance,
)

from lipwire_protocol import ErrorCode, LipwireError
from lipwire_server.store import clearing
from lipwire_server.store.files import FileBlobs
from lipwire_server.store.pool import Connection, Database
from lipwire_server.store.retention import Bite, Keep, prune, prune_hourly, prunings

DAY = timedelta(days=1)
NOW = BEGAN + 100 * DAY
USUAL = Keep()
FOREVER = Keep(0, 0)
_WAITING = """
    SELECT count(*) FROM pg_stat_activity
    WHERE datname = current_database() AND wait_event_type = 'Lock'
"""


def ago(days: float) -> datetime:
    return NOW - days * DAY


@pytest.fixture
async def files(tmp_path: Path) -> AsyncIterator[FileBlobs]:
    async with FileBlobs.open_in(tmp_path / "files") as files:
        yield files


@pytest.fixture
async def connection(database: Database) -> AsyncIterator[Connection]:
    async with database.connection() as connection:
        yield connection


def todo(database: Database, files: FileBlobs, keep: Keep = USUAL) -> dict[str, Bite]:
    return prunings(database, files, keep, lambda: NOW)


async def test_a_session_goes_when_it_ended_long_ago_with_all_that_is_its_own(
    database: Database, connection: Connection, files: FileBlobs
) -> None:
    avatar = await put_avatar(connection, "Ida")
    asset = await put_asset(connection, await put_blob(connection, b"asset"))
    for ended in (ago(29.9), None):
        await put_session(connection, avatar=avatar, opened=ago(29.9), ended=ended)
    kept = await count_rows(connection)
    old = await put_session(connection, avatar=avatar, opened=ago(99), ended=ago(30.1))
    await put_speech(connection, old)
    utterance = await put_utterance(connection, old)
    blob = await put_blob(connection, b"sound", used=datetime.now(tz=NOW.tzinfo))
    await put_audio(connection, utterance, blob)
    await put_render(connection, utterance, blob)
    await prune(todo(database, files))
    assert await count_rows(connection) == kept | {"blob": 2}
    assert await connection.fetchval("SELECT id FROM asset") == asset


async def test_a_session_that_nobody_came_back_to_goes_too(
    database: Database, connection: Connection, files: FileBlobs
) -> None:
    lost, spoke, was_told, resumed = [
        await put_session(connection, opened=ago(40)) for _ in range(4)
    ]
    await put_utterance(connection, lost, at=ago(39))
    await put_speech(connection, lost, at=ago(39))
    await put_utterance(connection, spoke, at=ago(1))
    await put_speech(connection, was_told, at=ago(1))
    await connection.execute(
        "UPDATE session SET epoch = 1 WHERE id = $1",  # Which touches it, now.
        resumed,
    )
    await prune(todo(database, files))
    left = await connection.fetch("SELECT id FROM session")
    assert {row["id"] for row in left} == {spoke, was_told, resumed}


@pytest.mark.parametrize(("days", "gone_after"), [(30, 30), (7, 7), (365, 30), (0, 30)])
async def test_what_was_deleted_goes_after_a_month_at_the_latest(
    database: Database, connection: Connection, files: FileBlobs, days: int, gone_after: int
) -> None:
    avatar = await put_avatar(connection, "Ida")
    blob = await put_blob(connection, b"asset")
    for deleted in (ago(gone_after - 0.1), ago(gone_after + 0.1)):
        await put_session(connection, opened=NOW, deleted=deleted)
        asset = await put_asset(connection, blob, deleted=deleted)
    await connection.execute("UPDATE avatar SET asset_id = $1", asset)
    await prune(todo(database, files, Keep(days, 7)))
    assert await count_rows(connection) == {"avatar": 1, "blob": 1, "session": 1, "asset": 1}
    assert await connection.fetchval("SELECT asset_id FROM avatar WHERE id = $1", avatar) is None


async def test_sound_goes_before_what_was_said(
    database: Database, connection: Connection, files: FileBlobs
) -> None:
    session = await put_session(connection, opened=ago(20), ended=ago(20))
    utterance = await put_utterance(connection, session)
    blob = await put_blob(connection, b"sound")
    recent = await put_audio(connection, utterance, blob, made=ago(6.9))
    await put_audio(connection, utterance, blob, made=ago(7.1))
    await prune(todo(database, files))
    assert await connection.fetchval("SELECT id FROM audio") == recent
    assert (await count_rows(connection))["phoneme"] == 1


async def test_for_ever_is_for_ever(
    database: Database, connection: Connection, files: FileBlobs
) -> None:
    for ended in (ago(99), None):
        session = await put_session(connection, opened=ago(99), ended=ended)
        utterance = await put_utterance(connection, session, at=ago(99))
        await put_audio(
            connection, utterance, await put_blob(connection, utterance.bytes), made=ago(99)
        )
    before = await count_rows(connection)
    await prune(todo(database, files, FOREVER))
    assert await count_rows(connection) == before


async def test_a_file_goes_when_nothing_refers_to_it_any_more(
    database: Database, connection: Connection, files: FileBlobs
) -> None:
    session = await put_session(connection, opened=ago(99), ended=ago(50))
    utterance = await put_utterance(connection, session)
    async with files.draft() as draft:
        await files.append(draft, b"sound")
        content = await files.measure(draft)
        await files.place(draft, content)
    blob = await put_blob(connection, b"sound")
    assert blob == content.sha256
    await put_audio(connection, utterance, blob)
    await prune(todo(database, files, FOREVER))
    assert await files.exists(blob)
    await prune(todo(database, files))
    assert not await files.exists(blob)
    assert await count_rows(connection) == {}


async def test_a_file_that_a_crash_left_goes(database: Database, files: FileBlobs) -> None:
    async with files.draft() as draft:
        await files.append(draft, b"never committed")
        content = await files.measure(draft)
        await files.place(draft, content)
    await prune(todo(database, files))
    assert not await files.exists(content.sha256)


async def test_more_than_a_bite_goes_in_bites(
    database: Database,
    connection: Connection,
    files: FileBlobs,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(clearing, "_UTTERANCES", 7)
    for _ in range(60):
        session = await put_session(connection, opened=ago(99), ended=ago(50))
        await put_utterance(connection, session)
    bites = todo(database, files)
    bite = bites["ended sessions"]
    sizes = [await bite() for _ in range(12)]
    # Fifty sessions at a time, of which first seven utterances go at a time.
    assert sizes == [7, 7, 7, 7, 7, 7, 7, 1 + 50, 7, 3 + 10, 0, 0]
    assert await count_rows(connection) == {}


async def test_what_somebody_has_in_his_hands_is_left_for_the_next_time(
    database: Database, connection: Connection, files: FileBlobs
) -> None:
    held = await put_session(connection, opened=ago(99), ended=ago(50))
    await put_session(connection, opened=ago(99), ended=ago(40))
    async with database.connection() as other, other.transaction():
        await other.execute("SELECT FROM session WHERE id = $1 FOR UPDATE", held)
        await prune(todo(database, files))
        assert [row["id"] for row in await connection.fetch("SELECT id FROM session")] == [held]
    await prune(todo(database, files))
    assert await count_rows(connection) == {}


async def test_several_processes_may_do_it_at_once(
    database: Database, connection: Connection, files: FileBlobs
) -> None:
    for _ in range(120):
        await put_session(connection, opened=ago(99), ended=ago(50))
    kept = await put_session(connection, opened=NOW)
    async with asyncio.TaskGroup() as group:
        for _ in range(4):
            group.create_task(prune(todo(database, files)))
    assert [row["id"] for row in await connection.fetch("SELECT id FROM session")] == [kept]


async def test_stopping_in_the_middle_leaves_nothing_half_done(
    database: Database, connection: Connection, files: FileBlobs
) -> None:
    session = await put_session(connection, opened=ago(99), ended=ago(50))
    await put_utterance(connection, session)
    before = await count_rows(connection)
    async with database.connection() as other:
        transaction = other.transaction()
        await transaction.start()
        # Whoever deletes a phoneme has to wait here.
        await other.execute("SELECT FROM phoneme FOR UPDATE")
        pruning = asyncio.create_task(prune(todo(database, files)))
        while not await connection.fetchval(_WAITING):  # noqa: ASYNC110
            await asyncio.sleep(0.01)
        pruning.cancel()
        with pytest.raises(asyncio.CancelledError):
            await pruning
        await transaction.rollback()
    assert await count_rows(connection) == before


class Diary:
    """Bites that note when they were taken, on the loop's clock."""

    def __init__(self, *results: int | Exception) -> None:
        self.times: list[float] = []
        self._results = list(results)

    async def bite(self) -> int:
        self.times.append(round(asyncio.get_running_loop().time(), 3))
        result = self._results.pop(0) if self._results else 0
        if isinstance(result, Exception):
            raise result
        return result


@asynccontextmanager
async def pruning(bites: Mapping[str, Bite]) -> AsyncIterator[None]:
    async with asyncio.TaskGroup() as group:
        task = group.create_task(prune_hourly(lambda: bites))
        yield
        task.cancel()


@pytest.mark.virtual_time
async def test_it_is_done_every_hour_with_a_breath_between_bites() -> None:
    diary = Diary(50, 50, 3)
    async with pruning({"things": diary.bite}):
        await asyncio.sleep(8_000)
    assert diary.times == [60.0, 60.05, 60.1, 60.15, 3660.15, 7260.15]


@pytest.mark.virtual_time
async def test_others_get_their_turn_between_bites() -> None:
    diary, turns = Diary(*[50] * 20), 0
    async with pruning({"things": diary.bite}):
        await asyncio.sleep(60)
        while len(diary.times) < 20:
            await asyncio.sleep(0.01)
            turns += 1
    assert turns >= 5 * 19


@pytest.mark.virtual_time
@pytest.mark.parametrize(
    "trouble",
    [
        TimeoutError(),
        ConnectionRefusedError(),
        asyncpg.DeadlockDetectedError("detected"),
        asyncpg.InterfaceError("closing"),
        LipwireError(ErrorCode.STORAGE_UNAVAILABLE, "the disk is full"),
        ZeroDivisionError("a bug"),
    ],
)
async def test_trouble_with_one_thing_keeps_nobody_from_the_others_or_from_the_next_hour(
    trouble: Exception, caplog: pytest.LogCaptureFixture
) -> None:
    broken, sound = Diary(5, trouble), Diary()
    async with pruning({"old secrets": broken.bite, "things": sound.bite}):
        await asyncio.sleep(5_000)
    assert broken.times == [60.0, 60.05, 3660.05]
    assert sound.times == [60.05, 3660.05]
    assert f"old secrets were not all removed: {type(trouble).__name__}" in caplog.text
    # It might quote what was said.
    assert not str(trouble) or str(trouble) not in caplog.text


@pytest.mark.virtual_time
async def test_while_there_is_no_database_there_is_nothing_to_do() -> None:
    diary, bites = Diary(), dict[str, Bite]()
    async with asyncio.TaskGroup() as group:
        task = group.create_task(prune_hourly(lambda: bites))
        await asyncio.sleep(3_600)
        bites["things"] = diary.bite
        await asyncio.sleep(3_600)
        task.cancel()
    assert diary.times == [3660.0]

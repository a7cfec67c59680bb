"""Migrations against a real PostgreSQL."""

import asyncio
import shutil
from pathlib import Path

import asyncpg
import pytest

from lipwire_server.store.embedded import EmbeddedPostgres
from lipwire_server.store.errors import DatabaseSetupError
from lipwire_server.store.migrate import MIGRATIONS, migrate, migrate_when_up

LATER = """-- A later one
-- depends: 0002_memory
-- transaction: false

-- migrate: apply
CREATE INDEX CONCURRENTLY utterance_voice ON utterance (voice);
-- migrate: rollback
DROP INDEX utterance_voice;
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return Path(shutil.copytree(MIGRATIONS, tmp_path / "migrations"))


async def tables(dsn: str) -> set[str]:
    connection = await asyncpg.connect(dsn)
    try:
        rows = await connection.fetch("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
    finally:
        await connection.close()
    return {row["tablename"] for row in rows}


async def test_an_empty_database_gets_the_tables(empty_dsn: str) -> None:
    await migrate(empty_dsn)
    assert {"session", "utterance", "segment", "phoneme"} <= await tables(empty_dsn)


async def test_what_is_applied_is_not_taken_apart_again(
    empty_dsn: str, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    await migrate(empty_dsn, folder)
    with monkeypatch.context() as patched:
        # Reading the files takes pogo half a second of every start.
        patched.delattr("pogo_core.migration.read_sql_migration")
        await migrate(empty_dsn, folder)
        (folder / "0003_voices.sql").write_text(LATER)
        with pytest.raises(NameError):
            await migrate(empty_dsn, folder)


async def test_four_at_once_apply_every_file_once(empty_dsn: str, folder: Path) -> None:
    # Building an index concurrently waits for everybody's snapshots, those of waiters included.
    (folder / "0003_voices.sql").write_text(LATER)
    async with asyncio.TaskGroup() as tasks:
        for _ in range(4):
            tasks.create_task(migrate(empty_dsn, folder))
    connection = await asyncpg.connect(empty_dsn)
    files = len(await asyncio.to_thread(lambda: list(folder.glob("*.sql"))))
    assert await connection.fetchval("SELECT count(*) FROM _pogo_migration") == files
    assert await connection.fetchval("SELECT count(*) FROM lipwire_migration") == files
    await connection.close()


async def test_a_file_that_changed_after_it_was_applied_is_refused(
    empty_dsn: str, folder: Path
) -> None:
    await migrate(empty_dsn, folder)
    file = folder / "0001_sessions.sql"
    file.write_text(file.read_text() + "-- later\n")
    with pytest.raises(DatabaseSetupError, match="0001_sessions was changed"):
        await migrate(empty_dsn, folder)


async def test_an_older_version_runs_beside_a_newer_database(empty_dsn: str, folder: Path) -> None:
    (folder / "0003_voices.sql").write_text(LATER)
    await migrate(empty_dsn, folder)
    await migrate(empty_dsn, MIGRATIONS)


async def test_a_file_that_fails_leaves_nothing_and_may_be_mended(
    empty_dsn: str, folder: Path
) -> None:
    file = folder / "0001_sessions.sql"
    good = file.read_text()
    file.write_text(good.replace("-- migrate: rollback", "SELECT 1/0;\n-- migrate: rollback"))
    with pytest.raises(DatabaseSetupError, match="0001_sessions: division by zero"):
        await migrate(empty_dsn, folder)
    assert "session" not in await tables(empty_dsn)
    file.write_text(good)
    await migrate(empty_dsn, folder)
    assert "session" in await tables(empty_dsn)


async def test_migrating_waits_for_a_database_that_is_down(
    data_root: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO", "lipwire_server.store.migrate")
    dsn = f"postgresql://postgres@/postgres?host={data_root}/pg18"
    async with asyncio.TaskGroup() as tasks:
        migrating = tasks.create_task(migrate_when_up(dsn))
        while "the database is away" not in caplog.text:  # noqa: ASYNC110
            await asyncio.sleep(0.01)
        await asyncio.sleep(0.4)
        assert caplog.text.count("the database is away") == 1
        async with EmbeddedPostgres(data_root) as server:
            assert server.dsn.startswith(dsn)
            await migrating
            assert "session" in await tables(server.dsn)


async def test_the_rollback_undoes_what_was_applied(empty_dsn: str) -> None:
    from pogo_core.util import migrate as pogo

    await migrate(empty_dsn)
    connection = await asyncpg.connect(empty_dsn)
    await pogo.rollback(connection, MIGRATIONS, schema_name="public")
    await connection.close()
    assert not {"session", "utterance", "segment", "phoneme"} & await tables(empty_dsn)


@pytest.mark.parametrize(
    ("part", "other", "message"),
    [
        ("@/", "@/no_such_database_", "database .* does not exist"),
        ("postgres@", "no_such_role@", "role .* does not exist"),
        ("postgresql://", "mysql://", "malformed"),
    ],
)
async def test_what_time_does_not_heal_is_told_at_once(
    empty_dsn: str, part: str, other: str, message: str
) -> None:
    with pytest.raises(DatabaseSetupError, match=message):
        await migrate_when_up(empty_dsn.replace(part, other, 1))

"""Everything that is kept, out of one real PostgreSQL and into another."""

import asyncio
import os
import zipfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from uuid import UUID

import asyncpg
import pytest
from tests.stored_records import every_kind, said, spoken

from lipwire_protocol import LipwireError
from lipwire_server.store.archive import ArchiveReader
from lipwire_server.store.files import FileBlobs
from lipwire_server.store.migrate import migrate
from lipwire_server.store.moving import export_all, import_all
from lipwire_server.store.pool import Database
from lipwire_server.store.records import AudioRecord, Record
from lipwire_server.store.tables import (
    Plain,
    applied_migrations,
    count,
    shipped_migrations,
    tables,
)
from lipwire_server.store.writer import PostgresWriter

UNUSUAL = (
    "tab\t newline\n return\r backslash\\ \\. \\N quote' \"\u2028 \N{GRINNING FACE} עברית \x01"
)


def ignored(what: str, done: int, total: int) -> None:
    assert 0 <= done <= total


@asynccontextmanager
async def connected(dsn: str) -> AsyncIterator[Plain]:
    connection = await asyncpg.connect(dsn)
    try:
        yield connection
    finally:
        await connection.close()


async def fill(dsn: str, files: FileBlobs) -> None:
    """Something into many tables, unusual text among it, and a file."""
    draft = files.new_draft()
    await files.append(draft, bytes(range(256)) * 10_000)
    content = await files.measure(draft)
    records: list[Record] = [
        replace(record, draft=draft, content=content) if isinstance(record, AudioRecord) else record
        for record in every_kind()
    ]
    records += [said(number, f"{UNUSUAL} {number}") for number in range(2, 300)]
    records += [spoken(number, UNUSUAL) for number in range(1, 50)]
    async with Database.open(dsn) as database:
        await PostgresWriter(database, files).write(records)
    async with connected(dsn) as connection:
        await connection.execute(
            "INSERT INTO preset (id, name, settings) VALUES ($1, $2, $3)",
            UUID(int=9),
            UNUSUAL,
            '{"emotion": {"name": "happy", "weight": 1e-07}}',
        )
        await connection.execute(
            "INSERT INTO avatar (id, name, face, voice, preset_id) VALUES ($1, 'a', 'b', 'c', $2)",
            UUID(int=8),
            UUID(int=9),
        )


async def contents(dsn: str) -> dict[str, list[tuple[object, ...]]]:
    """All rows of all tables."""
    async with connected(dsn) as connection:
        return {
            table.name: sorted(
                (
                    tuple(row)
                    for row in await connection.fetch(f"SELECT {table.listed} FROM {table.name}")
                ),
                key=repr,
            )
            for table in await tables(connection)
        }


async def export(dsn: str, files: FileBlobs, path: Path) -> int:
    async with connected(dsn) as connection:
        manifest, size = await export_all(connection, files, path, ignored)
        assert size == len(await asyncio.to_thread(path.read_bytes))
    return sum(member.rows for member in manifest.tables.values())


async def take(dsn: str, files: FileBlobs, path: Path, *, replace: bool = False) -> None:
    async with connected(dsn) as connection:
        await import_all(dsn, connection, files, path, ignored, replace=replace)


@pytest.fixture
async def files(tmp_path: Path) -> AsyncIterator[FileBlobs]:
    async with FileBlobs.open_in(tmp_path / "from") as files:
        yield files


@pytest.fixture
async def elsewhere(tmp_path: Path) -> AsyncIterator[FileBlobs]:
    async with FileBlobs.open_in(tmp_path / "to") as files:
        yield files


async def test_everything_comes_back_as_it_was(
    database_dsn: str, empty_dsn: str, files: FileBlobs, elsewhere: FileBlobs, tmp_path: Path
) -> None:
    await fill(database_dsn, files)
    before = await contents(database_dsn)
    assert await export(database_dsn, files, tmp_path / "all.zip") == sum(map(len, before.values()))
    await take(empty_dsn, elsewhere, tmp_path / "all.zip")
    assert await contents(empty_dsn) == before
    assert sum(map(len, before.values())) > 400
    [name] = [name async for names in elsewhere.names() for name in names]
    reader = await elsewhere.open(name)
    assert await reader.read(0, 10**7) == bytes(range(256)) * 10_000
    await reader.close()


async def test_a_database_that_is_not_empty_is_refused_unless_it_may_go(
    database_dsn: str, files: FileBlobs, elsewhere: FileBlobs, tmp_path: Path
) -> None:
    await fill(database_dsn, files)
    await export(database_dsn, files, tmp_path / "all.zip")
    before = await contents(database_dsn)
    async with connected(database_dsn) as connection:
        await connection.execute("INSERT INTO config (key, value) VALUES ('mine', '1')")
    with pytest.raises(LipwireError, match=r"not empty .*config 1.*--replace"):
        await take(database_dsn, elsewhere, tmp_path / "all.zip")
    assert len((await contents(database_dsn))["config"]) == 1
    await take(database_dsn, elsewhere, tmp_path / "all.zip", replace=True)
    assert await contents(database_dsn) == before


async def test_rows_that_were_changed_are_refused_and_nothing_of_them_stays(
    database_dsn: str, empty_dsn: str, files: FileBlobs, elsewhere: FileBlobs, tmp_path: Path
) -> None:
    await fill(database_dsn, files)
    await export(database_dsn, files, tmp_path / "all.zip")
    with zipfile.ZipFile(tmp_path / "all.zip") as whole:
        names = [name for name in whole.namelist() if whole.getinfo(name).file_size]
        for at, name in enumerate(names):
            broken = tmp_path / f"broken{at}.zip"
            with zipfile.ZipFile(broken, "w") as changed:
                for other in whole.namelist():
                    data = whole.read(other)
                    if other == name:
                        # The last digit or letter of a row, a byte of a file, the manifest's end.
                        data = data[:-2] + bytes([data[-2] ^ 1]) + data[-1:]
                    changed.writestr(other, data)
            with pytest.raises(LipwireError, match="is damaged"):
                await take(empty_dsn, elsewhere, broken)
            assert not any((await contents(empty_dsn)).values())
    assert len(names) > 8


async def test_what_an_older_version_wrote_gets_what_was_added_since(
    database_dsn: str, files: FileBlobs, tmp_path: Path
) -> None:
    await fill(database_dsn, files)
    await export(database_dsn, files, tmp_path / "all.zip")
    async with connected(database_dsn) as connection:
        await connection.execute("ALTER TABLE preset ADD mood text NOT NULL DEFAULT 'fine'")
    await take(database_dsn, files, tmp_path / "all.zip", replace=True)
    async with connected(database_dsn) as connection:
        assert await connection.fetchval("SELECT mood FROM preset") == "fine"


async def test_what_this_version_has_no_place_for_is_refused(
    database_dsn: str, empty_dsn: str, files: FileBlobs, tmp_path: Path
) -> None:
    async with connected(database_dsn) as connection:
        await connection.execute("ALTER TABLE preset ADD mood text")
        await export(database_dsn, files, tmp_path / "column.zip")
        await connection.execute(
            "INSERT INTO _pogo_migration (migration_hash, migration_id, schema_name, applied)"
            " VALUES ('', '9999_later', 'public', now())"
        )
    await export(database_dsn, files, tmp_path / "migration.zip")
    with pytest.raises(LipwireError, match=r"a column preset\.mood that this Lipwire has no place"):
        await take(empty_dsn, files, tmp_path / "column.zip")
    with pytest.raises(LipwireError, match=r"newer Lipwire, with the migration 9999_later"):
        await take(empty_dsn, files, tmp_path / "migration.zip")


async def test_a_database_without_tables_has_nothing_to_export(
    empty_dsn: str, files: FileBlobs, tmp_path: Path
) -> None:
    with pytest.raises(LipwireError, match="nothing to export"):
        await export(empty_dsn, files, tmp_path / "all.zip")
    assert {name for name in os.listdir(tmp_path) if "." in name} == set()


async def test_a_file_that_is_gone_is_counted_and_costs_only_itself(
    database_dsn: str, empty_dsn: str, files: FileBlobs, elsewhere: FileBlobs, tmp_path: Path
) -> None:
    await fill(database_dsn, files)
    [name] = [name async for names in files.names() for name in names]
    await files.remove(name)
    await export(database_dsn, files, tmp_path / "all.zip")
    with ArchiveReader(tmp_path / "all.zip") as archive:
        assert archive.manifest.missing_blobs == 1
        assert archive.manifest.blobs == {}
    await take(empty_dsn, elsewhere, tmp_path / "all.zip")
    assert await contents(empty_dsn) == await contents(database_dsn)


async def test_a_table_with_partitions_is_one_table(
    database_dsn: str, files: FileBlobs, tmp_path: Path
) -> None:
    async with connected(database_dsn) as connection:
        await connection.execute(
            """
            CREATE TABLE parted (at integer, text text) PARTITION BY RANGE (at);
            CREATE TABLE parted_low PARTITION OF parted FOR VALUES FROM (0) TO (10);
            CREATE TABLE parted_high PARTITION OF parted FOR VALUES FROM (10) TO (20);
            INSERT INTO parted VALUES (1, 'a'), (11, 'b');
            """
        )
        names = [table.name for table in await tables(connection)]
        assert "parted" in names
        assert "parted_low" not in names
    before = await contents(database_dsn)
    await export(database_dsn, files, tmp_path / "all.zip")
    await take(database_dsn, files, tmp_path / "all.zip", replace=True)
    assert await contents(database_dsn) == before


async def test_tables_come_after_those_that_they_refer_to(database_dsn: str) -> None:
    async with connected(database_dsn) as connection:
        names = [table.name for table in await tables(connection)]
        for first, then in (
            ("session", "utterance"),
            ("utterance", "segment"),
            ("segment", "phoneme"),
            ("blob", "audio"),
            ("avatar", "session"),
        ):
            assert names.index(first) < names.index(then)
        assert not any("pogo" in name or name == "lipwire_migration" for name in names)
        assert all([await count(connection, table) == 0 for table in await tables(connection)])


async def test_migrations_are_listed_before_and_after(empty_dsn: str) -> None:
    async with connected(empty_dsn) as connection:
        assert await applied_migrations(connection) == []
        assert await tables(connection) == []
        await migrate(empty_dsn)
        assert await applied_migrations(connection) == list(shipped_migrations())


async def test_whoever_uses_the_tables_is_not_waited_for_for_ever(
    database_dsn: str, files: FileBlobs, tmp_path: Path
) -> None:
    await export(database_dsn, files, tmp_path / "all.zip")
    async with connected(database_dsn) as other, other.transaction():
        await other.execute("LOCK TABLE session")
        with pytest.raises(asyncpg.LockNotAvailableError):
            await take(database_dsn, files, tmp_path / "all.zip", replace=True)

"""Everything that is kept, out of a database into a file, and back into one."""

import hashlib
from collections.abc import AsyncIterator, Callable, Iterator
from importlib.metadata import version
from pathlib import Path
from typing import Final

import asyncpg

from lipwire_protocol.errors import ErrorCode, LipwireError

from .archive import ArchiveReader, ArchiveWriter, Manifest, Member, damaged
from .files import BlobStore, Content
from .migrate import migrate
from .tables import Plain, Table, applied_migrations, count, quoted, shipped_migrations, tables

__all__ = ["Show", "export_all", "import_all"]

_FORMAT: Final = 1
_BLOCK: Final = 1 << 20

Show = Callable[[str, int, int], None]
"""Told what is at hand, how much of it is done, and how much it is."""


async def export_all(
    connection: Plain, files: BlobStore, path: Path, show: Show
) -> tuple[Manifest, int]:
    """What it was at one moment, however long it takes; the manifest, and the bytes of the file.

    Raises `LipwireError`, and what asyncpg raises.
    """
    with ArchiveWriter(path) as archive:
        async with connection.transaction(isolation="repeatable_read", readonly=True):
            migrations = await applied_migrations(connection)
            if not migrations:
                raise LipwireError(
                    ErrorCode.NOT_FOUND, "the database has no tables: there is nothing to export"
                )
            members = {
                table.name: await _write_table(connection, table, archive, show)
                for table in await tables(connection)
            }
            blobs, missing = await _write_blobs(connection, files, archive, show)
        manifest = Manifest(
            format=_FORMAT,
            lipwire=version("lipwire"),
            postgres=await connection.fetchval("SHOW server_version"),
            migrations=tuple(migrations),
            tables=members,
            blobs=blobs,
            missing_blobs=missing,
        )
        archive.finish(manifest)
    return manifest, archive.bytes


async def _write_table(
    connection: Plain, table: Table, archive: ArchiveWriter, show: Show
) -> Member:
    total = await count(connection, table)
    digest, size, rows = hashlib.sha256(), 0, 0
    with archive.table(table.name) as file:

        async def take(data: bytes) -> None:
            nonlocal size, rows
            digest.update(data)
            file.write(data)
            size += len(data)
            # In this format a line is a row: what breaks lines is escaped.
            rows += data.count(b"\n")
            show(table.name, rows, total)

        show(table.name, 0, total)
        # Not the table itself, which may have partitions.
        query = f"SELECT {table.listed} FROM {quoted(table.name)}"
        await connection.copy_from_query(query, output=take)
    return Member(columns=table.columns, rows=rows, bytes=size, sha256=digest.hexdigest())


async def _write_blobs(
    connection: Plain, files: BlobStore, archive: ArchiveWriter, show: Show
) -> tuple[dict[str, int], int]:
    rows = await connection.fetch("SELECT sha256, byte_count FROM blob ORDER BY sha256")
    written, missing = dict[str, int](), 0
    for place, row in enumerate(rows):
        show("files", place, len(rows))
        name, size = row["sha256"].hex(), row["byte_count"]
        try:
            reader = await files.open(row["sha256"])
        except LipwireError as error:
            if error.code is not ErrorCode.NOT_FOUND:
                raise
            missing += 1
            continue
        try:
            with archive.blob(name) as file:
                for begin in range(0, size, _BLOCK):
                    file.write(await reader.read(begin, min(_BLOCK, size - begin)))
        finally:
            await reader.close()
        written[name] = size
    show("files", len(rows), len(rows))
    return written, missing


async def import_all(
    dsn: str, connection: Plain, files: BlobStore, path: Path, show: Show, *, replace: bool = False
) -> Manifest:
    """All of the archive, or nothing. Makes the tables where there are none.

    Raises `LipwireError`, and what asyncpg raises.
    """
    with ArchiveReader(path) as archive:
        newer = set(archive.manifest.migrations) - set(shipped_migrations())
        if newer:
            raise LipwireError(
                ErrorCode.CONFLICT,
                f"{path} is of a newer Lipwire, with the migration {', '.join(sorted(newer))}: "
                f"upgrade this one first",
            )
        await migrate(dsn)
        here = {table.name: table for table in await tables(connection)}
        _refuse_strangers(archive, here)
        async with connection.transaction():
            # Whoever has a table open for longer is asked about, not waited for.
            await connection.execute("SET LOCAL lock_timeout = '5s'")
            await _make_room(connection, list(here.values()), replace=replace)
            await _read_blobs(archive, files, show)
            for name in here:
                if name in archive.manifest.tables:
                    await _read_table(connection, archive, name, show)
        return archive.manifest


def _refuse_strangers(archive: ArchiveReader, here: dict[str, Table]) -> None:
    for name, member in archive.manifest.tables.items():
        columns = here[name].columns if name in here else ()
        for column in member.columns:
            if column not in columns:
                raise LipwireError(
                    ErrorCode.CONFLICT,
                    f"{archive.path} has a column {name[:60]}.{column[:60]} that this Lipwire has "
                    f"no place for: import it with the one that wrote it "
                    f"({archive.manifest.lipwire[:20]}), and upgrade then",
                )
        if not member.columns:
            raise damaged(archive.path, f"the table {name[:60]} has no columns")


async def _make_room(connection: Plain, here: list[Table], *, replace: bool) -> None:
    names = ", ".join(quoted(table.name) for table in here)
    if replace:
        await connection.execute(f"TRUNCATE {names}")
        return
    # Nobody writes between the look and the end.
    await connection.execute(f"LOCK TABLE {names} IN SHARE ROW EXCLUSIVE MODE")
    counts = {table.name: await count(connection, table) for table in here}
    full = [f"{name} {rows}" for name, rows in counts.items() if rows]
    if full:
        raise LipwireError(
            ErrorCode.CONFLICT,
            f"the database is not empty ({', '.join(full)} rows): export it first, and then "
            f"--replace throws away what is in it",
        )


async def _read_blobs(archive: ArchiveReader, files: BlobStore, show: Show) -> None:
    blobs = archive.manifest.blobs
    for place, (name, size) in enumerate(blobs.items()):
        show("files", place, len(blobs))
        async with files.draft() as draft:
            await files.append(draft, b"")
            for piece in archive.blob(name):
                await files.append(draft, piece)
            content = await files.measure(draft)
            # The name is that of the content, by the check that `blob` has made.
            assert content == Content(bytes.fromhex(name), size)
            await files.place(draft, content)
    show("files", len(blobs), len(blobs))


async def _read_table(connection: Plain, archive: ArchiveReader, name: str, show: Show) -> None:
    member = archive.manifest.tables[name]
    try:
        await connection.copy_to_table(
            name,
            source=_shown(archive.table(name), name, member.rows, show),
            columns=member.columns,
        )
        rows = await count(connection, Table(name, member.columns))
    except asyncpg.DataError as error:
        raise damaged(archive.path, f"a row of {name} cannot be read") from error
    except asyncpg.IntegrityConstraintViolationError as error:
        broken = f"a row of {name} breaks {error.constraint_name}"
        raise damaged(archive.path, broken) from error
    if rows != member.rows:
        raise damaged(archive.path, f"{name} has {rows} rows and not {member.rows}")


async def _shown(
    pieces: Iterator[bytes], name: str, total: int, show: Show
) -> AsyncIterator[bytes]:
    rows = 0
    show(name, rows, total)
    for piece in pieces:
        rows += piece.count(b"\n")
        show(name, rows, total)
        yield piece

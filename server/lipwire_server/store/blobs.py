"""A row for each file: who has its lock may put the file in its place or remove it.

A file is placed while its row is new or touched, and not committed; it is removed while its row is
deleted, and not committed. Whoever comes second waits for the row, and then looks again.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

from .files import BlobStore, Content
from .pool import Connection, Database

__all__ = ["Collected", "collect", "keep", "sweep"]

_BATCH: Final = 50
_FIRST: Final = (datetime(1970, 1, 1, tzinfo=UTC), b"")

_ADD = """
    INSERT INTO blob (sha256, byte_count, media_type) VALUES ($1, $2, $3)
    ON CONFLICT (sha256) DO UPDATE SET used_at = now()
"""
_UNREFERENCED = """
          NOT EXISTS (SELECT FROM asset WHERE asset.sha256 = blob.sha256)
      AND NOT EXISTS (SELECT FROM audio WHERE audio.sha256 = blob.sha256)
      AND NOT EXISTS (SELECT FROM render WHERE render.sha256 = blob.sha256)
"""
_LOCK = f"""
    SELECT sha256, used_at FROM blob
    WHERE used_at < now() - $1::interval AND (used_at, sha256) > ($2, $3) AND {_UNREFERENCED}
    ORDER BY used_at, sha256 LIMIT $4
    FOR UPDATE SKIP LOCKED
"""
# Asks again, now that nobody else can refer to them: somebody may have while the locks were taken.
_DELETE = f"""
    DELETE FROM blob WHERE sha256 = ANY($1) AND {_UNREFERENCED} RETURNING sha256, byte_count
"""


@dataclass(frozen=True, slots=True)
class Collected:
    """What was removed because nothing refers to it."""

    blobs: int
    byte_count: int


async def keep(
    connection: Connection, files: BlobStore, draft: Path, content: Content, media_type: str
) -> None:
    """Keeps the draft under its content's name, within the transaction of the connection.

    Whoever refers to it is inserted in the same transaction, afterwards.
    """
    await connection.execute(_ADD, content.sha256, content.byte_count, media_type)
    await files.place(draft, content)


async def collect(database: Database, files: BlobStore, *, older_than: timedelta) -> Collected:
    """Removes what nothing refers to and nobody kept for that long, some at a time.

    Raises what `Database.connection` and `BlobStore` raise; what was removed by then stays so.
    """
    blobs, byte_count, last = 0, 0, _FIRST
    while True:
        async with database.connection() as connection, connection.transaction():
            rows = await connection.fetch(_LOCK, older_than, *last, _BATCH)
            for gone in await connection.fetch(_DELETE, [row["sha256"] for row in rows]):
                await files.remove(gone["sha256"])
                blobs += 1
                byte_count += gone["byte_count"]
        if len(rows) < _BATCH:
            return Collected(blobs, byte_count)
        last = (rows[-1]["used_at"], rows[-1]["sha256"])


async def sweep(
    database: Database, files: BlobStore, is_written: Callable[[], bool] = lambda: True
) -> int:
    """Removes the files without a row, which a crash before a commit leaves; says how many.

    Not while something that was recorded waits for the database, in memory or on disk, as
    `is_written` says: its files may be there and have no rows yet.
    """
    removed = 0
    async for names in files.names():
        async with database.connection() as connection:
            unknown = await connection.fetch(
                """
                SELECT name FROM unnest($1::bytea[]) AS name
                WHERE NOT EXISTS (SELECT FROM blob WHERE sha256 = name)
                """,
                names,
            )
            for row in unknown if is_written() else ():
                removed += await _remove_unknown(connection, files, row["name"])
    return removed


async def _remove_unknown(connection: Connection, files: BlobStore, name: bytes) -> bool:
    """A row of our own is its lock: it waits for whoever is just keeping such a file."""
    transaction = connection.transaction()
    await transaction.start()
    try:
        inserted = await connection.fetchval(
            """
            INSERT INTO blob (sha256, byte_count, media_type) VALUES ($1, 0, '')
            ON CONFLICT DO NOTHING RETURNING true
            """,
            name,
        )
        if inserted:
            await files.remove(name)
    finally:
        await transaction.rollback()
    return bool(inserted)

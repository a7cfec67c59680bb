"""Brings the tables to what this version needs.

The migrations are plain SQL files that pogo applies, each in a transaction of its own. pogo locks
nothing and keeps no contents; both are done here.
"""

import asyncio
import hashlib
import logging
from pathlib import Path
from typing import TypeAlias

import asyncpg
from asyncpg.exceptions import ClientConfigurationError
from pogo_core.error import BadMigrationError
from pogo_core.util import migrate as pogo

from .errors import DatabaseSetupError

__all__ = ["MIGRATIONS", "migrate", "migrate_when_up"]

MIGRATIONS = Path(__file__).with_name("migrations")

_log = logging.getLogger(__name__)

_LOCK = 0x6C697077697265
"""Key of the advisory lock: "lipwire" in ASCII."""
_POLL_S = 0.1
_LONGEST_PAUSE_S = 5.0

_AWAY = (
    OSError,
    TimeoutError,
    asyncpg.PostgresConnectionError,
    asyncpg.CannotConnectNowError,
    asyncpg.AdminShutdownError,
    asyncpg.CrashShutdownError,
    asyncpg.TooManyConnectionsError,
    asyncpg.LockNotAvailableError,
    asyncpg.InterfaceError,
    asyncpg.InternalClientError,
)
"""What time may heal; a wrong password or a missing privilege it does not."""

_Connection: TypeAlias = "asyncpg.Connection[asyncpg.Record]"


async def migrate(dsn: str, folder: Path = MIGRATIONS) -> None:
    """Apply what has not been applied; any number of processes may do it at once.

    Takes as long as the migrations and whoever holds the lock take. Raises `DatabaseSetupError`
    where a file fails, or was changed after it had been applied; what asyncpg and the system raise
    where the database is away, or a table stays locked for 3 s.
    """
    connection = await asyncpg.connect(dsn, timeout=5)
    try:
        # A migration that waits for a table keeps everybody behind it waiting.
        await connection.execute("SET lock_timeout = '3s'")
        # Polled: a session that waits inside PostgreSQL holds a snapshot, and CREATE INDEX
        # CONCURRENTLY waits for every snapshot, which is a deadlock.
        while not await connection.fetchval("SELECT pg_try_advisory_lock($1)", _LOCK):  # noqa: ASYNC110
            await asyncio.sleep(_POLL_S)
        await _apply(connection, folder)
    finally:
        # The lock goes with its session.
        await connection.close(timeout=5)


async def migrate_when_up(dsn: str, folder: Path = MIGRATIONS) -> None:
    """`migrate`, tried again with pauses of up to 5 s for as long as the database is away.

    Raises `DatabaseSetupError` for whatever time does not heal: also a wrong password, a missing
    privilege, or an address that cannot be understood.
    """
    pause, told = 0.1, ""
    while True:
        try:
            return await migrate(dsn, folder)
        except ClientConfigurationError as error:
            # Its message can quote the address, which can hold a password.
            raise DatabaseSetupError("the address of the database is malformed") from error
        except _AWAY as error:
            if (reason := f"{type(error).__name__}: {error}") != told:
                _log.info("the database is away (%s); it is asked until it answers", reason)
                told = reason
        except asyncpg.PostgresError as error:
            raise DatabaseSetupError(f"the database cannot be migrated: {error}") from error
        await asyncio.sleep(pause)
        pause = min(2 * pause, _LONGEST_PAUSE_S)


async def _apply(connection: _Connection, folder: Path) -> None:
    await connection.execute(
        """
        CREATE TABLE IF NOT EXISTS lipwire_migration (
            id text PRIMARY KEY,
            sha256 bytea NOT NULL CHECK (octet_length(sha256) = 32),
            created_at timestamptz NOT NULL DEFAULT now()
        )
        """
    )
    await pogo.sql.ensure_pogo_sync(connection)
    applied = await pogo.sql.get_applied_migrations(connection, schema_name="public")
    shipped = _hashes(folder)
    await _refuse_drift(connection, applied, shipped)
    missing = sorted(shipped.keys() - applied)
    if not missing:
        # pogo takes every file apart first, half a second at a start at which nothing is due.
        return
    # Written before they are applied, so that an applied file always has its hash.
    await connection.executemany(
        """
        INSERT INTO lipwire_migration (id, sha256) VALUES ($1, $2)
        ON CONFLICT (id) DO UPDATE SET sha256 = excluded.sha256, created_at = now()
        """,
        [(id, shipped[id]) for id in missing],
    )
    for name in missing:
        _log.info("applying the migration %s", name)
    try:
        await pogo.apply(connection, folder, schema_name="public")
    except BadMigrationError as error:
        cause = error.__cause__
        if isinstance(cause, _AWAY):
            raise cause from None
        raise DatabaseSetupError(f"{error}: {cause}") from error


def _hashes(folder: Path) -> dict[str, bytes]:
    return {file.stem: hashlib.sha256(file.read_bytes()).digest() for file in folder.glob("*.sql")}


async def _refuse_drift(
    connection: _Connection, applied: set[str], shipped: dict[str, bytes]
) -> None:
    # An applied file that we do not have is a newer version's: it may run beside us.
    recorded = await connection.fetch("SELECT id, sha256 FROM lipwire_migration")
    changed = sorted(
        row["id"]
        for row in recorded
        if row["id"] in applied and shipped.get(row["id"], row["sha256"]) != row["sha256"]
    )
    if changed:
        raise DatabaseSetupError(
            f"migration {', '.join(changed)} was changed after it had been applied to this "
            f"database: restore the file, and put the change into a new migration"
        )

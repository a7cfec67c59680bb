"""Settings of the application that uses the server: JSON values by key."""

from dataclasses import dataclass
from datetime import datetime

import asyncpg

from .errors import missing
from .pool import Database

__all__ = ["KEY", "StoredSetting", "delete_setting", "get_setting", "list_settings", "put_setting"]

KEY = "[a-z0-9][a-z0-9_.-]{0,99}"
"""What a key may be, as a regular expression."""

_COLUMNS = "key, value, created_at, updated_at"


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredSetting:
    key: str
    value: bytes
    """As JSON."""
    created_at: datetime
    updated_at: datetime


async def list_settings(
    database: Database, *, after: str | None = None, limit: int = 100
) -> list[StoredSetting]:
    """Up to `limit` settings whose keys come after `after`, by key."""
    async with database.connection() as connection:
        rows = await connection.fetch(
            f'SELECT {_COLUMNS} FROM config WHERE key COLLATE "C" > $1 '
            f'ORDER BY key COLLATE "C" LIMIT $2',
            after or "",
            limit,
        )
    return [_setting(row) for row in rows]


async def get_setting(database: Database, key: str) -> StoredSetting:
    """Raises `LipwireError` (`not_found`) where there is none."""
    async with database.connection() as connection:
        row = await connection.fetchrow(f"SELECT {_COLUMNS} FROM config WHERE key = $1", key)
    return _setting(row)


async def put_setting(database: Database, key: str, value: bytes) -> StoredSetting:
    """Sets it, whether or not it was set."""
    async with database.connection() as connection:
        row = await connection.fetchrow(
            f"""
            INSERT INTO config (key, value) VALUES ($1, $2)
            ON CONFLICT (key) DO UPDATE SET value = excluded.value RETURNING {_COLUMNS}
            """,
            key,
            value.decode(),
        )
    return _setting(row)


async def delete_setting(database: Database, key: str) -> None:
    """Raises `LipwireError` (`not_found`) where there is none."""
    async with database.connection() as connection:
        row = await connection.fetchrow(
            f"DELETE FROM config WHERE key = $1 RETURNING {_COLUMNS}", key
        )
    _setting(row)


def _setting(row: asyncpg.Record | None) -> StoredSetting:
    if row is None:
        raise missing("setting")
    return StoredSetting(**{**row, "value": row["value"].encode()})

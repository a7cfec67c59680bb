"""API keys: who may come in, and how much they may have said.

All functions raise what asyncpg does, and `LipwireError` as they say.
"""

from datetime import datetime
from typing import Any
from uuid import UUID

import asyncpg
from msgspec import Struct

from lipwire_protocol.errors import ErrorCode, LipwireError

__all__ = ["StoredKey", "add_key", "list_keys", "revoke_key", "usable_keys"]

_COLUMNS = """id, name, hash, token_secret, scopes, characters_per_minute, connections,
    created_at, expires_at, revoked_at"""


class StoredKey(Struct, frozen=True, kw_only=True):
    """All that is known of a key; the key itself is not."""

    id: UUID
    name: str
    hash: bytes
    token_secret: bytes
    scopes: tuple[str, ...]
    characters_per_minute: int | None = None
    connections: int | None = None
    created_at: datetime
    expires_at: datetime | None = None
    revoked_at: datetime | None = None


async def add_key(connection: Any, key: StoredKey) -> None:
    """Raises `conflict` where a key in use has that name."""
    try:
        await connection.execute(
            f"INSERT INTO api_key ({_COLUMNS}) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
            *(getattr(key, name.strip()) for name in _COLUMNS.split(",")),
        )
    except asyncpg.UniqueViolationError:
        raise LipwireError(
            ErrorCode.CONFLICT, f"a key is already named {key.name!r}: revoke it, or name another"
        ) from None


async def list_keys(connection: Any) -> list[StoredKey]:
    """All of them, the oldest first, also those that are of no use any more."""
    rows = await connection.fetch(f"SELECT {_COLUMNS} FROM api_key ORDER BY created_at, id")
    return [_key(row) for row in rows]


async def usable_keys(connection: Any) -> list[StoredKey]:
    """Those that are neither revoked nor expired."""
    rows = await connection.fetch(
        f"""
        SELECT {_COLUMNS} FROM api_key
        WHERE revoked_at IS NULL AND (expires_at IS NULL OR expires_at > now())
        """
    )
    return [_key(row) for row in rows]


async def revoke_key(connection: Any, name: str) -> StoredKey:
    """By its name, or by its id. Raises `not_found` where no key in use has it."""
    row = await connection.fetchrow(
        f"""
        UPDATE api_key SET revoked_at = now()
        WHERE revoked_at IS NULL AND $1 IN (name, id::text) RETURNING {_COLUMNS}
        """,
        name,
    )
    if row is None:
        raise LipwireError(
            ErrorCode.NOT_FOUND, f"no key in use is {name!r}; `lipwire keys` lists them"
        )
    return _key(row)


def _key(row: asyncpg.Record) -> StoredKey:
    return StoredKey(**{**row, "scopes": tuple(row["scopes"])})

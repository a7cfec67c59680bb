"""Presets: looks to put on.

All functions raise what `Database.connection` raises, and `LipwireError` as they say.
"""

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

import asyncpg
from msgspec import Struct

from lipwire_protocol.errors import ErrorCode, LipwireError

from .avatars import NEWEST, AvatarState, merge_locked
from .errors import missing
from .jsonb import from_jsonb, to_jsonb
from .pool import Database

__all__ = [
    "Preset",
    "apply_preset",
    "change_preset",
    "create_preset",
    "delete_preset",
    "get_preset",
    "list_presets",
]

_COLUMNS = "id, name, settings, created_at, updated_at"


class Preset(Struct, frozen=True, kw_only=True):
    """A look under a name."""

    id: UUID
    name: str
    settings: dict[str, Any]
    """What it does to the state of an avatar, as a JSON merge patch: null removes a member."""
    created_at: datetime
    updated_at: datetime


async def create_preset(
    database: Database, id: UUID, name: str, settings: Mapping[str, Any]
) -> Preset:
    """Raises `conflict` where the name is taken."""
    statement = f"""
        INSERT INTO preset (id, name, settings) VALUES ($1, $2, $3)
        ON CONFLICT (name) DO NOTHING RETURNING {_COLUMNS}
    """
    async with database.connection() as connection:
        row = await connection.fetchrow(statement, id, name, to_jsonb(settings))
    if row is None:
        raise _taken(name)
    return _preset(row)


async def get_preset(database: Database, id: UUID) -> Preset:
    """Raises `not_found`."""
    async with database.connection() as connection:
        row = await connection.fetchrow(f"SELECT {_COLUMNS} FROM preset WHERE id = $1", id)
    return _preset(row)


async def list_presets(database: Database, *, after: UUID | None, limit: int) -> list[Preset]:
    """Up to `limit` presets, the newest first, of those that were made before `after`."""
    async with database.connection() as connection:
        rows = await connection.fetch(
            f"SELECT {_COLUMNS} FROM preset WHERE id < $1 ORDER BY id DESC LIMIT $2",
            after or NEWEST,
            limit,
        )
    return [_preset(row) for row in rows]


async def change_preset(
    database: Database, id: UUID, name: str | None, settings: Mapping[str, Any] | None
) -> Preset:
    """Set what is not None. Settings are replaced: merged ones could never get a null.

    Raises `not_found`, and `conflict` where the name is taken.
    """
    statement = f"""
        UPDATE preset SET name = coalesce($2, name), settings = coalesce($3, settings)
        WHERE id = $1 RETURNING {_COLUMNS}
    """
    try:
        async with database.connection() as connection:
            encoded = None if settings is None else to_jsonb(settings)
            row = await connection.fetchrow(statement, id, name, encoded)
    except asyncpg.UniqueViolationError:
        raise _taken(name) from None
    return _preset(row)


async def delete_preset(database: Database, id: UUID) -> None:
    """Delete it; avatars that link it stay, without it. Raises `not_found`."""
    async with database.connection() as connection:
        gone = await connection.fetchrow("DELETE FROM preset WHERE id = $1 RETURNING id", id)
    if gone is None:
        raise missing("preset")


async def apply_preset(
    database: Database, id: UUID, avatar: UUID, *, versions: Collection[int] | None = None
) -> AvatarState:
    """Merge its settings into the state of an avatar; raises what `avatars.merge_state` does."""
    async with database.connection() as connection, connection.transaction():
        row = await connection.fetchrow(f"SELECT {_COLUMNS} FROM preset WHERE id = $1", id)
        return await merge_locked(connection, avatar, _preset(row).settings, versions)


def _preset(row: asyncpg.Record | None) -> Preset:
    if row is None:
        raise missing("preset")
    return Preset(**{**row, "settings": from_jsonb(row["settings"])})


def _taken(name: object) -> LipwireError:
    return LipwireError(ErrorCode.CONFLICT, f"a preset is already named {name!r}")

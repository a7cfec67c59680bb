"""Avatars: somebody of the application's own, and how it looks at the moment.

All functions raise what `Database.connection` raises, and `LipwireError` as they say.
"""

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

import asyncpg
from msgspec import Struct

from lipwire_protocol.errors import ErrorCode, LipwireError

from .clearing import SESSIONS, clear_sessions
from .errors import missing
from .jsonb import from_jsonb, to_jsonb
from .merge_patch import merge_patch
from .pool import Connection, Database

__all__ = [
    "NEWEST",
    "Avatar",
    "AvatarState",
    "NewAvatar",
    "change_avatar",
    "create_avatar",
    "delete_avatar",
    "ensure_avatar",
    "get_avatar",
    "get_state",
    "list_avatars",
    "merge_locked",
    "merge_state",
    "named_avatar",
]

NEWEST = UUID(int=2**128 - 1)
"""Comes after every id: a list that is sorted by id, the newest first, starts there."""

_STATE_BYTES = 64 << 10

_COLUMNS = "id, name, face, voice, asset_id, preset_id, created_at, updated_at"
_CHANGEABLE = {"name", "face", "voice", "asset_id", "preset_id"}


class Avatar(Struct, frozen=True, kw_only=True):
    """Somebody of the application's own: a face and a voice under a name."""

    id: UUID
    name: str
    face: str
    """The avatar pack that is drawn."""
    voice: str
    asset_id: UUID | None
    """A picture or a recording that the application links with it."""
    preset_id: UUID | None
    """A preset that the application links with it."""
    created_at: datetime
    updated_at: datetime


class NewAvatar(Struct, frozen=True, kw_only=True):
    id: UUID
    name: str
    face: str
    voice: str
    asset_id: UUID | None = None
    preset_id: UUID | None = None
    state: Mapping[str, Any] = {}


class AvatarState(Struct, frozen=True):
    """How it looks at the moment: whatever the application keeps there."""

    state: dict[str, Any]
    version: int
    """Counts the changes of the state."""


async def create_avatar(database: Database, new: NewAvatar) -> Avatar:
    """Raises `conflict` where the name is taken, `not_found` for an unknown asset or preset."""
    avatar = await _insert(database, new)
    if avatar is None:
        raise _taken(new.name)
    return avatar


async def ensure_avatar(database: Database, new: NewAvatar) -> Avatar:
    """The avatar of that name as it is, or else `new`; any number may ask for it at once."""
    while True:
        avatar = await named_avatar(database, new.name) or await _insert(database, new)
        if avatar is not None:
            return avatar
        # Somebody made it in between, and may have deleted it again.


async def get_avatar(database: Database, id: UUID) -> Avatar:
    """Raises `not_found`."""
    async with database.connection() as connection:
        row = await connection.fetchrow(f"SELECT {_COLUMNS} FROM avatar WHERE id = $1", id)
    return _avatar(row)


async def named_avatar(database: Database, name: str) -> Avatar | None:
    async with database.connection() as connection:
        row = await connection.fetchrow(f"SELECT {_COLUMNS} FROM avatar WHERE name = $1", name)
    return None if row is None else Avatar(**row)


async def list_avatars(database: Database, *, after: UUID | None, limit: int) -> list[Avatar]:
    """Up to `limit` avatars, the newest first, of those that were made before `after`."""
    async with database.connection() as connection:
        rows = await connection.fetch(
            f"SELECT {_COLUMNS} FROM avatar WHERE id < $1 ORDER BY id DESC LIMIT $2",
            after or NEWEST,
            limit,
        )
    return [Avatar(**row) for row in rows]


async def change_avatar(database: Database, id: UUID, changes: Mapping[str, object]) -> Avatar:
    """Set columns: name, face, voice, asset_id or preset_id.

    Raises `not_found`, also for an asset or preset, and `conflict` where the name is taken.
    """
    if not changes:
        return await get_avatar(database, id)
    assert changes.keys() <= _CHANGEABLE, "these are put into a statement"
    columns = ", ".join(f"{column} = ${at}" for at, column in enumerate(changes, 2))
    statement = f"UPDATE avatar SET {columns} WHERE id = $1 RETURNING {_COLUMNS}"
    try:
        async with database.connection() as connection, connection.transaction():
            await _require_asset(connection, changes.get("asset_id"))
            row = await connection.fetchrow(statement, id, *changes.values())
    except asyncpg.UniqueViolationError:
        raise _taken(changes["name"]) from None
    except asyncpg.ForeignKeyViolationError as error:
        raise _unlinkable(error) from None
    return _avatar(row)


async def delete_avatar(database: Database, id: UUID) -> None:
    """Delete it with its sessions, and everything that was spoken in them.

    That is done in bites: where the database goes away in the middle, the avatar is still there,
    and deleting it again goes on. Raises `not_found`.
    """
    while await _clear_some(database, id):
        pass
    async with database.connection() as connection:
        # A session that was opened in the meantime goes with it.
        gone = await connection.fetchrow("DELETE FROM avatar WHERE id = $1 RETURNING id", id)
    if gone is None:
        raise missing("avatar")


async def get_state(database: Database, id: UUID) -> AvatarState:
    """Raises `not_found`."""
    async with database.connection() as connection:
        row = await connection.fetchrow("SELECT state, version FROM avatar WHERE id = $1", id)
    return _state(row)


async def merge_state(
    database: Database,
    id: UUID,
    patch: Mapping[str, Any],
    *,
    versions: Collection[int] | None = None,
) -> AvatarState:
    """Merge a JSON merge patch into the state; with `versions`, only into one of those.

    Raises `not_found`, `precondition_failed` for another version, and `message_limit` where the
    state would become longer than 64 KiB.
    """
    async with database.connection() as connection, connection.transaction():
        return await merge_locked(connection, id, patch, versions)


async def merge_locked(
    connection: Connection, id: UUID, patch: Mapping[str, Any], versions: Collection[int] | None
) -> AvatarState:
    """The same, within a transaction of the caller's.

    Those who change one avatar at the same time wait for each other, so nobody's change is lost
    and nobody has to try again.
    """
    # Not FOR UPDATE: sessions that refer to it may be opened meanwhile.
    row = await connection.fetchrow(
        "SELECT state, version FROM avatar WHERE id = $1 FOR NO KEY UPDATE", id
    )
    before = _state(row)
    if versions is not None and before.version not in versions:
        raise LipwireError(
            ErrorCode.PRECONDITION_FAILED,
            f"the state is at version {before.version} by now: get it, and change that",
        )
    after = AvatarState(merge_patch(before.state, patch), before.version + 1)
    await connection.execute(
        "UPDATE avatar SET state = $2, version = $3 WHERE id = $1",
        id,
        _encoded(after.state),
        after.version,
    )
    return after


async def _insert(database: Database, new: NewAvatar) -> Avatar | None:
    """None where the name is taken."""
    statement = f"""
        INSERT INTO avatar (id, name, face, voice, asset_id, preset_id, state)
        VALUES ($1, $2, $3, $4, $5, $6, $7)
        ON CONFLICT (name) DO NOTHING RETURNING {_COLUMNS}
    """
    # A null within a new state means what it means in a patch: that there is no such member.
    state = _encoded(merge_patch({}, new.state))
    links = (new.asset_id, new.preset_id)
    try:
        async with database.connection() as connection, connection.transaction():
            await _require_asset(connection, new.asset_id)
            row = await connection.fetchrow(
                statement, new.id, new.name, new.face, new.voice, *links, state
            )
    except asyncpg.ForeignKeyViolationError as error:
        raise _unlinkable(error) from None
    return None if row is None else Avatar(**row)


async def _require_asset(connection: Connection, id: object) -> None:
    # What was deleted stays for a while, and the foreign key does not know that it is gone.
    exists = "SELECT EXISTS (SELECT FROM asset WHERE id = $1 AND deleted_at IS NULL)"
    if id is not None and not await connection.fetchval(exists, id):
        raise missing("asset")


async def _clear_some(database: Database, id: UUID) -> int:
    async with database.connection() as connection, connection.transaction():
        rows = await connection.fetch(
            "SELECT id FROM session WHERE avatar_id = $1 LIMIT $2 FOR UPDATE", id, SESSIONS
        )
        return await clear_sessions(connection, [row["id"] for row in rows])


def _encoded(state: Mapping[str, Any]) -> str:
    encoded = to_jsonb(state)
    if len(encoded.encode()) > _STATE_BYTES:
        raise LipwireError(
            ErrorCode.MESSAGE_LIMIT, f"the state would be longer than {_STATE_BYTES} bytes"
        )
    return encoded


def _avatar(row: asyncpg.Record | None) -> Avatar:
    if row is None:
        raise missing("avatar")
    return Avatar(**row)


def _state(row: asyncpg.Record | None) -> AvatarState:
    if row is None:
        raise missing("avatar")
    return AvatarState(from_jsonb(row["state"]), row["version"])


def _taken(name: object) -> LipwireError:
    return LipwireError(ErrorCode.CONFLICT, f"an avatar is already named {name!r}")


def _unlinkable(error: asyncpg.ForeignKeyViolationError) -> LipwireError:
    return missing("preset" if error.constraint_name == "avatar_preset_id_fkey" else "asset")

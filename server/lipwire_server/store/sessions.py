"""Sessions: reading them, making one without a socket, throwing one away."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import asyncpg

from lipwire_protocol.errors import ErrorCode, LipwireError

from .errors import missing
from .jsonb import from_jsonb, to_jsonb
from .merge_patch import merge_patch
from .pool import Database
from .records import SessionOpened, UtteranceRecord
from .standings import CHANNEL
from .utterances import read_records

__all__ = [
    "StoredSession",
    "create_session",
    "delete_session",
    "get_session",
    "list_sessions",
    "merge_meta",
    "utterances",
]

_META = 256 << 10
_AFTER_ALL = UUID(int=2**128 - 1)
_COLUMNS = """id, secret_sha256, voice, sample_rate, avatar_id, settings, opened_at, ended_at,
              close_code, created_at, updated_at"""


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredSession:
    id: UUID
    secret_sha256: bytes
    voice: str
    sample_rate: int
    avatar_id: UUID | None
    settings: bytes
    """As JSON; equal to what was recorded, not byte for byte."""
    opened_at: datetime
    ended_at: datetime | None
    """None while it is open, and where its end could not be recorded."""
    close_code: int | None
    created_at: datetime
    updated_at: datetime


async def get_session(database: Database, id: UUID) -> StoredSession | None:
    """The session; None where there is none, or it was deleted.

    Raises what `Database.connection` raises, as all functions here do.
    """
    async with database.connection() as connection:
        row = await connection.fetchrow(
            f"SELECT {_COLUMNS} FROM session WHERE id = $1 AND deleted_at IS NULL", id
        )
    return None if row is None else _session(row)


async def list_sessions(
    database: Database, *, after: UUID | None = None, limit: int = 100
) -> list[StoredSession]:
    """Up to `limit` sessions, the newest first; those that were older than `after`."""
    async with database.connection() as connection:
        rows = await connection.fetch(
            f"""
            SELECT {_COLUMNS} FROM session
            WHERE deleted_at IS NULL AND id < $1 ORDER BY id DESC LIMIT $2
            """,
            after or _AFTER_ALL,
            limit,
        )
    return [_session(row) for row in rows]


async def create_session(
    database: Database, session: SessionOpened, avatar_id: UUID | None = None
) -> StoredSession:
    """Raises `LipwireError` (`not_found`) where there is no such avatar."""
    async with database.connection() as connection:
        try:
            row = await connection.fetchrow(
                f"""
                INSERT INTO session
                    (id, secret_sha256, voice, sample_rate, avatar_id, settings, opened_at)
                VALUES ($1, $2, $3, $4, $5, $6, $7) RETURNING {_COLUMNS}
                """,
                session.id,
                session.secret_sha256,
                session.voice,
                session.sample_rate,
                avatar_id,
                session.settings.decode(),
                session.opened_at,
            )
        except asyncpg.ForeignKeyViolationError:
            raise missing("avatar") from None
    assert row is not None
    return _session(row)


async def merge_meta(database: Database, id: UUID, patch: Mapping[str, Any]) -> StoredSession:
    """Merge something into what the application keeps with a session: null removes a member.

    Raises `LipwireError`: `not_found` where there is none, `message_limit` where it gets too much.
    """
    async with database.connection() as connection, connection.transaction():
        row = await connection.fetchrow(
            f"SELECT {_COLUMNS} FROM session WHERE id = $1 AND deleted_at IS NULL FOR UPDATE", id
        )
        if row is None:
            raise missing("session")
        settings = from_jsonb(row["settings"])
        settings["meta"] = merge_patch(settings.get("meta"), patch)
        encoded = to_jsonb(settings["meta"])
        if len(encoded) > _META:
            raise LipwireError(
                ErrorCode.MESSAGE_LIMIT, f"a session keeps {_META} characters of meta, as JSON"
            )
        row = await connection.fetchrow(
            f"UPDATE session SET settings = $2 WHERE id = $1 RETURNING {_COLUMNS}",
            id,
            to_jsonb(settings),
        )
    assert row is not None
    return _session(row)


async def delete_session(database: Database, id: UUID) -> None:
    """Nobody sees it any more, and whoever has it is told; it is gone when retention comes by.

    Raises `LipwireError` (`not_found`) where there is none.
    """
    async with database.connection() as connection:
        deleted = await connection.fetchval(
            """
            UPDATE session SET deleted_at = now() WHERE id = $1 AND deleted_at IS NULL
            RETURNING id, pg_notify($2, id::text)
            """,
            id,
            CHANNEL,
        )
    if deleted is None:
        raise missing("session")


async def utterances(
    database: Database, session_id: UUID, *, after: int = -1, limit: int = 100
) -> list[UtteranceRecord]:
    """Up to `limit` utterances of a session whose numbers are above `after`, in that order."""
    async with (
        database.connection() as connection,
        connection.transaction(isolation="repeatable_read", readonly=True),
    ):
        rows = await connection.fetch(
            """
            SELECT utterance.* FROM utterance JOIN session ON session.id = session_id
            WHERE session_id = $1 AND number > $2 AND deleted_at IS NULL
            ORDER BY number LIMIT $3
            """,
            session_id,
            after,
            limit,
        )
        return await read_records(connection, rows)


def _session(row: asyncpg.Record) -> StoredSession:
    values: Mapping[str, Any] = {**row, "settings": row["settings"].encode()}
    return StoredSession(**values)

"""Renders: movies that were asked for, in a queue that outlives the server.

Who takes one from the queue has it for as long as he says now and then how far he is; after that
anybody may begin it again, with a higher count of attempts. So a killed server loses nothing but
what it had drawn, and several servers may share a queue.

All functions raise what `Database.connection` raises, and `LipwireError` as they say.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final
from uuid import UUID

from lipwire_protocol.errors import ErrorCode, LipwireError

from . import blobs
from .errors import missing
from .files import BlobStore, Content
from .pool import Database

__all__ = [
    "NewRender",
    "StoredRender",
    "cancel_render",
    "create_render",
    "delete_render",
    "fail_render",
    "finish_render",
    "get_render",
    "list_renders",
    "requeue_render",
    "take_render",
    "touch_render",
]

_LEASE: Final = timedelta(seconds=20)
"""Who has not said for so long how far he is does not render any more."""
_ATTEMPTS: Final = 3
"""What was begun so often and never ended may be what ends the server."""
_COME_BACK_MS: Final = 10_000

_COLUMNS = """
    render.id, utterance_id, status, format, face, emotion, size, fps, attempts, frames_done,
    frame_count, render.sha256, error, render.created_at, render.updated_at
"""
_VISIBLE = """
    JOIN utterance ON utterance.id = utterance_id
    JOIN session ON session.id = session_id AND deleted_at IS NULL
"""
_OWN = "id = $1 AND status = 'running' AND attempts = $2"


@dataclass(frozen=True, slots=True, kw_only=True)
class NewRender:
    id: UUID
    utterance_id: UUID
    format: str
    face: str
    emotion: str | None
    size: int
    fps: int
    frame_count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredRender:
    id: UUID
    utterance_id: UUID
    status: str
    """`queued`, `running`, `done`, `failed` or `cancelled`."""
    format: str
    face: str
    emotion: str | None
    size: int
    fps: int
    attempts: int
    frames_done: int
    frame_count: int | None
    sha256: bytes | None
    """Of the movie, once it is done."""
    error: str | None
    """Why it failed."""
    created_at: datetime
    updated_at: datetime


async def create_render(database: Database, new: NewRender, *, longest_queue: int) -> StoredRender:
    """Puts it at the end of the queue.

    Raises `not_found` where there is no such utterance, `overloaded` where the queue is full.
    """
    async with database.connection() as connection, connection.transaction():
        # One after another, or two would find the last place free.
        await connection.execute("SELECT pg_advisory_xact_lock(hashtext('lipwire.render'))")
        waiting = await connection.fetchval(
            "SELECT count(*) FROM render WHERE status IN ('queued', 'running')"
        )
        if waiting >= longest_queue:
            raise LipwireError(
                ErrorCode.OVERLOADED,
                f"{waiting} movies wait to be rendered, and no more may",
                retry_after_ms=_COME_BACK_MS,
            )
        row = await connection.fetchrow(
            f"""
            INSERT INTO render (id, utterance_id, status, format, face, emotion, size, fps,
                                frame_count)
            SELECT $1, utterance.id, 'queued', $3, $4, $5, $6, $7, $8
            FROM utterance JOIN session ON session.id = session_id AND deleted_at IS NULL
            WHERE utterance.id = $2
            RETURNING {_COLUMNS}
            """,
            new.id,
            new.utterance_id,
            new.format,
            new.face,
            new.emotion,
            new.size,
            new.fps,
            new.frame_count,
        )
    if row is None:
        raise missing("utterance")
    return StoredRender(**row)


async def get_render(database: Database, id: UUID) -> StoredRender:
    """Raises `not_found` where there is none, or its session was deleted."""
    async with database.connection() as connection:
        row = await connection.fetchrow(
            f"SELECT {_COLUMNS} FROM render {_VISIBLE} WHERE render.id = $1", id
        )
    if row is None:
        raise missing("render")
    return StoredRender(**row)


async def list_renders(
    database: Database, *, after: UUID | None = None, limit: int = 50
) -> list[StoredRender]:
    """Up to `limit` renders, the newest first; those that were older than `after`."""
    async with database.connection() as connection:
        rows = await connection.fetch(
            f"""
            SELECT {_COLUMNS} FROM render {_VISIBLE}
            WHERE $1::uuid IS NULL OR render.id < $1 ORDER BY render.id DESC LIMIT $2
            """,
            after,
            limit,
        )
    return [StoredRender(**row) for row in rows]


async def cancel_render(database: Database, id: UUID) -> bool:
    """Whether it waited or was being rendered, and is not any more.

    Raises `not_found`.
    """
    async with database.connection() as connection:
        cancelled = await connection.fetchval(
            """
            UPDATE render SET status = 'cancelled'
            WHERE id = $1 AND status IN ('queued', 'running') RETURNING true
            """,
            id,
        )
    if cancelled is None:
        await get_render(database, id)
    return bool(cancelled)


async def delete_render(database: Database, id: UUID) -> None:
    """Forgets it; its file goes when nothing else refers to it. Raises `not_found`."""
    async with database.connection() as connection:
        deleted = await connection.fetchval("DELETE FROM render WHERE id = $1 RETURNING true", id)
    if deleted is None:
        raise missing("render")


# For those who render


async def take_render(database: Database) -> StoredRender | None:
    """The first that waits, or that nobody renders any more; it is the caller's then.

    What was begun too often has failed.
    """
    async with database.connection() as connection, connection.transaction():
        await connection.execute(
            """
            UPDATE render SET status = 'failed', error = 'it was begun ' || attempts ||
                ' times, and each time the server ended before it was done'
            WHERE status = 'running' AND updated_at < now() - $1::interval AND attempts >= $2
            """,
            _LEASE,
            _ATTEMPTS,
        )
        row = await connection.fetchrow(
            f"""
            UPDATE render SET status = 'running', attempts = attempts + 1, frames_done = 0
            WHERE id = (
                SELECT id FROM render
                WHERE status = 'queued'
                   OR (status = 'running' AND updated_at < now() - $1::interval)
                ORDER BY id LIMIT 1 FOR UPDATE SKIP LOCKED
            )
            RETURNING {_COLUMNS}
            """,
            _LEASE,
        )
    return None if row is None else StoredRender(**row)


async def touch_render(database: Database, render: StoredRender, frames_done: int) -> bool:
    """Says how far it is. False where it is not the caller's any more: it was cancelled or deleted,
    or somebody else has begun it again."""
    return await _own(
        database, render, "frames_done = least($3, coalesce(frame_count, $3))", frames_done
    )


async def requeue_render(database: Database, render: StoredRender) -> None:
    """Nothing is wrong with it, but it cannot be rendered now: it waits, where it was in line."""
    await _own(database, render, "status = 'queued', frames_done = 0, attempts = attempts - 1")


async def fail_render(database: Database, render: StoredRender, error: str) -> None:
    await _own(database, render, "status = 'failed', error = $3", error)


async def finish_render(
    database: Database,
    files: BlobStore,
    render: StoredRender,
    draft: Path,
    content: Content,
    media_type: str,
    frames: int,
) -> bool:
    """Keeps the movie. False where it was not the caller's any more, and is not kept."""
    async with database.connection() as connection, connection.transaction():
        own = await connection.fetchval(
            f"SELECT true FROM render WHERE {_OWN} FOR UPDATE", render.id, render.attempts
        )
        if own is None:
            return False
        await blobs.keep(connection, files, draft, content, media_type)
        await connection.execute(
            """
            UPDATE render SET status = 'done', sha256 = $2, frames_done = $3, frame_count = $3
            WHERE id = $1
            """,
            render.id,
            content.sha256,
            frames,
        )
    return True


async def _own(database: Database, render: StoredRender, change: str, *values: object) -> bool:
    async with database.connection() as connection:
        changed = await connection.fetchval(
            f"UPDATE render SET {change} WHERE {_OWN} RETURNING true",
            render.id,
            render.attempts,
            *values,
        )
    return changed is not None

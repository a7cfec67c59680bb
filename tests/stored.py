"""Rows of any table, put there by SQL: what a test wants to be stored, without its making."""

from datetime import datetime
from uuid import UUID

from uuid_utils.compat import uuid7

from lipwire_server.store.pool import Connection
from tests.fakes import BEGAN

__all__ = [
    "TABLES",
    "count_rows",
    "put_asset",
    "put_audio",
    "put_avatar",
    "put_blob",
    "put_render",
    "put_session",
    "put_speech",
    "put_utterance",
]

TABLES = (
    *("avatar", "preset", "asset", "blob", "config"),
    *("session", "speech", "session_settings"),
    *("utterance", "segment", "phoneme", "audio", "render"),
)


async def count_rows(connection: Connection) -> dict[str, int]:
    """How many rows each table has, of those that have any."""
    counts = {each: await connection.fetchval(f"SELECT count(*) FROM {each}") for each in TABLES}
    return {table: count for table, count in counts.items() if count}


async def put_avatar(connection: Connection, name: str) -> UUID:
    id = uuid7()
    await connection.execute(
        "INSERT INTO avatar (id, name, face, voice) VALUES ($1, $2, 'joe', 'joe')", id, name
    )
    return id


async def put_session(
    connection: Connection,
    *,
    avatar: UUID | None = None,
    opened: datetime = BEGAN,
    ended: datetime | None = None,
    deleted: datetime | None = None,
) -> UUID:
    """A session; without an end it is open. Its row is as old as it is."""
    id = uuid7()
    await connection.execute(
        """
        INSERT INTO session (id, secret_sha256, voice, sample_rate, settings, avatar_id, opened_at,
                             ended_at, close_code, deleted_at, created_at, updated_at)
        VALUES ($1, sha256('secret'), 'joe', 22050, '{}', $2, $3, $4, $5, $6, $3, $3)
        """,
        id,
        avatar,
        opened,
        ended,
        None if ended is None else 1000,
        deleted,
    )
    return id


async def put_speech(connection: Connection, session: UUID, at: datetime = BEGAN) -> None:
    """What a session was told to say, and settings of it."""
    await connection.execute(
        """
        INSERT INTO speech (session_id, sequence, utterance, text, is_last, created_at)
        VALUES ($1, 1, 0, 'Hello.', true, $2)
        """,
        session,
        at,
    )
    await connection.execute(
        """
        INSERT INTO session_settings (session_id, sequence, utterance, segment, voice, settings)
        VALUES ($1, 0, 0, 0, 'joe', '{}')
        """,
        session,
    )


async def put_utterance(
    connection: Connection, session: UUID, number: int = 0, at: datetime = BEGAN
) -> UUID:
    """An utterance of one segment, which is one phoneme."""
    id = uuid7()
    await connection.execute(
        """
        INSERT INTO utterance (id, session_id, number, session_position, sample_count, text, voice,
                               rate_percent, seed, reason, started_at, ended_at, created_at)
        VALUES ($1, $2, $3, 0, 100, 'A', 'joe', 100, 7, 'done', $4, $4, $4)
        """,
        id,
        session,
        number,
        at,
    )
    await connection.execute(
        """
        INSERT INTO segment (utterance_id, number, start_sample, sample_count, text, text_begin,
                             text_end, timing)
        VALUES ($1, 0, 0, 100, 'A', 0, 1, '{"words": []}')
        """,
        id,
    )
    await connection.execute(
        """
        INSERT INTO phoneme (utterance_id, segment_number, number, symbol, viseme, start_sample,
                             sample_count, word)
        VALUES ($1, 0, 0, 'a', 10, 0, 100, 0)
        """,
        id,
    )
    return id


async def put_blob(connection: Connection, content: bytes, used: datetime = BEGAN) -> bytes:
    """The row of a file that is nowhere; its hash."""
    return bytes(
        await connection.fetchval(
            """
            INSERT INTO blob (sha256, byte_count, media_type, used_at)
            VALUES (sha256($1), length($1), 'audio/wav', $2) RETURNING sha256
            """,
            content,
            used,
        )
    )


async def put_audio(
    connection: Connection, utterance: UUID, blob: bytes, made: datetime = BEGAN
) -> UUID:
    id = uuid7()
    await connection.execute(
        """
        INSERT INTO audio (id, utterance_id, sha256, codec, sample_rate, sample_count, created_at)
        VALUES ($1, $2, $3, 'pcm_s16le', 22050, 100, $4)
        """,
        id,
        utterance,
        blob,
        made,
    )
    return id


async def put_render(connection: Connection, utterance: UUID, blob: bytes) -> UUID:
    id = uuid7()
    await connection.execute(
        """
        INSERT INTO render (id, utterance_id, status, format, face, size, fps, sha256)
        VALUES ($1, $2, 'done', 'mp4', 'joe', 512, 25, $3)
        """,
        id,
        utterance,
        blob,
    )
    return id


async def put_asset(connection: Connection, blob: bytes, deleted: datetime | None = None) -> UUID:
    id = uuid7()
    await connection.execute(
        """
        INSERT INTO asset (id, kind, filename, sha256, deleted_at)
        VALUES ($1, 'image', 'me.png', $2, $3)
        """,
        id,
        blob,
        deleted,
    )
    return id

"""What was kept of how utterances sounded."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from . import blobs
from .errors import missing
from .files import BlobStore
from .pool import Connection, Database
from .records import AudioRecord

__all__ = ["StoredAudio", "get_audio", "keep_audios", "list_audios"]

_MEDIA_TYPE = "audio/wav"

_SELECT = """
    SELECT audio.id, utterance_id, audio.sha256, byte_count, media_type, codec,
           audio.sample_rate, audio.sample_count, audio.created_at
    FROM audio JOIN blob USING (sha256)
        JOIN utterance ON utterance.id = utterance_id
        JOIN session ON session.id = session_id AND deleted_at IS NULL
"""
_INSERT = """
    INSERT INTO audio (id, utterance_id, sha256, codec, sample_rate, sample_count)
    VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT DO NOTHING
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredAudio:
    id: UUID
    utterance_id: UUID
    sha256: bytes
    byte_count: int
    media_type: str
    codec: str
    sample_rate: int
    sample_count: int
    created_at: datetime


async def get_audio(database: Database, id: UUID) -> StoredAudio:
    """Raises LipwireError `not_found` where there is none, or its session was deleted."""
    async with database.connection() as connection:
        row = await connection.fetchrow(f"{_SELECT} WHERE audio.id = $1", id)
    if row is None:
        raise missing("audio")
    return StoredAudio(**row)


async def list_audios(
    database: Database, utterance_id: UUID, *, after: UUID | None = None, limit: int = 50
) -> list[StoredAudio]:
    """Up to `limit` of an utterance, the oldest first, beginning behind `after`."""
    async with database.connection() as connection:
        rows = await connection.fetch(
            f"""
            {_SELECT} WHERE utterance_id = $1 AND ($2::uuid IS NULL OR audio.id > $2)
            ORDER BY audio.id LIMIT $3
            """,
            utterance_id,
            after,
            limit,
        )
    return [StoredAudio(**row) for row in rows]


async def keep_audios(
    connection: Connection, files: BlobStore, audios: Sequence[AudioRecord]
) -> None:
    """Keeps them within the transaction that has kept their utterances.

    Where an utterance was not kept, because it was there before, its audio is not either.
    """
    known = await connection.fetch(
        "SELECT id FROM utterance WHERE id = ANY($1)", [audio.utterance_id for audio in audios]
    )
    kept = {row["id"] for row in known}
    # In one order, so that two who keep the same contents do not wait for each other.
    for audio in sorted(audios, key=lambda audio: audio.content.sha256):
        if audio.utterance_id not in kept:
            await files.discard(audio.draft)
            continue
        await blobs.keep(connection, files, audio.draft, audio.content, _MEDIA_TYPE)
        await connection.execute(
            _INSERT,
            audio.id,
            audio.utterance_id,
            audio.content.sha256,
            audio.codec,
            audio.sample_rate,
            audio.sample_count,
        )

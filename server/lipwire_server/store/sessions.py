"""Reading sessions and what was spoken in them."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import asyncpg

from .pool import Database
from .records import PhonemeRecord, SegmentRecord, UtteranceRecord

__all__ = ["StoredSession", "get_session", "utterances"]


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredSession:
    id: UUID
    secret_sha256: bytes
    voice: str
    sample_rate: int
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
            """
            SELECT id, secret_sha256, voice, sample_rate, settings, opened_at, ended_at, close_code,
                   created_at, updated_at
            FROM session WHERE id = $1 AND deleted_at IS NULL
            """,
            id,
        )
    if row is None:
        return None
    return StoredSession(**{**row, "settings": row["settings"].encode()})


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
        ids = [row["id"] for row in rows]
        segments = await connection.fetch(
            "SELECT * FROM segment WHERE utterance_id = ANY($1) ORDER BY utterance_id, number", ids
        )
        phonemes = await connection.fetch(
            """
            SELECT * FROM phoneme WHERE utterance_id = ANY($1)
            ORDER BY utterance_id, segment_number, number
            """,
            ids,
        )
    phonemes_of: dict[tuple[UUID, int], list[PhonemeRecord]] = defaultdict(list)
    for row in phonemes:
        phonemes_of[row["utterance_id"], row["segment_number"]].append(_phoneme(row))
    segments_of: dict[UUID, list[SegmentRecord]] = defaultdict(list)
    for row in segments:
        segments_of[row["utterance_id"]].append(_segment(row, phonemes_of))
    return [_utterance(row, segments_of[row["id"]]) for row in rows]


def _phoneme(row: asyncpg.Record) -> PhonemeRecord:
    return PhonemeRecord(
        row["symbol"], row["viseme"], row["start_sample"], row["sample_count"], row["word"]
    )


def _segment(
    row: asyncpg.Record, phonemes: Mapping[tuple[UUID, int], Sequence[PhonemeRecord]]
) -> SegmentRecord:
    return SegmentRecord(
        number=row["number"],
        start=row["start_sample"],
        count=row["sample_count"],
        text=row["text"],
        begin=row["text_begin"],
        end=row["text_end"],
        timing=row["timing"].encode(),
        phonemes=tuple(phonemes[row["utterance_id"], row["number"]]),
    )


def _utterance(row: asyncpg.Record, segments: Sequence[SegmentRecord]) -> UtteranceRecord:
    return UtteranceRecord(
        id=row["id"],
        session_id=row["session_id"],
        number=row["number"],
        at=row["session_position"],
        count=row["sample_count"],
        heard=row["heard_count"],
        text=row["text"],
        voice=row["voice"],
        rate_percent=row["rate_percent"],
        seed=row["seed"],
        reason=row["reason"],
        started_at=row["started_at"],
        ended_at=row["ended_at"],
        segments=tuple(segments),
    )

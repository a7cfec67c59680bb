"""Utterances: what was said, how far it was heard, and its whole timing."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import asyncpg

from .errors import missing
from .pool import Connection, Database
from .records import PhonemeRecord, SegmentRecord, UtteranceRecord

__all__ = ["StoredUtterance", "get_utterance", "list_utterances", "read_records", "timed_utterance"]

_SELECT = """
    SELECT utterance.id, session_id, utterance.number, session_position AS at,
           utterance.sample_count AS count, heard_count AS heard, sample_rate, utterance.text,
           utterance.voice, rate_percent, seed, reason, started_at, utterance.ended_at,
           utterance.created_at, utterance.updated_at,
           (SELECT array_agg(timing -> 'words' ORDER BY segment.number) FROM segment
            WHERE utterance_id = utterance.id) AS words,
           (SELECT CASE WHEN number > 0 THEN ARRAY[start_sample, text_begin] END FROM segment
            WHERE utterance_id = utterance.id ORDER BY segment.number LIMIT 1) AS before
    FROM utterance JOIN session ON session.id = session_id AND deleted_at IS NULL
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredUtterance:
    """An utterance with its words; positions are samples at `sample_rate`, its session's."""

    id: UUID
    session_id: UUID
    number: int
    at: int
    count: int
    heard: int | None
    sample_rate: int
    text: str
    voice: str
    rate_percent: int
    seed: int
    reason: str
    started_at: datetime
    ended_at: datetime
    created_at: datetime
    updated_at: datetime
    words: tuple[bytes, ...]
    """Of each segment, as they were sent, as JSON."""
    before: tuple[int, int]
    """Samples and characters before the first of them: there are some of a replay that begins in
    the middle, and of what a process had begun that was killed."""


async def get_utterance(database: Database, id: UUID) -> StoredUtterance:
    """Raises `LipwireError` (`not_found`) where there is none, or its session was deleted."""
    async with database.connection() as connection:
        row = await connection.fetchrow(f"{_SELECT} WHERE utterance.id = $1", id)
    if row is None:
        raise missing("utterance")
    return _stored(row)


async def list_utterances(
    database: Database, session_id: UUID, *, after: int | None = None, limit: int = 100
) -> list[StoredUtterance]:
    """Up to `limit` utterances of a session with numbers above `after`, in that order.

    Raises `LipwireError` (`not_found`) where there is no such session.
    """
    async with database.connection() as connection:
        rows = await connection.fetch(
            f"{_SELECT} WHERE session_id = $1 AND number > $2 ORDER BY number LIMIT $3",
            session_id,
            -1 if after is None else after,
            limit,
        )
        if not rows and not await _is_session(connection, session_id):
            raise missing("session")
    return [_stored(row) for row in rows]


async def timed_utterance(database: Database, id: UUID) -> tuple[UtteranceRecord, int]:
    """The utterance with the timing of all that was sent of it, and its sample rate.

    Raises `LipwireError` (`not_found`) where there is none, or its session was deleted.
    """
    async with (
        database.connection() as connection,
        connection.transaction(isolation="repeatable_read", readonly=True),
    ):
        rows = await connection.fetch(
            """
            SELECT utterance.*, sample_rate FROM utterance JOIN session ON session.id = session_id
            WHERE utterance.id = $1 AND deleted_at IS NULL
            """,
            id,
        )
        if not rows:
            raise missing("utterance")
        (record,) = await read_records(connection, rows)
    return record, rows[0]["sample_rate"]


async def read_records(
    connection: Connection, rows: Sequence[asyncpg.Record]
) -> list[UtteranceRecord]:
    """Rows of `utterance` with their segments and phonemes."""
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
    return [_record(row, segments_of[row["id"]]) for row in rows]


async def _is_session(connection: Connection, id: UUID) -> bool:
    found = await connection.fetchval(
        "SELECT true FROM session WHERE id = $1 AND deleted_at IS NULL", id
    )
    return found is not None


def _stored(row: asyncpg.Record) -> StoredUtterance:
    words = tuple(part.encode() for part in row["words"] or () if part is not None)
    before = tuple(row["before"] or (0, 0))
    return StoredUtterance(**{**row, "words": words, "before": before})


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


def _record(row: asyncpg.Record, segments: Sequence[SegmentRecord]) -> UtteranceRecord:
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

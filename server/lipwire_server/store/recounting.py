"""What was spoken in a session that this process does not have, for those who watch it."""

import hmac
from uuid import UUID

from .pool import Connection, Database
from .recollections import Recounted, SpokenSegment, SpokenUtterance
from .speech_log import SpeechLog, read_log

__all__ = ["Recounting", "recount"]


class Recounting:
    """For a store that may be starting, or away."""

    def __init__(self, log: SpeechLog) -> None:
        self._log = log

    async def recount(self, id: UUID, watch_secret: str) -> Recounted | None:
        """See below. Raises LipwireError (`storage_unavailable`) where the database is away."""
        return await recount(await self._log.complete(), id, watch_secret)


async def recount(database: Database, id: UUID, watch_secret: str) -> Recounted | None:
    """None where there is no such session, or that is not its secret.

    Raises what `Database.connection` raises.
    """
    async with (
        database.connection() as connection,
        connection.transaction(isolation="repeatable_read", readonly=True),
    ):
        row = await connection.fetchrow(
            """
            SELECT voice, settings, epoch, watch_secret FROM session
            WHERE id = $1 AND deleted_at IS NULL AND watch_secret IS NOT NULL
            """,
            id,
        )
        secret = "" if row is None else row["watch_secret"]
        if not hmac.compare_digest(secret.encode(), watch_secret.encode()) or row is None:
            return None
        logged = await read_log(connection, id, row)
        first = min((entry.utterance for entry in logged.entries), default=0)
        return Recounted(logged=logged, utterances=await _utterances(connection, id, first))


async def _utterances(connection: Connection, id: UUID, first: int) -> tuple[SpokenUtterance, ...]:
    segments = await connection.fetch(
        """
        SELECT utterance.number AS utterance, segment.number, start_sample, segment.sample_count,
               text_begin, text_end, CASE WHEN reason = 'interrupted' THEN timing END AS timing
        FROM utterance JOIN segment ON utterance_id = utterance.id
        WHERE session_id = $1 AND utterance.number >= $2 ORDER BY utterance.number, segment.number
        """,
        id,
        first,
    )
    spoken: dict[int, list[SpokenSegment]] = {}
    for row in segments:
        segment = SpokenSegment(
            number=row["number"],
            start=row["start_sample"],
            count=row["sample_count"],
            span=(row["text_begin"], row["text_end"]),
            timing=(row["timing"] or "").encode(),
        )
        spoken.setdefault(row["utterance"], []).append(segment)
    ended = await connection.fetch(
        """
        SELECT number, reason, coalesce(heard_count, 0) AS heard, sample_count AS count
        FROM utterance WHERE session_id = $1 AND number >= $2 ORDER BY number
        """,
        id,
        first,
    )
    return tuple(
        SpokenUtterance(**row, segments=tuple(spoken.get(row["number"], ()))) for row in ended
    )

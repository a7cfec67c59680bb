"""What it takes to speak an utterance again as it was spoken."""

from dataclasses import dataclass
from uuid import UUID

from .errors import missing
from .pool import Database

__all__ = ["Script", "get_script"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Script:
    """An utterance as it was asked for, and how much of it was sent."""

    text: str
    voice: str
    rate_percent: int
    seed: int
    count: int
    """Samples that were sent."""
    reason: str
    sample_rate: int
    """Its session's."""
    settings_voice: str
    """The voice that the settings are of."""
    settings: bytes
    """Those that held when it began, as JSON."""
    spans: tuple[tuple[int, int], ...]
    """Where in the text its segments were, as far as it was spoken."""

    @property
    def is_cut(self) -> bool:
        """Not all of the text was spoken, or not all of it was sent."""
        return self.reason != "done"


async def get_script(database: Database, utterance: UUID) -> Script:
    """Raises `LipwireError` (`not_found`) where there is none, or its session was deleted."""
    async with database.connection() as connection:
        row = await connection.fetchrow(
            """
            SELECT utterance.text, utterance.voice, rate_percent, seed,
                   utterance.sample_count AS count, reason, session.sample_rate,
                   coalesce(changed.voice, session.voice) AS settings_voice,
                   coalesce(changed.settings, session.settings) AS settings,
                   (SELECT array_agg(ARRAY[text_begin, text_end] ORDER BY segment.number)
                    FROM segment WHERE utterance_id = utterance.id) AS spans
            FROM utterance JOIN session ON session.id = session_id AND deleted_at IS NULL
                LEFT JOIN LATERAL (
                    SELECT voice, settings FROM session_settings AS s
                    WHERE s.session_id = session.id
                      AND (s.utterance, s.segment) <= (utterance.number, 0)
                    ORDER BY s.utterance DESC, s.segment DESC LIMIT 1
                ) AS changed ON true
            WHERE utterance.id = $1
            """,
            utterance,
        )
    if row is None:
        raise missing("utterance")
    spans = tuple((begin, end) for begin, end in row["spans"] or ())
    return Script(**{**row, "settings": row["settings"].encode(), "spans": spans})

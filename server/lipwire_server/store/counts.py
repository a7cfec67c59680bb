"""How much is stored."""

from dataclasses import dataclass

from .pool import Database

__all__ = ["Counts", "count_all"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Counts:
    """What was deleted does not count."""

    sessions: int
    utterances: int
    phonemes: int
    """About: to count them one by one would take too long."""
    avatars: int
    presets: int
    assets: int
    audios: int
    renders: int
    settings: int
    bytes: int
    """Of all files."""


async def count_all(database: Database) -> Counts:
    async with database.connection() as connection:
        row = await connection.fetchrow(
            """
            SELECT
                (SELECT count(*) FROM session WHERE deleted_at IS NULL) AS sessions,
                (SELECT count(*) FROM utterance JOIN session ON session.id = session_id
                 WHERE deleted_at IS NULL) AS utterances,
                (SELECT greatest(reltuples, 0)::bigint FROM pg_class
                 WHERE oid = 'phoneme'::regclass) AS phonemes,
                (SELECT count(*) FROM avatar) AS avatars,
                (SELECT count(*) FROM preset) AS presets,
                (SELECT count(*) FROM asset WHERE deleted_at IS NULL) AS assets,
                (SELECT count(*) FROM audio) AS audios,
                (SELECT count(*) FROM render) AS renders,
                (SELECT count(*) FROM config) AS settings,
                (SELECT coalesce(sum(byte_count), 0)::bigint FROM blob) AS bytes
            """
        )
    assert row is not None
    return Counts(**row)

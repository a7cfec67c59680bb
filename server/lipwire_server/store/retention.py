"""Nothing is kept for longer than was agreed: once an hour, what is too old goes, in bites.

A bite is a short transaction on one connection, with a pause behind it, so whoever records or reads
hardly notices. Any number of processes may do it at once: what one has in its teeth, others skip.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TypeAlias

from .blobs import collect, sweep
from .clearing import SESSIONS, clear_sessions, deleted
from .files import BlobStore
from .pool import Database, unavailability

__all__ = ["Bite", "Keep", "prune", "prune_hourly", "prunings"]

_log = logging.getLogger(__name__)

_FIRST_S = 60.0
"""A server that has just started has better things to do."""
_EVERY_S = 3600.0
_PAUSE_S = 0.05
_BITE = 50

_REGRET_DAYS = 30
"""What was deleted stays no longer than that, even where everything else is kept for ever."""
_UNUSED = timedelta(days=1)
"""A file that nothing refers to may just have been uploaded."""

_ENDED = "ended_at < $1 ORDER BY ended_at"
_DELETED = "deleted_at < $1 ORDER BY deleted_at"
# Its server was killed, and nobody came back to it.
_LOST = """
    ended_at IS NULL AND opened_at < $1 AND updated_at < $1
    AND NOT EXISTS (SELECT FROM speech WHERE session_id = session.id AND created_at >= $1)
    AND NOT EXISTS (SELECT FROM utterance WHERE session_id = session.id AND created_at >= $1)
    ORDER BY opened_at
"""
_PRUNE_AUDIOS = f"""
    DELETE FROM audio WHERE id = ANY (ARRAY(
        SELECT id FROM audio WHERE created_at < $1 ORDER BY created_at
        LIMIT {_BITE} FOR UPDATE SKIP LOCKED
    ))
"""
_PRUNE_ASSETS = f"""
    DELETE FROM asset WHERE id = ANY (ARRAY(
        SELECT id FROM asset WHERE deleted_at < $1 ORDER BY deleted_at
        LIMIT {_BITE} FOR UPDATE SKIP LOCKED
    ))
"""

Bite: TypeAlias = Callable[[], Awaitable[int]]
"""Removes some of what is too old; says how much it was, 0 when there is no more."""


@dataclass(frozen=True, slots=True)
class Keep:
    """For how many days; 0 is for ever."""

    days: int = 30
    """Sessions that have ended, and everything that was spoken in them."""
    audio_days: int = 7
    """How they sounded, which is most of the bytes."""


async def prune_hourly(bites: Callable[[], Mapping[str, Bite]]) -> None:
    """For ever; the caller's task group runs it, and may cancel it at any moment.

    `bites` is what there is to do at that time: nothing while there is no database.
    """
    await asyncio.sleep(_FIRST_S)
    while True:
        await prune(bites())
        await asyncio.sleep(_EVERY_S)


async def prune(bites: Mapping[str, Bite]) -> None:
    """Everything that is too old. What does not work now is left for the next time."""
    for what, bite in bites.items():
        count = 0
        try:
            while gone := await bite():
                count += gone
                await asyncio.sleep(_PAUSE_S)
        except Exception as error:
            # A border: nobody stops speaking because of it.
            _log.warning("%s were not all removed: %s", what, unavailability(error))
        if count:
            _log.info("removed %s: %d rows", what, count)


def prunings(
    database: Database,
    files: BlobStore,
    keep: Keep,
    wall: Callable[[], datetime],
    is_written: Callable[[], bool] = lambda: True,
) -> dict[str, Bite]:
    """What there is to do, by what it is done to; in the end goes what nothing refers to now.

    `is_written`: whether all that was recorded is in the database.
    """

    def before(days: int) -> datetime:
        return wall() - timedelta(days=days)

    def sessions(condition: str, days: int) -> Bite:
        return lambda: _prune_sessions(database, condition, before(days))

    def rows(statement: str, days: int) -> Bite:
        return lambda: _prune_rows(database, statement, before(days))

    regret = min(keep.days or _REGRET_DAYS, _REGRET_DAYS)
    bites = {
        "deleted sessions": sessions(_DELETED, regret),
        "deleted assets": rows(_PRUNE_ASSETS, regret),
    }
    if keep.days:
        bites["ended sessions"] = sessions(_ENDED, keep.days)
        bites["lost sessions"] = sessions(_LOST, keep.days)
    if keep.audio_days:
        bites["audio"] = rows(_PRUNE_AUDIOS, keep.audio_days)
    bites["unused files"] = lambda: _prune_files(database, files)
    bites["files without a row"] = lambda: sweep(database, files, is_written)
    return bites


async def _prune_sessions(database: Database, condition: str, before: datetime) -> int:
    statement = f"SELECT id FROM session WHERE {condition} LIMIT $2 FOR UPDATE SKIP LOCKED"
    async with database.connection() as connection, connection.transaction():
        rows = await connection.fetch(statement, before, SESSIONS)
        return await clear_sessions(connection, [row["id"] for row in rows])


async def _prune_rows(database: Database, statement: str, before: datetime) -> int:
    async with database.connection() as connection:
        return deleted(await connection.execute(statement, before))


async def _prune_files(database: Database, files: BlobStore) -> int:
    return (await collect(database, files, older_than=_UNUSED)).blobs

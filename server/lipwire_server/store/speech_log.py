"""What a session was told to say, read back so that this process can go on with it."""

import asyncio
import hmac
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

import asyncpg

from .errors import storage_away
from .pool import Connection, Database
from .recollections import OVER, EndedUtterance, LoggedSession
from .records import SettingsRecord, SpeechRecord
from .standings import CHANNEL
from .storage import Storage

__all__ = ["SpeechLog", "read_log", "take_up"]

_UTTERANCES: Final = 256
"""The latest so many can be gone on with."""
_SIGN_OF_LIFE: Final = timedelta(days=1)
"""Whoever's server was killed has at least that long, since what he said last: nobody was there to
note when he was lost."""
_NOBODY: Final = bytes(32)
_POLL_S: Final = 0.05
_NO_END: Final = 2**62
"""Beyond the number of every utterance."""
_STARTING_S: Final = 20.0
"""Who comes back right after a restart waits so long for the database."""


class SpeechLog:
    """The log of a store that may be starting, or away."""

    def __init__(self, storage: Storage) -> None:
        self._storage = storage

    async def take_up(
        self,
        id: UUID,
        *,
        shown_sha256: bytes,
        new_sha256: bytes,
        first: int | None,
        now: datetime,
        window: timedelta,
    ) -> LoggedSession | None:
        """See below. Raises LipwireError (`storage_unavailable`) where the database is away."""
        return await take_up(
            await self.complete(),
            id,
            shown_sha256=shown_sha256,
            new_sha256=new_sha256,
            first=first,
            now=now,
            window=window,
        )

    async def look_up(self, id: UUID, utterance: int) -> LoggedSession | None:
        """What was said for one utterance, and for what it is a replay of; None where nothing was.

        Raises LipwireError (`storage_unavailable`) where the database is away.
        """
        async with self._storage.asked().connection() as connection:
            row = await connection.fetchrow(
                """
                SELECT voice, settings, epoch, watch_secret FROM session
                WHERE id = $1 AND deleted_at IS NULL
                """,
                id,
            )
            if row is None:
                return None
            return await _read(connection, id, row, first=utterance, last=utterance)

    async def complete(self) -> Database:
        """The database, when it has all that was accepted.

        Raises LipwireError (`storage_unavailable`) where it is away.
        """
        await self._storage.settled(_STARTING_S)
        await self._until_complete()
        return self._storage.asked()

    async def _until_complete(self) -> None:
        """What waits on this machine's disk for the database was accepted, too."""
        recorder = self._storage.recorder
        goal = recorder.state.goal
        with suppress(TimeoutError):
            async with asyncio.timeout(_STARTING_S):
                while not recorder.state.is_past(goal):
                    self._storage.asked()  # While it is away, nobody waits: he is told so.
                    await asyncio.sleep(_POLL_S)
        if not recorder.state.is_past(goal):
            raise storage_away("it has not got everything yet")


async def take_up(
    database: Database,
    id: UUID,
    *,
    shown_sha256: bytes,
    new_sha256: bytes,
    first: int | None,
    now: datetime,
    window: timedelta,
) -> LoggedSession | None:
    """Makes the session this process's own, if the hash of its secret was shown; else None. Whoever
    had it is told.

    What it was told is read from utterance `first` on; without it, what has not ended. `window` is
    how long it can be taken up after it was lost.

    Raises what `Database.connection` raises.
    """
    async with database.connection() as connection, connection.transaction():
        row = await connection.fetchrow(
            """
            SELECT secret_sha256, previous_secret_sha256, voice, settings, epoch, ended_at,
                   close_code, watch_secret, pose,
                   greatest(updated_at, (SELECT max(created_at) FROM speech WHERE session_id = $1))
                       AS alive_at
            FROM session WHERE id = $1 AND deleted_at IS NULL FOR UPDATE
            """,
            id,
        )
        if not _may(row, shown_sha256, now, window):
            return None
        assert row is not None
        await connection.execute(
            """
            UPDATE session SET epoch = epoch + 1, secret_sha256 = $2, previous_secret_sha256 = $3,
                               ended_at = NULL, close_code = NULL
            WHERE id = $1
            """,
            id,
            new_sha256,
            shown_sha256,
        )
        await connection.execute("SELECT pg_notify($1, $2)", CHANNEL, str(id))
        logged = await _read(connection, id, row, first=first, shown=shown_sha256)
        assert logged is not None
        return replace(logged, pose=row["pose"] and row["pose"].encode())


async def read_log(connection: Connection, id: UUID, row: asyncpg.Record) -> LoggedSession:
    """What was said in a session, as far back as it can be gone on with.

    `row` has its `voice`, `settings`, `epoch` and `watch_secret`.
    """
    logged = await _read(connection, id, row, first=0)
    assert logged is not None
    return logged


def _may(row: asyncpg.Record | None, shown: bytes, now: datetime, window: timedelta) -> bool:
    # As many comparisons for a session that is not there as for one that is.
    secret = row["secret_sha256"] if row is not None else _NOBODY
    previous = (row and row["previous_secret_sha256"]) or secret
    is_known = hmac.compare_digest(shown, secret) | hmac.compare_digest(shown, previous)
    if row is None or not is_known:
        return False
    if row["ended_at"] is None:
        return bool(now - row["alive_at"] <= _SIGN_OF_LIFE)
    return row["close_code"] not in OVER and bool(now - row["ended_at"] <= window)


async def _read(
    connection: Connection,
    id: UUID,
    row: asyncpg.Record,
    *,
    first: int | None,
    last: int = _NO_END,
    shown: bytes = b"",
) -> LoggedSession | None:
    """What was said from utterance `first` to the `last`, and for what they are replays of.

    None where one is asked for, and nothing was said for it.
    """
    highest, sequence = await _ends(connection, id)
    oldest = max(0, highest - _UTTERANCES + 1) if last == _NO_END else 0
    wanted = oldest if first is None else max(first, oldest)
    replayed = await connection.fetchval(
        """
        SELECT coalesce(array_agg(DISTINCT replays), '{}') FROM speech
        WHERE session_id = $1 AND utterance BETWEEN $2 AND $3 AND replays IS NOT NULL
        """,
        id,
        wanted,
        last,
    )
    rows = await connection.fetch(
        """
        SELECT number, id, sample_count AS count, reason, heard_count AS heard,
               session_position + sample_count AS clock
        FROM utterance
        WHERE session_id = $1 AND (number BETWEEN $2 AND $3 OR number = ANY($4)) ORDER BY number
        """,
        id,
        min(oldest, wanted) - 1,
        last,
        replayed,
    )
    speech = await _speech(connection, id, wanted, last, replayed)
    if not speech and last != _NO_END:
        return None
    settings = await _settings(connection, id, min([wanted, *replayed]), last)
    ended = {
        each["number"]: EndedUtterance(
            id=each["id"], count=each["count"], reason=each["reason"], heard=each["heard"]
        )
        for each in rows
    }
    begin = first
    if begin is None:
        unended = (entry.utterance for entry in speech if entry.utterance not in ended)
        begin = min(unended, default=highest + 1)
    clocks = [each["clock"] for each in rows if each["number"] < begin]
    return LoggedSession(
        epoch=row["epoch"] + 1,
        previous_sha256=shown,
        voice=row["voice"],
        settings=row["settings"].encode(),
        watch_secret=row["watch_secret"],
        entries=tuple(sorted([*speech, *settings], key=lambda entry: entry.sequence)),
        ended=ended,
        clock=max(clocks, default=0),
        sequence=sequence,
    )


async def _ends(connection: Connection, id: UUID) -> tuple[int, int]:
    """The last utterance that something was said for, and the number of the last entry."""
    row = await connection.fetchrow(
        """
        SELECT coalesce((SELECT max(utterance) FROM speech WHERE session_id = $1), -1),
               greatest((SELECT max(sequence) FROM speech WHERE session_id = $1),
                        (SELECT max(sequence) FROM session_settings WHERE session_id = $1), 0)
        """,
        id,
    )
    assert row is not None
    return row[0], row[1]


async def _speech(
    connection: Connection, id: UUID, first: int, last: int, replayed: Sequence[int]
) -> list[SpeechRecord]:
    rows = await connection.fetch(
        """
        SELECT sequence, number, utterance, text, is_last, flushes, replays, from_sample
        FROM speech
        WHERE session_id = $1 AND (utterance BETWEEN $2 AND $3 OR utterance = ANY($4))
        ORDER BY sequence
        """,
        id,
        first,
        last,
        replayed,
    )
    return [SpeechRecord(id=id, **row) for row in rows]


async def _settings(
    connection: Connection, id: UUID, first: int, last: int
) -> list[SettingsRecord]:
    """Those that hold from `first` on: the ones before it hold until they are changed."""
    rows = await connection.fetch(
        """
        SELECT sequence, utterance, segment, voice, settings FROM session_settings
        WHERE session_id = $1 AND utterance <= $3 AND utterance >= coalesce(
            (SELECT max(utterance) FROM session_settings WHERE session_id = $1 AND utterance < $2),
            0)
        ORDER BY sequence
        """,
        id,
        first,
        last,
    )
    return [SettingsRecord(id=id, **{**row, "settings": row["settings"].encode()}) for row in rows]

"""Keeps what was spoken for a request: all of it in one transaction, or nothing."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from uuid import UUID

from lipwire_protocol.errors import ErrorCode, LipwireError

from .audios import keep_audios
from .errors import missing
from .files import BlobStore
from .pool import Connection, Database
from .records import (
    AudioRecord,
    Record,
    SessionEnded,
    SessionOpened,
    SettingsRecord,
    UtteranceRecord,
)
from .writer import write_records

__all__ = ["keep_spoken"]


async def keep_spoken(
    database: Database,
    files: BlobStore,
    records: Sequence[Record],
    *,
    session: UUID | None = None,
    avatar: UUID | None = None,
    audios: Sequence[AudioRecord] = (),
) -> UtteranceRecord:
    """Keeps the one utterance of `records`, as it is from then on.

    With `session` it is the next one of that session; else its session is kept, too, as one of
    `avatar`. Raises what `Database.connection` and `BlobStore` raise, and LipwireError:
    `not_found` where there is no such session or avatar, `conflict` where the session is one of a
    WebSocket.
    """
    (utterance,) = (record for record in records if isinstance(record, UtteranceRecord))
    async with database.connection() as connection, connection.transaction():
        if session is None:
            batch = [r for r in records if isinstance(r, SessionOpened | SessionEnded)]
            await write_records(connection, [*batch, utterance])
            if avatar is not None:
                await _link(connection, utterance.session_id, avatar)
        else:
            number, at = await _next_place(connection, session)
            utterance = replace(utterance, session_id=session, number=number, at=at)
            await write_records(connection, [utterance, *_manners(records, session, number)])
        await keep_audios(connection, files, audios)
    return utterance


def _manners(records: Sequence[Record], session: UUID, number: int) -> Iterator[Record]:
    """How it was spoken, which is not how others in the session were."""
    for record in records:
        if isinstance(record, SessionOpened):
            yield SettingsRecord(
                id=session,
                sequence=number,
                utterance=number,
                segment=0,
                voice=record.voice,
                settings=record.settings,
            )


async def _link(connection: Connection, session: UUID, avatar: UUID) -> None:
    linked = await connection.fetchval(
        """
        UPDATE session SET avatar_id = avatar.id FROM avatar
        WHERE session.id = $1 AND avatar.id = $2 RETURNING true
        """,
        session,
        avatar,
    )
    if linked is None:
        raise missing("avatar")


async def _next_place(connection: Connection, session: UUID) -> tuple[int, int]:
    """Number of the next utterance, and where on the session's clock it begins."""
    row = await connection.fetchrow(
        """
        SELECT EXISTS (SELECT FROM speech WHERE session_id = $1)
               OR (ended_at IS NULL AND settings ? 'audio') AS is_stream
        FROM session WHERE id = $1 AND deleted_at IS NULL FOR UPDATE
        """,
        session,
    )
    if row is None:
        raise missing("session")
    if row["is_stream"]:
        raise LipwireError(
            ErrorCode.CONFLICT,
            "the utterances of this session are numbered by those who speak in it on a WebSocket;"
            " POST /v1/sessions makes one that is yours",
        )
    place = await connection.fetchrow(
        """
        SELECT coalesce(max(number), 0) + 1, coalesce(max(session_position + sample_count), 0)
        FROM utterance WHERE session_id = $1
        """,
        session,
    )
    assert place is not None
    return place[0], place[1]

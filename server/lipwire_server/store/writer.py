"""Writes a batch of records into PostgreSQL, in one transaction.

A batch can be written again without doubling: when the answer to a COMMIT is lost, nobody knows
whether it happened. Sessions, speech and utterances are inserted unless they exist, and the rows
below an utterance are copied only where the utterance is new; they share its transaction, so they
are there if it is. An utterance that had ended in an error gives way to the same one spoken on.
"""

from collections.abc import Iterator, Sequence
from uuid import UUID

import asyncpg

from .audios import keep_audios
from .errors import DatabaseAwayError, UnrecordableError
from .files import BlobStore
from .pool import Connection, Database, unavailability
from .records import (
    AudioRecord,
    Record,
    SessionEnded,
    SessionOpened,
    SessionPosed,
    SessionResumed,
    SettingsRecord,
    SpeechRecord,
    UtteranceHeard,
    UtteranceRecord,
)

__all__ = ["PostgresWriter", "write_records"]

_UNRECORDABLE = ("22", "23", "54")
"""Classes of SQLSTATE that are about the data: bad value, broken constraint, over a limit."""

_INSERT_SESSIONS = """
    INSERT INTO session (id, secret_sha256, voice, sample_rate, settings, opened_at, watch_secret)
    SELECT * FROM unnest($1::uuid[], $2::bytea[], $3::text[], $4::integer[], $5::jsonb[],
                         $6::timestamptz[], $7::text[])
    ON CONFLICT (id) DO NOTHING
"""
_INSERT_SPEECH = """
    INSERT INTO speech (session_id, sequence, number, utterance, text, is_last, flushes, replays,
                        from_sample)
    SELECT * FROM unnest($1::uuid[], $2::bigint[], $3::bigint[], $4::bigint[], $5::text[],
                         $6::boolean[], $7::boolean[], $8::bigint[], $9::bigint[])
    ON CONFLICT (session_id, sequence) DO NOTHING
"""
_INSERT_SETTINGS = """
    INSERT INTO session_settings (session_id, utterance, segment, sequence, voice, settings)
    SELECT * FROM unnest($1::uuid[], $2::bigint[], $3::integer[], $4::bigint[], $5::text[],
                         $6::jsonb[])
    ON CONFLICT (session_id, utterance, segment) DO UPDATE
    SET sequence = excluded.sequence, voice = excluded.voice, settings = excluded.settings
    WHERE session_settings.sequence < excluded.sequence
"""
_REPLACE_BROKEN_OFF = """
    DELETE FROM utterance
    USING unnest($1::uuid[], $2::uuid[], $3::bigint[]) AS newer (id, session_id, number)
    WHERE utterance.session_id = newer.session_id AND utterance.number = newer.number
      AND utterance.id <> newer.id AND utterance.reason = 'error'
"""
_INSERT_UTTERANCES = """
    INSERT INTO utterance (id, session_id, number, session_position, sample_count, heard_count,
                           text, voice, rate_percent, seed, reason, started_at, ended_at)
    SELECT * FROM unnest($1::uuid[], $2::uuid[], $3::bigint[], $4::bigint[], $5::bigint[],
                         $6::bigint[], $7::text[], $8::text[], $9::integer[], $10::bigint[],
                         $11::text[], $12::timestamptz[], $13::timestamptz[])
    ON CONFLICT DO NOTHING
    RETURNING id
"""
_SEGMENT_COLUMNS = (
    "utterance_id",
    "number",
    "start_sample",
    "sample_count",
    "text",
    "text_begin",
    "text_end",
    "timing",
)
_PHONEME_COLUMNS = (
    "utterance_id",
    "segment_number",
    "number",
    "symbol",
    "viseme",
    "start_sample",
    "sample_count",
    "word",
)
_NOTE_HEARD = """
    UPDATE utterance SET heard_count = heard.count, reason = heard.reason
    FROM unnest($1::uuid[], $2::bigint[], $3::text[]) AS heard (id, count, reason)
    WHERE utterance.id = heard.id
"""
_RESUME_SESSIONS = """
    UPDATE session SET epoch = resumed.epoch, secret_sha256 = resumed.secret,
                       previous_secret_sha256 = resumed.previous, ended_at = NULL, close_code = NULL
    FROM unnest($1::uuid[], $2::integer[], $3::bytea[], $4::bytea[])
         AS resumed (id, epoch, secret, previous)
    WHERE session.id = resumed.id AND session.epoch < resumed.epoch
"""
_POSE_SESSIONS = """
    UPDATE session SET pose = posed.pose
    FROM unnest($1::uuid[], $2::integer[], $3::jsonb[]) AS posed (id, epoch, pose)
    WHERE session.id = posed.id AND session.epoch <= posed.epoch
"""
_END_SESSIONS = """
    UPDATE session SET close_code = ended.close_code, ended_at = ended.ended_at
    FROM unnest($1::uuid[], $2::integer[], $3::timestamptz[], $4::integer[])
         AS ended (id, close_code, ended_at, epoch)
    WHERE session.id = ended.id AND session.epoch <= ended.epoch
      AND (session.ended_at IS NULL OR session.ended_at < ended.ended_at)
"""


class PostgresWriter:
    """The recorder's way into PostgreSQL."""

    def __init__(self, database: Database, files: BlobStore | None = None) -> None:
        """`files` is where audio is kept; without it, none is."""
        self._database = database
        self._files = files

    async def write(self, batch: Sequence[Record]) -> None:
        """Commit all of the batch, or nothing.

        Raises `DatabaseAwayError` where the same batch may be written later, whether or not it was
        written now; `UnrecordableError` where a record of it never will be.
        """
        try:
            async with self._database.connection() as connection, connection.transaction():
                await write_records(connection, batch)
                audios = [record for record in batch if isinstance(record, AudioRecord)]
                if audios and self._files is not None:
                    await keep_audios(connection, self._files, audios)
        except asyncpg.PostgresError as error:
            if (error.sqlstate or "").startswith(_UNRECORDABLE):
                constraint = getattr(error, "constraint_name", None) or ""
                raise UnrecordableError(f"{unavailability(error)} {constraint}".rstrip()) from error
            raise DatabaseAwayError(unavailability(error)) from error
        except (
            OSError,
            TimeoutError,
            asyncpg.InterfaceError,
            asyncpg.InternalClientError,
        ) as error:
            raise DatabaseAwayError(unavailability(error)) from error


async def write_records(connection: Connection, batch: Sequence[Record]) -> None:
    """All of the batch but its audio, which is files too, in the transaction of the connection."""
    opened = [record for record in batch if isinstance(record, SessionOpened)]
    said = [record for record in batch if isinstance(record, SpeechRecord)]
    spoken = _last_words([record for record in batch if isinstance(record, UtteranceRecord)])
    # The last word on an utterance counts, and the last end of a session: it can be resumed.
    changed = {
        (record.id, record.utterance, record.segment): record
        for record in batch
        if isinstance(record, SettingsRecord)
    }
    resumed = {record.id: record for record in batch if isinstance(record, SessionResumed)}
    posed = {record.id: record for record in batch if isinstance(record, SessionPosed)}
    heard = {record.id: record for record in batch if isinstance(record, UtteranceHeard)}
    ended = {record.id: record for record in batch if isinstance(record, SessionEnded)}
    if opened:
        await connection.execute(_INSERT_SESSIONS, *_columns(map(_session_row, opened)))
    if said:
        await connection.execute(_INSERT_SPEECH, *_columns(map(_speech_row, said)))
    if changed:
        await connection.execute(_INSERT_SETTINGS, *_columns(map(_settings_row, changed.values())))
    if spoken:
        names = ((record.id, record.session_id, record.number) for record in spoken)
        await connection.execute(_REPLACE_BROKEN_OFF, *_columns(names))
        rows = await connection.fetch(_INSERT_UTTERANCES, *_columns(map(_utterance_row, spoken)))
        new = {row["id"] for row in rows}
        await _copy_details(connection, [record for record in spoken if record.id in new])
    if heard:
        notes = ((note.id, note.heard, note.reason) for note in heard.values())
        await connection.execute(_NOTE_HEARD, *_columns(notes))
    if resumed:
        marks = ((r.id, r.epoch, r.secret_sha256, r.previous_sha256) for r in resumed.values())
        await connection.execute(_RESUME_SESSIONS, *_columns(marks))
    if posed:
        poses = ((each.id, each.epoch, each.pose.decode()) for each in posed.values())
        await connection.execute(_POSE_SESSIONS, *_columns(poses))
    if ended:
        ends = ((end.id, end.close_code, end.ended_at, end.epoch) for end in ended.values())
        await connection.execute(_END_SESSIONS, *_columns(ends))


def _last_words(spoken: Sequence[UtteranceRecord]) -> list[UtteranceRecord]:
    """One record of each utterance: the last, unless one before it was no error."""
    kept: dict[tuple[UUID, int], UtteranceRecord] = {}
    for record in spoken:
        earlier = kept.get((record.session_id, record.number))
        if earlier is None or earlier.reason == "error":
            kept[record.session_id, record.number] = record
    return list(kept.values())


async def _copy_details(connection: Connection, utterances: list[UtteranceRecord]) -> None:
    segments = list(_segment_rows(utterances))
    if segments:
        await connection.copy_records_to_table(
            "segment", records=segments, columns=_SEGMENT_COLUMNS
        )
    phonemes = list(_phoneme_rows(utterances))
    if phonemes:
        await connection.copy_records_to_table(
            "phoneme", records=phonemes, columns=_PHONEME_COLUMNS
        )


def _columns(rows: Iterator[tuple[object, ...]]) -> list[tuple[object, ...]]:
    return list(zip(*rows, strict=True))


def _text(value: str) -> str:
    # PostgreSQL's text cannot hold U+0000. Offsets of code points stay right.
    return value.replace("\0", "\N{REPLACEMENT CHARACTER}")


def _session_row(record: SessionOpened) -> tuple[object, ...]:
    return (
        record.id,
        record.secret_sha256,
        record.voice,
        record.sample_rate,
        record.settings.decode(),
        record.opened_at,
        record.watch_secret,
    )


def _speech_row(record: SpeechRecord) -> tuple[object, ...]:
    return (
        record.id,
        record.sequence,
        record.number,
        record.utterance,
        _text(record.text),
        record.is_last,
        record.flushes,
        record.replays,
        record.from_sample,
    )


def _settings_row(record: SettingsRecord) -> tuple[object, ...]:
    return (
        record.id,
        record.utterance,
        record.segment,
        record.sequence,
        record.voice,
        record.settings.decode(),
    )


def _utterance_row(record: UtteranceRecord) -> tuple[object, ...]:
    return (
        record.id,
        record.session_id,
        record.number,
        record.at,
        record.count,
        record.heard,
        _text(record.text),
        record.voice,
        record.rate_percent,
        record.seed,
        record.reason,
        record.started_at,
        record.ended_at,
    )


def _segment_rows(utterances: list[UtteranceRecord]) -> Iterator[tuple[object, ...]]:
    for utterance in utterances:
        for segment in utterance.segments:
            yield (
                utterance.id,
                segment.number,
                segment.start,
                segment.count,
                _text(segment.text),
                segment.begin,
                segment.end,
                segment.timing.decode(),
            )


def _phoneme_rows(utterances: list[UtteranceRecord]) -> Iterator[tuple[object, ...]]:
    for utterance in utterances:
        for segment in utterance.segments:
            for number, phoneme in enumerate(segment.phonemes):
                yield (
                    utterance.id,
                    segment.number,
                    number,
                    _text(phoneme.symbol),
                    phoneme.viseme,
                    phoneme.start,
                    phoneme.count,
                    phoneme.word,
                )

"""Two ways of keeping the same: Lipwire's, and what one writes first."""

import asyncio
from collections.abc import Callable, Iterator, Sequence
from typing import Final, Protocol
from uuid import UUID

from lipwire_server.store.files import BlobStore
from lipwire_server.store.pool import Connection
from lipwire_server.store.recorder import Recorder, Writer
from lipwire_server.store.records import AudioRecord, UtteranceRecord

from .material import PHONEMES, Spoken

__all__ = ["Naive", "Recorded", "Way", "whole"]

_DRAIN_S: Final = 300.0

_WHOLE: Final = """
    SELECT id FROM utterance WHERE session_id = $1
    AND (SELECT count(*) FROM phoneme WHERE utterance_id = utterance.id) = $2
"""
_MAKE_SOUNDS: Final = """
    CREATE TABLE IF NOT EXISTS naive_audio (
        utterance_id uuid PRIMARY KEY REFERENCES utterance (id) ON DELETE CASCADE,
        wav bytea NOT NULL
    )
"""
_UTTERANCE: Final = """
    INSERT INTO utterance (id, session_id, number, session_position, sample_count, heard_count,
                           text, voice, rate_percent, seed, reason, started_at, ended_at)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)
"""
_SEGMENT: Final = """
    INSERT INTO segment (utterance_id, number, start_sample, sample_count, text, text_begin,
                         text_end, timing)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
"""
_PHONEME: Final = """
    INSERT INTO phoneme (utterance_id, segment_number, number, symbol, viseme, start_sample,
                         sample_count, word)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
"""


class Way(Protocol):
    async def persist(self, spoken: Sequence[Spoken]) -> None:
        """Returns when all of it is durable."""

    async def insert(self, record: UtteranceRecord) -> None:
        """Returns when it is durable."""

    async def sounds(self, ids: Sequence[UUID]) -> int:
        """Of how many of these utterances there is audio."""


class Recorded:
    """Lipwire's: a queue, and transactions of what has come together; audio in files."""

    def __init__(
        self,
        connection: Connection,
        writer: Writer,
        files: BlobStore,
        new_id: Callable[[], UUID],
    ) -> None:
        """`connection` is for looking only."""
        self._connection = connection
        self._writer = writer
        self._files = files
        self._new_id = new_id

    async def persist(self, spoken: Sequence[Spoken]) -> None:
        recorder = Recorder(self._writer)
        async with asyncio.TaskGroup() as group:
            running = group.create_task(recorder.run())
            for one in spoken:
                recorder.record(one.record)
                if one.wav is not None:
                    recorder.record(await self._draft(one.record, one.wav))
            await recorder.drain(_DRAIN_S)
            running.cancel()

    async def insert(self, record: UtteranceRecord) -> None:
        await self._writer.write([record])

    async def sounds(self, ids: Sequence[UUID]) -> int:
        rows = await self._connection.fetch(
            "SELECT sha256 FROM audio WHERE utterance_id = ANY($1)", ids
        )
        return sum([await self._files.exists(row["sha256"]) for row in rows])

    async def _draft(self, record: UtteranceRecord, wav: bytes) -> AudioRecord:
        draft = self._files.new_draft()
        await self._files.append(draft, wav)
        return AudioRecord(
            id=self._new_id(),
            utterance_id=record.id,
            draft=draft,
            content=await self._files.measure(draft),
            codec="pcm_s16le",
            sample_rate=22_050,
            sample_count=record.count,
        )


class Naive:
    """A transaction for each utterance, `executemany` for the rows below; audio in a column."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    async def persist(self, spoken: Sequence[Spoken]) -> None:
        for one in spoken:
            async with self._connection.transaction():
                await self._write(one.record)
                if one.wav is not None:
                    await self._connection.execute(
                        "INSERT INTO naive_audio VALUES ($1, $2)", one.record.id, one.wav
                    )

    async def insert(self, record: UtteranceRecord) -> None:
        async with self._connection.transaction():
            await self._write(record)

    async def sounds(self, ids: Sequence[UUID]) -> int:
        found: int = await self._connection.fetchval(
            "SELECT count(*) FROM naive_audio WHERE utterance_id = ANY($1)", ids
        )
        return found

    async def make_room(self) -> None:
        """It needs a table of its own."""
        await self._connection.execute(_MAKE_SOUNDS)

    async def _write(self, record: UtteranceRecord) -> None:
        await self._connection.execute(
            _UTTERANCE,
            record.id,
            record.session_id,
            record.number,
            record.at,
            record.count,
            record.heard,
            record.text,
            record.voice,
            record.rate_percent,
            record.seed,
            record.reason,
            record.started_at,
            record.ended_at,
        )
        await self._connection.executemany(_SEGMENT, list(_segments(record)))
        await self._connection.executemany(_PHONEME, list(_phonemes(record)))


async def whole(connection: Connection, session: UUID) -> list[UUID]:
    """Utterances of the session that have all of their phonemes."""
    rows = await connection.fetch(_WHOLE, session, PHONEMES)
    return [row["id"] for row in rows]


def _segments(record: UtteranceRecord) -> Iterator[tuple[object, ...]]:
    for part in record.segments:
        span = (part.start, part.count, part.text, part.begin, part.end)
        yield (record.id, part.number, *span, part.timing.decode())


def _phonemes(record: UtteranceRecord) -> Iterator[tuple[object, ...]]:
    for part in record.segments:
        for number, one in enumerate(part.phonemes):
            place = (record.id, part.number, number)
            yield (*place, one.symbol, one.viseme, one.start, one.count, one.word)

"""What a session was told, out of a real PostgreSQL, for whoever shows its secret."""

import asyncio
import hashlib
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import cast
from uuid import UUID

import pytest
from uuid_utils.compat import uuid7

from lipwire_protocol import ErrorCode, LipwireError
from lipwire_server.store.errors import storage_away
from lipwire_server.store.pool import Database
from lipwire_server.store.recollections import EndedUtterance, LoggedSession
from lipwire_server.store.recorder import RecorderState
from lipwire_server.store.records import (
    Record,
    SegmentRecord,
    SessionEnded,
    SessionOpened,
    SessionPosed,
    SessionResumed,
    SettingsRecord,
    SpeechRecord,
    UtteranceRecord,
)
from lipwire_server.store.sessions import get_session
from lipwire_server.store.speech_log import SpeechLog, take_up
from lipwire_server.store.storage import Storage
from lipwire_server.store.writer import PostgresWriter

NOW = datetime.now(UTC)
WINDOW = timedelta(seconds=120)


def sha(secret: str) -> bytes:
    return hashlib.sha256(secret.encode()).digest()


def opened() -> SessionOpened:
    return SessionOpened(
        id=uuid7(),
        secret_sha256=sha("first"),
        voice="joe",
        sample_rate=22_050,
        settings=b'{"seed": 0}',
        opened_at=NOW,
    )


def said(session: SessionOpened, sequence: int, utterance: int, text: str) -> SpeechRecord:
    return SpeechRecord(
        id=session.id,
        sequence=sequence,
        number=sequence if sequence % 2 else None,
        utterance=utterance,
        text=text,
        is_last=False,
    )


def changed(
    session: SessionOpened, sequence: int, utterance: int, segment: int = 0
) -> SettingsRecord:
    return SettingsRecord(
        id=session.id,
        sequence=sequence,
        utterance=utterance,
        segment=segment,
        voice="joe",
        settings=b'{"seed": %d}' % sequence,
    )


def spoken(session: SessionOpened, number: int, reason: str, at: int = 0) -> UtteranceRecord:
    part = SegmentRecord(
        number=0, start=0, count=100, text="Hi.", begin=0, end=3, timing=b"{}", phonemes=()
    )
    return UtteranceRecord(
        id=uuid7(),
        session_id=session.id,
        number=number,
        at=at,
        count=100,
        heard=None,
        text="Hi.",
        voice="joe",
        rate_percent=100,
        seed=0,
        reason=reason,
        started_at=NOW,
        ended_at=NOW,
        segments=(part,),
    )


def ended(session: SessionOpened, seconds: int = 0, epoch: int = 0) -> SessionEnded:
    at = NOW + timedelta(seconds=seconds)
    return SessionEnded(id=session.id, close_code=1006, ended_at=at, epoch=epoch)


def batches(*records: Record, together: bool) -> list[list[Record]]:
    return [list(records)] if together else [[record] for record in records]


async def take(
    database: Database,
    id: UUID,
    secret: str = "first",
    *,
    new: str = "next",
    first: int | None = None,
    after: int = 0,
) -> LoggedSession | None:
    return await take_up(
        database,
        id,
        shown_sha256=sha(secret),
        new_sha256=sha(new),
        first=first,
        now=NOW + timedelta(seconds=after),
        window=WINDOW,
    )


async def test_what_was_told_is_read_in_its_order(database: Database) -> None:
    session = opened()
    entries = (
        said(session, 1, 1, "Hello "),
        said(session, 2, 1, "there."),
        changed(session, 3, 1, 1),
        said(session, 4, 2, "Good bye."),
    )
    await PostgresWriter(database).write([session, *entries])
    logged = await take(database, session.id)
    assert logged is not None
    assert logged.entries == entries
    assert (logged.voice, logged.settings, logged.epoch) == ("joe", b'{"seed": 0}', 1)
    assert (logged.ended, logged.clock) == ({}, 0)


async def test_from_an_utterance_on_only_what_is_needed_is_read(database: Database) -> None:
    session = opened()
    told = [said(session, 10 * number, number, "Hi.") for number in range(1, 6)]
    changes = [changed(session, 10 * number + 1, number) for number in range(1, 6)]
    ends = [spoken(session, number, "done", at=100 * number) for number in range(1, 4)]
    await PostgresWriter(database).write([session, *told, *changes, *ends])
    logged = await take(database, session.id, first=3)
    assert logged is not None
    speech = [entry for entry in logged.entries if isinstance(entry, SpeechRecord)]
    settings = [entry for entry in logged.entries if isinstance(entry, SettingsRecord)]
    assert speech == told[2:]
    assert settings == changes[1:]  # The one before it holds until the next.
    assert logged.ended[3] == EndedUtterance(id=ends[2].id, count=100, reason="done", heard=None)
    assert logged.clock == 300
    later = await take(database, session.id, "next")
    assert later is not None
    assert later.clock == 400


async def test_whoever_stands_behind_all_of_it_logs_what_comes_after_it(database: Database) -> None:
    """An entry with the number of another one is not stored: text that was accepted was lost."""
    session = opened()
    told = [said(session, number, number, "Hi.") for number in range(1, 4)]
    changes = [changed(session, 7, 3)]
    await PostgresWriter(database).write([session, *told, *changes])
    logged = await take(database, session.id, first=4)
    assert logged is not None
    assert [entry for entry in logged.entries if isinstance(entry, SpeechRecord)] == []
    assert logged.sequence == 7
    await PostgresWriter(database).write([said(session, logged.sequence + 1, 4, "And this.")])
    again = await take(database, session.id, "next", new="last", first=4)
    assert again is not None
    assert [e.text for e in again.entries if isinstance(e, SpeechRecord)] == ["And this."]


def flushed(session: SessionOpened, sequence: int, utterance: int) -> SpeechRecord:
    return replace(said(session, sequence, utterance, ""), number=None, flushes=True)


def replayed(session: SessionOpened, sequence: int, utterance: int, of: int) -> SpeechRecord:
    record = said(session, sequence, utterance, "")
    return replace(record, number=None, is_last=True, replays=of, from_sample=50)


async def test_what_a_replay_says_again_is_read_with_it(database: Database) -> None:
    session = opened()
    early = (changed(session, 1, 1), said(session, 2, 2, "Hello"), flushed(session, 3, 2))
    between = [said(session, 10 + number, number, "Hi.") for number in range(3, 6)]
    late = (changed(session, 20, 6), replayed(session, 21, 6, 2), said(session, 22, 7, "More."))
    ends = [spoken(session, number, "done") for number in (2, 5)]
    await PostgresWriter(database).write([session, *early, *between, *late, *ends])
    logged = await take(database, session.id, first=6)
    assert logged is not None
    assert logged.entries == (*early, *late)
    assert {number: each.reason for number, each in logged.ended.items()} == {2: "done", 5: "done"}


@pytest.mark.parametrize("together", [True, False])
async def test_the_last_pose_is_read_and_none_of_an_earlier_connection(
    database: Database, together: bool
) -> None:
    session, writer = opened(), PostgresWriter(database)
    poses = [
        SessionPosed(id=session.id, epoch=0, pose=b'{"emotion": "%s"}' % emotion)
        for emotion in (b"sad", b"happy", b"angry")
    ]
    for batch in batches(session, *poses[:2], together=together):
        await writer.write(batch)
    logged = await take(database, session.id)
    assert logged is not None
    assert logged.pose == b'{"emotion": "happy"}'
    await writer.write([poses[2]])
    logged = await take(database, session.id, "next", new="third")
    assert logged is not None
    assert logged.pose == b'{"emotion": "happy"}'


async def test_one_utterance_of_a_session_is_looked_up(database: Database) -> None:
    session = opened()
    early = (changed(session, 1, 1), said(session, 2, 2, "Hello"), flushed(session, 3, 2))
    late = (changed(session, 9, 4), said(session, 10, 4, "Hi."), replayed(session, 11, 5, 2))
    await PostgresWriter(database).write([session, *early, *late])
    log = SpeechLog(cast(Storage, SimpleNamespace(asked=lambda: database)))
    found = await log.look_up(session.id, 2)
    assert found is not None
    assert found.entries == early
    again = await log.look_up(session.id, 5)
    assert again is not None
    assert again.entries == (*early, late[0], late[2])
    assert await log.look_up(session.id, 3) is None
    assert await log.look_up(uuid7(), 2) is None


@pytest.mark.parametrize("wrong", ["secret", "session", "deleted"])
async def test_who_has_not_got_the_secret_gets_nothing(database: Database, wrong: str) -> None:
    session = opened()
    await PostgresWriter(database).write([session])
    if wrong == "deleted":
        async with database.connection() as connection:
            await connection.execute("UPDATE session SET deleted_at = now()")
    id = uuid7() if wrong == "session" else session.id
    assert await take(database, id, "wrong" if wrong == "secret" else "first") is None
    if wrong == "secret":
        assert await take(database, session.id) is not None


async def test_the_secret_changes_and_the_last_one_that_was_used_holds(database: Database) -> None:
    session = opened()
    await PostgresWriter(database).write([session])
    epochs = []
    for secret, new in (("first", "a"), ("first", "b"), ("b", "c"), ("b", "d")):
        logged = await take(database, session.id, secret, new=new)
        assert logged is not None
        epochs.append(logged.epoch)
    assert epochs == [1, 2, 3, 4]
    assert await take(database, session.id, "first") is None
    assert await take(database, session.id, "a") is None
    assert await take(database, session.id, "c") is None


async def test_a_session_can_be_taken_up_within_its_window(database: Database) -> None:
    session = opened()
    await PostgresWriter(database).write([session, ended(session)])
    assert await take(database, session.id, after=121) is None
    assert await take(database, session.id, after=119) is not None
    stored = await get_session(database, session.id)
    assert stored is not None
    assert (stored.ended_at, stored.close_code) == (None, None)


@pytest.mark.parametrize("code", [1000, 1011])
async def test_one_that_was_closed_for_good_is_over(database: Database, code: int) -> None:
    session = opened()
    await PostgresWriter(database).write([session, replace(ended(session), close_code=code)])
    assert await take(database, session.id) is None


async def test_one_whose_server_was_killed_has_a_day(database: Database) -> None:
    session = opened()
    await PostgresWriter(database).write([session, said(session, 1, 1, "Hi.")])
    assert await take(database, session.id, after=48 * 3600) is None
    assert await take(database, session.id, after=23 * 3600) is not None


async def test_the_end_of_an_earlier_connection_does_not_end_the_session(
    database: Database,
) -> None:
    session, writer = opened(), PostgresWriter(database)
    await writer.write([session])
    await take(database, session.id)
    await writer.write([ended(session, 5)])
    stored = await get_session(database, session.id)
    assert stored is not None
    assert stored.ended_at is None
    await writer.write([ended(session, 6, epoch=1)])
    stored = await get_session(database, session.id)
    assert stored is not None
    assert stored.ended_at == NOW + timedelta(seconds=6)


@pytest.mark.parametrize("together", [True, False])
async def test_a_session_that_was_taken_up_in_its_process_is_open_again(
    database: Database, together: bool
) -> None:
    session, writer = opened(), PostgresWriter(database)
    resumed = SessionResumed(
        id=session.id, epoch=1, secret_sha256=sha("second"), previous_sha256=sha("first")
    )
    for batch in batches(session, ended(session), resumed, ended(session), together=together):
        await writer.write(batch)
    stored = await get_session(database, session.id)
    assert stored is not None
    assert (stored.ended_at, stored.secret_sha256) == (None, sha("second"))
    assert await take(database, session.id, "first") is not None


async def test_what_is_written_twice_is_there_once(database: Database) -> None:
    session, writer = opened(), PostgresWriter(database)
    batch: list[Record] = [
        session,
        said(session, 1, 1, "Hi."),
        changed(session, 2, 1),
        changed(session, 3, 1),
    ]
    await writer.write(batch)
    await writer.write(batch)
    logged = await take(database, session.id)
    assert logged is not None
    assert logged.entries == (batch[1], batch[3])


@pytest.mark.parametrize("together", [True, False])
async def test_an_utterance_that_broke_off_gives_way_to_the_one_that_was_spoken_on(
    database: Database, together: bool
) -> None:
    session, writer = opened(), PostgresWriter(database)
    broken, whole = spoken(session, 1, "error"), spoken(session, 1, "done")
    again = replace(spoken(session, 1, "error"), count=7)
    for batch in batches(session, broken, whole, again, together=together):
        await writer.write(batch)
    async with database.connection() as connection:
        rows = await connection.fetch("SELECT id, reason FROM utterance")
        parts = await connection.fetch("SELECT utterance_id FROM segment")
    assert [(row["id"], row["reason"]) for row in rows] == [(whole.id, "done")]
    assert [part["utterance_id"] for part in parts] == [whole.id]


class Catching:
    """A store whose disk still holds records that the database has not got."""

    def __init__(self, database: Database, spooled: int) -> None:
        self.asked = lambda: database
        self.recorder = self
        self.unspooled = 0
        self._left = spooled

    @property
    def state(self) -> RecorderState:
        return RecorderState(
            waiting=0,
            waiting_bytes=0,
            spooled=self.left(),
            spooled_bytes=0,
            written=0,
            refused=0,
            unrecordable=0,
            last_error=None,
            spool_error=None,
            unspooled=self.unspooled,
        )

    def left(self) -> int:
        self._left -= 1
        return max(0, self._left)

    async def settled(self, within: float) -> None:
        pass


async def test_what_waits_on_the_disk_is_waited_for(database: Database) -> None:
    session = opened()
    await PostgresWriter(database).write([session])
    storage = Catching(database, 4)
    logged = await SpeechLog(cast(Storage, storage)).take_up(
        session.id,
        shown_sha256=sha("first"),
        new_sha256=sha("b"),
        first=None,
        now=NOW,
        window=WINDOW,
    )
    assert logged is not None
    assert storage._left < 0


class Busy(Catching):
    """One where more comes as fast as it is written."""

    def left(self) -> int:
        return 3

    async def pass_on(self) -> None:
        while True:
            await asyncio.sleep(0.01)
            self.unspooled += 1


async def test_what_comes_to_the_disk_meanwhile_is_not_waited_for(database: Database) -> None:
    storage = Busy(database, 0)
    passing = asyncio.ensure_future(storage.pass_on())
    async with asyncio.timeout(60):
        assert await SpeechLog(cast(Storage, storage)).complete() is database
    passing.cancel()
    assert storage.unspooled >= 3


async def test_while_the_database_is_away_that_is_told_at_once(database: Database) -> None:
    def away() -> Database:
        raise storage_away("a test")

    storage = Busy(database, 0)
    storage.asked = away
    # Otherwise it is after twenty seconds.
    async with asyncio.timeout(15):
        with pytest.raises(LipwireError) as told:
            await SpeechLog(cast(Storage, storage)).complete()
    assert told.value.code is ErrorCode.STORAGE_UNAVAILABLE


async def test_without_a_database_that_is_told_and_not_that_there_is_no_session(
    tmp_path: Path,
) -> None:
    storage = Storage(None, tmp_path)
    storage._settled.set()
    with pytest.raises(LipwireError) as away:
        await SpeechLog(storage).take_up(
            uuid7(),
            shown_sha256=sha("a"),
            new_sha256=sha("b"),
            first=None,
            now=NOW,
            window=WINDOW,
        )
    assert away.value.code is ErrorCode.STORAGE_UNAVAILABLE
    assert away.value.retry_after_ms

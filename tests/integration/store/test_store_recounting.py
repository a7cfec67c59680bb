"""What was spoken in a session, out of a real PostgreSQL, for whoever shows the watch secret."""

from dataclasses import replace
from datetime import UTC, datetime

from uuid_utils.compat import uuid7

from lipwire_server.store.pool import Database
from lipwire_server.store.records import (
    Record,
    SegmentRecord,
    SessionOpened,
    SpeechRecord,
    UtteranceHeard,
    UtteranceRecord,
)
from lipwire_server.store.recounting import recount
from lipwire_server.store.sessions import delete_session
from lipwire_server.store.writer import PostgresWriter

NOW = datetime.now(UTC)


def opened(watch_secret: str | None = "only to watch") -> SessionOpened:
    return SessionOpened(
        id=uuid7(),
        secret_sha256=bytes(32),
        watch_secret=watch_secret,
        voice="joe",
        sample_rate=22_050,
        settings=b"{}",
        opened_at=NOW,
    )


def said(session: SessionOpened, utterance: int) -> SpeechRecord:
    return SpeechRecord(
        id=session.id,
        sequence=utterance,
        number=None,
        utterance=utterance,
        text="One. Two.",
        is_last=True,
    )


def spoken(session: SessionOpened, number: int, reason: str = "done") -> UtteranceRecord:
    segments = tuple(
        SegmentRecord(
            number=segment,
            start=100 * segment,
            count=100,
            text="One.",
            begin=5 * segment,
            end=5 * segment + 4,
            timing=b'{"words": [["One", 0, 3, 0, 90, 1]]}',
            phonemes=(),
        )
        for segment in range(2)
    )
    return UtteranceRecord(
        id=uuid7(),
        session_id=session.id,
        number=number,
        at=0,
        count=200,
        heard=None,
        text="One. Two.",
        voice="joe",
        rate_percent=100,
        seed=0,
        reason=reason,
        started_at=NOW,
        ended_at=NOW,
        segments=segments,
    )


async def test_what_was_spoken_is_told_to_who_knows_the_secret(database: Database) -> None:
    session = opened()
    cut = spoken(session, 2)
    heard = UtteranceHeard(id=cut.id, heard=50, reason="interrupted")
    texts = [said(session, number) for number in (1, 2, 3)]
    records: list[Record] = [session, *texts, spoken(session, 1), cut, heard]
    await PostgresWriter(database).write(records)
    found = await recount(database, session.id, "only to watch")
    assert found is not None
    assert (found.logged.voice, found.logged.watch_secret) == ("joe", "only to watch")
    assert [entry.utterance for entry in found.logged.entries] == [1, 2, 3]
    first, second = found.utterances
    assert (first.number, first.reason, second.reason) == (1, "done", "interrupted")
    assert [segment.span for segment in first.segments] == [(0, 4), (5, 9)]
    assert [segment.start for segment in first.segments] == [0, 100]
    assert (second.heard, second.count) == (50, 200)
    # Words are read where somebody has to know how far it was heard.
    assert [segment.timing != b"" for segment in (*first.segments, *second.segments)] == [
        *(False, False),
        *(True, True),
    ]


async def test_nobody_else_is_told(database: Database) -> None:
    session, closed, gone = opened(), opened(None), opened()
    await PostgresWriter(database).write([session, closed, gone])
    await delete_session(database, gone.id)
    assert await recount(database, session.id, "guessed") is None
    assert await recount(database, closed.id, "") is None
    assert await recount(database, gone.id, "only to watch") is None
    assert await recount(database, uuid7(), "only to watch") is None
    assert await recount(database, uuid7(), "") is None


async def test_a_session_of_which_nothing_was_said_is_empty(database: Database) -> None:
    session = replace(opened(), watch_secret="another")
    await PostgresWriter(database).write([session])
    found = await recount(database, session.id, "another")
    assert found is not None
    assert (found.logged.entries, found.utterances) == ((), ())

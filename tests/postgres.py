"""Fixtures with a throw-away PostgreSQL: one server for the whole run, a fresh database per test.

Everything is below a folder of our own: the account that postgres runs as cannot enter those that
pytest makes for root.
"""

import asyncio
import os
import threading
from collections.abc import AsyncIterator, Iterator
from concurrent.futures import Future
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from uuid import uuid4

import asyncpg
import pytest

from lipwire_server.store import pool
from lipwire_server.store.embedded import EmbeddedPostgres
from lipwire_server.store.migrate import migrate
from lipwire_server.store.pool import Database
from tests.made_once import lay_database

# Nothing in a test run has to survive a power cut.
_FAST = {"fsync": "off", "full_page_writes": "off", "max_connections": "100"}
_TEMPLATE = "migrated"


@pytest.fixture(scope="session", autouse=True)
def patience() -> Iterator[None]:
    """Four tests at once may starve a database for seconds: that fails nobody's test of something
    else in this process."""
    with pytest.MonkeyPatch.context() as patched:
        for name in ("_ACQUIRE_TIMEOUT_S", "_COMMAND_TIMEOUT_S", "_REQUEST_S"):
            patched.setattr(pool, name, 60.0)
        yield


@pytest.fixture
def data_root() -> Iterator[Path]:
    """A folder that does not exist yet, for a server of the test's own."""
    with _folder() as folder:
        yield folder / "data"


@pytest.fixture
def used_root(data_root: Path) -> Path:
    """Such a folder after the first start, which takes longest."""
    lay_database(data_root)
    return data_root


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[str]:
    """The DSN of a server's `postgres` database. The server has a thread and a loop of its own, so
    that tests may run on any loop."""
    started: Future[str] = Future()
    loop = asyncio.new_event_loop()
    finished = asyncio.Event()

    async def serve(root: Path) -> None:
        try:
            async with EmbeddedPostgres(
                root, settings=_FAST, search_path=os.environ["PATH"]
            ) as server:
                await _execute(server.dsn, f"CREATE DATABASE {_TEMPLATE}")
                await migrate(_with_name(server.dsn, _TEMPLATE))
                started.set_result(server.dsn)
                await finished.wait()
        except BaseException as error:
            if started.done():
                raise
            started.set_exception(error)

    with _folder() as folder, asyncio.Runner(loop_factory=lambda: loop) as runner:
        thread = threading.Thread(target=runner.run, args=(serve(folder / "data"),))
        thread.start()
        try:
            yield started.result()
        finally:
            loop.call_soon_threadsafe(finished.set)
            thread.join()


@pytest.fixture
async def empty_dsn(postgres_server: str) -> AsyncIterator[str]:
    """The DSN of a new database without tables."""
    async with _new_database(postgres_server, "template1") as dsn:
        yield dsn


@pytest.fixture
async def database_dsn(postgres_server: str) -> AsyncIterator[str]:
    """The DSN of a new database with all migrations applied."""
    async with _new_database(postgres_server, _TEMPLATE) as dsn:
        yield dsn


@pytest.fixture
async def database(database_dsn: str) -> AsyncIterator[Database]:
    """A new database with all migrations applied, opened."""
    async with Database.open(database_dsn) as database:
        yield database


@contextmanager
def _folder() -> Iterator[Path]:
    with TemporaryDirectory(prefix="lipwire-test-", dir="/tmp") as folder:
        path = Path(folder)
        path.chmod(0o755)
        yield path


@asynccontextmanager
async def _new_database(server: str, template: str) -> AsyncIterator[str]:
    name = f"test_{uuid4().hex}"
    await _execute(server, f"CREATE DATABASE {name} TEMPLATE {template}")
    try:
        yield _with_name(server, name)
    finally:
        await _execute(server, f"DROP DATABASE {name} WITH (FORCE)")


async def _execute(dsn: str, statement: str) -> None:
    connection = await asyncpg.connect(dsn)
    try:
        await connection.execute(statement)
    finally:
        await connection.close()


def _with_name(dsn: str, name: str) -> str:
    return dsn.replace("@/postgres?", f"@/{name}?")

"""Connections to PostgreSQL, and whether it answers.

A `DATABASE_URL` from outside is somebody's server: beyond our own tables nothing on it is touched.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from typing import TypeAlias

import asyncpg
from asyncpg.pool import PoolConnectionProxy

from .errors import storage_away

__all__ = ["UNAVAILABLE", "Connection", "Database", "unavailability"]

Connection: TypeAlias = "PoolConnectionProxy[asyncpg.Record]"

_MAX_CONNECTIONS = 8
"""Throughput is flat from two connections on."""
_COMMAND_TIMEOUT_S = 10.0
_ACQUIRE_TIMEOUT_S = 2.0
_CLOSE_TIMEOUT_S = 5.0
_REQUEST_S = 1.8
"""For all that a request does on one connection: it is answered within two seconds."""
_RELEASE_S = 0.2
_AWAY = ("08", "53", "55", "57", "58", "40", "25")
"""Classes of SQLSTATE that say nothing about the statement: the same one may work later."""

UNAVAILABLE = (
    OSError,
    TimeoutError,
    asyncpg.PostgresError,
    asyncpg.InterfaceError,
    asyncpg.InternalClientError,
)
"""What is raised where the database is away, or does not do as it is asked."""


class Database:
    """A pool of at most 8 connections and what the last probe found.

    A database that is down, at the start or later, is a state of this and no error: the pool
    connects again by itself when there is something to connect to.
    """

    def __init__(self, pool: "asyncpg.Pool[asyncpg.Record]") -> None:
        self._pool = pool
        self.available = False
        """Whether PostgreSQL answered the last probe."""
        self.reason = "not probed yet"
        """Why it is not available, without addresses and passwords; empty when it is."""

    @classmethod
    @asynccontextmanager
    async def open(cls, dsn: str) -> AsyncIterator["Database"]:
        """Make the pool and probe once. Raises only where the DSN itself is malformed."""
        # No connection is made here, so that a database that is down does not raise.
        pool = asyncpg.create_pool(
            dsn,
            min_size=0,
            max_size=_MAX_CONNECTIONS,
            command_timeout=_COMMAND_TIMEOUT_S,
            timeout=_ACQUIRE_TIMEOUT_S,
            server_settings={"application_name": "lipwire"},
        )
        await pool
        try:
            database = cls(pool)
            await database.probe()
            yield database
        finally:
            await _close(pool)

    @asynccontextmanager
    async def connection(self) -> AsyncIterator[Connection]:
        """A connection; each command on it has 10 s.

        Raises `TimeoutError` where none is free within 2 s, and what asyncpg and the system raise
        where the database is away.
        """
        connection = await self._pool.acquire(timeout=_ACQUIRE_TIMEOUT_S)
        try:
            yield connection
        finally:
            await self._give_back(connection, _ACQUIRE_TIMEOUT_S)

    async def _give_back(self, connection: Connection, within: float) -> None:
        """What was done on it is done: one that cannot be reset in time is closed by the pool."""
        with suppress(*UNAVAILABLE):
            await self._pool.release(connection, timeout=within)

    def for_requests(self) -> "Database":
        """The same connections for somebody who waits for the answer: two seconds in all, and a
        database that is away is a `LipwireError` that says when to come back."""
        return _PromptDatabase(self._pool)

    async def probe(self) -> bool:
        """Ask PostgreSQL for an answer, within 2 s. Never raises."""
        try:
            async with asyncio.timeout(_ACQUIRE_TIMEOUT_S), self.connection() as connection:
                await connection.fetchval("SELECT 1")
        except UNAVAILABLE as error:
            self.available, self.reason = False, unavailability(error)
        else:
            self.available, self.reason = True, ""
        return self.available

    async def watch(self, interval: float = 2.0) -> None:
        """Probe every `interval` seconds, for ever. The caller's task group runs it."""
        while True:
            await asyncio.sleep(interval)
            await self.probe()


class _PromptDatabase(Database):
    @asynccontextmanager
    async def connection(self) -> AsyncIterator[Connection]:
        try:
            async with AsyncExitStack() as afterwards, asyncio.timeout(_REQUEST_S):
                connection = await self._pool.acquire(timeout=_REQUEST_S)
                # A frozen database would also let the cancelling of a statement wait.
                afterwards.push_async_callback(self._give_back, connection, _RELEASE_S)
                yield connection
        except UNAVAILABLE as error:
            if not _is_away(error):
                raise
            reason = f"the database does not answer ({unavailability(error)})"
            raise storage_away(reason) from error


def _is_away(error: Exception) -> bool:
    if isinstance(error, asyncpg.PostgresError):
        return (error.sqlstate or "").startswith(_AWAY)
    # asyncpg's word for an argument that does not fit its column.
    return not isinstance(error, ValueError)


def unavailability(error: BaseException) -> str:
    """The error's class and SQLSTATE. Its message is left out: it can quote a row or an address."""
    state = getattr(error, "sqlstate", None)
    return f"{type(error).__name__} {state}" if state else type(error).__name__


async def _close(pool: "asyncpg.Pool[asyncpg.Record]") -> None:
    try:
        async with asyncio.timeout(_CLOSE_TIMEOUT_S):
            await pool.close()
    except TimeoutError:
        pool.terminate()

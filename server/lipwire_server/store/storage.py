"""The whole store as one thing that runs: a database, its schema, and the recorder."""

import asyncio
import logging
import os
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from pathlib import Path

from .embedded import EmbeddedPostgres
from .errors import DatabaseAwayError, DatabaseSetupError, storage_away
from .migrate import migrate_when_up
from .pool import Database
from .recorder import Recorder
from .records import Record
from .writer import PostgresWriter

__all__ = ["Storage"]

_log = logging.getLogger(__name__)

_DRAIN_S = 10.0


class Storage:
    """Sessions in PostgreSQL. Speech goes on without it: trouble is a state here, never an error.

    With `dsn` that database is used; without it one is embedded, with its data under `root`.
    """

    def __init__(
        self,
        dsn: str | None,
        root: Path,
        *,
        binaries: Path | None = None,
        run_as: str | None = None,
        search_path: str = os.defpath,
    ) -> None:
        self.recorder = Recorder(self)
        self.database: Database | None = None
        """None until it was opened for the first time and has its tables."""
        self._dsn = dsn
        self._embedded = EmbeddedPostgres(
            root, binaries=binaries, run_as=run_as, search_path=search_path
        )
        self._fault: str | None = "the database is starting"
        self._settled = asyncio.Event()
        self._writer: PostgresWriter | None = None

    @property
    def fault(self) -> str | None:
        """Why nothing is being stored at the moment; None when everything is well."""
        if self._fault is None and self.database is not None and not self.database.available:
            return f"the database does not answer ({self.database.reason})"
        return self._fault

    def asked(self) -> Database:
        """The database for a request, which has two seconds.

        Raises `LipwireError` with `storage_unavailable` where there is none.
        """
        fault = self.fault
        if fault is not None or self.database is None:
            raise storage_away(fault or "it is starting")
        return self.database.for_requests()

    async def settled(self, within: float) -> None:
        """Returns when it is known whether the database is there, at the latest in `within` s."""
        with suppress(TimeoutError):
            async with asyncio.timeout(within):
                await self._settled.wait()

    async def write(self, batch: Sequence[Record]) -> None:
        """The recorder's writer: away for as long as there is no database."""
        if self._writer is None:
            raise DatabaseAwayError("not open yet")
        await self._writer.write(batch)

    async def run(self, stopping: asyncio.Event) -> None:
        """Keeps the database until `stopping`, then writes what waits.

        Where the database needs a person, that is the fault from then on, and this returns.
        """
        try:
            async with AsyncExitStack() as stack:
                dsn = self._dsn
                if dsn is None:
                    dsn = (await stack.enter_async_context(self._embedded)).dsn
                self.database = await stack.enter_async_context(_open(dsn))
                if await self._migrate(dsn, stopping):
                    await self._record(self.database, stopping)
        except* DatabaseSetupError as group:
            self._fault = str(group.exceptions[0])
            _log.error("nothing is stored: %s", self._fault)
            self._settled.set()

    def log_lost(self) -> None:
        """At the very end: says how many records found no database."""
        if waiting := self.recorder.state.waiting:
            _log.error("%d records were never stored: %s", waiting, self.fault)

    async def _migrate(self, dsn: str, stopping: asyncio.Event) -> bool:
        """False where it was time to stop before the database was there."""
        self._fault = "the database does not answer yet"
        async with asyncio.TaskGroup() as group:
            migration = group.create_task(migrate_when_up(dsn))
            stop = group.create_task(stopping.wait())
            await asyncio.wait({migration, stop}, return_when=asyncio.FIRST_COMPLETED)
            stopped = not migration.done()
            migration.cancel()
            stop.cancel()
        return not stopped

    async def _record(self, database: Database, stopping: asyncio.Event) -> None:
        await database.probe()
        self._writer = PostgresWriter(database)
        self._fault = None
        self._settled.set()
        async with asyncio.TaskGroup() as group:
            tasks = [
                group.create_task(self.recorder.run()),
                group.create_task(database.watch()),
            ]
            await stopping.wait()
            await self.recorder.drain(_DRAIN_S)
            for task in tasks:
                task.cancel()


@asynccontextmanager
async def _open(dsn: str) -> AsyncIterator[Database]:
    async with AsyncExitStack() as stack:
        try:
            database = await stack.enter_async_context(Database.open(dsn))
        except (ValueError, OverflowError):
            # The message can quote the address, which can hold a password.
            raise DatabaseSetupError("the address of the database is malformed") from None
        yield database

"""The whole store as one thing that runs: a database, its schema, and the recorder."""

import asyncio
import logging
import os
from collections.abc import AsyncIterator, Coroutine, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from pathlib import Path

from .embedded import EmbeddedPostgres
from .errors import DatabaseAwayError, DatabaseSetupError, storage_away
from .files import BlobStore
from .migrate import migrate_when_up
from .pool import Database
from .recorder import Recorder
from .records import Record
from .spool import Spool
from .writer import PostgresWriter

__all__ = ["Storage"]

_log = logging.getLogger(__name__)

_DRAIN_S = 10.0


class Storage:
    """Sessions in PostgreSQL. Speech goes on without it: trouble is a state here, never an error.

    With `dsn` that database is used; without it one is embedded, with its data under `root`. What
    is recorded while it is away is kept in files in the folder `spool`; without one, in memory.
    `files` is where audio is kept; without it, none is.
    """

    def __init__(
        self,
        dsn: str | None,
        root: Path,
        *,
        binaries: Path | None = None,
        run_as: str | None = None,
        search_path: str = os.defpath,
        spool: Path | None = None,
        files: BlobStore | None = None,
    ) -> None:
        self._files = files
        self._spool = Spool(spool, dsn, blobs=files) if spool is not None else None
        self.recorder = Recorder(self, self._spool)
        self.database: Database | None = None
        """None until it was opened for the first time and has its tables."""
        self._dsn = dsn
        self._embedded = EmbeddedPostgres(
            root, binaries=binaries, run_as=run_as, search_path=search_path
        )
        self._fault: str | None = "the database is starting"
        self._settled = asyncio.Event()
        self._writer: PostgresWriter | None = None
        self._left = 0

    @property
    def fault(self) -> str | None:
        """Why nothing is being stored at the moment; None when everything is well."""
        fault = self._fault
        if fault is None and self.database is not None and not self.database.available:
            fault = f"the database does not answer ({self.database.reason})"
        spool_error = self.recorder.state.spool_error
        if spool_error is not None:
            trouble = f"records wait in memory, for the disk does not take them: {spool_error}"
            fault = f"{fault}; {trouble}" if fault else trouble
        return fault

    def is_written(self) -> bool:
        """Whether all that was recorded is in the database."""
        state = self.recorder.state
        return not (state.waiting or state.spooled)

    def asked(self) -> Database:
        """The database for a request, which has two seconds.

        Raises `LipwireError` with `storage_unavailable` where there is none.
        """
        if self._fault is not None or self.database is None or not self.database.available:
            raise storage_away(self.fault or "the database is starting")
        return self.database.for_requests()

    async def settled(self, within: float | None = None) -> None:
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

        Where the database needs a person, that is the fault from then on, and what is recorded is
        kept on disk.
        """
        if self._spool is not None:
            await self._spool.adopt()
        try:
            async with asyncio.TaskGroup() as group:
                recording = group.create_task(self.recorder.run())
                await self._keep_database(stopping)
                await stopping.wait()
                if self._spool is not None:
                    await self.recorder.drain(_DRAIN_S)
                recording.cancel()
        finally:
            if self._spool is not None:
                self._left = self._spool.records
                await self._spool.close()

    def log_lost(self) -> None:
        """At the very end: says how many records found no database."""
        if self._left:
            _log.warning("%d records wait on disk for the next start", self._left)
        if waiting := self.recorder.state.waiting:
            _log.error("%d records were never stored: %s", waiting, self.fault)

    async def _keep_database(self, stopping: asyncio.Event) -> None:
        try:
            async with AsyncExitStack() as stack:
                dsn = self._dsn
                if dsn is None:
                    dsn = (await stack.enter_async_context(self._embedded)).dsn
                self.database = await stack.enter_async_context(_open(dsn))
                self._fault = "the database does not answer yet"
                if await _unless(stopping, migrate_when_up(dsn)):
                    await self._record(self.database, stopping)
        except* DatabaseSetupError as group:
            self._fault = str(group.exceptions[0])
            _log.error("nothing is stored: %s", self._fault)
            self._settled.set()

    async def _record(self, database: Database, stopping: asyncio.Event) -> None:
        await database.probe()
        self._writer = PostgresWriter(database, self._files)
        self.recorder.try_again()
        async with asyncio.TaskGroup() as group:
            watching = group.create_task(database.watch())
            # Whoever goes on with a session reads what it was told: all of that.
            self._fault = "what waited on disk is being written"
            if await _unless(stopping, self.recorder.caught_up()):
                self._fault = None
                self._settled.set()
                await stopping.wait()
            await self.recorder.drain(_DRAIN_S)
            watching.cancel()
        self._writer = None


async def _unless(stopping: asyncio.Event, work: Coroutine[None, None, None]) -> bool:
    """Does the work; False where it was time to stop before it was done."""
    async with asyncio.TaskGroup() as group:
        working = group.create_task(work)
        stop = group.create_task(stopping.wait())
        await asyncio.wait({working, stop}, return_when=asyncio.FIRST_COMPLETED)
        is_done = working.done()
        working.cancel()
        stop.cancel()
    return is_done


@asynccontextmanager
async def _open(dsn: str) -> AsyncIterator[Database]:
    async with AsyncExitStack() as stack:
        try:
            database = await stack.enter_async_context(Database.open(dsn))
        except (ValueError, OverflowError):
            # The message can quote the address, which can hold a password.
            raise DatabaseSetupError("the address of the database is malformed") from None
        yield database

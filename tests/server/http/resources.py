"""Operations on a real database, asked over HTTP."""

import asyncio
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from pathlib import Path

import httpx
from starlette.applications import Starlette

from lipwire_server.http.rest import Operation, routes
from lipwire_server.store.pool import Connection, Database
from lipwire_server.store.storage import Storage

__all__ = ["asking_for", "storage_with"]


class _Unhurried(Database):
    """The same database for tests of something else: on a busy machine a request may stand still
    for longer than the two seconds that it usually has."""

    def __init__(self, database: Database) -> None:
        super().__init__(database._pool)
        self.available, self.reason = True, ""

    def for_requests(self) -> Database:
        return self

    @asynccontextmanager
    async def connection(self) -> AsyncIterator[Connection]:
        async with asyncio.timeout(60):
            while (connection := await self._acquired()) is None:
                pass
        try:
            yield connection
        finally:
            await self._pool.release(connection)

    async def _acquired(self) -> "Connection | None":
        try:
            return await self._pool.acquire()
        except TimeoutError:
            return None  # A new connection has two seconds, too.


def storage_with(database: Database, tmp_path: Path) -> Storage:
    """As if it had opened that database by itself."""
    storage = Storage(None, tmp_path)
    storage.database, storage._fault = _Unhurried(database), None
    return storage


@asynccontextmanager
async def asking_for(operations: Iterable[Operation]) -> AsyncIterator[httpx.AsyncClient]:
    app = Starlette(routes=routes(operations))
    app.router.redirect_slashes = False
    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url="http://lipwire") as client:
        yield client

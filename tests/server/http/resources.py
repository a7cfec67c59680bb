"""Operations on a real database, asked over HTTP."""

from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from pathlib import Path

import httpx
from starlette.applications import Starlette

from lipwire_server.http.rest import Operation, routes
from lipwire_server.store.pool import Database
from lipwire_server.store.storage import Storage

__all__ = ["asking_for", "storage_with"]


def storage_with(database: Database, tmp_path: Path) -> Storage:
    """As if it had opened that database by itself."""
    storage = Storage(None, tmp_path)
    storage.database, storage._fault = database, None
    return storage


@asynccontextmanager
async def asking_for(operations: Iterable[Operation]) -> AsyncIterator[httpx.AsyncClient]:
    app = Starlette(routes=routes(operations))
    app.router.redirect_slashes = False
    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url="http://lipwire") as client:
        yield client

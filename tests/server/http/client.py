"""The pages and routes of a house in which nothing is spoken."""

import asyncio
from collections.abc import AsyncIterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from pathlib import Path

import httpx

from lipwire_server.app import House, build_app
from lipwire_server.rendering import Renderer
from lipwire_server.store.files import FileBlobs
from lipwire_server.store.storage import Storage
from lipwire_server.ws.connections import Connections
from tests.fakes import WIRE_VOICE, FakeSynthesis, fake_host, open_gate

__all__ = ["asking", "house", "stored_house"]


def house(tmp_path: Path, storage: Storage | None = None) -> House:
    """Unless it is given another one, its database never starts. It renders nothing."""
    host = fake_host(FakeSynthesis(known=[WIRE_VOICE]))
    storage = storage or Storage(None, tmp_path)
    files = FileBlobs(tmp_path / "blobs", tmp_path / "drafts", ThreadPoolExecutor(1))
    return House(
        host=host,
        storage=storage,
        files=files,
        renderer=Renderer(host, storage, files),
        connections=Connections(),
        gate=open_gate(),
    )


@asynccontextmanager
async def stored_house(dsn: str, tmp_path: Path) -> AsyncIterator[House]:
    """One that stores in a database that has its tables."""
    storage = Storage(dsn, tmp_path)
    stopping = asyncio.Event()
    async with asyncio.TaskGroup() as group:
        group.create_task(storage.run(stopping))
        try:
            # However busy the machine is: a test that never begins ends by itself.
            await storage.settled()
            yield house(tmp_path, storage)
        finally:
            stopping.set()


@asynccontextmanager
async def asking(house: House) -> AsyncIterator[httpx.AsyncClient]:
    transport = httpx.ASGITransport(build_app(house))
    async with httpx.AsyncClient(transport=transport, base_url="http://lipwire") as client:
        yield client

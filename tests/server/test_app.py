import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager
from pathlib import Path
from types import SimpleNamespace
from typing import cast

import pytest

from lipwire_protocol import Hello, LipwireError, Ready
from lipwire_server import app
from lipwire_server.app import new_host, open_house
from lipwire_server.stage import find_faces, open_scheduler
from lipwire_server.store.files import BlobStore
from lipwire_server.store.pool import Connection, Database
from lipwire_server.store.storage import Storage
from tests.fakes import FakeSink
from tests.server.voices import tiny_settings
from tests.tiny_voice import NAME


async def test_a_house_that_cannot_open_says_why_and_leaves_nothing_running(
    tmp_path: Path,
) -> None:
    settings = tiny_settings(tmp_path, voice="nobody", database_url="postgresql://127.0.0.1:1/x")
    with pytest.raises(ExceptionGroup) as caught:
        async with open_house(settings, ""):
            pass
    assert caught.group_contains(LipwireError, match="nobody")


async def test_a_house_speaks_while_its_database_is_away(tmp_path: Path) -> None:
    settings = tiny_settings(tmp_path, database_url="postgresql://127.0.0.1:1/x")
    async with open_scheduler(settings, time.monotonic_ns) as scheduler:
        studio, cast = find_faces(settings)
        storage = Storage(settings.database_url, tmp_path)
        host = new_host(settings, scheduler, studio, cast, storage)
        sink = FakeSink()
        session = host.open(Hello(), sink)
        ready, warning = sink.sent
        assert isinstance(ready, Ready)
        assert ready.voice.name == NAME
        assert len(ready.session.secret or "") >= 32
        assert "is starting" in getattr(warning, "message", "")
        assert session.id.version == 7


@pytest.mark.virtual_time
async def test_what_is_too_old_is_removed_once_there_is_a_database(tmp_path: Path) -> None:
    asked: list[float] = []

    def connection() -> AbstractAsyncContextManager[Connection]:
        asked.append(asyncio.get_running_loop().time())
        raise TimeoutError

    async def names() -> AsyncIterator[list[bytes]]:
        for _ in ():
            yield []

    files = cast(BlobStore, SimpleNamespace(names=names))
    database = cast(Database, SimpleNamespace(connection=connection, available=True))
    storage = Storage(None, tmp_path)
    async with app._pruning(tiny_settings(tmp_path), storage, files):
        await asyncio.sleep(3_600)
        assert asked == []
        storage.database, storage._fault = database, None
        await asyncio.sleep(3_600)
    assert set(asked) == {3660.0}

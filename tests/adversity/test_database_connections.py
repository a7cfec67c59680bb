"""A database that has no connection left for us: whoever asks is told so, and then all is well."""

import asyncio
from contextlib import AsyncExitStack

import asyncpg
import pytest

from lipwire_protocol import ErrorCode, LipwireError
from lipwire_server.store import pool
from lipwire_server.store.pool import Database


async def asked(database: Database) -> object:
    async with database.for_requests().connection() as connection:
        return await connection.fetchval("SELECT 1")


async def test_who_asks_when_all_are_taken_is_told_to_come_back(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with AsyncExitStack() as taken:
        for _ in range(8):
            await taken.enter_async_context(database.connection())
        with monkeypatch.context() as usually:
            usually.setattr(pool, "_REQUEST_S", 1.8)
            refused = await asyncio.gather(
                *(asked(database) for _ in range(20)), return_exceptions=True
            )
    for error in refused:
        assert isinstance(error, LipwireError)
        assert error.code is ErrorCode.STORAGE_UNAVAILABLE and error.retry_after_ms
    assert await asyncio.gather(*(asked(database) for _ in range(20))) == [1] * 20


async def test_a_postgresql_without_a_connection_left_is_a_state_that_passes(
    empty_dsn: str,
) -> None:
    others = await asyncpg.connect(empty_dsn)
    try:
        # But for superusers, who are never counted: a role of its own.
        await others.execute("CREATE ROLE guest LOGIN")
        await others.execute("ALTER ROLE guest CONNECTION LIMIT 0")
        dsn = empty_dsn.replace("postgresql://postgres@", "postgresql://guest@")
        async with Database.open(dsn) as database:
            assert not database.available and "53300" in database.reason
            with pytest.raises(LipwireError) as refused:
                await asked(database)
            assert refused.value.code is ErrorCode.STORAGE_UNAVAILABLE
            await others.execute("ALTER ROLE guest CONNECTION LIMIT -1")
            assert await database.probe()
            assert await asked(database) == 1
        await others.execute("DROP ROLE guest")
    finally:
        await others.close()

"""The database that a command of the command line works on."""

import sys
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlsplit

import asyncpg

from lipwire_protocol import ErrorCode, LipwireError

from .config import Settings
from .observe.waiting import waiting
from .store.embedded import EmbeddedPostgres
from .store.tables import Plain

__all__ = ["Place", "opened"]

_CONNECT_S: Final = 15.0
"""Where nobody is, that is known at once: who takes so long is busy, or behind a wall."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """A database that answers."""

    dsn: str
    where: str
    """Without an account and a password."""
    connection: Plain


@asynccontextmanager
async def opened(settings: Settings, search_path: str) -> AsyncIterator[Place]:
    """The database: one from outside, the one of a server that runs, or started for this."""
    if settings.database_url is not None:
        where = _without_account(settings.database_url)
        async with _connected(settings.database_url, where) as connection:
            yield Place(dsn=settings.database_url, where=where, connection=connection)
        return
    embedded = EmbeddedPostgres(
        settings.data / "postgres",
        binaries=settings.pg_bin,
        run_as=settings.pg_user,
        search_path=search_path,
    )
    async with AsyncExitStack() as stack:
        with waiting(sys.stderr):
            await stack.enter_async_context(embedded)
        beside = "" if embedded.is_owner else ", beside a server that runs"
        where = f"embedded in {embedded.root}{beside}"
        async with _connected(embedded.dsn, where) as connection:
            yield Place(dsn=embedded.dsn, where=where, connection=connection)


@asynccontextmanager
async def _connected(dsn: str, where: str) -> AsyncIterator[Plain]:
    try:
        connection = await asyncpg.connect(dsn, timeout=_CONNECT_S)
    except (OSError, TimeoutError, asyncpg.PostgresError, asyncpg.InterfaceError) as error:
        raise _away(where, error) from error
    except (ValueError, OverflowError):
        # The message can quote the address, which can hold a password.
        raise LipwireError(
            ErrorCode.STORAGE_UNAVAILABLE,
            "DATABASE_URL is malformed; it is like postgresql://user:password@host/database",
        ) from None
    try:
        yield connection
    except asyncpg.LockNotAvailableError as error:
        raise LipwireError(
            ErrorCode.CONFLICT,
            f"{where}: somebody uses the tables: stop the servers on it, and try again",
        ) from error
    except asyncpg.InsufficientPrivilegeError as error:
        raise LipwireError(
            ErrorCode.STORAGE_UNAVAILABLE,
            f"{where}: the account may not do that ({error}): use the one that owns the tables",
        ) from error
    except (asyncpg.PostgresError, asyncpg.InterfaceError) as error:
        raise _away(where, error) from error
    finally:
        connection.terminate()


def _away(where: str, error: BaseException) -> LipwireError:
    state = getattr(error, "sqlstate", None)
    reason = f"{type(error).__name__} {state}" if state else type(error).__name__
    return LipwireError(
        ErrorCode.STORAGE_UNAVAILABLE,
        f"{where} does not answer ({reason}): start it, or correct DATABASE_URL and its password",
    )


def _without_account(dsn: str) -> str:
    try:
        parts = urlsplit(dsn)
        host = parts.hostname or "a socket"
        return f"PostgreSQL at {host}{f':{parts.port}' if parts.port else ''}{parts.path}"
    except ValueError:
        return "DATABASE_URL"

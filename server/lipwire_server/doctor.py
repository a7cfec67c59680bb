"""`lipwire doctor`: tries everything that a working server needs, and says what is wrong."""

import sys
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass

from lipwire_protocol import ErrorCode, LipwireError

from .app import open_scheduler, open_storage
from .config import Settings
from .http.pages import web_folder
from .serving import listen
from .speech.port import NOBODY, Job, Plan

__all__ = ["Finding", "examine"]

_DATABASE_S = 20.0
_MAKING_S = 120.0
"""For the one that comes along: a busy machine takes its time to make it."""
_SENTENCE = "The quick brown fox jumps over the lazy dog."


@dataclass(frozen=True, slots=True)
class Finding:
    """One line of the report."""

    topic: str
    well: bool
    text: str


async def examine(settings: Settings, search_path: str) -> AsyncIterator[Finding]:
    """Findings, one after another, as they are made."""
    checks: list[tuple[str, Callable[[], Awaitable[str]]]] = [
        ("python", _python),
        ("voice", lambda: _voice(settings)),
        ("database", lambda: _database(settings, search_path)),
        ("port", lambda: _port(settings)),
        ("pages", _pages),
    ]
    for topic, check in checks:
        try:
            yield Finding(topic, True, await check())
        except LipwireError as error:
            yield Finding(topic, False, str(error))


async def _python() -> str:
    return f"{sys.version.split()[0]} at {sys.executable}"


async def _voice(settings: Settings) -> str:
    began = time.monotonic()
    async with open_scheduler(settings) as scheduler:
        names = ", ".join(voice.name for voice in scheduler.voices())
        loaded = time.monotonic()
        samples, first = 0, 0.0
        with scheduler.seat(NOBODY) as seat:
            async for part in seat.speak(Job(text=_SENTENCE, voice=settings.voice)):
                if isinstance(part, Plan):
                    samples = part.count
                else:
                    first = first or time.monotonic() - loaded
        took = time.monotonic() - loaded
        seconds = samples / scheduler.voices()[0].sample_rate
    return (
        f"{names}; loaded in {loaded - began:.1f} s, first sound after {1000 * first:.0f} ms, "
        f"{seconds / took:.0f} times faster than real time"
    )


async def _database(settings: Settings, search_path: str) -> str:
    kind = "DATABASE_URL" if settings.database_url else f"embedded under {settings.data}"
    async with open_storage(settings, search_path) as storage:
        await storage.settled(_DATABASE_S if settings.database_url else _MAKING_S)
        fault, database = storage.fault, storage.database
        if fault is None and database is not None:
            async with database.connection() as connection:
                version = await connection.fetchval("SHOW server_version")
                sessions = await connection.fetchval("SELECT count(*) FROM session")
    if fault is not None:
        raise LipwireError(
            ErrorCode.STORAGE_UNAVAILABLE, f"{kind}: {fault}; speaking works without it"
        )
    return f"PostgreSQL {version} ({kind}), {sessions} sessions stored"


async def _port(settings: Settings) -> str:
    listen(settings.host, settings.port).close()
    return f"{settings.host}:{settings.port} is free"


async def _pages() -> str:
    folder = web_folder()
    index = folder / "demo" / "index.html"
    if not index.is_file():
        raise LipwireError(ErrorCode.NOT_FOUND, f"{index} is missing; install the package again")
    return f"served from {folder}"

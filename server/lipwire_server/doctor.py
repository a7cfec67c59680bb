"""`lipwire doctor`: tries everything that a working server needs, and says what is wrong."""

import errno
import sys
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass

import httpx
import msgspec

from lipwire_protocol import ErrorCode, LipwireError

from .app import open_storage
from .config import Settings
from .http.health import Readiness
from .http.pages import web_folder
from .opening import opened
from .serving import listen
from .speech.port import NOBODY, Job, Plan
from .stage import open_scheduler

__all__ = ["Finding", "examine"]

_DATABASE_S = 20.0
_ANSWER_S = 15.0
"""Of who has the port: on a busy machine, a Lipwire that stands still for seconds is one, too."""
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
    async with open_scheduler(settings, time.monotonic_ns) as scheduler:
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
    if settings.database_url:
        await _answers(settings, search_path)
    kind = "DATABASE_URL" if settings.database_url else f"embedded under {settings.data}"
    async with open_storage(settings, search_path) as storage:
        await storage.settled(_DATABASE_S if settings.database_url else _MAKING_S)
        fault, database = storage.fault, storage.database
        if fault is None and database is not None:
            async with database.connection() as connection:
                version = await connection.fetchval("SHOW server_version")
                sessions = await connection.fetchval("SELECT count(*) FROM session")
    if fault is not None:
        raise _without(f"{kind}: {fault}")
    return f"PostgreSQL {version} ({kind}), {sessions} sessions stored"


async def _answers(settings: Settings, search_path: str) -> None:
    """Raises LipwireError at once, where a server would wait for the database."""
    try:
        async with opened(settings, search_path):
            pass
    except LipwireError as error:
        raise _without(str(error)) from error


def _without(fault: str) -> LipwireError:
    return LipwireError(ErrorCode.STORAGE_UNAVAILABLE, f"{fault}; speaking works without it")


async def _port(settings: Settings) -> str:
    place = f"{settings.host}:{settings.port}"
    try:
        listen(settings.host, settings.port).close()
    except LipwireError as error:
        is_taken = getattr(error.__cause__, "errno", None) == errno.EADDRINUSE
        if is_taken and await _is_lipwire(settings):
            return f"a Lipwire runs at {place} already; one more takes another --port"
        raise
    return f"{place} is free"


async def _is_lipwire(settings: Settings) -> bool:
    """Whether that is what has the port: no other server is ready in the same words."""
    host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(settings.host, settings.host)
    scheme = "https" if settings.tls_cert else "http"
    url = f"{scheme}://{f'[{host}]' if ':' in host else host}:{settings.port}/readyz"
    try:
        # Whose certificate it is does not matter, and no proxy knows it.
        async with httpx.AsyncClient(timeout=_ANSWER_S, verify=False, trust_env=False) as client:
            msgspec.json.decode((await client.get(url)).content, type=Readiness)
    except (httpx.HTTPError, httpx.InvalidURL, msgspec.MsgspecError):
        return False
    return True


async def _pages() -> str:
    folder = web_folder()
    index = folder / "demo" / "index.html"
    if not index.is_file():
        raise LipwireError(ErrorCode.NOT_FOUND, f"{index} is missing; install the package again")
    return f"served from {folder}"

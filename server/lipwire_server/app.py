"""The composition root: the only place that knows everything, and that reads a clock."""

import asyncio
import logging
import secrets
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import UUID

import uuid_utils.compat
from starlette.applications import Starlette
from starlette.routing import Route, WebSocketRoute

from lipwire_protocol import Limits, LipwireError

from .config import Settings
from .http.health import healthz, readyz
from .http.pages import pages, web_folder
from .http.voices import voices
from .lipsync.track import lips
from .session.host import Host
from .speech.port import Job
from .speech.scheduler import Scheduler
from .speech.voices.finding import find_voices, load_voice
from .store.storage import Storage
from .ws.connections import Connections
from .ws.endpoint import StreamEndpoint

__all__ = ["House", "build_app", "open_house", "open_scheduler", "open_storage"]

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class House:
    """What runs while the server does."""

    host: Host
    storage: Storage
    connections: Connections


@asynccontextmanager
async def open_scheduler(settings: Settings, *, alone: bool = False) -> AsyncIterator[Scheduler]:
    """Synthesis with every voice that can be loaded; with `alone`, the default voice only.

    Raises LipwireError when the default voice cannot; without another one the server goes on.
    """
    found = find_voices(settings.voices)
    loaded = [await asyncio.to_thread(load_voice, settings.voice, found)]
    for name in [] if alone else [name for name in found if name != settings.voice]:
        try:
            loaded.append(await asyncio.to_thread(load_voice, name, found))
        except LipwireError as error:
            _log.warning("going on without the voice %s: %s", name, error)
    async with Scheduler(loaded, lips, time.monotonic_ns, workers=settings.workers) as scheduler:
        yield scheduler


@asynccontextmanager
async def open_storage(settings: Settings, search_path: str) -> AsyncIterator[Storage]:
    """Storage that is starting; on the way out everything that waits is written."""
    storage = Storage(
        settings.database_url,
        settings.data / "postgres",
        binaries=settings.pg_bin,
        run_as=settings.pg_user,
        search_path=search_path,
    )
    stopping = asyncio.Event()
    async with asyncio.TaskGroup() as group:
        group.create_task(storage.run(stopping))
        try:
            yield storage
        finally:
            stopping.set()
    storage.log_lost()


@asynccontextmanager
async def open_house(settings: Settings, search_path: str) -> AsyncIterator[House]:
    """Voices loaded, storage starting beside them."""
    async with (
        open_storage(settings, search_path) as storage,
        open_scheduler(settings) as scheduler,
    ):
        await _warm_up(scheduler, settings.voice)
        host = new_host(settings, scheduler, storage)
        yield House(host=host, storage=storage, connections=Connections())


async def _warm_up(scheduler: Scheduler, voice: str) -> None:
    """The first run of a model allocates what later ones find there."""
    async for _ in scheduler.speak(Job(text="Hello.", voice=voice)):
        pass


def new_host(settings: Settings, scheduler: Scheduler, storage: Storage) -> Host:
    return Host(
        synthesis=scheduler,
        default_voice=settings.voice,
        limits=Limits(),
        now_ns=time.monotonic_ns,
        wall=lambda: datetime.now(UTC),
        new_id=new_id,
        new_secret=lambda: secrets.token_urlsafe(24),
        record=storage.recorder.record,
        storage_fault=lambda: storage.fault,
    )


def new_id() -> UUID:
    """A UUIDv7: keys that were made one after another lie beside each other in an index."""
    return uuid_utils.compat.uuid7()


def build_app(house: House) -> Starlette:
    host = house.host
    stream = StreamEndpoint(host, house.connections)
    return Starlette(
        routes=[
            WebSocketRoute("/v1/stream", stream.serve),
            Route("/v1/voices", voices(host.synthesis.voices(), host.default_voice)),
            Route("/healthz", healthz),
            Route("/readyz", readyz(house.storage, lambda: len(house.connections))),
            *pages(web_folder()),
        ]
    )

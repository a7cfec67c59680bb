"""The composition root: the only place that knows everything, and that reads a clock."""

import asyncio
import secrets
import time
from collections.abc import AsyncIterator, Coroutine, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.metadata import version

from prometheus_client import CollectorRegistry
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.middleware.cors import CORSMiddleware
from starlette.routing import WebSocketRoute

from lipwire_protocol import Limits

from .access.gate import Gate
from .access.visitors import Visitors
from .config import Settings
from .face.cast import Cast
from .face.studio import Studio
from .http import (
    assets,
    audios,
    avatars,
    config,
    faces,
    health,
    metrics,
    presets,
    sessions,
    stats,
    tokens,
    utterances,
    visemes,
    voices,
)
from .http.doorkeeper import Doorkeeper
from .http.lipsync import lipsync_operations
from .http.pages import pages, web_folder
from .http.phonemes import phoneme_operations
from .http.problems import http_problem
from .http.renders import render_operations
from .http.rest import Operation
from .http.surface import surface
from .observe.meter import Meter
from .rendering import Renderer
from .session.full_frames import FullFrames
from .session.host import Host
from .speech.port import NOBODY, Job
from .speech.scheduling.scheduler import Scheduler
from .stage import find_faces, new_id, open_scheduler
from .store.files import BlobStore, FileBlobs
from .store.keeping import AudioKeeper
from .store.keys import StoredKey, usable_keys
from .store.recounting import Recounting
from .store.retention import Bite, Keep, prune_hourly, prunings
from .store.speech_log import SpeechLog
from .store.standings import Standings
from .store.storage import Storage
from .ws.connections import Connections
from .ws.endpoint import StreamEndpoint

__all__ = [
    "House",
    "build_app",
    "new_host",
    "open_house",
    "open_storage",
    "operations",
]

_USUAL_SIZE = 512
"""Pictures that most clients ask for."""
_KEEPING_S = 5.0
_REVOKED_S = 20.0


@dataclass(frozen=True, slots=True, kw_only=True)
class House:
    """What runs while the server does."""

    host: Host
    storage: Storage
    files: BlobStore
    renderer: Renderer
    connections: Connections
    gate: Gate
    origins: tuple[str, ...] = ()
    """Of other sites whose pages may connect."""
    names: frozenset[str] | None = None
    """The server's own, beside those of this machine; None where any will do."""


@asynccontextmanager
async def open_storage(
    settings: Settings, search_path: str, files: BlobStore | None = None
) -> AsyncIterator[Storage]:
    """Storage that is starting; on the way out everything that waits is written."""
    storage = Storage(
        settings.database_url,
        settings.data / "postgres",
        binaries=settings.pg_bin,
        run_as=settings.pg_user,
        search_path=search_path,
        spool=settings.data / "spool",
        files=files,
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
        FileBlobs.open_in(settings.data) as files,
        open_storage(settings, search_path, files) as storage,
        _keeping(storage, files) as keeper,
        _pruning(settings, storage, files),
        open_scheduler(settings, time.monotonic_ns) as scheduler,
    ):
        studio, cast = find_faces(settings)
        await _warm_up(scheduler, settings.voice)
        # Where the default avatar is broken the server does not start, as with its voice.
        await asyncio.to_thread(studio.atlas, cast.default, _USUAL_SIZE, "image/webp")
        host = new_host(settings, scheduler, studio, cast, storage, keeper)
        try:
            renderer = Renderer(host, storage, files)
            standings = Standings(storage, host.ownership)
            async with _beside(renderer.run()), _beside(standings.run()):
                house = House(
                    host=host,
                    storage=storage,
                    files=files,
                    renderer=renderer,
                    connections=Connections(),
                    gate=_gate(settings, storage),
                    origins=settings.welcome_origins,
                    names=settings.own_names,
                )
                async with _beside(_expel_revoked(house)):
                    yield house
        finally:
            host.registry.close()


def _gate(settings: Settings, storage: Storage) -> Gate:
    async def load() -> list[StoredKey]:
        async with storage.asked().connection() as connection:
            return await usable_keys(connection)

    visitors = Visitors(settings.per_address, time.monotonic)
    return Gate(load, locked=settings.locked, visitors=visitors, wall=_wall)


@asynccontextmanager
async def _beside(work: Coroutine[None, None, None]) -> AsyncIterator[None]:
    """Meanwhile, that is done."""
    async with asyncio.TaskGroup() as group:
        doing = group.create_task(work)
        try:
            yield
        finally:
            doing.cancel()


async def _expel_revoked(house: House) -> None:
    """Shows the door to whoever has a key that was revoked."""
    while house.gate.locked:
        await asyncio.sleep(_REVOKED_S)
        await house.connections.expel()


@asynccontextmanager
async def _keeping(storage: Storage, files: BlobStore) -> AsyncIterator[AudioKeeper]:
    """Meanwhile, how utterances sound is written; on the way out, all of it that waits."""
    keeper = AudioKeeper(files, storage.recorder.record, new_id)
    async with asyncio.TaskGroup() as group:
        running = group.create_task(keeper.run())
        try:
            yield keeper
        finally:
            running.cancel()
            await keeper.drain(_KEEPING_S)


@asynccontextmanager
async def _pruning(settings: Settings, storage: Storage, files: BlobStore) -> AsyncIterator[None]:
    """Meanwhile, what is too old is removed."""
    keep = Keep(settings.keep_days, settings.keep_audio_days)

    def bites() -> Mapping[str, Bite]:
        if storage.database is None or storage.fault is not None or storage.recorder.state.spooled:
            return {}  # What waits on disk may name files that nothing in the database does yet.
        return prunings(storage.database, files, keep, _wall, storage.is_written)

    async with _beside(prune_hourly(bites)):
        yield


async def _warm_up(scheduler: Scheduler, voice: str) -> None:
    """The first run of a model allocates what later ones find there."""
    with scheduler.seat(NOBODY) as seat:
        async for _ in seat.speak(Job(text="Hello.", voice=voice)):
            pass


def new_host(
    settings: Settings,
    scheduler: Scheduler,
    studio: Studio,
    cast: Cast,
    storage: Storage,
    keeper: AudioKeeper | None = None,
) -> Host:
    log = SpeechLog(storage)
    return Host(
        synthesis=scheduler,
        default_voice=settings.voice,
        studio=studio,
        cast=cast,
        full_frames=FullFrames(settings.full_frames),
        limits=Limits(),
        now_ns=time.monotonic_ns,
        wall=_wall,
        new_id=new_id,
        new_secret=lambda: secrets.token_urlsafe(24),
        record=storage.recorder.record,
        storage_fault=lambda: storage.fault,
        take_up=log.take_up,
        look_up=log.look_up,
        recount=Recounting(log).recount,
        keeper=keeper if settings.keep_audio_days else None,
    )


def _wall() -> datetime:
    return datetime.now(UTC)


def build_app(house: House) -> Starlette:
    registry = CollectorRegistry()
    meter = Meter(registry)
    stream = StreamEndpoint(house.host, house.connections, house.gate, house.origins, meter)
    app = Starlette(
        routes=[
            WebSocketRoute("/v1/stream", stream.serve),
            *surface(operations(house, registry), version("lipwire"), house.gate),
            *pages(web_folder()),
        ],
        exception_handlers={HTTPException: http_problem},
        middleware=[
            Middleware(Doorkeeper, origins=house.origins, names=house.names),
            *_cross_origin(house.origins),
        ],
    )
    # An address with a slash too many is another one, and there is nothing.
    app.router.redirect_slashes = False
    return app


def _cross_origin(origins: Sequence[str]) -> list[Middleware]:
    """Pages of those sites may ask over REST, too; cookies are never looked at."""
    if not origins:
        return []
    return [
        Middleware(
            CORSMiddleware,
            allow_origins=origins,
            allow_methods=["GET", "POST", "PUT", "PATCH", "DELETE"],
            allow_headers=["Authorization", "Content-Type", "If-Match", "If-None-Match", "Range"],
            expose_headers=["ETag", "Location", "Retry-After", "Content-Range"],
        )
    ]


def operations(house: House, registry: CollectorRegistry) -> list[Operation]:
    """All that can be done over REST; `registry` is what `/metrics` shows."""
    host, storage, files = house.host, house.storage, house.files

    def connections() -> int:
        return len(house.connections)

    registry.register(
        metrics.Gauges(host.synthesis, storage, connections, lambda: host.registry.waiting)
    )
    renderer = house.renderer
    return [
        *lipsync_operations(host, storage, files),
        *phoneme_operations(host),
        *utterances.operations(storage),
        *sessions.operations(storage, host),
        *avatars.operations(storage, host),
        *presets.operations(storage, host.new_id),
        *render_operations(host, storage, files, wake=renderer.wake, stop=renderer.stop),
        *audios.operations(storage, files),
        *assets.operations(storage, files, host.new_id),
        *config.operations(storage),
        *voices.operations(host.synthesis, host.default_voice),
        *faces.operations(host.cast),
        *visemes.operations(),
        *tokens.operations(_wall),
        *stats.operations(storage, host.synthesis, connections),
        *metrics.operations(registry),
        *health.operations(storage, connections),
    ]

"""Who speaks and who is seen: voices, threads and faces as the settings want them.

All that speech is made with; sockets and the database are not known here.
"""

import logging
import os
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from uuid import UUID

import uuid_utils.compat

from .config import Settings
from .face.cast import Cast
from .face.packs.finding import find_avatars
from .face.studio import Studio
from .lipsync.mouth import mouth
from .speech.scheduling.crew import ThreadCrew
from .speech.scheduling.scheduler import Scheduler
from .speech.voices.finding import survey
from .speech.voices.library import Library

__all__ = ["find_faces", "new_id", "open_scheduler"]

_log = logging.getLogger(__name__)


@asynccontextmanager
async def open_scheduler(settings: Settings, now_ns: Callable[[], int]) -> AsyncIterator[Scheduler]:
    """Synthesis with every voice that can be found, on that clock.

    Raises LipwireError when the default voice cannot be loaded. The others are loaded when they
    are needed.
    """
    found = survey(settings.voices, downloaded=settings.downloads)
    for problem in found.problems:
        _log.warning("%s", problem)
    paths = {voice.name: voice.model for voice in found.voices.values()}
    library = Library(paths, mouth, now_ns, cache=settings.data / "prepared")
    await library.voice(settings.voice)
    crew = ThreadCrew(settings.workers or _cores(), now_ns)
    async with Scheduler(
        library,
        crew,
        now_ns,
        load_percent=settings.load_percent,
        wait_s=settings.wait_ms / 1000,
        cache_bytes=settings.cache_mb << 20,
    ) as scheduler:
        yield scheduler


def find_faces(settings: Settings) -> tuple[Studio, Cast]:
    """Every avatar that can be found; one is loaded when it is needed.

    Raises LipwireError where there is no such folder, or the default one is not among them.
    """
    found = find_avatars(settings.avatars)
    for problem in found.problems:
        _log.warning("%s", problem)
    avatars = found.avatars
    studio = Studio(
        {name: avatar.load for name, avatar in avatars.items()},
        settings.avatar,
        cache_bytes=settings.pictures_mb << 20,
    )
    sizes = {name: avatar.manifest.size for name, avatar in avatars.items()}
    titles = {name: avatar.manifest.title for name, avatar in avatars.items()}
    return studio, Cast(settings.avatar, sizes, titles)


def new_id() -> UUID:
    """A UUIDv7: keys that were made one after another lie beside each other in an index."""
    return uuid_utils.compat.uuid7()


def _cores() -> int:
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1

"""Lipwire's speech engine without a socket: the only place of the benches that knows it."""

import os
from collections.abc import AsyncIterator
from contextlib import aclosing, asynccontextmanager
from pathlib import Path

from lipwire_server.speech.scheduler import Scheduler

from lipwire_server.app import open_scheduler
from lipwire_server.config import Settings
from lipwire_server.speech.port import Job, Window

__all__ = ["open_engine", "sample_rate", "windows"]


@asynccontextmanager
async def open_engine(workers: int) -> AsyncIterator[Scheduler]:
    settings = Settings(data=Path(os.devnull), workers=workers)
    async with open_scheduler(settings, alone=True) as scheduler:
        yield scheduler


async def windows(scheduler: Scheduler, text: str, seed: int) -> AsyncIterator[int]:
    """The number of samples of each window of a segment, when it is there."""
    job = Job(text=text, voice=Settings(data=Path(os.devnull)).voice, seed=seed)
    async with aclosing(scheduler.speak(job)) as speech:
        async for item in speech:
            if isinstance(item, Window):
                yield len(item.samples)


def sample_rate(scheduler: Scheduler) -> int:
    return scheduler.voices()[0].sample_rate

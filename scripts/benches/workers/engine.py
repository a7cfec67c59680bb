"""Lipwire's speech engine without a socket: the only place of the benches that knows it."""

import time
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import aclosing, asynccontextmanager
from pathlib import Path

from lipwire_server.config import Settings
from lipwire_server.speech.port import NOBODY, Job, Synthesis, Window
from lipwire_server.stage import open_scheduler

__all__ = ["open_engine", "sample_rate", "windows"]

_VOICE = "en_US-joe-medium"
_NO_LIMIT_PERCENT = 1_000
"""Admission is a matter of servers; here the bench says how many speak."""


@asynccontextmanager
async def open_engine(workers: int, data: Path) -> AsyncIterator[Synthesis]:
    """The engine as a server opens it, with nothing remembered and nobody refused."""
    settings = Settings(
        data=data,
        voice=_VOICE,
        workers=workers,
        cache_mb=0,
        load_percent=_NO_LIMIT_PERCENT,
    )
    async with open_scheduler(settings, time.monotonic_ns) as scheduler:
        yield scheduler


async def windows(engine: Synthesis, text: str, seed: int) -> AsyncGenerator[int, None]:
    """The number of samples of each window of a segment, when it is there."""
    job = Job(text=text, voice=_VOICE, seed=seed)
    with engine.seat(NOBODY) as seat:
        async with aclosing(seat.speak(job)) as speech:
            async for item in speech:
                if isinstance(item, Window):
                    yield len(item.samples)


def sample_rate(engine: Synthesis) -> int:
    return engine.voices()[0].sample_rate

"""The movie of a conversation: its frames are drawn and its sound is kept as they come."""

import asyncio
import os
import sys
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, suppress
from pathlib import Path
from typing import Final, Self

import numpy as np
from msgspec import UNSET
from numpy.typing import NDArray
from PIL.Image import Image

from lipwire_protocol import Chunk, Idle, Ready

from .face.movie.files import open_movie
from .face.movie.film import Film
from .face.studio import Studio

__all__ = ["Camera"]

_NICE: Final = 10


class _OverError(Exception):
    """Nobody wants the movie any more."""


def _yield() -> None:
    """For the thread that calls it, and those that an encoder makes in it."""
    if sys.platform == "linux":
        thread = threading.get_native_id()
        usual = os.getpriority(os.PRIO_PROCESS, thread)
        os.setpriority(os.PRIO_PROCESS, thread, max(usual, _NICE))


class Camera:
    """Films one utterance of a session that has frames of mode `sprites` and sound in `pcm_f32le`.

    It works in a thread of its own, on one chunk while the next one is made. Leaving its context
    without `finish` ends that after the picture that is drawn, and removes what there is of the
    movie.
    """

    def __init__(self, path: Path, studio: Studio, *, yields: bool = False) -> None:
        """Where it `yields`, every other thread of this process goes first (on Linux)."""
        self.fault: OSError | None = None
        """Why the movie could not be written."""
        self._path = path
        self._studio = studio
        self._film: Film | None = None
        self._at_rest = asyncio.Event()
        self._is_over = False
        self._thread = ThreadPoolExecutor(1, "camera", _yield if yields else None)
        self._working: asyncio.Future[None] | None = None
        self._stack = ExitStack()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        # Nobody closes what the thread still writes to.
        self._is_over = True
        self._thread.shutdown()
        self._stack.close()

    @property
    def pictures(self) -> int:
        """So many are in the movie by now."""
        return self._film.pictures if self._film else 0

    async def open(self, ready: Ready) -> None:
        """Raises LipwireError when there cannot be such a movie."""
        await self._do(lambda: self._open(ready))
        await self._done()

    async def at_rest(self) -> None:
        """Returns when it knows how the face is before it speaks: earlier, nobody should."""
        await self._at_rest.wait()

    async def take(self, message: Idle | Chunk) -> None:
        film = self._film
        assert film is not None
        frames = () if message.frames is UNSET else message.frames
        if isinstance(message, Idle):
            await self._do(lambda: film.idle(frames))
            self._at_rest.set()
        else:
            assert isinstance(message.audio, bytes)
            samples = np.frombuffer(message.audio, "<f4")
            await self._do(lambda: film.speak(samples, frames))

    async def finish(self) -> None:
        """The utterance is over; the movie is there."""
        assert self._film is not None
        await self._do(self._film.finish)
        await self._done()

    def _open(self, ready: Ready) -> None:
        frames, rate = ready.frames, ready.audio.sample_rate
        assert frames.mime is not None
        atlas = self._studio.atlas(ready.avatar, frames.size, frames.mime)
        movie = open_movie(self._path, size=atlas.size, fps=frames.fps, rate=rate)
        self._stack.enter_context(movie)
        draw = self._studio.compositor(atlas).picture

        def picture(draws: NDArray[np.int32]) -> Image:
            if self._is_over:
                raise _OverError
            return draw(draws)

        self._film = Film(movie, picture, fps=frames.fps, rate=rate)

    async def _do(self, work: Callable[[], None]) -> None:
        def until_over() -> None:
            with suppress(_OverError):
                work()

        await self._done()
        self._working = asyncio.get_running_loop().run_in_executor(self._thread, until_over)

    async def _done(self) -> None:
        """What was begun is done."""
        try:
            if self._working is not None:
                # Who is stopped while he waits for it stops nothing of what was given before.
                await asyncio.shield(self._working)
        except OSError as error:
            self.fault = error
            raise

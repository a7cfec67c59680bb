"""The movie of a conversation: its frames are drawn and its sound is kept as they come."""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path
from typing import Self

import numpy as np
from msgspec import UNSET

from lipwire_protocol import Chunk, Idle, Ready

from .face.movie.files import open_movie
from .face.movie.film import Film
from .face.studio import Studio

__all__ = ["Camera"]


class Camera:
    """Films one utterance of a session that has frames of mode `sprites` and sound in `pcm_f32le`.

    It works in a thread of its own, on one chunk while the next one is made. Leaving its context
    without `finish` removes what there is of the movie.
    """

    def __init__(self, path: Path, studio: Studio) -> None:
        self.fault: OSError | None = None
        """Why the movie could not be written."""
        self._path = path
        self._studio = studio
        self._film: Film | None = None
        self._at_rest = asyncio.Event()
        self._thread = ThreadPoolExecutor(1, "camera")
        self._working: asyncio.Future[None] | None = None
        self._stack = ExitStack()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        # Nobody closes what the thread still writes to.
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
        picture = self._studio.compositor(atlas).picture
        self._film = Film(movie, picture, fps=frames.fps, rate=rate)

    async def _do(self, work: Callable[[], None]) -> None:
        await self._done()
        self._working = asyncio.get_running_loop().run_in_executor(self._thread, work)

    async def _done(self) -> None:
        """What was begun is done."""
        try:
            if self._working is not None:
                await self._working
        except OSError as error:
            self.fault = error
            raise

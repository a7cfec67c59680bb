"""A face that speaks, from what a conversation sends of it to a movie."""

from collections.abc import Callable, Iterable, Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray
from PIL.Image import Image

from lipwire_protocol import Frame

from .files import Movie

__all__ = ["Film", "pictures_of"]

_BEFORE_MS: Final = 200
_AFTER_MS: Final = 500
"""For so long the face is at rest: a movie that begins and ends with speech looks cut out."""


def pictures_of(samples: int, *, fps: int, rate: int) -> int:
    """How many pictures a movie of so many samples has, the rests around them among them."""
    spoken = -(-samples * fps // rate)
    return spoken + sum(-(-ms * fps // 1_000) for ms in (_BEFORE_MS, _AFTER_MS))


class Film:
    """One utterance. Belongs in a worker thread: pictures are drawn and encoded as they come."""

    def __init__(
        self,
        movie: Movie,
        picture: Callable[[NDArray[np.int32]], Image],
        *,
        fps: int,
        rate: int,
    ) -> None:
        """`picture` draws the sprites of a frame, shape (sprites, 4): see `lipwire_protocol.Frame`.
        There are `rate` samples in a second."""
        self.pictures = 0
        """So many are in it."""
        self._movie = movie
        self._picture = picture
        self._fps = fps
        self._rate = rate
        self._idle: Sequence[Frame] = ()
        self._before: int | None = None
        """Pictures before the first one of the utterance."""
        self._samples = 0
        self._last: tuple[Frame, Image] | None = None

    def idle(self, frames: Sequence[Frame]) -> None:
        """A loop of the face while it does not speak."""
        self._idle = frames

    def speak(self, samples: NDArray[np.float32], frames: Iterable[Frame]) -> None:
        """The next samples, and the frames that begin in them."""
        for frame in frames:
            if self._before is None:
                self._before = self._begin(frame)
            self._hold(self._before + frame.start * self._fps // self._rate)
            self._show(frame)
        self._movie.sound(samples)
        self._samples += len(samples)

    def finish(self) -> None:
        """The utterance is over, and so is the movie."""
        self._hold((self._before or 0) + -(-self._samples * self._fps // self._rate))
        after = self._pictures_in(_AFTER_MS)
        end = self.pictures + after
        for frame in self._idle[:after]:
            self._show(frame)
        self._hold(end)
        self._movie.finish()

    def _begin(self, first: Frame) -> int:
        """Shows the face before it speaks: the loop ends at rest, as it begins."""
        before = self._pictures_in(_BEFORE_MS)
        for frame in self._idle[-before:] or (first,):
            self._show(frame)
        self._hold(before)
        self._movie.sound(np.zeros(before * self._rate // self._fps, np.float32))
        return before

    def _pictures_in(self, ms: int) -> int:
        return -(-ms * self._fps // 1_000)

    def _hold(self, end: int) -> None:
        """Shows what is shown until there are `end` pictures: a frame may be missing."""
        while self._last is not None and self.pictures < end:
            self._show(self._last[0])

    def _show(self, frame: Frame) -> None:
        if self._last is None or self._last[0].draws != frame.draws:
            draws = np.array(frame.draws, np.int32).reshape(-1, 4)
            self._last = frame, self._picture(draws)
        self._movie.picture(self._last[1])
        self.pictures += 1

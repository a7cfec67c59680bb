"""Movies: pictures and their sound, taken as they come, in a file that others play.

Nothing is kept in memory but what an encoder holds back, however long a movie gets. The file
appears when it is whole: it is written beside its place, and what is not finished is removed.
"""

from pathlib import Path
from types import TracebackType
from typing import Protocol, Self

import numpy as np
from numpy.typing import NDArray
from PIL.Image import Image

from lipwire_protocol import ErrorCode, LipwireError

from .kinds import Kind, kind_of

__all__ = ["Movie", "open_movie"]


class Movie(Protocol):
    """Leaving its context without `finish` removes it."""

    def picture(self, image: Image) -> None:
        """The next frame, RGB: frame k is shown from k/fps on."""

    def sound(self, samples: NDArray[np.float32]) -> None:
        """The next samples, mono, in -1..1. The first one is heard with the first picture."""

    def finish(self) -> None:
        """There is no more. The last picture stays while there is sound, and silence lasts while
        there are pictures."""

    def __enter__(self) -> Self: ...

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None: ...


def open_movie(path: Path, *, size: int, fps: int, rate: int) -> Movie:
    """A movie of square pictures of `size` pixels, with sound of `rate` samples a second.

    To be used in a worker thread: encoding takes milliseconds for a picture.

    Raises LipwireError `unsupported` for a name that says nothing known or a size that cannot be
    encoded, OSError where no file can be made.
    """
    # Each loads FFmpeg's libraries or none: only those who want them wait for them.
    kind = kind_of(path)
    if kind.even:
        if size % 2:
            text = f"a picture of {size} pixels: in a .{kind} their number is even"
            raise LipwireError(ErrorCode.UNSUPPORTED, text)
        from .video import Video

        return Video(path, kind, size=size, fps=fps, rate=rate)
    if kind is Kind.PNG:
        from .sequence import Sequence

        return Sequence(path, fps=fps, rate=rate)
    from .animation import Gif, Webp

    return (Gif if kind is Kind.GIF else Webp)(path, size=size, fps=fps)

"""Animated pictures, which go round for ever and have no sound: WebP and GIF."""

from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path
from types import TracebackType
from typing import Final, Self

import av
import numpy as np
from av.filter import Graph
from av.filter.context import FilterContext
from numpy.typing import NDArray
from PIL.Image import Image

from .draft import Draft
from .reel import Reel, frame_of

__all__ = ["Gif", "Webp"]

_DITHER: Final = "bayer:bayer_scale=5"
"""A faint pattern that stays where it is. Errors that are handed on to the next pixel crawl about
from picture to picture, and are half as large again."""


class Webp:
    """A `Movie`. libwebp keeps what it encoded until the end: some 8 kB for each picture."""

    def __init__(self, path: Path, *, size: int, fps: int) -> None:
        self._draft = Draft(path)
        self._reel = Reel(self._draft.path, "webp", size=size, fps=fps, loop="0")
        self._reel.add_pictures(
            "libwebp_anim", "yuv420p", {"quality": "80", "compression_level": "2"}
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._reel.close()
        self._draft.drop()

    def picture(self, image: Image) -> None:
        # The colours of a WebP are those of BT.601.
        self._reel.picture(
            frame_of(image).reformat(
                format="yuv420p", dst_colorspace="ITU601", dst_color_range="MPEG"
            )
        )

    def sound(self, samples: NDArray[np.float32]) -> None:
        """Is not heard."""

    def finish(self) -> None:
        self._reel.finish()
        self._draft.keep()


class Gif:
    """A `Movie`. Its colours are the best 256 for all of its pictures, which only the last one
    settles: until then they wait in a file of their own, some 60 kB for each."""

    def __init__(self, path: Path, *, size: int, fps: int) -> None:
        self._size = size
        self._fps = fps
        self._draft = Draft(path)
        self._waiting = Draft(path.with_name(f"{path.name}.pictures"))
        self._reel = Reel(self._waiting.path, "matroska", size=size, fps=fps)
        self._reel.add_pictures("libx264rgb", "rgb24", {"qp": "0", "preset": "ultrafast"})
        self._colours = Graph()
        self._colours.link_nodes(
            self._source(self._colours, "rgb24", size),
            self._colours.add("palettegen"),
            self._colours.add("buffersink"),
        ).configure()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._reel.close()
        self._waiting.drop()
        self._draft.drop()

    def picture(self, image: Image) -> None:
        frame = frame_of(image)
        self._reel.picture(frame)
        self._colours.vpush(frame)

    def sound(self, samples: NDArray[np.float32]) -> None:
        """Is not heard."""

    def finish(self) -> None:
        self._reel.finish()
        self._reel = Reel(self._draft.path, "gif", size=self._size, fps=self._fps, loop="0")
        self._reel.add_pictures("gif", "pal8", {})
        with av.open(str(self._waiting.path.absolute())) as waiting:
            for frame in self._painted(waiting.decode(video=0)):
                self._reel.picture(frame)
        self._reel.finish()
        self._draft.keep()

    def _painted(self, frames: Iterator[av.VideoFrame]) -> Iterator[av.VideoFrame]:
        """The same pictures in 256 colours."""
        self._colours.vpush(None)
        palette = self._colours.vpull()
        graph = Graph()
        pictures = self._source(graph, "gbrp", self._size)
        colours = self._source(graph, palette.format.name, palette.width)
        paint = graph.add("paletteuse", f"dither={_DITHER}:diff_mode=rectangle")
        pictures.link_to(paint, 0, 0)
        colours.link_to(paint, 0, 1)
        paint.link_to(graph.add("buffersink"))
        graph.configure()
        colours.push(palette)
        colours.push(None)
        for number, frame in enumerate(frames):
            frame.pts, frame.time_base = number, Fraction(1, self._fps)
            pictures.push(frame)
            yield from _ready(graph)
        pictures.push(None)
        yield from _ready(graph)

    def _source(self, graph: Graph, pixels: str, size: int) -> FilterContext:
        shape = f"video_size={size}x{size}:pix_fmt={pixels}:pixel_aspect=1/1"
        return graph.add("buffer", f"{shape}:time_base=1/{self._fps}")


def _ready(graph: Graph) -> Iterator[av.VideoFrame]:
    """The pictures that come out of it by now."""
    while True:
        try:
            yield graph.vpull()
        except (BlockingIOError, EOFError):
            return

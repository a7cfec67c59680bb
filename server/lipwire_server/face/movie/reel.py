"""A file of FFmpeg's that gets pictures one after another."""

from collections.abc import Mapping
from contextlib import suppress
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
from av.container import OutputContainer
from av.video.codeccontext import VideoCodecContext
from av.video.stream import VideoStream
from PIL.Image import Image

__all__ = ["Reel", "frame_of"]


def frame_of(image: Image) -> av.VideoFrame:
    return av.VideoFrame.from_ndarray(np.asarray(image.convert("RGB")), format="rgb24")


class Reel:
    """Picture k is shown from k/fps on, and each as long as the others."""

    def __init__(self, path: Path, container: str, *, size: int, fps: int, **options: str) -> None:
        """`options` are those of the container."""
        # A colon in a path that is not absolute would be that of an address, and without
        # `bitexact` a file says when and by what it was made: no two would be alike.
        options["fflags"] = "+bitexact"
        self.container: OutputContainer = av.open(
            str(path.absolute()), "w", container, container_options=options
        )
        self.pictures = 0
        """So many it has got."""
        self._size = size
        self._fps = fps
        self._stream: VideoStream

    def add_pictures(
        self, codec: str, pixels: str, options: Mapping[str, str]
    ) -> VideoCodecContext:
        stream = self.container.add_stream(codec, self._fps)
        assert isinstance(stream, VideoStream)
        self._stream = stream
        context = stream.codec_context
        context.width = context.height = self._size
        context.pix_fmt = pixels
        context.time_base = Fraction(1, self._fps)
        context.options = dict(options)
        return context

    def picture(self, frame: av.VideoFrame) -> None:
        assert (frame.width, frame.height) == (self._size, self._size)
        frame.pts, frame.time_base = self.pictures, Fraction(1, self._fps)
        self.pictures += 1
        self.container.mux(self._stream.encode(frame))

    def finish(self) -> None:
        assert self.pictures, "a movie has one picture at least"
        self.container.mux(self._stream.encode(None))
        self.container.close()

    def close(self) -> None:
        """Whether it is finished or not: then nobody wants to know what is wrong with it."""
        with suppress(OSError, av.FFmpegError):
            self.container.close()

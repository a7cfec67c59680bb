"""H.264 and AAC in MP4, VP9 and Opus in WebM: FFmpeg's encoders, as PyAV brings them."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path
from types import TracebackType
from typing import Final, Self

import av
import numpy as np
from av.audio.stream import AudioStream
from numpy.typing import NDArray
from PIL.Image import Image

from ...speech.audio.resampling import Resampler
from .draft import Draft
from .kinds import Kind
from .reel import Reel, frame_of

__all__ = ["Video"]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Recipe:
    pictures: str
    picture_options: Mapping[str, str]
    sound: str
    sound_format: str
    bit_rate: int
    """Of the sound."""
    file_options: Mapping[str, str] = field(default_factory=dict)


_RECIPES: Final = {
    Kind.MP4: _Recipe(
        pictures="libx264",
        # `medium` takes half as long again for half a dB.
        picture_options={"crf": "17", "preset": "veryfast", "tune": "animation"},
        sound="aac",
        sound_format="fltp",
        bit_rate=96_000,
        # The index comes first, so that a browser plays what it has got so far.
        file_options={"movflags": "+faststart"},
    ),
    Kind.WEBM: _Recipe(
        pictures="libvpx-vp9",
        picture_options={
            "crf": "30",
            "b": "0",
            "deadline": "good",
            "cpu-used": "4",
            "row-mt": "1",
            "tile-columns": "1",
        },
        sound="libopus",
        sound_format="flt",
        bit_rate=64_000,
    ),
}

_RATE: Final = 48_000
"""All players take it, Opus knows no higher one, and the usual frame rates divide it."""
_KEY_S: Final = 4
"""A player can jump to a picture every so often."""
_BT709, _SRGB, _LIMITED = 1, 13, 1
"""What the colours are, in the numbers of ITU-T H.273. Where a file does not say, players guess."""


class Video:
    """A `Movie` with its sound."""

    def __init__(self, path: Path, kind: Kind, *, size: int, fps: int, rate: int) -> None:
        recipe = _RECIPES[kind]
        self._fps = fps
        self._draft = Draft(path)
        self._reel = Reel(self._draft.path, kind.value, size=size, fps=fps, **recipe.file_options)
        self._add_pictures(recipe)
        self._stream = self._add_sound(recipe)
        self._reel.container.start_encoding()
        self._packet = self._stream.codec_context.frame_size
        self._last: Image | None = None
        self._resampler = Resampler(rate, _RATE)
        self._waiting = np.zeros(0, np.float32)
        self._encoded = 0

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
        self._last = image
        self._reel.picture(
            frame_of(image).reformat(
                format="yuv420p", dst_colorspace="ITU709", dst_color_range="MPEG"
            )
        )

    def sound(self, samples: NDArray[np.float32]) -> None:
        self._hear(self._resampler.push(samples))

    def finish(self) -> None:
        assert self._last is not None, "a movie has one picture at least"
        self._hear(self._resampler.finish())
        while self._end < self._heard:
            self.picture(self._last)
        self._hear(np.zeros(self._end - self._heard, np.float32))
        self._encode(self._waiting)
        self._reel.container.mux(self._stream.encode(None))
        self._reel.finish()
        self._draft.keep()

    @property
    def _end(self) -> int:
        """Where the next picture starts, in samples of the file."""
        return -(-self._reel.pictures * _RATE // self._fps)

    @property
    def _heard(self) -> int:
        return self._encoded + len(self._waiting)

    def _hear(self, samples: NDArray[np.float32]) -> None:
        waiting = np.concatenate([self._waiting, np.clip(samples, -1.0, 1.0)])
        whole = len(waiting) - len(waiting) % self._packet
        for begin in range(0, whole, self._packet):
            self._encode(waiting[begin : begin + self._packet])
        self._waiting = waiting[whole:]

    def _encode(self, samples: NDArray[np.float32]) -> None:
        if not len(samples):
            return
        form = self._stream.codec_context.format.name
        frame = av.AudioFrame.from_ndarray(samples.reshape(1, -1), format=form, layout="mono")
        frame.sample_rate = _RATE
        frame.pts, frame.time_base = self._encoded, Fraction(1, _RATE)
        self._encoded += len(samples)
        self._reel.container.mux(self._stream.encode(frame))

    def _add_pictures(self, recipe: _Recipe) -> None:
        codec = self._reel.add_pictures(recipe.pictures, "yuv420p", recipe.picture_options)
        codec.gop_size = _KEY_S * self._fps
        codec.colorspace = codec.color_primaries = _BT709
        codec.color_trc, codec.color_range = _SRGB, _LIMITED

    def _add_sound(self, recipe: _Recipe) -> AudioStream:
        stream = self._reel.container.add_stream(recipe.sound, _RATE)
        assert isinstance(stream, AudioStream)
        codec = stream.codec_context
        codec.layout = "mono"
        codec.format = recipe.sound_format
        codec.bit_rate = recipe.bit_rate
        return stream

"""A folder of numbered PNG pictures and the sound beside them, for programs that edit movies."""

import re
from pathlib import Path
from types import TracebackType
from typing import Final, Self

import numpy as np
from numpy.typing import NDArray
from PIL.Image import Image

from lipwire_protocol import Codec, ErrorCode, LipwireError

from ...speech.audio.files import Container, open_sound
from ...speech.audio.pcm import pcm_s16le
from .draft import Draft

__all__ = ["SOUND", "Sequence"]

SOUND: Final = "speech.wav"
_PICTURES: Final = "%04d.png"
_NUMBER: Final = re.compile(r"%0?(\d*)d")
_FAST: Final = 1
"""Of zlib's levels: half the time, and a quarter larger."""


class Sequence:
    """A `Movie` of many files. They are there as they are made; `speech.wav` comes last."""

    def __init__(self, path: Path, *, fps: int, rate: int) -> None:
        """`path` is a folder, or how the pictures in one are named: `frames/%04d.png`.

        There are none in it so far: those of a longer movie would follow on those of this one.
        """
        folder, name = (path.parent, path.name) if path.suffix else (path, _PICTURES)
        self._folder = folder
        self._name = _Name(name)
        self._fps = fps
        self._rate = rate
        self._is_mine = not folder.exists()
        folder.mkdir(exist_ok=True)
        self._refuse_to_mix()
        self._last: Image | None = None
        self._pictures = 0
        self._samples = 0
        self._draft = Draft(folder / SOUND)
        self._wav = self._draft.path.open("wb")
        self._sound = open_sound(self._wav, Container.WAV, Codec.PCM_S16LE, rate, seekable=True)
        self._is_finished = False

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._wav.close()
        if self._is_finished:
            return
        self._draft.drop()
        for number in range(self._pictures):
            (self._folder / self._name.of(number)).unlink(missing_ok=True)
        if self._is_mine:
            self._folder.rmdir()

    def picture(self, image: Image) -> None:
        self._last = image
        path = self._folder / self._name.of(self._pictures)
        self._pictures += 1
        image.save(path, "PNG", compress_level=_FAST)

    def sound(self, samples: NDArray[np.float32]) -> None:
        self._sound.write(pcm_s16le(samples))
        self._samples += len(samples)

    def finish(self) -> None:
        assert self._last is not None, "a movie has one picture at least"
        while self._end < self._samples:
            self.picture(self._last)
        self.sound(np.zeros(self._end - self._samples, np.float32))
        self._sound.finish()
        self._wav.close()
        self._draft.keep()
        self._is_finished = True

    @property
    def _end(self) -> int:
        """Where the next picture starts, in samples."""
        return -(-self._pictures * self._rate // self._fps)

    def _refuse_to_mix(self) -> None:
        for file in self._folder.iterdir():
            if file.name == SOUND or self._name.fits(file.name):
                raise LipwireError(
                    ErrorCode.BAD_MESSAGE,
                    f"{self._folder} has a movie already, as {file.name} shows: delete it,"
                    " or name another folder",
                )


class _Name:
    """How pictures are named, with `%04d` for their number."""

    def __init__(self, name: str) -> None:
        self._before, digits, self._after = _NUMBER.split(name, maxsplit=1)
        self._digits = int(digits or 1)

    def of(self, number: int) -> str:
        return f"{self._before}{number:0{self._digits}d}{self._after}"

    def fits(self, name: str) -> bool:
        """It is that of a picture, whatever its number."""
        number = name.removeprefix(self._before).removesuffix(self._after)
        return number.isdecimal() and self.of(int(number)) == name

"""Pictures that say which one they are, tones that say when they begin, and how movies are read."""

from fractions import Fraction
from itertools import pairwise
from pathlib import Path
from typing import NamedTuple

import av
import numpy as np
from numpy.typing import NDArray
from PIL import Image

from lipwire_server.face.movie.files import Movie

RATE = 22_050
SIZE = 64


def picture(number: int, size: int = SIZE) -> Image.Image:
    """Eight fields, dark or bright: the bits of its number."""
    bits = np.array([number >> bit & 1 for bit in range(8)]).reshape(2, 4)
    levels = np.kron(40 + 170 * bits, np.ones((size // 2, size // 4)))
    blue = np.full_like(levels, 120)
    return Image.fromarray(np.stack([levels, levels, blue], -1).astype(np.uint8))


def number_of(image: Image.Image) -> int:
    grey = np.asarray(image.convert("L").resize((4, 2), Image.Resampling.BOX))
    return sum(int(bit) << place for place, bit in enumerate((grey > 125).ravel()))


def bursts(seconds: float, rate: int = RATE) -> NDArray[np.float32]:
    """A tone that is there in the second half of every 0.4 s, and ever higher: no two places of it
    are alike."""
    time = np.arange(round(seconds * rate)) / rate
    tone = np.sin(2 * np.pi * (300 + 150 * time) * time)
    return (0.5 * tone * (time % 0.4 > 0.2)).astype(np.float32)


def write(movie: Movie, pictures: int, samples: NDArray[np.float32], piece: int = 5_000) -> None:
    """As speech comes: some sound, and the pictures that begin in it."""
    begins = [*range(0, len(samples), piece), len(samples)]
    for begin, end in pairwise(begins):
        movie.sound(samples[begin:end])
        for number in range(pictures * begin // len(samples), pictures * end // len(samples)):
            movie.picture(picture(number))
    movie.finish()


class Seen(NamedTuple):
    """What a player makes of a file."""

    images: list[Image.Image]
    times: list[Fraction]
    """When each is shown."""
    sound: NDArray[np.float32]
    heard_from: float | None
    """When its first sample is heard."""
    rate: int


def play(path: Path) -> Seen:
    images, times, sounds = [], [], [np.zeros(0, np.float32)]
    heard_from, rate = None, 0
    with av.open(str(path)) as container:
        for frame in container.decode():
            if isinstance(frame, av.VideoFrame):
                assert frame.pts is not None and frame.time_base is not None
                images.append(Image.fromarray(frame.to_ndarray(format="rgb24")))
                times.append(frame.pts * frame.time_base)
            elif isinstance(frame, av.AudioFrame):
                heard_from = frame.time if heard_from is None else heard_from
                rate = frame.sample_rate
                samples = frame.to_ndarray()[0]
                if samples.dtype != np.float32:
                    samples = samples / np.float32(32_768)
                sounds.append(samples.astype(np.float32))
    return Seen(images, times, np.concatenate(sounds), heard_from, rate)


def lag(heard: NDArray[np.float32], spoken: NDArray[np.float32], most: int) -> int:
    """By how many samples what is heard is late, -most..most."""
    size = min(len(heard), len(spoken))
    a, b = heard[:size].astype(np.float64), spoken[:size].astype(np.float64)
    power = 1 << (2 * size).bit_length()
    likeness = np.fft.irfft(np.fft.rfft(a, power) * np.conj(np.fft.rfft(b, power)))
    lags = range(-most, most + 1)
    return lags[int(np.argmax([likeness[lag] for lag in lags]))]

from collections.abc import Callable
from types import TracebackType
from typing import Self

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from lipwire_protocol import Frame
from lipwire_server.face.movie.film import Film, pictures_of

from .clips import bursts, number_of, picture


class Strip:
    """A movie that remembers what it was given."""

    def __init__(self) -> None:
        self.numbers: list[int] = []
        self.samples = np.zeros(0, np.float32)
        self.finished = False

    def picture(self, image: Image.Image) -> None:
        self.numbers.append(number_of(image))

    def sound(self, samples: NDArray[np.float32]) -> None:
        self.samples = np.concatenate([self.samples, samples])

    def finish(self) -> None:
        self.finished = True

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None: ...


def draw(draws: NDArray[np.int32]) -> Image.Image:
    assert draws.shape == (2, 4)
    return picture(int(draws[1, 0]))


def frame(number: int, shown: int, fps: int, rate: int) -> Frame:
    return Frame(-(-number * rate // fps), (0, 0, 0, 0, shown, 0, 0, 0))


def filmed(
    samples: NDArray[np.float32],
    *,
    fps: int = 25,
    rate: int = 22_050,
    piece: int = 5_000,
    idle: int = 0,
    left_out: tuple[int, ...] = (),
    draw: Callable[[NDArray[np.int32]], Image.Image] = draw,
) -> Strip:
    """Frame k of the utterance is picture k + 1, frame k of the loop is picture 200 + k."""
    movie = Strip()
    film = Film(movie, draw, fps=fps, rate=rate)
    film.idle([frame(number, 200 + number, fps, rate) for number in range(idle)])
    frames = [
        frame(number, number + 1, fps, rate) for number in range(-(-len(samples) * fps // rate))
    ]
    for begin in range(0, len(samples), piece):
        end = begin + piece
        film.speak(
            samples[begin:end],
            [f for k, f in enumerate(frames) if begin <= f.start < end and k not in left_out],
        )
    film.finish()
    assert film.pictures == len(movie.numbers)
    return movie


@pytest.mark.parametrize("rate", [8_000, 22_050, 44_100, 48_000])
@pytest.mark.parametrize("fps", [5, 24, 25, 29, 30, 60])
def test_pictures_and_sound_begin_together_after_a_rest(fps: int, rate: int) -> None:
    spoken = bursts(1, rate)
    movie = filmed(spoken, fps=fps, rate=rate)
    before = -(-fps // 5)
    after = -(-fps // 2)
    assert movie.numbers == [*[1] * before, *range(1, fps + 1), *[fps] * after]
    silence = before * rate // fps
    assert not movie.samples[:silence].any()
    assert np.array_equal(movie.samples[silence:], spoken)
    assert movie.finished


def test_before_and_after_it_speaks_the_face_is_idle() -> None:
    movie = filmed(bursts(0.4), idle=30)
    assert movie.numbers == [*range(225, 230), *range(1, 11), *range(200, 213)]


def test_a_loop_that_is_too_short_holds_its_last_picture() -> None:
    movie = filmed(bursts(0.4), idle=2)
    assert movie.numbers == [200, 201, 201, 201, 201, *range(1, 11), 200, *[201] * 12]


@pytest.mark.parametrize("piece", [1, 100, 881, 882, 883, 20_000])
def test_it_does_not_matter_how_speech_comes(piece: int) -> None:
    spoken = bursts(0.5)
    one, other = filmed(spoken), filmed(spoken, piece=piece)
    assert one.numbers == other.numbers
    assert np.array_equal(one.samples, other.samples)


def test_instead_of_a_frame_that_is_missing_the_one_before_stays() -> None:
    movie = filmed(bursts(0.4), left_out=(3, 4, 9), idle=30)
    assert movie.numbers[5:16] == [1, 2, 3, 3, 3, 6, 7, 8, 9, 9, 200]
    assert len(movie.numbers) == 5 + 10 + 13


def test_what_stays_is_drawn_once() -> None:
    drawn = []

    def count(draws: NDArray[np.int32]) -> Image.Image:
        drawn.append(draws)
        return draw(draws)

    movie = filmed(bursts(0.4), draw=count)
    assert len(drawn) == 10 < len(movie.numbers)


@pytest.mark.parametrize("fps", [5, 12, 25, 30, 60])
@pytest.mark.parametrize("count", [1, 441, 882, 883, 22_050, 50_000])
def test_how_many_pictures_there_will_be_is_known_before(count: int, fps: int) -> None:
    strip = filmed(np.zeros(count, np.float32), fps=fps)
    assert pictures_of(count, fps=fps, rate=22_050) == len(strip.numbers)

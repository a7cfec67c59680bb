from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from lipwire_server.face.movie.animation import Gif, Webp

from .clips import SIZE, bursts, number_of, picture, write

Kind = Callable[..., Gif | Webp]
BOTH = pytest.mark.parametrize("kind", [Gif, Webp])
PICTURES = 40


def shown(path: Path) -> tuple[list[Image.Image], list[int]]:
    """The pictures, and for how many milliseconds each is there."""
    images, durations = [], []
    with Image.open(path) as file:
        for number in range(getattr(file, "n_frames", 1)):
            file.seek(number)
            images.append(file.convert("RGB"))
            durations.append(file.info["duration"])
    return images, durations


def pixel(image: Image.Image, at: tuple[int, int]) -> NDArray[np.int16]:
    pixels: NDArray[np.int16] = np.asarray(image, np.int16)[at[1], at[0]]
    return pixels


@BOTH
@pytest.mark.parametrize("fps", [5, 15, 20, 25, 30])
def test_frame_k_is_shown_from_k_on(tmp_path: Path, kind: Kind, fps: int) -> None:
    path = tmp_path / "movie"
    with kind(path, size=SIZE, fps=fps) as movie:
        write(movie, PICTURES, bursts(2))
    images, durations = shown(path)
    assert [number_of(image) for image in images] == [*range(PICTURES)]
    # The last one stays as long as those before it do.
    begins = np.cumsum([0, *durations])
    assert np.abs(begins - np.arange(PICTURES + 1) * 1000 / fps).max() <= 10


@BOTH
def test_it_goes_round_for_ever(tmp_path: Path, kind: Kind) -> None:
    with kind(tmp_path / "movie", size=SIZE, fps=20) as movie:
        write(movie, 3, bursts(1))
    with Image.open(tmp_path / "movie") as file:
        assert file.format in ("GIF", "WEBP")
        assert file.info["loop"] == 0


@BOTH
def test_colours_are_those_of_the_pictures(tmp_path: Path, kind: Kind) -> None:
    """Also those that come late and are few."""
    pictures = [Image.new("RGB", (SIZE, SIZE), (200, 90, 80)) for _ in range(60)]
    pictures[50].paste((40, 200, 60), (16, 16, 32, 32))
    with kind(tmp_path / "movie", size=SIZE, fps=20) as movie:
        for image in pictures:
            movie.picture(image)
        movie.finish()
    images, durations = shown(tmp_path / "movie")
    # Equal pictures may have become one that stays for longer.
    at = np.searchsorted(np.cumsum(durations), 50 * 50, "right")
    for late, box in ((images[0], (4, 4)), (images[at], (4, 4)), (images[at], (24, 24))):
        expected = pictures[0 if late is images[0] else 50]
        assert np.abs(pixel(late, box) - pixel(expected, box)).max() <= 6


def test_a_gif_of_few_colours_is_exact(tmp_path: Path) -> None:
    with Gif(tmp_path / "movie", size=SIZE, fps=20) as movie:
        write(movie, PICTURES, bursts(1))
    images, _ = shown(tmp_path / "movie")
    for number, image in enumerate(images):
        assert np.abs(np.asarray(image, np.int16) - np.asarray(picture(number))).max() <= 1


@BOTH
def test_equal_pictures_are_equal_files(tmp_path: Path, kind: Kind) -> None:
    for name in ("one", "other"):
        with kind(tmp_path / name, size=SIZE, fps=20) as movie:
            write(movie, PICTURES, bursts(1))
    assert (tmp_path / "one").read_bytes() == (tmp_path / "other").read_bytes()


@BOTH
def test_a_movie_that_is_not_finished_leaves_nothing(tmp_path: Path, kind: Kind) -> None:
    with pytest.raises(KeyboardInterrupt), kind(tmp_path / "movie", size=SIZE, fps=20) as movie:
        movie.picture(picture(1))
        raise KeyboardInterrupt
    assert not [*tmp_path.iterdir()]


@BOTH
def test_a_finished_one_leaves_itself_alone(tmp_path: Path, kind: Kind) -> None:
    with kind(tmp_path / "movie", size=SIZE, fps=20) as movie:
        movie.picture(picture(1))
        movie.finish()
    assert [*tmp_path.iterdir()] == [tmp_path / "movie"]

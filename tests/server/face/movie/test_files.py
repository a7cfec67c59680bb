import resource
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from lipwire_protocol import ErrorCode, LipwireError
from lipwire_server.face.movie.files import open_movie

from .clips import RATE, SIZE, bursts, write

NAMES = ["movie.mp4", "movie.webm", "movie.gif", "movie.webp", "frames", "%04d.png"]
ALL = pytest.mark.parametrize("name", NAMES)


@ALL
def test_a_movie_is_what_its_name_says(tmp_path: Path, name: str) -> None:
    with open_movie(tmp_path / name, size=SIZE, fps=20, rate=RATE) as movie:
        write(movie, 20, bursts(1))
    made = {path.relative_to(tmp_path).as_posix() for path in tmp_path.rglob("*.*")}
    if name.startswith("movie"):
        assert made == {name}
    else:
        folder = "frames/" if name == "frames" else ""
        assert {f"{folder}0000.png", f"{folder}0019.png", f"{folder}speech.wav"} < made


@pytest.mark.parametrize("name", ["movie.mp4", "movie.webm"])
def test_an_odd_size_is_refused_where_it_cannot_be(tmp_path: Path, name: str) -> None:
    with pytest.raises(LipwireError, match=r"65 pixels.* even") as caught:
        open_movie(tmp_path / name, size=65, fps=25, rate=RATE)
    assert caught.value.code is ErrorCode.UNSUPPORTED
    assert not [*tmp_path.iterdir()]


@pytest.mark.parametrize("name", ["movie.gif", "movie.webp", "frames"])
def test_an_odd_size_is_kept_where_it_can_be(tmp_path: Path, name: str) -> None:
    with open_movie(tmp_path / name, size=65, fps=20, rate=RATE) as movie:
        movie.picture(Image.new("RGB", (65, 65)))
        movie.finish()
    path = tmp_path / name
    with Image.open(path / "0000.png" if name == "frames" else path) as image:
        assert image.size == (65, 65)


@contextmanager
def small_disk() -> Iterator[None]:
    """No file gets larger than 20 kB: not even the one that pytest may be writing its report to, so
    it has to be over when the test is."""
    kept = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, kept[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, kept)


@pytest.mark.skipif(sys.platform != "linux", reason="how files are limited differs")
@ALL
def test_a_disk_that_becomes_full_is_an_error_and_leaves_nothing(tmp_path: Path, name: str) -> None:
    noise = np.random.default_rng(0).integers(0, 256, (60, 128, 128, 3), np.uint8)
    with (
        small_disk(),
        pytest.raises(OSError, match="File too large"),
        open_movie(tmp_path / name, size=128, fps=20, rate=RATE) as movie,
    ):
        movie.sound(bursts(3))
        for pixels in noise:
            movie.picture(Image.fromarray(pixels))
        movie.finish()
    assert not [*tmp_path.iterdir()]

import wave
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from lipwire_protocol import LipwireError
from lipwire_server.face.movie.sequence import Sequence

from .clips import RATE, bursts, number_of, picture, write


def sequence(path: Path, fps: int = 25) -> Sequence:
    return Sequence(path, fps=fps, rate=RATE)


def sound(path: Path) -> np.ndarray:
    with wave.open(str(path)) as file:
        assert (file.getframerate(), file.getnchannels()) == (RATE, 1)
        return np.frombuffer(file.readframes(file.getnframes()), "<i2") / 32_767


def test_a_folder_gets_numbered_pictures_and_the_sound(tmp_path: Path) -> None:
    spoken = bursts(2)
    with sequence(tmp_path / "frames") as movie:
        write(movie, 50, spoken)
    names = sorted(path.name for path in (tmp_path / "frames").iterdir())
    assert names == [*(f"{number:04d}.png" for number in range(50)), "speech.wav"]
    for number in range(50):
        with Image.open(tmp_path / "frames" / f"{number:04d}.png") as image:
            assert np.array_equal(np.asarray(image), np.asarray(picture(number)))
    assert np.abs(sound(tmp_path / "frames" / "speech.wav") - spoken).max() < 1e-4


@pytest.mark.parametrize(
    ("name", "first", "last"),
    [
        ("a-%03d.png", "a-000.png", "a-011.png"),
        ("%d.png", "0.png", "11.png"),
        ("%2d.png", "00.png", "11.png"),
        ("%01d.png", "0.png", "11.png"),
    ],
)
def test_pictures_are_named_as_asked(tmp_path: Path, name: str, first: str, last: str) -> None:
    (tmp_path / "something.txt").write_text("else")
    with sequence(tmp_path / name) as movie:
        write(movie, 12, bursts(0.48))
    assert number_of(Image.open(tmp_path / first)) == 0
    assert number_of(Image.open(tmp_path / last)) == 11
    assert (tmp_path / "something.txt").read_text() == "else"


@pytest.mark.parametrize(("pictures", "seconds"), [(50, 1.2), (30, 2.0), (1, 0.0)])
def test_pictures_and_sound_are_equally_long(tmp_path: Path, pictures: int, seconds: float) -> None:
    with sequence(tmp_path / "frames") as movie:
        movie.sound(bursts(seconds))
        for number in range(pictures):
            movie.picture(picture(number))
        movie.finish()
    length = max(pictures, round(seconds * 25))
    assert len([*(tmp_path / "frames").glob("*.png")]) == length
    assert len(sound(tmp_path / "frames" / "speech.wav")) == length * RATE // 25
    with Image.open(tmp_path / "frames" / f"{length - 1:04d}.png") as image:
        assert number_of(image) == pictures - 1


@pytest.mark.parametrize("name", ["0000.png", "12345.png", "speech.wav"])
def test_two_movies_are_not_mixed(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_text("older")
    with pytest.raises(LipwireError, match=f"has a movie already, as {name} shows"):
        sequence(tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == [name]


@pytest.mark.parametrize("name", ["cover.png", "1.png", "00012.png", "٠٠٠٠.png", "0000.png.bak"])
def test_other_files_are_no_movie(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_text("mine")
    with sequence(tmp_path) as movie:
        write(movie, 3, bursts(0.12))
    assert (tmp_path / name).read_text() == "mine"


@pytest.mark.parametrize("there", [False, True])
def test_a_movie_that_is_not_finished_leaves_nothing(tmp_path: Path, there: bool) -> None:
    folder = tmp_path / "frames"
    if there:
        folder.mkdir()
    with pytest.raises(KeyboardInterrupt), sequence(folder) as movie:
        movie.sound(bursts(1))
        movie.picture(picture(0))
        assert len([*folder.iterdir()]) == 2
        raise KeyboardInterrupt
    assert folder.exists() is there
    assert not [*folder.glob("*")]


def test_the_sound_is_there_when_all_is(tmp_path: Path) -> None:
    with sequence(tmp_path) as movie:
        movie.sound(bursts(1))
        movie.picture(picture(0))
        assert not (tmp_path / "speech.wav").exists()
        movie.finish()
    assert (tmp_path / "speech.wav").exists()


def test_a_folder_in_no_folder_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        sequence(tmp_path / "no" / "frames")

from pathlib import Path

import numpy as np
import pytest

from lipwire_server.face.movie.reel import Reel, frame_of

from .clips import SIZE, number_of, picture, play


def reel(path: Path) -> Reel:
    made = Reel(path, "matroska", size=SIZE, fps=10)
    made.add_pictures("libx264rgb", "rgb24", {"qp": "0"})
    return made


def test_pictures_are_numbered_as_they_come(tmp_path: Path) -> None:
    made = reel(tmp_path / "reel")
    for number in (3, 1, 2):
        made.picture(frame_of(picture(number)))
    assert made.pictures == 3
    made.finish()
    seen = play(tmp_path / "reel")
    assert [number_of(image) for image in seen.images] == [3, 1, 2]
    assert [float(time) for time in seen.times] == [0, 0.1, 0.2]


def test_pictures_of_any_mode_are_shown_in_rgb() -> None:
    image = picture(5)
    for mode in ("RGB", "RGBA"):
        assert np.array_equal(frame_of(image.convert(mode)).to_ndarray(), np.asarray(image))


def test_a_picture_of_another_size_is_a_mistake(tmp_path: Path) -> None:
    made = reel(tmp_path / "reel")
    with pytest.raises(AssertionError):
        made.picture(frame_of(picture(1, 2 * SIZE)))
    made.close()


def test_a_movie_without_pictures_is_a_mistake(tmp_path: Path) -> None:
    made = reel(tmp_path / "reel")
    with pytest.raises(AssertionError, match="one picture at least"):
        made.finish()
    made.close()


def test_what_is_closed_can_be_closed_again(tmp_path: Path) -> None:
    made = reel(tmp_path / "reel")
    made.picture(frame_of(picture(1)))
    made.finish()
    made.close()
    made.close()
    assert len(play(tmp_path / "reel").images) == 1

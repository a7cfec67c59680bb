"""What is seen stays as it is, and what is not seen does no harm."""

import io

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from lipwire_server.face.bleeding import bled


def disc(size: int = 64, *, hidden: tuple[int, int, int] = (0, 0, 0)) -> NDArray[np.uint8]:
    """Skin that fades out at its edge, above colours that nobody sees."""
    y, x = np.mgrid[:size, :size] - (size - 1) / 2
    alpha = np.clip((size / 3 - np.hypot(x, y)) * 128, 0, 255)
    pixels = np.empty((size, size, 4), np.uint8)
    pixels[..., :3] = np.where(alpha[..., None] > 0, (230, 170, 140), hidden)
    pixels[..., 3] = alpha
    return pixels


def pixels_of(picture: Image.Image) -> NDArray[np.int64]:
    return np.asarray(picture, np.int64)


def test_what_is_seen_stays_as_it_is() -> None:
    pixels = disc()
    seen = pixels[..., 3] >= 8
    after = pixels_of(bled(Image.fromarray(pixels)))
    assert (after[seen] == pixels[seen]).all()
    assert (after[..., 3] == pixels[..., 3]).all()


def test_what_is_not_seen_has_the_colours_around_it() -> None:
    after = pixels_of(bled(Image.fromarray(disc(hidden=(0, 255, 0)))))
    assert np.abs(after[..., :3] - (230, 170, 140)).max() <= 1


def test_two_colours_meet_between_them() -> None:
    pixels = np.zeros((8, 32, 4), np.uint8)
    pixels[:, 0] = (255, 0, 0, 255)
    pixels[:, -1] = (0, 0, 255, 255)
    red = pixels_of(bled(Image.fromarray(pixels)))[4, :, 0]
    assert red[4] > 190
    assert red[-5] < 65
    assert (np.diff(red) <= 3).all()


@pytest.mark.parametrize("size", [(1, 1), (1, 7), (5, 1), (3, 2), (16, 17)])
def test_pictures_of_any_size_in_which_nothing_is_seen_stay_empty(size: tuple[int, int]) -> None:
    after = bled(Image.new("RGBA", size))
    assert after.size == size
    assert not pixels_of(after).any()


def test_a_file_is_smaller_and_truer_for_it() -> None:
    picture = Image.fromarray(disc(hidden=(255, 255, 255)))
    plain, better = _webp(picture), _webp(bled(picture))
    assert len(better) < 0.8 * len(plain)
    assert _worst(better, picture) < 0.7 * _worst(plain, picture)


def _webp(picture: Image.Image) -> bytes:
    out = io.BytesIO()
    picture.save(out, "WEBP", quality=85, method=4, exact=True)
    return out.getvalue()


def _worst(file: bytes, picture: Image.Image) -> float:
    """Of a pixel, as it is seen on black."""
    with Image.open(io.BytesIO(file)) as opened:
        after = pixels_of(opened.convert("RGBA"))
    before = pixels_of(picture)
    on_black = [of[..., :3] * of[..., 3:] / 255 for of in (before, after)]
    return float(np.abs(on_black[0] - on_black[1]).max())

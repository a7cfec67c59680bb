import io

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from lipwire_server.face.placing import Placed
from lipwire_server.face.sprites import MIMES, extent, is_encoded_as, sprite_file


def _file(pixels: NDArray[np.uint8], mime: str = "image/png") -> bytes:
    out = io.BytesIO()
    if mime == "image/png":
        Image.fromarray(pixels, "RGBA").save(out, "PNG")
    else:
        Image.fromarray(pixels, "RGBA").save(out, "WEBP", lossless=True, exact=True)
    return out.getvalue()


def _pixels(data: bytes) -> NDArray[np.int64]:
    with Image.open(io.BytesIO(data)) as picture:
        return np.asarray(picture.convert("RGBA"), np.int64)


def _flat(width: int, height: int, colour: tuple[int, ...] = (200, 100, 50, 255)) -> bytes:
    return _file(np.full((height, width, 4), colour, np.uint8))


def _placed(
    width: int, height: int, source: tuple[float, float, float, float], as_it_is: bool = False
) -> Placed:
    return Placed("picture", 0, 0, width, height, source, as_it_is)


@pytest.mark.parametrize("mime", MIMES)
def test_a_file_that_is_as_it_should_be_is_used_as_it_is(mime: str) -> None:
    data = _file(np.zeros((3, 5, 4), np.uint8), mime)
    assert extent(data) == (5, 3)
    assert sprite_file(data, _placed(5, 3, (0, 0, 5, 3), True), mime) is data


@pytest.mark.parametrize(("has", "wanted"), [MIMES, MIMES[::-1]])
def test_a_file_of_another_kind_is_encoded_again(has: str, wanted: str) -> None:
    data = _file(np.full((8, 8, 4), (90, 120, 150, 255), np.uint8), has)
    made = sprite_file(data, _placed(8, 8, (0, 0, 8, 8), True), wanted)
    assert is_encoded_as(wanted, made)
    assert not is_encoded_as(has, made)
    assert np.abs(_pixels(made) - _pixels(data)).max() <= 4


def test_a_picture_that_fills_its_place_has_no_faint_edges() -> None:
    made = sprite_file(_flat(40, 40), _placed(10, 10, (0, 0, 40, 40)), "image/png")
    assert (_pixels(made) == (200, 100, 50, 255)).all()


def _noise(side: int) -> bytes:
    noise = np.random.default_rng(1).integers(0, 256, (side, side, 4), np.uint8)
    noise[..., 3] = 255
    return _file(noise)


def test_a_small_picture_keeps_all_its_colours() -> None:
    data, place = _noise(30), _placed(30, 30, (0, 0, 30, 30), True)
    assert (_pixels(sprite_file(data, place, "image/webp")) == _pixels(data)).all()


def test_a_large_picture_is_made_small_in_bytes() -> None:
    data, place = _noise(60), _placed(60, 60, (0, 0, 60, 60), True)
    assert len(sprite_file(data, place, "image/webp")) < len(data) / 2


def test_an_edge_between_pixels_stays_between_them() -> None:
    # 10 pixels of the file are 5 that are drawn, and begin a quarter into the first of 6.
    made = sprite_file(_flat(10, 10), _placed(6, 6, (-0.5, -0.5, 11.5, 11.5)), "image/png")
    alpha = _pixels(made)[2, :, 3]
    assert alpha[0] == pytest.approx(0.75 * 255, abs=16)
    assert alpha[-1] == pytest.approx(0.25 * 255, abs=16)
    assert (alpha[1:-1] > 240).all()


def test_where_a_picture_is_does_not_change_with_its_size() -> None:
    """The middle of a disc, to a hundredth of a pixel."""
    y, x = np.mgrid[:64, :64]
    disc = np.zeros((64, 64, 4), np.uint8)
    disc[(x - 30.5) ** 2 + (y - 33.5) ** 2 < 20**2] = 255
    for left, right, width in ((0.0, 64.0, 32), (-0.6, 64.9, 31), (3.7, 60.2, 44), (-2, 66, 17)):
        placed = _placed(width, width, (left, 0.0, right, 64.0))
        alpha = _pixels(sprite_file(_file(disc), placed, "image/png"))[..., 3].sum(axis=0)
        middle = (alpha * (np.arange(width) + 0.5)).sum() / alpha.sum()
        assert middle == pytest.approx((31.0 - left) * width / (right - left), abs=0.01)


def test_what_cannot_be_seen_does_not_darken_the_edges() -> None:
    pixels = np.zeros((40, 40, 4), np.uint8)
    pixels[10:30, 10:30] = (200, 100, 50, 255)
    made = _pixels(sprite_file(_file(pixels), _placed(13, 13, (0, 0, 40, 40)), "image/png"))
    seen = made[made[..., 3] > 8]
    assert (seen[:, 3] < 250).any()
    assert np.abs(seen[:, :3] - (200, 100, 50)).max() <= 6


@pytest.mark.parametrize("data", [b"", b"RIFF", b"RIFF0000WEB", b"\x89PNG", b"GIF89a"])
def test_what_is_no_picture_is_not_taken_for_one(data: bytes) -> None:
    assert not any(is_encoded_as(mime, data) for mime in MIMES)

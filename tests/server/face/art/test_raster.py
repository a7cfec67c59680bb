import numpy as np
import pytest
from PIL import Image

from lipwire_server.face.art.geometry import ellipse, rectangle
from lipwire_server.face.art.paint import Colour, Fill, Group, Linear, Radial
from lipwire_server.face.art.raster import crop, draw, over, picture

BOX = (0, 0, 40, 40)
RED, BLUE = Colour(1.0, 0.0, 0.0), Colour(0.0, 0.0, 1.0)


def _alpha(*parts: Fill | Group) -> np.ndarray:
    return draw(parts, BOX)[..., 3]


def test_a_circle_covers_as_much_as_it_should() -> None:
    covered = float(_alpha(Fill(ellipse(20.3, 19.6, 12.0), RED)).sum())
    assert covered == pytest.approx(np.pi * 12.0**2, rel=0.01)


def test_an_edge_between_pixels_covers_a_part_of_them() -> None:
    row = _alpha(Fill(rectangle(10.0, 10.0, 5.5, 10.0), RED))[15]
    assert row[9:17].tolist() == pytest.approx([0, 1, 1, 1, 1, 1, 0.5, 0], abs=0.13)


def test_pixels_are_premultiplied() -> None:
    pixels = draw([Fill(rectangle(0, 0, 40, 40), RED.at(0.25))], BOX)
    assert pixels[20, 20].tolist() == pytest.approx([0.25, 0.0, 0.0, 0.25], abs=0.005)


def test_later_parts_lie_over_earlier_ones() -> None:
    square = rectangle(0, 0, 40, 40)
    pixels = draw([Fill(square, RED), Fill(square, BLUE.at(0.5))], BOX)
    assert pixels[20, 20].tolist() == pytest.approx([0.5, 0.0, 0.5, 1.0], abs=0.005)


def test_nothing_shows_outside_a_clip_or_inside_a_hole() -> None:
    square = rectangle(0, 0, 40, 40)
    alpha = _alpha(Fill(square, RED, rectangle(10, 10, 20, 20), rectangle(15, 15, 5, 5)))
    assert (alpha[5, 5], alpha[12, 12], alpha[17, 17]) == (0.0, 1.0, 0.0)


def test_a_soft_edge_fades_and_its_clip_stays_sharp() -> None:
    half = rectangle(0, 0, 20, 40)
    soft = _alpha(Fill(half, RED, soft=3.0))[20]
    assert 0.05 < soft[22] < 0.45 < soft[17] < 0.95
    assert _alpha(Fill(half, RED, half, soft=3.0))[20][21] == 0.0


def test_a_group_is_cut_out_as_one() -> None:
    square = rectangle(0, 0, 40, 40)
    alpha = _alpha(Group((Fill(square, RED), Fill(square, BLUE)), rectangle(10, 10, 20, 20)))
    assert (alpha[5, 5], alpha[20, 20]) == (0.0, 1.0)


@pytest.mark.parametrize(
    "paint",
    [
        Linear((0.0, 0.0), (40.0, 0.0), ((0.0, RED), (1.0, BLUE))),
        Radial((0.0, 20.0), (40.0, 40.0), ((0.0, RED), (1.0, BLUE))),
    ],
)
def test_a_gradient_goes_from_its_first_to_its_last_colour(paint: Linear | Radial) -> None:
    row = draw([Fill(rectangle(0, 0, 40, 40), paint)], BOX)[20]
    assert row[0, 0] > 0.97
    assert row[-1, 2] > 0.97
    assert row[20, :3].tolist() == pytest.approx([0.5, 0.0, 0.5], abs=0.02)


def test_a_larger_scale_shows_the_same_picture() -> None:
    parts = [Fill(ellipse(20.0, 20.0, 13.0, 9.0), RED, soft=1.0)]
    large = picture(draw(parts, (0, 0, 80, 80), 2.0)).reduce(2)
    small = picture(draw(parts, BOX))
    difference = np.asarray(large, float)[..., 3] - np.asarray(small, float)[..., 3]
    assert np.abs(difference).max() < 12


def test_a_box_shows_a_part_of_the_whole() -> None:
    parts = [Fill(ellipse(20.0, 20.0, 13.0, 9.0), RED, soft=2.0)]
    assert draw(parts, (10, 5, 30, 25)) == pytest.approx(draw(parts, BOX)[5:25, 10:30])


def test_what_lies_outside_the_box_is_not_drawn() -> None:
    assert _alpha(Fill(ellipse(200.0, 20.0, 13.0), RED)).max() == 0.0


def test_edges_of_a_picture_have_the_colour_of_what_they_are_the_edge_of() -> None:
    pixels = np.asarray(picture(draw([Fill(ellipse(20.0, 20.0, 10.3), RED)], BOX)))
    edge = pixels[(pixels[..., 3] > 20) & (pixels[..., 3] < 235)]
    assert len(edge) > 10
    assert (edge[:, 0] > 250).all()


def test_a_cropped_picture_keeps_one_empty_pixel_around() -> None:
    cropped = crop(draw([Fill(rectangle(10, 12, 5, 6), RED)], BOX))
    assert cropped.at == (9, 11)
    assert np.asarray(cropped.picture)[..., 3].max(axis=0)[[0, 1, 5, -1]].tolist() == [
        0,
        255,
        255,
        0,
    ]
    assert cropped.picture.mode == "RGBA"


def test_a_picture_up_to_the_edge_is_cropped_there() -> None:
    cropped = crop(draw([Fill(rectangle(0, 0, 40, 40), RED)], BOX))
    assert (cropped.at, cropped.picture.size) == ((0, 0), (40, 40))


def test_over_is_what_pillow_makes_of_it() -> None:
    front = draw([Fill(ellipse(15.0, 20.0, 10.0), RED.at(0.6))], BOX)
    back = draw([Fill(ellipse(25.0, 20.0, 10.0), BLUE)], BOX)
    ours = np.asarray(picture(over(front, back)), float)
    pillows = np.asarray(Image.alpha_composite(picture(back), picture(front)), float)
    assert np.abs(ours - pillows)[ours[..., 3] > 0].max() <= 3.0

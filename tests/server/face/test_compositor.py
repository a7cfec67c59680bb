import io
import math
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from PIL import Image

from lipwire_protocol.visemes import Oculus
from lipwire_server.face.atlas import Atlas
from lipwire_server.face.compositor import BACKGROUND, Compositor, patches
from tests.server.face.posing import poses, saying
from tests.tiny_avatar import SIZE, mouth_colour, tiny_avatar

FPS = 25
MOVED: Any = {
    "head": (0.6, -0.4, 0.11),
    "gaze": (0.5, 0.3),
    "brows": (0.7, 0.4),
    "shift": (3.3, -2.1),
    "breath": 0.6,
}


@pytest.fixture(scope="module")
def atlas() -> Atlas:
    return Atlas(tiny_avatar(), SIZE, "image/png")


def _draws(atlas: Atlas, **columns: Any) -> NDArray[np.int32]:
    row: NDArray[np.int32] = atlas.draws(poses(**columns), FPS)[0]
    return row


def _pixels(picture: Image.Image) -> NDArray[np.float64]:
    return np.asarray(picture, np.float64)


def _as_a_canvas_draws(atlas: Atlas, draws: NDArray[np.int32]) -> NDArray[np.float64]:
    """translate(centre + d), rotate(turn), drawImage(sprite, -width / 2, -height / 2)."""
    picture = np.full((atlas.size, atlas.size, 3), BACKGROUND, np.float64)
    y, x = np.mgrid[: atlas.size, : atlas.size] + 0.5
    for index, right, down, turn in draws.tolist():
        sprite = atlas.sprite(index)
        with Image.open(io.BytesIO(sprite.data)) as opened:
            pixels = np.pad(
                np.asarray(opened.convert("RGBA"), np.float64), ((1, 1), (1, 1), (0, 0))
            )
        pixels[..., :3] *= pixels[..., 3:] / 255
        from_x, from_y = x - (sprite.x + right) / 16, y - (sprite.y + down) / 16
        cos, sin = math.cos(turn / 1_000), math.sin(turn / 1_000)
        u = cos * from_x + sin * from_y + sprite.width / 2 + 0.5
        v = cos * from_y - sin * from_x + sprite.height / 2 + 0.5
        drawn = _bilinear(pixels, u, v)
        picture = drawn[..., :3] + picture * (1 - drawn[..., 3:] / 255)
    return picture


def _bilinear(
    pixels: NDArray[np.float64], u: NDArray[np.float64], v: NDArray[np.float64]
) -> NDArray[np.float64]:
    height, width = pixels.shape[:2]
    u, v = np.clip(u, 0, width - 1), np.clip(v, 0, height - 1)
    left, top = np.minimum(u.astype(int), width - 2), np.minimum(v.astype(int), height - 2)
    a, b = (u - left)[..., None], (v - top)[..., None]
    over = pixels[top, left] * (1 - a) + pixels[top, left + 1] * a
    under = pixels[top + 1, left] * (1 - a) + pixels[top + 1, left + 1] * a
    return np.asarray(over * (1 - b) + under * b)


def test_a_face_at_rest_is_its_pictures_pixel_for_pixel(atlas: Atlas) -> None:
    picture = Compositor(atlas).picture(_draws(atlas))
    assert (picture.mode, picture.size) == ("RGB", (SIZE, SIZE))
    assert picture.getpixel((0, 0)) == BACKGROUND
    assert picture.getpixel((32, 38)) == mouth_colour(Oculus.SIL)
    assert np.abs(_pixels(picture) - _as_a_canvas_draws(atlas, _draws(atlas))).max() <= 1


@pytest.mark.parametrize("size", [64, 48, 31])
def test_a_face_that_moves_is_what_a_canvas_draws(size: int) -> None:
    atlas = Atlas(tiny_avatar(), size, "image/png")
    draws = _draws(atlas, **saying(Oculus.E), **MOVED)
    picture = _pixels(Compositor(atlas).picture(draws))
    assert np.abs(picture - _as_a_canvas_draws(atlas, draws)).max() <= 4


@settings(max_examples=30, deadline=None)
@given(
    st.lists(
        st.tuples(
            st.integers(-1_500, 1_500), st.integers(-1_500, 1_500), st.integers(-4_000, 4_000)
        ),
        min_size=9,
        max_size=9,
    )
)
def test_sprites_may_be_anywhere(moves: list[tuple[int, int, int]]) -> None:
    atlas = Atlas(tiny_avatar(), SIZE, "image/png")
    draws = _draws(atlas)
    draws[:, 1:] = moves
    picture = _pixels(Compositor(atlas).picture(draws))
    assert np.abs(picture - _as_a_canvas_draws(atlas, draws)).max() <= 6


def test_a_sixteenth_of_a_pixel_can_be_seen(atlas: Atlas) -> None:
    compositor, draws = Compositor(atlas), _draws(atlas)
    column = []
    for right in range(0, 17, 4):
        draws[:, 1] = right
        column.append(int(_pixels(compositor.picture(draws))[55, 8, 0]))
    # The left edge of the torso goes from one pixel to the next.
    assert column == pytest.approx(np.linspace(70, 255, 5), abs=2)


def test_what_is_not_shown_is_not_drawn(atlas: Atlas) -> None:
    draws = _draws(atlas)
    draws[:, 0] = -1
    assert (_pixels(Compositor(atlas).picture(draws)) == BACKGROUND).all()


def test_a_picture_is_the_callers_own(atlas: Atlas) -> None:
    compositor, draws = Compositor(atlas), _draws(atlas)
    compositor.picture(draws).paste((1, 2, 3), (0, 0, SIZE, SIZE))
    assert compositor.picture(draws).getpixel((0, 0)) == BACKGROUND


@pytest.mark.parametrize("room", [0, 10_000, 1 << 20])
def test_what_is_kept_changes_nothing(atlas: Atlas, room: int) -> None:
    kept = patches(room)
    compositor, draws = Compositor(atlas, kept), _draws(atlas, **MOVED)
    first, again = (compositor.picture(draws).tobytes() for _ in range(2))
    assert first == again == Compositor(atlas).picture(draws).tobytes()
    assert kept.weight <= room


def test_atlases_that_share_room_do_not_mix_up_their_sprites(atlas: Atlas) -> None:
    kept, small = patches(), Atlas(tiny_avatar(), 32, "image/png")
    Compositor(atlas, kept).picture(_draws(atlas, **MOVED))
    shared = Compositor(small, kept).picture(_draws(small, **MOVED))
    assert shared.tobytes() == Compositor(small).picture(_draws(small, **MOVED)).tobytes()


def test_many_threads_draw_at_once(atlas: Atlas) -> None:
    rows = atlas.draws(poses(len(Oculus), **saying(*Oculus), **MOVED), FPS)
    alone = [Compositor(atlas).picture(row).tobytes() for row in rows]
    compositor = Compositor(atlas)
    with ThreadPoolExecutor(8) as threads:
        drawn = threads.map(lambda row: compositor.picture(row).tobytes(), [*rows, *rows])
    assert list(drawn) == alone * 2

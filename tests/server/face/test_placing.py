import pytest
from hypothesis import given
from hypothesis import strategies as st

from lipwire_server.face.packs.manifest import Follow, Image, Layer, Manifest, Motion, View
from lipwire_server.face.placing import Placed, Window
from tests.tiny_avatar import tiny_manifest

PICTURE = Image(file="picture.png", at=(10, 20))


def _manifest(*views: View, size: int = 512) -> Manifest:
    return tiny_manifest(size=size, views=views)


def _layer(**changes: object) -> Layer:
    return Layer(name="layer", images=(PICTURE,), **changes)  # type: ignore[arg-type]


def _place(
    window: Window, at: tuple[float, float], extent: tuple[int, int], reach: float = 0.0
) -> Placed:
    placed = window.place(Image(file="picture.png", at=at), extent, reach)
    assert placed is not None
    return placed


@pytest.mark.parametrize(
    ("size", "seen"),
    [(64, (100, 50, 200)), (100, (100, 50, 200)), (101, (0, 0, 400)), (301, (0, 0, 512))],
)
def test_a_small_picture_shows_less_of_an_avatar(
    size: int, seen: tuple[float, float, float]
) -> None:
    views = (View(up_to=300, box=(0, 0, 400)), View(up_to=100, box=(100, 50, 200)))
    window = Window.of(_manifest(*views), size)
    assert (window.left, window.top, window.size / window.scale) == pytest.approx(seen)


def test_no_picture_is_larger_than_the_avatar() -> None:
    window = Window.of(_manifest(size=256), 1_024)
    assert (window.size, window.scale, window.unit) == (256, 1.0, 0.5)


def test_a_picture_of_the_avatars_own_size_is_used_as_it_is() -> None:
    placed = _place(Window.of(_manifest(), 512), (10.5, 20), (30, 40))
    assert placed == Placed("picture.png", 10.5, 20, 30, 40, (0, 0, 30, 40), True)
    assert placed.centre == (25.5, 40)


def test_a_scaled_picture_fills_whole_pixels_and_keeps_its_edges_between_them() -> None:
    placed = _place(Window.of(_manifest(), 256), (11, 20), (31, 40))
    assert (placed.left, placed.top, placed.width, placed.height) == (5, 10, 16, 20)
    assert placed.source == (-1, 0, 31, 40)


def test_what_is_not_seen_is_cut_off() -> None:
    window = Window.of(_manifest(View(up_to=256, box=(100, 100, 256))), 256)
    placed = _place(window, (0, 0), (512, 512))
    assert (placed.left, placed.top, placed.width, placed.height) == (0, 0, 256, 256)
    assert placed.source == (100, 100, 356, 356)
    assert not placed.as_it_is


def test_a_file_of_which_little_is_not_seen_is_used_as_it_is() -> None:
    placed = _place(Window.of(_manifest(), 512), (10, 300), (400, 250))
    assert placed.as_it_is
    assert (placed.top, placed.height) == (300, 250)


def test_what_moves_keeps_as_much_as_may_come_into_sight() -> None:
    window = Window.of(_manifest(View(up_to=256, box=(100, 100, 256))), 256)
    placed = _place(window, (0, 0), (512, 512), reach=3.5)
    assert (placed.left, placed.top, placed.width, placed.height) == (-4, -4, 264, 264)


@pytest.mark.parametrize("at", [(0, 0), (0, 400), (400, 0), (356, 150)])
def test_what_is_never_seen_is_nowhere(at: tuple[float, float]) -> None:
    window = Window.of(_manifest(View(up_to=256, box=(100, 100, 256))), 256)
    assert window.place(Image(file="picture.png", at=at), (100, 100), 0.0) is None


def test_how_far_a_layer_moves_is_known() -> None:
    manifest = tiny_manifest(size=512, views=(), motion=Motion(breath_px=4, head_percent=200))
    window = Window.of(manifest, 256)
    assert window.reach(_layer(), manifest) == 0.0
    assert window.reach(_layer(parallax=(-3, 1), gaze=(5, 2)), manifest) == 4.0
    assert window.reach(_layer(brow=(6, 0.1)), manifest) == 3.0
    assert window.reach(_layer(follow=Follow.BREATH), manifest) == 2.0
    assert window.reach(_layer(follow=Follow.HEAD), manifest) == 96.0


@given(
    size=st.integers(16, 600),
    box=st.tuples(st.floats(-50, 400), st.floats(-50, 400), st.floats(20, 700)),
    at=st.tuples(st.floats(-300, 600), st.floats(-300, 600)),
    extent=st.tuples(st.integers(1, 600), st.integers(1, 600)),
    reach=st.floats(0, 50),
)
def test_a_placed_picture_is_where_the_pack_says(
    size: int,
    box: tuple[float, float, float],
    at: tuple[float, float],
    extent: tuple[int, int],
    reach: float,
) -> None:
    window = Window.of(_manifest(View(up_to=2_048, box=box)), size)
    placed = window.place(Image(file="picture.png", at=at), extent, reach)
    if placed is None:
        return
    assert 0 < placed.width <= window.size + 2 * reach + 2
    assert 0 < placed.height <= window.size + 2 * reach + 2
    left, top, right, bottom = placed.source
    pixel = 1 / window.scale
    assert -pixel - 1e-6 <= left < right <= extent[0] + pixel + 1e-6
    assert -pixel - 1e-6 <= top < bottom <= extent[1] + pixel + 1e-6
    assert placed.left == pytest.approx((at[0] + left - window.left) * window.scale, abs=1e-6)
    assert placed.height == pytest.approx((bottom - top) * window.scale, abs=1e-6)

import numpy as np
import pytest

from lipwire_server.face.choices import STRENGTHS, choices, strength_index, value_index
from lipwire_server.face.emotions import NAMES, NEUTRAL
from lipwire_server.face.packs.manifest import Image, Layer, Shows


def _shown(
    layer: Layer,
    emotion: str = NEUTRAL,
    strength: float = 1.0,
    *,
    key: int = 0,
    names: tuple[str, ...] = (),
    hidden: tuple[int, ...] = (),
) -> int:
    numbers = [-1 if index in hidden else index for index in range(len(layer.images))]
    table = choices(layer, numbers, names)
    column = strength_index(np.array(strength))
    return int(table[key, NAMES.index(emotion), column])


def _layer(shows: Shows, *images: Image) -> Layer:
    return Layer(name="layer", shows=shows, images=images)


def _image(**changes: object) -> Image:
    return Image(file="picture.png", **changes)  # type: ignore[arg-type]


def test_a_layer_of_one_picture_always_shows_it() -> None:
    layer = _layer(Shows.ALWAYS, _image())
    assert _shown(layer) == _shown(layer, "happy") == _shown(layer, "angry", 0.3) == 0


def test_a_picture_that_is_never_seen_is_not_shown() -> None:
    layer = _layer(Shows.ALWAYS, _image(), _image(emotion="happy"))
    assert _shown(layer, hidden=(0,)) == -1
    assert _shown(layer, "happy", hidden=(0,)) == 1


def test_what_an_emotion_alone_has_is_shown_with_it_only() -> None:
    tears = _layer(Shows.ALWAYS, _image(emotion="sad"))
    assert _shown(tears) == _shown(tears, "happy") == -1
    assert _shown(tears, "sad") == 0


@pytest.mark.parametrize(
    ("strength", "shown"), [(0.0, 0), (0.1, 0), (0.2, 1), (0.45, 1), (0.6, 2), (0.8, 2), (0.9, 3)]
)
def test_the_picture_of_the_nearest_strength_is_shown(strength: float, shown: int) -> None:
    layer = _layer(
        Shows.ALWAYS,
        _image(),
        _image(emotion="happy", strength=1 / 3),
        _image(emotion="happy", strength=2 / 3),
        _image(emotion="happy"),
    )
    assert _shown(layer, "happy", strength) == shown
    assert _shown(layer, "sad", strength) == 0


def test_an_emotion_without_steps_comes_half_way() -> None:
    layer = _layer(Shows.ALWAYS, _image(), _image(emotion="happy"))
    assert [_shown(layer, "happy", strength) for strength in (0.4, 0.5, 0.6)] == [0, 1, 1]


def test_a_neutral_face_of_its_own_is_not_shown_in_emotions() -> None:
    layer = _layer(Shows.ALWAYS, _image(), _image(emotion=NEUTRAL), _image(emotion="sad"))
    assert [_shown(layer, emotion) for emotion in (NEUTRAL, "happy", "sad")] == [1, 0, 2]


def test_a_mouth_shows_its_shape_and_that_of_the_emotion_where_there_is_one() -> None:
    layer = _layer(
        Shows.MOUTH,
        _image(shape="A"),
        _image(shape="B"),
        _image(shape="B", emotion="happy"),
        _image(shape="C", emotion="happy"),
    )
    names = ("A", "B", "C")
    neutral = [_shown(layer, key=key, names=names) for key in range(3)]
    happy = [_shown(layer, "happy", key=key, names=names) for key in range(3)]
    assert (neutral, happy) == ([0, 1, -1], [0, 2, 3])


@pytest.mark.parametrize("shows", [Shows.JAW, Shows.LIDS])
@pytest.mark.parametrize(
    ("value", "shown"), [(-1.0, 0), (-0.2, 0), (-0.1, 1), (0.2, 1), (0.3, 2), (0.9, 2), (7.0, 2)]
)
def test_the_picture_of_the_nearest_value_is_shown(shows: Shows, value: float, shown: int) -> None:
    layer = _layer(shows, *(_image(value=at) for at in (-0.3, 0.0, 0.5)))
    assert _shown(layer, key=int(value_index(np.array(value)))) == shown


def test_of_as_many_pictures_as_a_layer_may_have_the_nearest_is_shown() -> None:
    images = [_image(value=index / 2_000, strength=1 - index / 4_000) for index in range(2_000)]
    table = choices(_layer(Shows.JAW, *images), range(2_000), ())
    assert table.shape[1:] == (len(NAMES), STRENGTHS)
    assert table[-1].max() == 1_999

import io

import pytest
from PIL import Image as Pillow

from lipwire_server.face.packs.assembling import Assembled, assemble
from lipwire_server.face.packs.conventions import Parts
from lipwire_server.face.packs.manifest import Follow, Image, MouthSet, Shows

SKIN, LIPS, EYE, LID = (230, 190, 160), (200, 30, 60), (20, 20, 20), (180, 140, 110)

Box = tuple[int, int, int, int]


def drawn(size: tuple[int, int], *boxes: tuple[Box, tuple[int, int, int]]) -> Pillow.Image:
    picture = Pillow.new("RGBA", size)
    for box, colour in boxes:
        picture.paste((*colour, 255), box)
    return picture


FACE = ((10, 10, 90, 90), SKIN)
PICTURES = {
    "base": drawn((100, 100), FACE, ((30, 30, 40, 36), EYE)),
    "blink": drawn((100, 100), FACE, ((30, 30, 40, 36), LID)),
    "lids": drawn((100, 100), ((30, 30, 40, 36), LID)),
    "closed": drawn((100, 100), ((40, 70, 60, 72), LIPS)),
    "open": drawn((100, 100), ((40, 66, 60, 80), LIPS)),
    "small": drawn((20, 10), ((0, 0, 20, 10), LIPS)),
    "idle": drawn((100, 100), FACE, ((30, 30, 40, 36), EYE), ((40, 70, 60, 72), LIPS)),
    "idle_blink": drawn((100, 100), FACE, ((30, 30, 40, 36), LID), ((40, 70, 60, 72), LIPS)),
    "talk": drawn((100, 100), FACE, ((30, 30, 40, 36), EYE), ((40, 66, 60, 80), LIPS)),
    "room": drawn((100, 100), ((0, 0, 100, 100), SKIN)),
    "tall": drawn((50, 100), ((10, 10, 40, 100), SKIN)),
    "nothing": Pillow.new("RGBA", (100, 100)),
    "huge": Pillow.new("RGBA", (2_048, 1_024), (*SKIN, 255)),
    "tiny": Pillow.new("RGBA", (16, 16), (*SKIN, 255)),
}
MOUTHS = {"closed": "closed", "open": "open"}
WHOLE = {"closed": "idle", "open": "talk"}


def made(mouths: dict[str, str], **parts: str) -> Assembled:
    return assemble(Parts(set=MouthSet.PNGTUBER, mouths=mouths, **parts), PICTURES.__getitem__)  # type: ignore[arg-type]


def shown(of: Assembled, **choices: str | float) -> Pillow.Image:
    """What is seen with one shape or value of each layer."""
    whole = Pillow.new("RGBA", (of.size, of.size))
    for layer in of.layers:
        image = next(i for i in layer.images if choices.get(layer.name) in (i.shape, i.value))
        picture = Pillow.open(io.BytesIO(of.files[image.file])).convert("RGBA")
        whole.alpha_composite(picture, (int(image.at[0]), int(image.at[1])))
    return whole


def image(of: Assembled, layer: str, at: int = 0) -> Image:
    return next(one for one in of.layers if one.name == layer).images[at]


def test_mouths_lie_on_the_base_where_they_were_drawn() -> None:
    face = made(MOUTHS, base="base", closed_eyes="lids")
    assert [layer.name for layer in face.layers] == ["base", "eyes", "mouth"]
    assert face.warnings == []
    expected = PICTURES["talk"]
    assert shown(face, mouth="open", eyes=0.0).tobytes() == expected.tobytes()


def test_pictures_are_cut_to_what_is_seen() -> None:
    face = made(MOUTHS, base="base")
    assert image(face, "mouth").at == (40, 70)
    assert Pillow.open(io.BytesIO(face.files["mouth/closed.webp"])).size == (20, 2)


@pytest.mark.parametrize("closed", ["lids", "blink"])
def test_eyes_close_over_a_base_with_open_ones(closed: str) -> None:
    face = made(MOUTHS, base="base", closed_eyes=closed)
    assert shown(face, mouth="closed", eyes=0.0).getpixel((35, 33)) == (*EYE, 255)
    assert shown(face, mouth="closed", eyes=1.0).getpixel((35, 33)) == (*LID, 255)


def test_of_a_whole_picture_that_blinks_only_the_eyes_are_taken() -> None:
    face = made(WHOLE, closed_eyes="idle_blink")
    assert [layer.name for layer in face.layers] == ["mouth", "eyes"]
    talking = shown(face, mouth="open", eyes=1.0)
    assert talking.getpixel((35, 33)) == (*LID, 255)
    assert talking.getpixel((50, 78)) == (*LIPS, 255)
    assert face.layers[1].shows is Shows.LIDS


def test_without_closed_eyes_nobody_blinks_and_that_is_said() -> None:
    (warning,) = made(MOUTHS, base="base").warnings
    assert "never blink" in warning
    still = made(MOUTHS, base="base", open_eyes="lids")
    assert [layer.shows for layer in still.layers] == [Shows.ALWAYS, Shows.ALWAYS, Shows.MOUTH]


def test_a_mouth_of_another_size_is_put_in_the_middle_and_that_is_said() -> None:
    face = made({"closed": "small", "open": "open"}, base="base", closed_eyes="lids")
    assert image(face, "mouth").at == (40, 57)
    (warning,) = face.warnings
    assert "mouth/closed is 20 x 10 and the base 100 x 100" in warning


def test_what_fills_its_corners_does_not_turn() -> None:
    assert {layer.follow for layer in made(MOUTHS, base="room").layers} == {Follow.NONE}
    assert {layer.follow for layer in made(MOUTHS, base="base").layers} == {Follow.HEAD}


def test_characters_stand_in_the_middle_of_the_lower_edge_of_a_square() -> None:
    face = made({"closed": "tall", "open": "tall"})
    assert face.size == 100
    assert image(face, "mouth").at == (35, 10)


@pytest.mark.parametrize(("name", "size"), [("huge", 1_024), ("tiny", 64), ("base", 100)])
def test_a_face_is_neither_too_large_nor_too_small(name: str, size: int) -> None:
    face = made({"closed": name, "open": name})
    assert face.size == size


def test_a_picture_of_nothing_is_allowed() -> None:
    face = made({"closed": "nothing", "open": "open"}, base="base")
    assert Pillow.open(io.BytesIO(face.files["mouth/closed.webp"])).size == (1, 1)


def test_feelings_have_mouths_of_their_own() -> None:
    parts = Parts(set=MouthSet.PNGTUBER, mouths=dict(WHOLE), feelings={("happy", "open"): "talk"})
    face = assemble(parts, PICTURES.__getitem__)
    happy = image(face, "mouth", 2)
    assert (happy.emotion, happy.shape, happy.file) == ("happy", "open", "mouth/happy/open.webp")

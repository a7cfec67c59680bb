import msgspec
import numpy as np
import pytest

from lipwire_protocol.visemes import Oculus
from lipwire_server.face.packs.checking import OPTIONAL, REQUIRED, problems
from lipwire_server.face.packs.manifest import Image, Layer, Manifest, Mouth, MouthSet, Shows, View
from lipwire_server.face.shapes import Shapes
from tests.tiny_avatar import SIZE, tiny_manifest


def found(manifest: Manifest) -> list[str]:
    files = {image.file for layer in manifest.layers for image in layer.images}
    return list(problems(manifest, dict.fromkeys(files, (10, 10))))


def with_mouths(of: MouthSet, *shapes: str) -> Manifest:
    images = tuple(Image(file=f"{shape}.png", shape=shape) for shape in shapes)
    mouth = Layer(name="mouth", images=images, shows=Shows.MOUTH)
    return tiny_manifest(layers=(mouth,), mouth=Mouth(set=of))


def with_layer(shows: Shows, *images: Image) -> Manifest:
    layer = Layer(name="new", images=images, shows=shows)
    return tiny_manifest(layers=(*tiny_manifest().layers, layer))


def test_nothing_is_wrong_with_an_avatar_that_can_speak() -> None:
    assert found(tiny_manifest()) == []


@pytest.mark.parametrize("of", REQUIRED)
def test_a_set_needs_its_shapes_and_no_more(of: MouthSet) -> None:
    assert found(with_mouths(of, *REQUIRED[of])) == []
    assert found(with_mouths(of, *REQUIRED[of], *OPTIONAL[of])) == []
    for shape in REQUIRED[of]:
        (text,) = found(with_mouths(of, *({*REQUIRED[of]} - {shape})))
        assert f"there is no {shape}: every mouth needs these" in text
    (text,) = found(with_mouths(of, *REQUIRED[of], "grin"))
    assert "has no grin; it has " in text


@pytest.mark.parametrize("of", REQUIRED)
def test_with_the_required_shapes_every_viseme_is_shown_as_one(of: MouthSet) -> None:
    shapes = Shapes(of, REQUIRED[of])
    weights = np.eye(len(Oculus), dtype=np.uint8) * np.uint8(255)
    for viseme in Oculus:
        closed = viseme if viseme in (Oculus.PP, Oculus.FF) else -1
        (shown,) = shapes.pick(weights[[viseme]], np.array([closed], np.int8), fps=25)
        assert shown >= 0


@pytest.mark.parametrize("of", REQUIRED)
def test_what_is_shown_instead_is_there(of: MouthSet) -> None:
    for shape, instead in OPTIONAL[of].items():
        while instead in OPTIONAL[of]:
            instead = OPTIONAL[of][instead]
        assert instead in REQUIRED[of], shape


def test_a_codebook_has_a_picture_for_each_row() -> None:
    mouth = tiny_manifest().mouth
    longer = msgspec.structs.replace(mouth, codebook=(*mouth.codebook, mouth.codebook[0]))
    assert "there is no 15" in found(tiny_manifest(mouth=longer))[0]
    shorter = msgspec.structs.replace(mouth, codebook=mouth.codebook[:-1])
    assert "has no 14; it has 0, 1" in found(tiny_manifest(mouth=shorter))[0]
    assert "mouth.codebook" in found(tiny_manifest(mouth=Mouth(set=MouthSet.ARTICULATION)))[0]
    strange = msgspec.structs.replace(mouth, codebook=((1e300,) * 12, *mouth.codebook[1:]))
    assert found(tiny_manifest(mouth=strange)) == ["mouth.codebook: numbers are from -2 to 2"]


def test_a_mouth_is_needed() -> None:
    (text,) = found(tiny_manifest(layers=(Layer(name="a", images=(Image(file="a.png"),)),)))
    assert text.startswith("no layer has the pictures of the mouth")


@pytest.mark.parametrize(
    ("shows", "images", "message"),
    [
        (Shows.ALWAYS, [Image(file="../a.png")], "does not name a file within"),
        (Shows.ALWAYS, [Image(file="a.png", at=(SIZE, 0))], "lies outside of the 64 px"),
        (Shows.ALWAYS, [Image(file="a.png", at=(0, -10))], "lies outside of the 64 px"),
        (Shows.ALWAYS, [Image(file="a.png", shape="A")], "has a `shape` that nothing asks for"),
        (Shows.ALWAYS, [Image(file="a.png", strength=0.5)], "strengths are of emotions"),
        (Shows.ALWAYS, [Image(file="a.png", emotion="happy")], "for emotions only"),
        (Shows.ALWAYS, [Image(file="a.png"), Image(file="b.png")], "a.png and b.png are for"),
        (Shows.LIDS, [Image(file="a.png")], "needs a `value`"),
        (
            Shows.LIDS,
            [Image(file="a.png", value=1), Image(file="b.png", value=0)],
            "b.png is out of order",
        ),
        (
            Shows.ALWAYS,
            [Image(file="a.png"), Image(file="b.png", emotion="jealous")],
            "'jealous'; there are: neutral, happy",
        ),
        (Shows.MOUTH, [Image(file="a.png")], "needs a `shape`"),
    ],
)
def test_what_is_wrong_with_a_layer_is_said(
    shows: Shows, images: list[Image], message: str
) -> None:
    (text,) = found(with_layer(shows, *images))
    assert text.startswith("layer 'new': ")
    assert message in text


def test_a_picture_may_stick_out_a_little() -> None:
    assert found(with_layer(Shows.ALWAYS, Image(file="a.png", at=(SIZE - 1, -9)))) == []


def test_two_layers_have_two_names() -> None:
    layers = tiny_manifest().layers
    (text,) = found(tiny_manifest(layers=(*layers, layers[0])))
    assert "2 layers are named 'torso'" in text


@pytest.mark.parametrize("box", [(-1, 0, 20), (50, 0, 20), (0, 50, 20), (0, 0, 0)])
def test_a_view_lies_within_the_picture(box: tuple[float, float, float]) -> None:
    (text,) = found(tiny_manifest(views=(View(up_to=32, box=box),)))
    assert "view up to 32 px" in text

import io
from dataclasses import replace
from zipfile import ZIP_STORED, ZipFile

import msgspec
import pytest
from PIL import Image

from lipwire_server.face.art.baking import MANIFEST, bake, count
from lipwire_server.face.art.figures import FIGURES, codebook
from lipwire_server.face.art.geometry import rectangle
from lipwire_server.face.art.paint import Fill, colour
from lipwire_server.face.emotions import NAMES
from lipwire_server.face.packs.manifest import FORMAT, Manifest, MouthSet

MOUTHS = codebook()[:1]
SQUARE = (Fill(rectangle(150, 100, 212, 260), colour("#e0a080")),)
PLAIN = replace(
    FIGURES["ida"],
    backdrop=lambda: (Fill(rectangle(0, 0, 512, 512), colour("#ffffff")),),
    hair_back=lambda: (),
    torso=lambda: SQUARE,
    nose=lambda: (),
    hair_front=lambda: SQUARE,
    face=lambda jaw: SQUARE,
)
"""Eyes and a mouth on a board: quick to draw."""


@pytest.fixture(scope="module")
def pack() -> bytes:
    return bake(PLAIN, MOUTHS)


@pytest.fixture(scope="module")
def opened(pack: bytes) -> ZipFile:
    return ZipFile(io.BytesIO(pack))


@pytest.fixture(scope="module")
def manifest(opened: ZipFile) -> Manifest:
    return msgspec.json.decode(opened.read(MANIFEST), type=Manifest)


def test_the_manifest_says_who_it_is(manifest: Manifest) -> None:
    assert (manifest.format, manifest.name, manifest.title) == (FORMAT, "ida", "Ida")
    assert manifest.size == 512
    assert manifest.license == "GPL-3.0-or-later"


def test_the_mouths_are_told_by_number(manifest: Manifest) -> None:
    assert manifest.mouth.set is MouthSet.ARTICULATION
    assert manifest.mouth.codebook == tuple(tuple(held) for held in MOUTHS)


def test_the_pack_has_the_pictures_that_the_manifest_names(
    opened: ZipFile, manifest: Manifest
) -> None:
    named = {image.file for layer in manifest.layers for image in layer.images}
    assert set(opened.namelist()) == {MANIFEST} | named


def test_pictures_are_cropped_and_transparent_and_lie_within_the_face(
    opened: ZipFile, manifest: Manifest
) -> None:
    for layer in manifest.layers:
        for image in layer.images:
            with Image.open(io.BytesIO(opened.read(image.file))) as picture:
                assert picture.format == "WEBP"
                assert (picture.mode == "RGBA") == (layer.name != "backdrop"), image.file
                assert image.at[0] + picture.width <= 512
                assert image.at[1] + picture.height <= 512


def test_emotions_are_ones_that_there_are(manifest: Manifest) -> None:
    said = {image.emotion for layer in manifest.layers for image in layer.images} - {None}
    assert said == set(NAMES[1:])


def test_baking_again_makes_the_same_bytes_and_tells_of_each_picture(pack: bytes) -> None:
    drawn: list[None] = []
    assert bake(PLAIN, MOUTHS, lambda: drawn.append(None)) == pack
    assert len(drawn) == count(PLAIN, MOUTHS)


def test_files_are_stored_and_have_no_date_of_their_own(opened: ZipFile) -> None:
    files = opened.infolist()
    assert {file.compress_type for file in files} == {ZIP_STORED}
    assert {file.date_time[0] for file in files} == {1980}


def test_small_pictures_show_the_face_alone(manifest: Manifest) -> None:
    (view,) = manifest.views
    assert view.up_to == 320
    left, top, side = view.box
    assert left > 0 and top > 0 and left + side < 512

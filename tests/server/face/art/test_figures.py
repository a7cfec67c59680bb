import io
from zipfile import ZipFile

import msgspec
import numpy as np
import pytest
from PIL import Image

from lipwire_protocol.visemes import Oculus
from lipwire_server.face.art.baking import MANIFEST
from lipwire_server.face.art.figures import FIGURES, codebook
from lipwire_server.face.art.plates import Plate, sheets
from lipwire_server.face.art.raster import EVERYTHING, draw
from lipwire_server.face.articulation import HELD
from lipwire_server.face.packs.finding import BUILT_IN
from lipwire_server.face.packs.manifest import Manifest

EACH = pytest.mark.parametrize("name", FIGURES)
NEUTRAL_BYTES = 330_000
"""What a listener is sent at most while a face has no feelings."""
PACK_BYTES = 1_900_000


def test_joe_comes_first_since_the_voice_is_his() -> None:
    assert list(FIGURES) == ["joe", "ida"]


def test_the_first_mouths_are_those_of_the_visemes() -> None:
    assert np.array(codebook())[: len(Oculus)] == pytest.approx(HELD, abs=1e-3)


def _manifest(opened: ZipFile) -> Manifest:
    return msgspec.json.decode(opened.read(MANIFEST), type=Manifest)


@EACH
def test_a_pack_is_small_enough_to_send(name: str) -> None:
    with ZipFile(BUILT_IN / f"{name}.zip") as opened:
        plain = [
            image.file
            for layer in _manifest(opened).layers
            for image in layer.images
            if image.emotion is None
        ]
        assert sum(opened.getinfo(file).file_size for file in plain) <= NEUTRAL_BYTES
    assert (BUILT_IN / f"{name}.zip").stat().st_size <= PACK_BYTES


@EACH
def test_a_pack_has_the_mouths_of_the_codebook(name: str) -> None:
    with ZipFile(BUILT_IN / f"{name}.zip") as opened:
        assert _manifest(opened).mouth.codebook == tuple(tuple(held) for held in codebook())


@EACH
def test_a_pack_shows_what_the_code_draws(name: str) -> None:
    """A few pictures of it; `scripts/bake-avatars --check` compares them all."""
    with ZipFile(BUILT_IN / f"{name}.zip") as opened:
        at = {i.file: i.at for layer in _manifest(opened).layers for i in layer.images}
        for plate in _some(name):
            file = f"{plate.file}.webp"
            baked = Image.new("RGBA", EVERYTHING[2:])
            with Image.open(io.BytesIO(opened.read(file))) as picture:
                baked.paste(picture.convert("RGBA"), (int(at[file][0]), int(at[file][1])))
            drawn = np.clip(draw(plate.fills()), 0.0, 1.0) * 255.0
            seen = drawn[..., 3] > 1.0
            error = (np.asarray(baked.convert("RGBa"), float) - drawn)[seen]
            assert float(np.mean(error**2)) < 255.0**2 * 10 ** (-33 / 10), file


def _some(name: str) -> list[Plate]:
    return [
        plate
        for sheet in sheets(FIGURES[name], codebook())
        for plate in sheet.plates[:: 97 if sheet.name == "mouth" else 7]
    ]

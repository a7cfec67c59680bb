import io
from itertools import combinations
from pathlib import Path

import msgspec
import numpy as np
import pytest
from PIL import Image as Pillow

from lipwire_protocol import ErrorCode, LipwireError
from lipwire_server.face.atlas import Atlas
from lipwire_server.face.compositor import Compositor
from lipwire_server.face.emotions import EMOTIONS
from lipwire_server.face.packs.finding import BUILT_IN
from lipwire_server.face.packs.loading import load_avatar, load_manifest, look_through
from lipwire_server.face.packs.manifest import Image, Layer, Mouth, MouthSet
from tests.server.face.posing import feeling, poses
from tests.tiny_avatar import tiny_avatar, tiny_manifest, write_tiny_pack

EXAMPLE = Path(__file__).parents[4] / "docs" / "example-avatar"


def pixels(data: bytes) -> bytes:
    return Pillow.open(io.BytesIO(data)).convert("RGBA").tobytes()


@pytest.mark.parametrize("name", ["pack", "pack.zip"])
@pytest.mark.parametrize("trusted", [True, False])
def test_a_pack_is_loaded_from_a_folder_or_a_zip(tmp_path: Path, name: str, trusted: bool) -> None:
    avatar = load_avatar(write_tiny_pack(tmp_path / name), trusted=trusted)
    expected = tiny_avatar()
    assert avatar.manifest == expected.manifest
    assert avatar.files.keys() == expected.files.keys()
    assert all(pixels(avatar.files[name]) == pixels(expected.files[name]) for name in avatar.files)


def test_a_folder_and_a_zip_of_it_are_the_same_avatar(tmp_path: Path) -> None:
    paths = [write_tiny_pack(tmp_path / name) for name in ("pack", "pack.zip")]
    assert len({load_avatar(path).key for path in paths}) == 1


def test_foreign_pictures_lose_all_but_their_pixels(tmp_path: Path) -> None:
    folder = write_tiny_pack(tmp_path / "pack")
    picture = folder / "torso.png"
    picture.write_bytes(picture.read_bytes() + b"<script>")
    assert b"<script>" in load_avatar(folder, trusted=True).files["torso.png"]
    assert b"<script>" not in load_avatar(folder).files["torso.png"]


def test_a_picture_is_known_by_what_it_is(tmp_path: Path) -> None:
    folder = write_tiny_pack(tmp_path / "pack")
    (folder / "torso.png").write_text("<svg/>")
    with pytest.raises(LipwireError, match=r"torso\.png is no PNG, WebP or JPEG"):
        load_avatar(folder)


def test_files_that_nobody_names_are_not_looked_at(tmp_path: Path) -> None:
    folder = write_tiny_pack(tmp_path / "pack")
    (folder / "sketch.psd").write_bytes(b"x" * 1_000)
    assert "sketch.psd" not in load_avatar(folder).files


@pytest.mark.parametrize("name", ["pack", "pack.zip"])
def test_every_error_says_of_which_pack_it_is(tmp_path: Path, name: str) -> None:
    path = write_tiny_pack(tmp_path / name, mouth=Mouth(set=MouthSet.RHUBARB))
    with pytest.raises(LipwireError, match="there is no A, B, C") as caught:
        load_avatar(path)
    assert str(path) in str(caught.value)
    assert caught.value.code is ErrorCode.BAD_MESSAGE


def test_a_picture_that_is_not_there_is_named(tmp_path: Path) -> None:
    folder = write_tiny_pack(tmp_path / "pack")
    (folder / "hair.png").unlink()
    with pytest.raises(LipwireError, match=r"has no hair\.png: add it"):
        load_avatar(folder)


def test_without_a_manifest_it_is_no_pack(tmp_path: Path) -> None:
    with pytest.raises(LipwireError, match=r"no avatar\.json in it.*lipwire avatar bake"):
        load_manifest(tmp_path)


def test_a_name_in_the_manifest_cannot_lead_out(tmp_path: Path) -> None:
    folder = write_tiny_pack(tmp_path / "pack")
    (tmp_path / "secret.png").write_bytes((folder / "torso.png").read_bytes())
    layer = Layer(name="secret", images=(Image(file="../secret.png"),))
    manifest = tiny_manifest(layers=(*tiny_manifest().layers, layer))
    (folder / "avatar.json").write_bytes(msgspec.json.encode(manifest))
    for trusted in (True, False):
        with pytest.raises(LipwireError, match=r"has no \.\./secret\.png"):
            load_avatar(folder, trusted=trusted)


def test_many_large_pictures_are_too_many(tmp_path: Path) -> None:
    out = io.BytesIO()
    Pillow.new("1", (2_048, 2_048)).save(out, "PNG")
    files = {f"{i}.png": out.getvalue() for i in range(33)}
    (text,) = (t for t in look_through(tiny_manifest(), files) if "megapixels" in t)
    assert "more than 128" in text


@pytest.mark.parametrize("path", sorted(BUILT_IN.glob("*.zip")), ids=lambda path: path.stem)
def test_the_avatars_that_come_with_lipwire_keep_the_rules(path: Path) -> None:
    avatar = load_avatar(path, trusted=True)
    assert look_through(avatar.manifest, avatar.files) == []
    assert avatar.manifest.name == path.stem


def test_the_example_is_right() -> None:
    avatar = load_avatar(EXAMPLE)
    assert avatar.manifest.name == "bolt"
    assert len(avatar.files) == 18
    assert sum(file.stat().st_size for file in EXAMPLE.iterdir()) < 50_000


def test_the_example_looks_different_in_each_emotion() -> None:
    atlas = Atlas(load_avatar(EXAMPLE), 128)
    compositor = Compositor(atlas)
    faces = []
    for name, emotion in EMOTIONS.items():
        brows = (emotion.brow_raise, emotion.brow_tilt)
        draws = atlas.draws(poses(**feeling(name), brows=brows), 25)[0]
        faces.append(np.asarray(compositor.picture(draws), int)[20:90])
    for one, other in combinations(faces, 2):
        assert (np.abs(one - other).max(axis=2) > 80).sum() > 40

import io
import shutil
from pathlib import Path
from zipfile import ZipFile

import pytest
from PIL import Image as Pillow

from lipwire_protocol import LipwireError
from lipwire_server.face.atlas import Atlas
from lipwire_server.face.packs.conventions import Convention
from lipwire_server.face.packs.importing import About, import_avatar
from lipwire_server.face.packs.loading import load_avatar
from lipwire_server.face.packs.manifest import MouthSet
from lipwire_server.face.packs.writing import write_pack
from tests.tiny_avatar import tiny_avatar, write_tiny_pack

EXAMPLE = Path(__file__).parents[4] / "docs" / "example-avatar"
ABOUT = About(name="ann", title="Ann", author="A. Nn", license="CC0-1.0")
SETS = {
    MouthSet.RHUBARB: "A B C D E F",
    MouthSet.PRESTON_BLAIR: "AI E O MBP rest",
    MouthSet.OCULUS: "sil PP FF TH DD kk CH SS nn RR aa E ih oh ou",
    MouthSet.PNGTUBER: "closed open half",
}


def write_pictures(folder: Path, *names: str) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    for at, name in enumerate(names):
        picture = Pillow.new("RGBA", (80, 80))
        picture.paste((10 * at, 100, 50, 255), (30, 30, 50, 50))
        picture.save(folder / f"{name}.png")
    return folder


@pytest.mark.parametrize("of", SETS)
def test_pictures_of_every_set_become_an_avatar_that_can_be_installed(
    tmp_path: Path, of: MouthSet
) -> None:
    source = write_pictures(tmp_path / "Robot One", *SETS[of].split(), "base", "eyes_closed")
    made = import_avatar(source, ABOUT)
    assert made.convention.value == of.value
    assert made.warnings == ()
    write_pack(made.avatar, tmp_path / "ann.zip")
    loaded = load_avatar(tmp_path / "ann.zip")
    manifest = loaded.manifest
    assert (manifest.name, manifest.title, manifest.author) == ("ann", "Ann", "A. Nn")
    assert manifest.mouth.set is of
    assert manifest.size == 80
    assert Atlas(loaded, 64).size == 64


def test_the_name_is_that_of_the_source_unless_another_is_said(tmp_path: Path) -> None:
    source = write_pictures(tmp_path / "Robot One!", "closed", "open")
    manifest = import_avatar(source, About()).avatar.manifest
    assert (manifest.name, manifest.title) == ("robot-one", "Robot One")


def test_what_is_not_known_is_a_warning(tmp_path: Path) -> None:
    source = write_pictures(tmp_path / "x", "closed", "open")
    warnings = import_avatar(source, About()).warnings
    assert [word for word in ("licence", "author", "blink") if word in " ".join(warnings)] == [
        "licence", "author", "blink",
    ]  # fmt: skip


@pytest.mark.parametrize("about", [About(name="Ann Bee"), About(name="../x"), About(title="")])
def test_what_cannot_be_said_of_an_avatar_is_refused(tmp_path: Path, about: About) -> None:
    source = write_pictures(tmp_path / "x", "closed", "open")
    with pytest.raises(LipwireError, match="a name has up to 64 of a-z"):
        import_avatar(source, about)


def test_names_that_mean_nothing_are_an_error_that_helps(tmp_path: Path) -> None:
    source = write_pictures(tmp_path / "x", "one", "two")
    with pytest.raises(LipwireError, match=r"rhubarb.*docs/avatars\.md"):
        import_avatar(source, About())
    with pytest.raises(LipwireError, match="not oculus"):
        import_avatar(source, About(), Convention.OCULUS)


def test_a_folder_with_nothing_in_it_is_told_from_one_with_other_names(tmp_path: Path) -> None:
    with pytest.raises(LipwireError, match="there is no picture in"):
        import_avatar(tmp_path, About())


def test_a_zip_is_as_good_as_a_folder(tmp_path: Path) -> None:
    source = write_pictures(tmp_path / "x", "closed", "open")
    with ZipFile(tmp_path / "x.zip", "w") as archive:
        for file in source.iterdir():
            # As when a folder is packed with a right click.
            archive.write(file, f"x/{file.name}")
    keys = {import_avatar(path, ABOUT).avatar.key for path in (source, tmp_path / "x.zip")}
    assert len(keys) == 1


def test_damaged_pictures_are_named(tmp_path: Path) -> None:
    source = write_pictures(tmp_path / "x", "closed", "open")
    (source / "open.png").write_bytes(b"\x89PNG")
    with pytest.raises(LipwireError, match=r"open\.png"):
        import_avatar(source, About())


def test_each_picture_is_told(tmp_path: Path) -> None:
    source = write_pictures(tmp_path / "x", "closed", "open", "base")
    told: list[None] = []
    import_avatar(source, ABOUT, drawn=lambda: told.append(None))
    assert len(told) == 3


def test_a_pack_is_baked_to_what_it_was_but_smaller(tmp_path: Path) -> None:
    made = import_avatar(EXAMPLE, About(title="Bolt the Second"))
    assert made.convention is Convention.PACK
    assert made.avatar.manifest.title == "Bolt the Second"
    assert made.avatar.manifest.name == "bolt"
    before, after = load_avatar(EXAMPLE), made.avatar
    for layer, cut in zip(before.manifest.layers, after.manifest.layers, strict=True):
        if layer.brow[1]:
            assert cut == layer
            continue
        for old, new in zip(layer.images, cut.images, strict=True):
            whole = Pillow.open(io.BytesIO(before.files[old.file])).convert("RGBA")
            part = Pillow.open(io.BytesIO(after.files[new.file])).convert("RGBA")
            assert whole.getchannel("A").getbbox() == (
                *new.at, new.at[0] + part.width, new.at[1] + part.height,
            )  # fmt: skip


def test_what_turns_about_its_middle_is_not_cut(tmp_path: Path) -> None:
    folder = write_tiny_pack(tmp_path / "pack")
    brow = Pillow.new("RGBA", (20, 20))
    brow.putpixel((3, 3), (0, 0, 0, 255))
    brow.save(folder / "brow.png")
    made = import_avatar(folder, About()).avatar
    assert Pillow.open(io.BytesIO(made.files["brow.png"])).size == (20, 20)
    assert made.manifest.layers[5] == tiny_avatar().manifest.layers[5]


def test_the_names_count_where_one_says_so(tmp_path: Path) -> None:
    source = tmp_path / "copy"
    shutil.copytree(EXAMPLE, source)
    made = import_avatar(source, ABOUT, Convention.RHUBARB)
    assert made.convention is Convention.RHUBARB
    assert made.avatar.manifest.name == "ann"

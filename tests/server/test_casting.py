import io
import json
from pathlib import Path

import pytest
from PIL import Image

from lipwire_protocol import ErrorCode, LipwireError
from lipwire_server.casting import (
    BakeRequest,
    bake_avatar,
    check_avatar,
    list_avatars,
    preview_avatar,
)
from lipwire_server.config import Settings
from lipwire_server.face.packs.importing import About
from lipwire_server.face.packs.loading import load_avatar
from tests.terminal import Terminal
from tests.tiny_avatar import NAME, write_tiny_pack

pytestmark = pytest.mark.usefixtures("plain_terminal")

EXAMPLE = Path(__file__).parents[2] / "docs" / "example-avatar"


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    folder = tmp_path / "avatars"
    folder.mkdir()
    return Settings(data=tmp_path, avatars=folder)


def listed(settings: Settings, out: io.StringIO | None = None) -> str:
    out = out or io.StringIO()
    list_avatars(settings, out)
    return out.getvalue()


def baked(source: Path, out: Path, about: About) -> tuple[str, str]:
    told, warned = io.StringIO(), io.StringIO()
    bake_avatar(BakeRequest(source=source, out=out, about=about), told, warned)
    return told.getvalue(), warned.getvalue()


def previewed(settings: Settings, wanted: str, path: Path, size: int = 64) -> str:
    out = io.StringIO()
    preview_avatar(settings, wanted, path, size, out)
    return out.getvalue()


def folder_of(settings: Settings) -> Path:
    assert settings.avatars is not None
    return settings.avatars


def test_a_line_tells_all_of_an_avatar_and_a_star_marks_the_default(settings: Settings) -> None:
    pack = write_tiny_pack(folder_of(settings) / "t.zip")
    heading, *lines = listed(settings).splitlines()
    assert heading.split() == ["name", "title", "size", "mouths", "set", "from", "licence"]
    rows = {line.split()[0]: line.split() for line in lines}
    assert rows[NAME] == ["tiny", "Tiny", "64", "15", "articulation", str(pack), "CC0-1.0"]
    assert [line.split()[1] for line in lines if line.startswith("*")] == ["joe"]


def test_problems_are_told_with_what_to_do(settings: Settings) -> None:
    (folder_of(settings) / "broken.zip").write_text("none")
    settings = Settings(data=settings.data, avatars=settings.avatars, avatar="nobody")
    shown = listed(settings)
    assert "! " + str(folder_of(settings) / "broken.zip") + " is no zip" in shown
    assert "! the default avatar nobody is not here: put it into the folder" in shown


def test_what_strangers_write_does_not_move_the_cursor(settings: Settings) -> None:
    write_tiny_pack(folder_of(settings) / "t.zip", title="[red]\x1b[2J")
    assert "[red]?[2J" in listed(settings)
    assert "\x1b[2J" not in listed(settings, Terminal())


def test_a_narrow_terminal_gets_whole_names(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "40")
    shown = listed(settings, Terminal())
    assert "joe" in shown
    assert "licence" not in shown


def test_programs_get_all_of_it(settings: Settings) -> None:
    pack = write_tiny_pack(folder_of(settings) / "t.zip")
    out = io.StringIO()
    list_avatars(settings, out, as_json=True)
    told = json.loads(out.getvalue())
    assert told["problems"] == []
    assert next(avatar for avatar in told["avatars"] if avatar["name"] == NAME) == {
        "name": "tiny",
        "default": False,
        "title": "Tiny",
        "author": "The tests",
        "licence": "CC0-1.0",
        "size": 64,
        "set": "articulation",
        "shapes": 15,
        "built_in": False,
        "path": str(pack),
    }


def test_a_check_says_what_is_right_or_what_is_wrong(tmp_path: Path) -> None:
    out = io.StringIO()
    check_avatar(EXAMPLE, out)
    assert out.getvalue().endswith(
        "is right: Bolt (bolt), 256 px, 9 mouths of rhubarb, 18 pictures\n"
    )
    with pytest.raises(LipwireError, match=r"no avatar\.json in it"):
        check_avatar(tmp_path, out)


def test_what_is_baked_is_said_and_can_be_used(tmp_path: Path) -> None:
    pack = tmp_path / "bolt.zip"
    told, warned = baked(EXAMPLE, pack, About())
    assert told.startswith(f"{pack}: ")
    assert " kB, Bolt (bolt), 256 px, 9 mouths of rhubarb, 18 pictures, made of pack" in told
    assert warned == ""
    assert load_avatar(pack).manifest.title == "Bolt"


def test_warnings_are_apart_from_results(tmp_path: Path) -> None:
    for name in ("open", "closed"):
        Image.new("RGB", (64, 64)).save(tmp_path / f"{name}.png")
    told, warned = baked(tmp_path, tmp_path / "out.zip", About(name="box", author="\x1b[2J"))
    assert "(box), 64 px, 2 mouths of pngtuber" in told
    assert "lipwire: the licence it is under is not known: say it with --license\n" in warned
    assert "never blink" in warned


def test_without_a_place_the_pack_gets_the_name_of_the_avatar(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    bake_avatar(BakeRequest(source=EXAMPLE), io.StringIO(), Terminal())
    assert (tmp_path / "bolt.zip").is_file()
    preview_avatar(Settings(data=tmp_path), "bolt.zip", None, 48, io.StringIO())
    assert (tmp_path / "bolt.png").is_file()


@pytest.mark.parametrize("suffix", [".png", ".webp", ".jpg", ".gif"])
def test_a_preview_is_a_picture(settings: Settings, tmp_path: Path, suffix: str) -> None:
    write_tiny_pack(folder_of(settings) / "t.zip")
    path = tmp_path / f"seen{suffix}"
    assert previewed(settings, NAME, path) == (
        f"{path}: Tiny (tiny), 64 px, 15 mouths of articulation, 61 pictures\n"
    )
    with Image.open(path) as picture:
        assert picture.width == (64 if suffix == ".gif" else 6 * 64)


def test_what_cannot_be_previewed_is_said(settings: Settings, tmp_path: Path) -> None:
    with pytest.raises(LipwireError, match="there are: ida, joe") as caught:
        previewed(settings, "nobody", tmp_path / "x.png")
    assert caught.value.code is ErrorCode.NOT_FOUND
    for path, size, reason in (
        (tmp_path / "x.bmp", 64, r"name it \.png"),
        (tmp_path / "x.png", 10_000, "from 32 to 1024"),
        (tmp_path / "nowhere" / "x.png", 64, "cannot write"),
    ):
        with pytest.raises(LipwireError, match=reason):
            previewed(settings, str(EXAMPLE), path, size)

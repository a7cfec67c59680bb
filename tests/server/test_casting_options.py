import os
from pathlib import Path

import pytest

from lipwire_server.__main__ import main
from tests.tiny_avatar import NAME, write_tiny_pack

EXAMPLE = Path(__file__).parents[2] / "docs" / "example-avatar"


@pytest.fixture(autouse=True)
def ground(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """No settings from outside."""
    for name in [*os.environ]:
        if name.startswith("LIPWIRE_"):
            monkeypatch.delenv(name)
    monkeypatch.chdir(tmp_path)


def run(*arguments: str) -> int | str | None:
    with pytest.raises(SystemExit) as caught:
        main(["avatar", *arguments])
    return caught.value.code


@pytest.mark.parametrize("command", [[], ["list"]])
def test_avatars_are_listed(
    command: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write_tiny_pack(tmp_path / "packs" / "t")
    assert run(*command, "--avatars", "packs", "--avatar", NAME) == 0
    shown = capsys.readouterr().out
    assert f"* {NAME}" in shown
    assert "  joe" in shown
    assert run(*command, "--json") == 0
    assert '"avatars"' in capsys.readouterr().out


def test_from_a_folder_of_pictures_to_an_installed_avatar(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "packs").mkdir()
    about = ["--name", "robo", "--title", "Robo", "--author", "Ann", "--license", "CC0-1.0"]
    out = ["--kind", "rhubarb", "--out", "packs/robo.zip"]
    assert run("bake", str(EXAMPLE), *out, *about) == 0
    assert "Robo (robo), 256 px, 9 mouths of rhubarb" in capsys.readouterr().out
    assert run("check", "packs/robo.zip") == 0
    assert run("preview", "robo", "--avatars", "packs", "--size", "32", "--out", "robo.png") == 0
    assert (tmp_path / "robo.png").is_file()


def test_an_error_is_one_line_and_status_1(capsys: pytest.CaptureFixture[str]) -> None:
    for arguments in (["check", "nowhere"], ["bake", "nowhere"], ["preview", "nowhere"]):
        assert run(*arguments) == 1
        shown = capsys.readouterr()
        assert shown.out == ""
        assert shown.err.startswith("lipwire: ")
        assert len(shown.err.splitlines()) == 1


def test_help_teaches_with_examples(capsys: pytest.CaptureFixture[str]) -> None:
    for command, example in (([], "lipwire avatar preview joe"), (["bake"], "--kind rhubarb")):
        assert run(*command, "--help") == 0
        assert example in capsys.readouterr().out


def test_a_kind_that_is_none_shows_the_usage(capsys: pytest.CaptureFixture[str]) -> None:
    assert run("bake", ".", "--kind", "hologram") == 2
    assert "pngtuber" in capsys.readouterr().err

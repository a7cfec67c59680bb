from pathlib import Path
from zipfile import ZipFile

import pytest

from lipwire_protocol import ErrorCode, LipwireError
from lipwire_server.face.packs import finding
from lipwire_server.face.packs.finding import find_avatars
from tests.tiny_avatar import NAME, tiny_avatar, write_tiny_pack


@pytest.fixture(autouse=True)
def built_in(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A place with one avatar in it, in place of the package's own."""
    folder = tmp_path_factory.mktemp("built-in")
    write_tiny_pack(folder / "zoe.zip", name="zoe")
    monkeypatch.setattr(finding, "BUILT_IN", folder)
    return folder


def test_without_a_folder_there_are_the_built_in_ones() -> None:
    found = find_avatars()
    assert [*found.avatars] == ["zoe"]
    assert found.avatars["zoe"].built_in
    assert found.problems == []


def test_folders_and_zips_are_found(tmp_path: Path) -> None:
    write_tiny_pack(tmp_path / "a-folder", name="ann")
    write_tiny_pack(tmp_path / "b.zip", name="bob")
    (tmp_path / "notes.txt").write_text("none")
    (tmp_path / "pictures").mkdir()
    write_tiny_pack(tmp_path / ".hidden.zip", name="hidden")
    found = find_avatars(tmp_path)
    assert [*found.avatars] == ["zoe", "ann", "bob"]
    assert found.problems == []
    assert found.avatars["bob"].path == tmp_path / "b.zip"


def test_the_folder_may_be_a_pack_itself(tmp_path: Path) -> None:
    assert NAME in find_avatars(write_tiny_pack(tmp_path / "pack")).avatars


def test_what_was_found_can_be_loaded(tmp_path: Path) -> None:
    write_tiny_pack(tmp_path / "pack.zip")
    avatar = find_avatars(tmp_path).avatars[NAME].load()
    assert avatar.manifest == tiny_avatar().manifest


def test_only_built_in_avatars_are_trusted(built_in: Path, tmp_path: Path) -> None:
    for folder, name in ((built_in, "ours"), (tmp_path, "theirs")):
        torso = tiny_avatar().files["torso.png"] + b"and more"
        with ZipFile(write_tiny_pack(folder / f"{name}.zip", name=name), "r") as old:
            files = {file: old.read(file) for file in old.namelist()}
        with ZipFile(folder / f"{name}.zip", "w") as new:
            for file, content in (files | {"torso.png": torso}).items():
                new.writestr(file, content)
    found = find_avatars(tmp_path).avatars
    assert found["ours"].load().files["torso.png"] == torso
    assert found["theirs"].load().files["torso.png"] != torso


def test_of_two_in_the_folder_the_first_counts_and_the_other_is_a_problem(tmp_path: Path) -> None:
    for name in ("a.zip", "b.zip"):
        write_tiny_pack(tmp_path / name, title=name)
    found = find_avatars(tmp_path)
    assert found.avatars[NAME].manifest.title == "a.zip"
    (problem,) = found.problems
    assert problem.startswith(f"{tmp_path / 'b.zip'} is not used: {tmp_path / 'a.zip'} has")


def test_an_avatar_of_the_folder_takes_the_place_of_a_built_in_one(tmp_path: Path) -> None:
    write_tiny_pack(tmp_path / "mine.zip", name="zoe", title="Mine")
    found = find_avatars(tmp_path)
    assert found.avatars["zoe"].manifest.title == "Mine"
    assert not found.avatars["zoe"].built_in
    assert found.problems == []


def test_what_is_broken_is_a_problem_and_the_others_are_found(tmp_path: Path) -> None:
    (tmp_path / "a.zip").write_text("no zip")
    write_tiny_pack(tmp_path / "b.zip")
    broken = write_tiny_pack(tmp_path / "c")
    (broken / "avatar.json").write_text("{}")
    found = find_avatars(tmp_path)
    assert NAME in found.avatars
    assert len(found.problems) == 2
    assert all(str(tmp_path) in problem for problem in found.problems)


def test_a_folder_that_is_not_there_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(LipwireError, match="create it or leave it out") as caught:
        find_avatars(tmp_path / "nowhere")
    assert caught.value.code is ErrorCode.NOT_FOUND


def test_a_folder_of_everything_is_not_searched(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(finding, "_MOST", 2)
    for i in range(3):
        (tmp_path / f"{i}.zip").touch()
    (problem,) = find_avatars(tmp_path).problems
    assert "more than 2 files" in problem

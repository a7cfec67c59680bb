from pathlib import Path

import pytest

from lipwire_protocol import LipwireError
from lipwire_server.face.packs.loading import load_avatar
from lipwire_server.face.packs.writing import write_pack
from tests.tiny_avatar import tiny_avatar


@pytest.mark.parametrize("name", ["pack", "pack.zip"])
def test_what_is_written_can_be_read(tmp_path: Path, name: str) -> None:
    size = write_pack(tiny_avatar(), tmp_path / name)
    assert load_avatar(tmp_path / name, trusted=True) == tiny_avatar()
    assert size > sum(map(len, tiny_avatar().files.values()))
    assert [path.name for path in tmp_path.iterdir()] == [name]


def test_equal_avatars_are_equal_zips(tmp_path: Path) -> None:
    for name in ("a.zip", "b.zip"):
        write_pack(tiny_avatar(), tmp_path / name)
    assert (tmp_path / "a.zip").read_bytes() == (tmp_path / "b.zip").read_bytes()


def test_a_zip_takes_the_place_of_an_older_one(tmp_path: Path) -> None:
    write_pack(tiny_avatar(title="Old"), tmp_path / "a.zip")
    write_pack(tiny_avatar(title="New"), tmp_path / "a.zip")
    assert load_avatar(tmp_path / "a.zip").manifest.title == "New"


def test_a_folder_that_somebody_edits_is_never_written_over(tmp_path: Path) -> None:
    write_pack(tiny_avatar(), tmp_path / "pack")
    with pytest.raises(LipwireError, match="is there already"):
        write_pack(tiny_avatar(), tmp_path / "pack")


@pytest.mark.parametrize("name", ["pack", "pack.zip"])
def test_the_folder_that_it_lies_in_is_made(tmp_path: Path, name: str) -> None:
    write_pack(tiny_avatar(), tmp_path / "new" / "avatars" / name)
    assert (tmp_path / "new" / "avatars" / name).exists()


def test_where_nothing_can_be_written_that_is_said(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    for path in (tmp_path / "file" / "a.zip", tmp_path / "file" / "pack"):
        with pytest.raises(LipwireError, match="cannot write"):
            write_pack(tiny_avatar(), path)

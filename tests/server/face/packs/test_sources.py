import io
import os
import stat
import struct
from pathlib import Path
from zipfile import ZIP_BZIP2, ZIP_DEFLATED, ZipFile, ZipInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lipwire_protocol import ErrorCode, LipwireError
from lipwire_server.face.packs import sources
from lipwire_server.face.packs.sources import FILES, is_safe, open_source


def zipped(path: Path, *files: tuple[str | ZipInfo, bytes], method: int = 0) -> Path:
    with ZipFile(path, "w", method) as archive:
        for name, content in files:
            archive.writestr(name, content)
    return path


def read(path: Path, name: str, limit: int = 1_000) -> bytes:
    with open_source(path) as source:
        return source.read(name, limit)


def names(path: Path) -> tuple[str, ...]:
    with open_source(path) as source:
        return source.names


def patched(path: Path, old: bytes, new: bytes) -> Path:
    content = path.read_bytes()
    assert old in content and len(old) == len(new)
    path.write_bytes(content.replace(old, new))
    return path


def test_a_folder_and_a_zip_have_the_same_files(tmp_path: Path) -> None:
    folder = tmp_path / "pack"
    (folder / "mouth").mkdir(parents=True)
    (folder / "mouth" / "A.png").write_bytes(b"A")
    (folder / "avatar.json").write_bytes(b"{}")
    (folder / ".DS_Store").write_bytes(b"hidden")
    archive = zipped(
        tmp_path / "pack.zip", ("mouth/", b""), ("mouth/A.png", b"A"), ("avatar.json", b"{}")
    )
    for path in (folder, archive):
        assert names(path) == ("avatar.json", "mouth/A.png")
        assert read(path, "mouth/A.png") == b"A"
        with pytest.raises(LipwireError, match=r"has no other\.png"):
            read(path, "other.png")


def test_a_zip_of_one_folder_is_that_folder(tmp_path: Path) -> None:
    files = [(f"robot/{name}", b"1") for name in ("avatar.json", "mouth/A.png", ".DS_Store")]
    path = zipped(tmp_path / "robot.zip", *files, ("__MACOSX/robot/._A.png", b"2"))
    assert names(path) == ("avatar.json", "mouth/A.png")
    assert read(path, "mouth/A.png") == b"1"


def test_what_is_not_there_is_not_found(tmp_path: Path) -> None:
    with pytest.raises(LipwireError, match=r"name a folder or a \.zip") as caught:
        names(tmp_path / "nowhere")
    assert caught.value.code is ErrorCode.NOT_FOUND


@pytest.mark.parametrize(
    "name",
    ["/etc/passwd", "../up.png", "a/../../b.png", "a\\b.png", "C:x.png", "a//b.png", "./a.png",
     "a\nb.png", "x" * 201, "\x1b[2J.png"],
)  # fmt: skip
def test_a_name_that_leads_out_is_refused(tmp_path: Path, name: str) -> None:
    assert not is_safe(name)
    with pytest.raises(LipwireError, match="not safe"):
        names(zipped(tmp_path / "pack.zip", (name, b"x")))


@given(st.text(st.sampled_from("ab./\\:~ \0"), max_size=12))
def test_a_safe_name_stays_within_its_folder(name: str) -> None:
    if is_safe(name):
        assert Path(os.path.normpath(Path("/pack") / name)).is_relative_to("/pack")
        assert os.path.normpath(Path("/pack") / name) != "/pack"


def test_links_are_refused(tmp_path: Path) -> None:
    link = ZipInfo("avatar.json")
    link.external_attr = (stat.S_IFLNK | 0o777) << 16
    with pytest.raises(LipwireError, match=r"avatar\.json .* is a link"):
        names(zipped(tmp_path / "pack.zip", (link, b"/etc/passwd")))
    folder = tmp_path / "pack"
    folder.mkdir()
    (folder / "avatar.json").symlink_to("/etc/passwd")
    with pytest.raises(LipwireError, match="is a link"):
        names(folder)


def test_a_pipe_in_a_folder_does_not_stop_anybody(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "avatar.json")
    with pytest.raises(LipwireError, match="no file"):
        names(tmp_path)


@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_two_files_of_one_name_are_refused(tmp_path: Path) -> None:
    with pytest.raises(LipwireError, match=r"two files named a\.png"):
        names(zipped(tmp_path / "pack.zip", ("a.png", b"1"), ("a.png", b"2")))


def test_what_is_encrypted_or_packed_in_a_rare_way_is_refused(tmp_path: Path) -> None:
    path = zipped(tmp_path / "pack.zip", ("a.png", b"1"))
    content = bytearray(path.read_bytes())
    content[content.index(b"PK\x01\x02") + 8] |= 1
    path.write_bytes(content)
    with pytest.raises(LipwireError, match="without a password"):
        names(path)
    rare = zipped(tmp_path / "rare.zip", ("a.png", b"1"), method=ZIP_BZIP2)
    with pytest.raises(LipwireError, match="use deflate"):
        names(rare)


def test_too_many_files_are_refused(tmp_path: Path) -> None:
    path = zipped(tmp_path / "pack.zip", *((f"{i}.png", b"") for i in range(FILES + 1)))
    with pytest.raises(LipwireError, match="more than 3,000 files"):
        names(path)


def test_a_folder_of_too_many_files_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sources, "FILES", 3)
    for i in range(4):
        (tmp_path / f"{i}").touch()
    with pytest.raises(LipwireError, match="more than 3 files"):
        names(tmp_path)


def test_a_directory_that_is_too_long_is_not_even_read(tmp_path: Path) -> None:
    path = zipped(tmp_path / "pack.zip", ("a.png", b"1"))
    content = path.read_bytes()
    end = content.index(b"PK\x05\x06")
    path.write_bytes(content[: end + 12] + struct.pack("<I", 10**9) + content[end + 16 :])
    with pytest.raises(LipwireError, match="more than 3,000 files"):
        names(path)
    locator = b"PK\x06\x07" + bytes(16)
    path.write_bytes(content[:end] + locator + content[end:])
    with pytest.raises(LipwireError, match="more than 3,000 files"):
        names(path)


def test_a_bomb_is_read_no_further_than_its_bound(tmp_path: Path) -> None:
    path = zipped(tmp_path / "pack.zip", ("a.png", bytes(5_000_000)), method=ZIP_DEFLATED)
    assert path.stat().st_size < 10_000
    with pytest.raises(LipwireError, match="more than 1,000 bytes"):
        read(path, "a.png")


def test_a_directory_that_lies_about_sizes_is_not_believed(tmp_path: Path) -> None:
    path = zipped(tmp_path / "pack.zip", ("a.png", bytes(5_000)), method=ZIP_DEFLATED)
    patched(path, struct.pack("<I", 5_000), struct.pack("<I", 10))
    with pytest.raises(LipwireError) as caught:
        read(path, "a.png")
    assert caught.value.code is ErrorCode.BAD_MESSAGE


def test_all_files_together_have_a_bound(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sources, "TOTAL_BYTES", 2 << 20)
    files = [(f"{i}.png", bytes(900_000)) for i in range(3)]
    path = zipped(tmp_path / "pack.zip", *files, method=ZIP_DEFLATED)
    with open_source(path) as source:
        source.read("0.png")
        source.read("1.png")
        with pytest.raises(LipwireError, match="more than 2 MB in it"):
            source.read("2.png")


@settings(max_examples=150, deadline=None)
@given(st.data())
def test_a_damaged_zip_is_an_error_and_nothing_else(
    tmp_path_factory: pytest.TempPathFactory, data: st.DataObject
) -> None:
    out = io.BytesIO()
    with ZipFile(out, "w", ZIP_DEFLATED) as archive:
        archive.writestr("avatar.json", b"{}" * 50)
        archive.writestr("a/b.png", bytes(range(100)))
    content = bytearray(out.getvalue())
    for _ in range(data.draw(st.integers(1, 4))):
        content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
    path = tmp_path_factory.getbasetemp() / "damaged.zip"
    path.write_bytes(content[: data.draw(st.integers(0, len(content)))] or content)
    try:
        with open_source(path) as source:
            for name in source.names:
                source.read(name)
    except LipwireError as error:
        assert error.code is ErrorCode.BAD_MESSAGE

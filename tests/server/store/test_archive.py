import hashlib
import zipfile
from pathlib import Path

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lipwire_protocol import ErrorCode, LipwireError
from lipwire_server.store.archive import ArchiveReader, ArchiveWriter, Manifest, Member

ROWS = "1\tGrüße, 世界\n".encode() * 1000
SOUND = b"RIFF" + bytes(range(256)) * 20
NAME = hashlib.sha256(SOUND).hexdigest()


def manifest(**changes: object) -> Manifest:
    whole = Manifest(
        format=1,
        lipwire="1.0",
        postgres="18.6",
        migrations=("0001_sessions",),
        tables={
            "session": Member(
                columns=("id", "text"),
                rows=1000,
                bytes=len(ROWS),
                sha256=hashlib.sha256(ROWS).hexdigest(),
            )
        },
        blobs={NAME: len(SOUND)},
    )
    return msgspec.structs.replace(whole, **changes)


def write(path: Path, told: Manifest) -> None:
    with ArchiveWriter(path) as archive:
        with archive.table("session") as file:
            file.write(ROWS)
        with archive.blob(NAME) as file:
            file.write(SOUND)
        archive.finish(told)


def read(path: Path) -> tuple[bytes, bytes]:
    with ArchiveReader(path) as archive:
        return b"".join(archive.table("session")), b"".join(archive.blob(NAME))


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "all.zip"


def test_what_is_read_is_what_was_written(path: Path) -> None:
    write(path, manifest())
    assert read(path) == (ROWS, SOUND)
    with ArchiveReader(path) as archive:
        assert archive.manifest == manifest()
    assert path.stat().st_mode & 0o777 == 0o600
    assert [file.name for file in path.parent.iterdir()] == [path.name]


def test_any_zip_program_can_look_into_it(path: Path) -> None:
    write(path, manifest())
    with zipfile.ZipFile(path) as archive:
        assert archive.testzip() is None
        assert archive.namelist() == ["tables/session.copy", f"blobs/{NAME}", "manifest.json"]
        assert b"\n" in archive.read("manifest.json")


def test_a_file_that_is_there_is_never_overwritten(path: Path) -> None:
    path.write_text("mine")
    with pytest.raises(LipwireError, match="is there already"):
        write(path, manifest())
    assert path.read_text() == "mine"


def test_an_archive_that_breaks_off_leaves_nothing(path: Path) -> None:
    with pytest.raises(KeyError), ArchiveWriter(path) as archive:
        with archive.table("session") as file:
            file.write(ROWS)
        raise KeyError("mine")
    assert list(path.parent.iterdir()) == []


def test_a_full_disk_is_said(path: Path) -> None:
    with pytest.raises(LipwireError, match="No space left; nothing"), ArchiveWriter(path):
        raise OSError(28, "No space left")
    assert list(path.parent.iterdir()) == []
    with pytest.raises(LipwireError, match=r"cannot write .*: No such file"):
        write(path.parent / "nowhere" / "all.zip", manifest())


@pytest.mark.parametrize(
    ("told", "complaint"),
    [
        (manifest(tables={}), "KeyError"),
        (manifest(blobs={NAME: len(SOUND) + 1}), f"blobs/{NAME} is not what was written"),
        (manifest(blobs={NAME: 5}), "is larger than it says"),
        (manifest(format=2), "has format 2, and this Lipwire reads 1"),
    ],
)
def test_a_manifest_that_does_not_fit_is_noticed(
    path: Path, told: Manifest, complaint: str
) -> None:
    write(path, told)
    with pytest.raises((LipwireError, KeyError)) as caught:
        read(path)
    assert complaint in f"{type(caught.value).__name__}: {caught.value}"


def test_a_table_whose_rows_were_changed_is_noticed(path: Path) -> None:
    member = msgspec.structs.replace(manifest().tables["session"], sha256="0" * 64)
    write(path, manifest(tables={"session": member}))
    with pytest.raises(LipwireError, match=r"tables/session\.copy is not what was written"):
        read(path)


def test_what_is_missing_is_named(path: Path) -> None:
    member = manifest().tables["session"]
    write(path, manifest(tables={"session": member, "avatar": member}))
    with (
        ArchiveReader(path) as archive,
        pytest.raises(LipwireError, match=r"avatar\.copy is missing"),
    ):
        list(archive.table("avatar"))


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("[]", "its manifest makes no sense"),
        ("{}", "its manifest makes no sense"),
        ('{"format": 1}', "its manifest makes no sense"),
        ("\ufeff", "its manifest makes no sense"),
        (None, r"manifest\.json is missing"),
    ],
)
def test_a_manifest_that_is_none_is_told(path: Path, text: str | None, complaint: str) -> None:
    with zipfile.ZipFile(path, "w") as archive:
        if text is not None:
            archive.writestr("manifest.json", text)
    with pytest.raises(LipwireError, match=complaint) as caught:
        read(path)
    assert caught.value.code is ErrorCode.BAD_MESSAGE


@pytest.mark.parametrize("data", [b"", b"no zip at all", b"PK\5\6" + bytes(17)])
def test_what_is_no_zip_is_told(path: Path, data: bytes) -> None:
    path.write_bytes(data)
    with pytest.raises(LipwireError, match="it is no zip file, or not all of one"):
        read(path)


def test_a_file_that_is_not_there_is_told(path: Path) -> None:
    with pytest.raises(LipwireError, match=r"cannot read .*: No such file"):
        read(path)


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    path = tmp_path_factory.mktemp("whole") / "all.zip"
    write(path, manifest())
    return path.read_bytes()


@given(st.data())
def test_damage_is_an_error_that_says_so_or_changes_nothing(
    whole: bytes, tmp_path_factory: pytest.TempPathFactory, data: st.DataObject
) -> None:
    broken = bytearray(whole)
    if data.draw(st.booleans()):
        at = data.draw(st.integers(0, len(whole) - 1))
        broken[at] ^= data.draw(st.integers(1, 255))
    else:
        del broken[data.draw(st.integers(0, len(whole) - 1)) :]
    path = tmp_path_factory.getbasetemp() / "broken.zip"
    path.write_bytes(broken)
    try:
        assert read(path) == (ROWS, SOUND)
    except LipwireError as error:
        assert str(path) in str(error)
    except KeyError as error:
        assert error.args[0] in (NAME, "session"), "the manifest says so"

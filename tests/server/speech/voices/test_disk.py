import hashlib
import os
import sys
from pathlib import Path

import pytest

from lipwire_protocol.errors import ErrorCode, LipwireError
from lipwire_server.speech.voices.disk import alone_in, md5_of, open_partial, sync_folder

CONTENTS = [b"", b"a voice", b"x" * ((1 << 20) + 1)]


def md5(content: bytes) -> str:
    return hashlib.md5(content, usedforsecurity=False).hexdigest()


@pytest.mark.parametrize("content", CONTENTS, ids=len)
def test_a_file_has_a_checksum(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "file"
    path.write_bytes(content)
    assert md5_of(path) == md5(content)


def test_a_file_that_is_not_there_has_none(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        md5_of(tmp_path / "nowhere")


@pytest.mark.parametrize("there", CONTENTS, ids=len)
def test_a_part_grows_from_what_is_there(tmp_path: Path, there: bytes) -> None:
    path = tmp_path / "file.part"
    path.write_bytes(there)
    with open_partial(path) as part:
        assert (part.size, part.md5) == (len(there), md5(there))
        part.append(b"more")
        part.append(b" and more")
        part.sync()
        assert path.read_bytes() == there + b"more and more"
        assert (part.size, part.md5) == (len(there) + 13, md5(there + b"more and more"))


def test_a_cleared_part_begins_again(tmp_path: Path) -> None:
    path = tmp_path / "file.part"
    path.write_bytes(b"damaged and long")
    with open_partial(path) as part:
        part.append(b", too")
        part.clear()
        assert (part.size, part.md5) == (0, md5(b""))
        part.append(b"whole")
        assert part.md5 == md5(b"whole")
    assert path.read_bytes() == b"whole"


def test_nothing_stays_where_nothing_has_come(tmp_path: Path) -> None:
    path = tmp_path / "file.part"
    with open_partial(path):
        assert path.exists()
    assert not path.exists()
    path.write_bytes(b"old")
    with open_partial(path) as part:
        part.clear()
    assert not path.exists()


def test_what_has_come_stays_where_it_breaks_off(tmp_path: Path) -> None:
    path = tmp_path / "file.part"
    with pytest.raises(KeyboardInterrupt), open_partial(path) as part:
        part.append(b"half")
        raise KeyboardInterrupt
    assert path.read_bytes() == b"half"


@pytest.mark.skipif(sys.platform == "win32", reason="there nothing has to keep them apart")
def test_a_second_download_is_kept_out_until_the_first_is_over(tmp_path: Path) -> None:
    (tmp_path / "other").mkdir()
    with alone_in(tmp_path):
        with (
            pytest.raises(LipwireError, match=f"another download into {tmp_path}") as caught,
            alone_in(tmp_path),
        ):
            pass
        assert caught.value.code is ErrorCode.BAD_STATE
        with alone_in(tmp_path / "other"):
            pass
    with pytest.raises(ZeroDivisionError), alone_in(tmp_path):
        raise ZeroDivisionError
    with alone_in(tmp_path):
        pass


@pytest.mark.skipif(sys.platform == "win32", reason="there nothing has to keep them apart")
def test_a_folder_that_is_not_there_is_nobodys(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError), alone_in(tmp_path / "nowhere"):
        pass


@pytest.mark.skipif(sys.platform == "win32", reason="there nothing has to keep them apart")
def test_where_a_folder_cannot_be_locked_there_is_no_lock(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(descriptor: int, operation: int) -> None:
        raise OSError("no locks here")

    monkeypatch.setattr("fcntl.flock", fail)
    entered = 0
    with alone_in(tmp_path):
        entered += 1
        with alone_in(tmp_path):
            entered += 1
    assert entered == 2


@pytest.mark.skipif(sys.platform == "win32", reason="there folders are not synchronised")
def test_a_folder_is_synchronised_where_it_can_be(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    synchronised: list[int] = []

    def fail(descriptor: int) -> None:
        synchronised.append(os.fstat(descriptor).st_ino)
        raise OSError("not here")

    monkeypatch.setattr(os, "fsync", fail)
    sync_folder(tmp_path)
    sync_folder(tmp_path / "nowhere")
    assert synchronised == [tmp_path.stat().st_ino]

"""Files that are named by what is in them, in a real folder."""

import asyncio
import hashlib
import os
import subprocess
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from lipwire_protocol import ErrorCode, LipwireError
from lipwire_server.store import files as module
from lipwire_server.store.files import Content, FileBlobs

OWNER = """
import asyncio, pathlib, sys
from lipwire_server.store.files import FileBlobs

async def main():
    async with FileBlobs.open_in(pathlib.Path(sys.argv[1])) as files:
        draft = files.new_draft()
        await files.append(draft, b"left behind")
        print("begun", flush=True)
        await asyncio.sleep(1000)

asyncio.run(main())
"""


@pytest.fixture
async def files(tmp_path: Path) -> AsyncIterator[FileBlobs]:
    async with FileBlobs.open_in(tmp_path) as files:
        yield files


async def kept(files: FileBlobs, data: bytes) -> Content:
    async with files.draft() as draft:
        await files.append(draft, data)
        content = await files.measure(draft)
        await files.place(draft, content)
    return content


async def read(files: FileBlobs, sha256: bytes) -> bytes:
    reader = await files.open(sha256)
    try:
        return await reader.read(0, reader.size)
    finally:
        await reader.close()


async def names(files: FileBlobs) -> set[bytes]:
    return {name async for some in files.names() for name in some}


def stored(root: Path) -> list[Path]:
    return list(root.glob("blobs/*/*"))


def spawn_owner(root: Path) -> subprocess.Popen[str]:
    """A process that has begun a draft."""
    owner = subprocess.Popen(
        [sys.executable, "-c", OWNER, str(root)],
        env={"PYTHONPATH": os.pathsep.join(sys.path)},
        stdout=subprocess.PIPE,
        text=True,
    )
    assert owner.stdout is not None
    with owner.stdout:
        assert owner.stdout.readline()
    return owner


def drafts(root: Path) -> list[bytes]:
    return [path.read_bytes() for path in root.glob("drafts/*/*")]


def folders(root: Path) -> set[Path]:
    return set(root.glob("drafts/*"))


def everything(root: Path) -> set[str]:
    return {str(path.relative_to(root)) for path in root.rglob("*") if path.is_file()}


async def test_a_file_is_where_its_content_says(files: FileBlobs, tmp_path: Path) -> None:
    content = await kept(files, b"hello")
    name = hashlib.sha256(b"hello").hexdigest()
    assert content == Content(bytes.fromhex(name), 5)
    assert everything(tmp_path) == {"lock", f"blobs/{name[:2]}/{name}"}
    assert await read(files, content.sha256) == b"hello"
    assert await files.exists(content.sha256)
    assert await names(files) == {content.sha256}


async def test_only_its_owner_can_read_it(files: FileBlobs, tmp_path: Path) -> None:
    await kept(files, b"hello")
    (path,) = stored(tmp_path)
    assert path.stat().st_mode & 0o777 == 0o600
    assert path.parent.stat().st_mode & 0o777 == 0o700


async def test_parts_of_it_can_be_read_and_what_is_behind_its_end_is_nothing(
    files: FileBlobs,
) -> None:
    content = await kept(files, b"0123456789")
    reader = await files.open(content.sha256)
    assert reader.size == 10
    assert [await reader.read(*span) for span in [(3, 2), (8, 5), (0, 1), (10, 1)]] == [
        b"34",
        b"89",
        b"0",
        b"",
    ]
    await reader.close()


async def test_many_who_keep_the_same_at_once_keep_one_file(
    files: FileBlobs, tmp_path: Path
) -> None:
    contents = await asyncio.gather(*(kept(files, b"same" * 1_000) for _ in range(20)))
    assert len(set(contents)) == 1
    assert len(stored(tmp_path)) == 1
    assert await read(files, contents[0].sha256) == b"same" * 1_000


async def test_placing_can_be_done_again(files: FileBlobs) -> None:
    draft = files.new_draft()
    await files.append(draft, b"once")
    content = await files.measure(draft)
    await files.place(draft, content)
    await files.place(draft, content)
    assert await read(files, content.sha256) == b"once"


async def test_a_file_that_was_damaged_is_made_whole_by_the_next_of_its_content(
    files: FileBlobs, tmp_path: Path
) -> None:
    content = await kept(files, b"whole")
    stored(tmp_path)[0].write_bytes(b"wh")
    await kept(files, b"whole")
    assert await read(files, content.sha256) == b"whole"


async def test_a_removed_file_is_not_there_and_may_be_removed_again(files: FileBlobs) -> None:
    content = await kept(files, b"hello")
    reader = await files.open(content.sha256)
    await files.remove(content.sha256)
    await files.remove(content.sha256)
    assert not await files.exists(content.sha256)
    assert await reader.read(0, 5) == b"hello", "who reads it reads on"
    await reader.close()
    with pytest.raises(LipwireError) as caught:
        await files.open(content.sha256)
    assert caught.value.code is ErrorCode.NOT_FOUND


async def test_a_draft_that_is_not_kept_leaves_nothing(files: FileBlobs, tmp_path: Path) -> None:
    with pytest.raises(RuntimeError):
        async with files.draft() as draft:
            await files.append(draft, b"half of it")
            raise RuntimeError("the sender is gone")
    assert everything(tmp_path) == {"lock"}


async def test_two_drafts_are_two_files(files: FileBlobs) -> None:
    async with files.draft() as one, files.draft() as other:
        await files.append(one, b"1")
        await files.append(other, b"2")
        await files.append(one, b"1")
        assert (one.read_bytes(), other.read_bytes()) == (b"11", b"2")


async def test_what_else_lies_in_the_folder_is_nobodys_file(
    files: FileBlobs, tmp_path: Path
) -> None:
    folder = tmp_path / "blobs" / "ab"
    folder.mkdir()
    for name in ["ab", "ab" + "0" * 61 + "\n", "ab" + "z" * 62, "cd" + "0" * 62, "AB" + "0" * 62]:
        (folder / name).write_text("")
    (tmp_path / "blobs" / "note").write_text("")
    assert await names(files) == set()


async def test_what_a_killed_process_left_goes_and_what_a_living_one_writes_stays(
    tmp_path: Path,
) -> None:
    owner = spawn_owner(tmp_path)
    async with FileBlobs.open_in(tmp_path):
        assert drafts(tmp_path) == [b"left behind"]
    owner.kill()
    owner.wait()
    assert drafts(tmp_path) == [b"left behind"]
    async with FileBlobs.open_in(tmp_path) as files:
        assert drafts(tmp_path) == []
        own = files.new_draft().parent
        assert folders(tmp_path) == {own}
    assert folders(tmp_path) == set(), "a clean exit leaves none"


@pytest.mark.parametrize(
    ("number", "reason"), [(28, "the disk is full"), (122, "the disk is full"), (5, "EIO")]
)
async def test_a_disk_that_takes_no_more_is_told_and_leaves_nothing_half_written(
    files: FileBlobs, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: int, reason: str
) -> None:
    def full(folder: Path) -> None:
        raise OSError(number, "secret path")

    with pytest.raises(LipwireError, match=reason) as caught:
        async with files.draft() as draft:
            await files.append(draft, b"hello")
            content = await files.measure(draft)
            with monkeypatch.context() as patched:
                patched.setattr(module, "_sync", full)
                await files.place(draft, content)
    assert caught.value.code is ErrorCode.STORAGE_UNAVAILABLE
    assert caught.value.retry_after_ms
    assert "secret" not in str(caught.value)
    assert everything(tmp_path) == {"lock"}
    assert await kept(files, b"hello") == content


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="Linux alone has a full device")
async def test_a_full_disk_is_noticed_while_it_is_written(files: FileBlobs, tmp_path: Path) -> None:
    link = tmp_path / "link"
    link.symlink_to("/dev/full")
    with pytest.raises(LipwireError, match="ELOOP"):
        await files.append(link, b"never through a link")
    with pytest.raises(LipwireError, match="full"):
        await files.append(Path("/dev/full"), b"hello")


async def test_a_draft_that_vanished_is_an_error_and_not_an_empty_file(files: FileBlobs) -> None:
    draft = files.new_draft()
    with pytest.raises(LipwireError, match="ENOENT"):
        await files.measure(draft)
    with pytest.raises(LipwireError, match="ENOENT"):
        await files.place(draft, Content(bytes(32), 3))
    assert not await files.exists(bytes(32))


async def test_a_folder_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.touch()
    with pytest.raises(LipwireError, match=r"cannot write in .*file.* \(Not a directory\).*--data"):
        async with FileBlobs.open_in(file / "data"):
            pass

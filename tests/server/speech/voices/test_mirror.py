from pathlib import Path

import pytest

from lipwire_protocol.errors import ErrorCode, LipwireError
from lipwire_server.speech.voices.mirror import FolderMirror, Interrupted, Mirror, open_mirror
from lipwire_server.speech.voices.web_mirror import WebMirror

CONTENT = bytes(range(256)) * 1_000


async def read(mirror: Mirror, path: str, start: int = 0) -> tuple[int, int | None, bytes]:
    """Where a file begins, its size, and what came of it."""
    async with mirror.open(path, start) as stream:
        return stream.start, stream.size, b"".join([block async for block in stream.blocks])


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "de" / "tugão").mkdir(parents=True)
    (tmp_path / "de" / "tugão" / "a b.onnx").write_bytes(CONTENT)
    (tmp_path / "empty").write_bytes(b"")
    return tmp_path


@pytest.mark.parametrize("start", [0, 1, 100_000, len(CONTENT)])
async def test_a_file_is_read_from_where_one_wants(folder: Path, start: int) -> None:
    found = await read(FolderMirror(folder), "de/tugão/a b.onnx", start)
    assert found == (start, len(CONTENT), CONTENT[start:])


async def test_a_large_file_comes_in_several_blocks(folder: Path) -> None:
    async with FolderMirror(folder).open("de/tugão/a b.onnx") as stream:
        assert len([block async for block in stream.blocks]) > 1


@pytest.mark.parametrize("start", [0, 1, 1_000_000])
async def test_beyond_its_end_there_is_nothing(folder: Path, start: int) -> None:
    assert await read(FolderMirror(folder), "empty", start) == (0, 0, b"")


@pytest.mark.parametrize("path", ["nowhere", "de", "empty/below", "x" * 5_000])
async def test_what_cannot_be_read_is_named(folder: Path, path: str) -> None:
    with pytest.raises(LipwireError, match="cannot be read: ") as caught:
        await read(FolderMirror(folder), path)
    assert caught.value.code is ErrorCode.NOT_FOUND
    assert not isinstance(caught.value, Interrupted)
    assert str(folder / path) in str(caught.value)


@pytest.mark.parametrize("more", ["", "/", "/voices.json"])
async def test_an_address_without_a_scheme_is_a_folder(folder: Path, more: str) -> None:
    async with open_mirror(f"{folder}{more}") as mirror:
        assert mirror.address == str(folder)
        assert (await read(mirror, "empty"))[1] == 0


@pytest.mark.parametrize("address", ["/", "/voices.json"])
async def test_all_of_the_disk_may_be_the_mirror(address: str) -> None:
    async with open_mirror(address) as mirror:
        assert mirror.address == str(Path("/"))


@pytest.mark.parametrize("scheme", ["http", "https"])
@pytest.mark.parametrize("more", ["", "/", "/voices.json"])
async def test_an_address_with_one_is_a_web_server(scheme: str, more: str) -> None:
    async with open_mirror(f"{scheme}://voices.example/piper{more}") as mirror:
        assert isinstance(mirror, WebMirror)
        assert mirror.address == f"{scheme}://voices.example/piper"


def test_what_was_interrupted_is_an_error_of_ours() -> None:
    assert Interrupted("gone").code is ErrorCode.INTERNAL

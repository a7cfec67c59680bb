import asyncio
import dataclasses
import errno
import json
import os
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import NamedTuple

import pytest

from lipwire_protocol.errors import ErrorCode, LipwireError
from lipwire_server.speech.voices.catalogue import Catalogue, Offer
from lipwire_server.speech.voices.description import licence
from lipwire_server.speech.voices.download import download, fetch_catalogue, leftovers, remove
from lipwire_server.speech.voices.finding import survey
from lipwire_server.speech.voices.mirror import open_mirror

from .catalogues import KERSTIN, LESSAC, TUGAO, CatalogueServer, serving, write_mirror

MODEL = f"{LESSAC}.onnx"
CONFIG = f"{LESSAC}.onnx.json"
CARD = f"{LESSAC}.MODEL_CARD"


class Ground(NamedTuple):
    """A catalogue on a server, and the folder that its voices come to."""

    server: CatalogueServer
    folder: Path
    offer: Offer

    async def download(self, offer: Offer | None = None, *, force: bool = False) -> bool:
        async with open_mirror(self.server.address) as mirror:
            return await download(
                offer or self.offer, mirror, self.folder, force=force, pause_s=0.0
            )

    @property
    def original(self) -> bytes:
        return (self.server.folder / self.offer.model.path).read_bytes()

    @property
    def names(self) -> list[str]:
        """Files that are in the folder."""
        return sorted(path.name for path in self.folder.iterdir())

    def change(self, name: str, content: bytes) -> None:
        """Puts another file on the server than the catalogue says."""
        self.server.instead[name] = content


@pytest.fixture(scope="module")
def mirror(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_mirror(tmp_path_factory.mktemp("mirror"), LESSAC, KERSTIN, TUGAO)


@pytest.fixture
def ground(mirror: Path, tmp_path: Path) -> Iterator[Ground]:
    catalogue = Catalogue.parse((mirror / "voices.json").read_bytes())
    with serving(mirror) as server:
        yield Ground(server, tmp_path / "data" / "voices", catalogue.find(LESSAC))


async def test_a_voice_is_downloaded_with_its_licence(ground: Ground) -> None:
    assert await ground.download()
    assert ground.names == [CARD, MODEL, CONFIG]
    model = ground.folder / MODEL
    assert model.read_bytes() == ground.original
    assert survey(downloaded=ground.folder).voices[LESSAC].model == model
    assert licence(model) == "CC0"


async def test_a_voice_whose_name_is_not_ascii_is_downloaded(ground: Ground) -> None:
    async with open_mirror(ground.server.address) as mirror:
        offer = (await fetch_catalogue(mirror)).find(TUGAO)
    assert await ground.download(offer)
    assert f"{TUGAO}.onnx" in ground.names


async def test_a_folder_can_be_the_mirror(ground: Ground) -> None:
    for address in (ground.server.folder, ground.server.folder / "voices.json"):
        async with open_mirror(str(address)) as mirror:
            assert (await fetch_catalogue(mirror)).find(LESSAC) == ground.offer
            assert await download(ground.offer, mirror, ground.folder, force=True)
    assert ground.names == [CARD, MODEL, CONFIG]
    assert ground.server.asked == []


async def test_what_is_there_and_whole_is_not_fetched_again(ground: Ground) -> None:
    await ground.download()
    ground.server.asked.clear()
    assert not await ground.download()
    assert ground.server.asked == []


async def test_with_force_it_is_fetched_again(ground: Ground) -> None:
    await ground.download()
    assert await ground.download(force=True)
    assert ground.server.ranges_of(MODEL) == [None, None]


@pytest.mark.parametrize("name", [MODEL, CONFIG])
@pytest.mark.parametrize("damage", ["cut", "changed", "gone"])
async def test_what_is_there_and_damaged_is_fetched_again(
    ground: Ground, name: str, damage: str
) -> None:
    await ground.download()
    path = ground.folder / name
    whole = path.read_bytes()
    if damage == "gone":
        path.unlink()
    else:
        path.write_bytes(whole[:-1] if damage == "cut" else b"x" * len(whole))
    assert await ground.download()
    assert path.read_bytes() == whole
    assert ground.names == [CARD, MODEL, CONFIG]


async def test_a_broken_connection_is_taken_up_where_it_broke(ground: Ground) -> None:
    ground.server.breaks = [1_000, 0, 5_000]
    assert await ground.download()
    assert (ground.folder / MODEL).read_bytes() == ground.original
    ranges = ground.server.ranges_of(MODEL)
    assert ranges[0] is None
    assert ranges[-1] == "bytes=6000-"


async def test_a_download_that_broke_off_is_gone_on_with_later(ground: Ground) -> None:
    ground.server.breaks = [1_000] + [0] * 4
    with pytest.raises(LipwireError, match="cannot be read"):
        await ground.download()
    assert list(survey(downloaded=ground.folder).voices) == list(survey().voices)
    assert list(leftovers(ground.folder)) == [LESSAC]
    ground.server.asked.clear()
    assert await ground.download()
    assert ground.server.ranges_of(MODEL) == ["bytes=1000-"]
    assert ground.server.ranges_of(CONFIG) == []
    assert ground.names == [CARD, MODEL, CONFIG]


async def test_a_server_without_ranges_sends_all_of_it_again(ground: Ground) -> None:
    ground.server.ranges = False
    ground.server.breaks = [1_000]
    assert await ground.download()
    assert (ground.folder / MODEL).read_bytes() == ground.original


async def test_a_server_that_does_not_tell_sizes_is_believed_the_checksum(ground: Ground) -> None:
    ground.server.tells_size = False
    ground.server.breaks = [1_000]
    assert await ground.download()
    assert (ground.folder / MODEL).read_bytes() == ground.original


async def test_a_damaged_part_is_noticed_and_fetched_from_the_start(ground: Ground) -> None:
    ground.folder.mkdir(parents=True)
    part = ground.folder / f"{MODEL}.{ground.offer.model.md5[:8]}.part"
    part.write_bytes(b"x" * 1_000)
    assert await ground.download()
    assert ground.server.ranges_of(MODEL) == ["bytes=1000-", None]
    assert ground.names == [CARD, MODEL, CONFIG]


@pytest.mark.parametrize("more", [0, 1])
async def test_a_part_that_is_as_long_as_the_file_or_longer(ground: Ground, more: int) -> None:
    ground.folder.mkdir(parents=True)
    part = ground.folder / f"{MODEL}.{ground.offer.model.md5[:8]}.part"
    part.write_bytes(ground.original + b"x" * more)
    assert await ground.download()
    assert ground.server.ranges_of(MODEL) == [None] * more
    assert (ground.folder / MODEL).read_bytes() == ground.original


async def test_a_part_of_another_version_is_not_gone_on_with_and_goes(ground: Ground) -> None:
    ground.folder.mkdir(parents=True)
    (ground.folder / f"{MODEL}.00000000.part").write_bytes(b"old")
    assert await ground.download()
    assert ground.server.ranges_of(MODEL) == [None]
    assert ground.names == [CARD, MODEL, CONFIG]


async def test_a_file_with_another_checksum_is_not_kept(ground: Ground) -> None:
    ground.change(MODEL, b"x" * len(ground.original))
    with pytest.raises(LipwireError, match=r"MD5 .* as the catalogue says") as caught:
        await ground.download()
    assert caught.value.code is ErrorCode.UNSUPPORTED
    assert not [
        name for name in ground.names if name.startswith(f"{MODEL}.") and "json" not in name
    ]
    assert MODEL not in ground.names


@pytest.mark.parametrize("tells_size", [True, False])
@pytest.mark.parametrize("difference", [1, 1_000_000])
async def test_a_longer_file_is_not_read_to_its_end(
    ground: Ground, difference: int, tells_size: bool
) -> None:
    ground.server.tells_size = tells_size
    ground.change(MODEL, ground.original + b"x" * difference)
    with pytest.raises(LipwireError, match="as the catalogue says"):
        await ground.download()
    assert MODEL not in ground.names
    assert len(ground.server.ranges_of(MODEL)) == 1


async def test_a_shorter_file_is_noticed(ground: Ground) -> None:
    ground.change(MODEL, b"version https://git-lfs.github.com/spec/v1\n")
    with pytest.raises(LipwireError, match=f"43 bytes and not {ground.offer.model.size}"):
        await ground.download()
    ground.server.tells_size = False
    with pytest.raises(LipwireError, match="ended after 43 of"):
        await ground.download()


async def test_a_file_that_shrank_while_it_came_is_noticed(ground: Ground) -> None:
    ground.server.breaks = [1_000] + [0] * 4
    with pytest.raises(LipwireError):
        await ground.download()
    ground.change(MODEL, b"x" * 500)
    with pytest.raises(LipwireError, match="500 bytes and not"):
        await ground.download()


async def test_a_file_that_is_not_there_is_named(ground: Ground) -> None:
    ground.server.statuses[MODEL] = [404]
    with pytest.raises(LipwireError, match=f"{MODEL} does not exist \\(404") as caught:
        await ground.download()
    assert caught.value.code is ErrorCode.NOT_FOUND
    assert ground.names == [f"{CONFIG}.{ground.offer.config.md5[:8]}.part"]


@pytest.mark.parametrize("status", [429, 500, 503])
async def test_a_server_that_is_not_well_is_asked_again(ground: Ground, status: int) -> None:
    ground.server.statuses[MODEL] = [status] * 4
    assert await ground.download()
    ground.server.statuses[MODEL] = [status] * 5
    with pytest.raises(LipwireError, match=f"answers {status}"):
        await ground.download(force=True)


async def test_a_server_that_refuses_is_asked_once(ground: Ground) -> None:
    ground.server.statuses[MODEL] = [403, 403]
    with pytest.raises(LipwireError, match="403"):
        await ground.download()
    assert ground.server.ranges_of(MODEL) == [None]


async def test_without_a_model_card_the_voice_is_downloaded(ground: Ground) -> None:
    ground.server.statuses["MODEL_CARD"] = [404]
    assert await ground.download()
    assert ground.names == [MODEL, CONFIG]
    offer = dataclasses.replace(ground.offer, card=None)
    assert await ground.download(offer, force=True)


async def test_a_voice_that_cannot_be_spoken_is_refused_before_its_model_comes(
    tmp_path: Path,
) -> None:
    mirror = write_mirror(tmp_path / "mirror", LESSAC)
    entries = json.loads((mirror / "voices.json").read_bytes())
    path = next(path for path in entries[LESSAC]["files"] if path.endswith(".json"))
    (mirror / path).write_bytes(b"{}")
    entries[LESSAC]["files"][path] = {
        "size_bytes": 2,
        "md5_digest": "99914b932bd37a50b983c5e7c90ae93b",
    }
    (mirror / "voices.json").write_text(json.dumps(entries))
    with serving(mirror) as server:
        offer = Catalogue.parse((mirror / "voices.json").read_bytes()).find(LESSAC)
        ground = Ground(server, tmp_path / "voices", offer)
        with pytest.raises(LipwireError, match=f"{CONFIG} cannot be used"):
            await ground.download()
        assert server.ranges_of(MODEL) == []
        assert ground.names == []


@asynccontextmanager
async def broken_off(ground: Ground) -> AsyncIterator[asyncio.Task[bool]]:
    """A download that waits after a broken connection; it is cancelled at the end."""
    waits = asyncio.Event()

    def show(name: str, done: int, size: int) -> None:
        if (name, done) == (MODEL, 1_000):
            waits.set()

    ground.server.breaks = [1_000]
    async with open_mirror(ground.server.address) as mirror:
        task = asyncio.create_task(
            download(ground.offer, mirror, ground.folder, show=show, pause_s=60.0)
        )
        await waits.wait()
        yield task
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task


async def test_cancelled_it_leaves_only_what_it_can_go_on_with(ground: Ground) -> None:
    async with broken_off(ground):
        pass
    assert all(name.endswith(".part") for name in ground.names)
    ground.server.asked.clear()
    assert await ground.download()
    assert ground.server.ranges_of(MODEL) == ["bytes=1000-"]


@pytest.mark.skipif(sys.platform == "win32", reason="there nothing has to keep them apart")
async def test_two_downloads_into_one_folder_do_not_mix(ground: Ground) -> None:
    async with broken_off(ground) as task:
        with pytest.raises(LipwireError, match="another download"):
            await ground.download()
        with pytest.raises(LipwireError, match="another download"):
            remove(LESSAC, ground.folder)
        assert not task.done()
    assert await ground.download()


async def test_a_full_disk_is_noticed_before_the_download(
    ground: Ground, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Usage(NamedTuple):
        free: int = 1_000

    monkeypatch.setattr("shutil.disk_usage", lambda folder: Usage())
    with pytest.raises(LipwireError, match=r"disk of .* is full"):
        await ground.download()
    assert ground.server.asked == []


async def test_a_disk_that_gets_full_is_told(
    ground: Ground, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(descriptor: int) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    with monkeypatch.context() as broken:
        broken.setattr(os, "fsync", fail)
        with pytest.raises(LipwireError, match=r"disk of .* is full"):
            await ground.download()
    assert await ground.download()


async def test_a_folder_that_cannot_be_written_is_named(ground: Ground, tmp_path: Path) -> None:
    (tmp_path / "data").write_bytes(b"a file, not a folder")
    with pytest.raises(LipwireError, match=f"cannot write into {ground.folder}") as caught:
        await ground.download()
    assert "LIPWIRE_DATA" in str(caught.value)


async def test_no_network_is_told_with_what_to_do(tmp_path: Path) -> None:
    with serving(tmp_path) as server:
        address = server.address
    async with open_mirror(address) as mirror:
        with pytest.raises(LipwireError, match="LIPWIRE_CATALOGUE name a mirror or a folder"):
            await fetch_catalogue(mirror)


@pytest.mark.parametrize(
    ("address", "reason"),
    [
        ("/nowhere/at/all", "/nowhere/at/all/voices.json cannot be read: No such file"),
        ("http://", "cannot be read"),
        ("http://h\x00", "no address"),
        ("http://:80", "no address"),
        ("http://127.0.0.1:99999", "no possible port"),
    ],
)
async def test_an_address_that_is_none_is_told(address: str, reason: str) -> None:
    with pytest.raises(LipwireError, match=reason):
        async with open_mirror(address) as mirror:
            await fetch_catalogue(mirror)


async def test_a_page_instead_of_a_catalogue_is_told(ground: Ground) -> None:
    ground.server.instead["voices.json"] = b"<html>Please log in to this Wi-Fi"
    async with open_mirror(ground.server.address) as mirror:
        with pytest.raises(LipwireError, match=f"{ground.server.address}/voices.json is no cat"):
            await fetch_catalogue(mirror)


async def test_a_catalogue_without_end_is_not_read_to_its_end(
    ground: Ground, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("lipwire_server.speech.voices.download._LARGEST_TEXT", 100_000)
    ground.server.instead["voices.json"] = b" " * 1_000_000
    async with open_mirror(ground.server.address) as mirror:
        with pytest.raises(LipwireError, match="more than 100000 bytes"):
            await fetch_catalogue(mirror)


async def test_progress_is_shown(ground: Ground) -> None:
    shown: list[tuple[str, int, int]] = []
    ground.server.breaks = [1_000]
    async with open_mirror(ground.server.address) as mirror:
        await download(
            ground.offer,
            mirror,
            ground.folder,
            show=lambda name, done, size: shown.append((name, done, size)),
            pause_s=0.0,
        )
    model, config = ground.offer.model.size, ground.offer.config.size
    assert shown[:2] == [(CONFIG, 0, config), (CONFIG, config, config)]
    assert (MODEL, 0, model) in shown
    assert (MODEL, 1_000, model) in shown
    assert shown[-1] == (MODEL, model, model)


async def test_all_of_a_removed_voice_goes_and_nothing_else(ground: Ground) -> None:
    await ground.download()
    (ground.folder / f"{MODEL}.00000000.part").write_bytes(b"old")
    others = [f"{LESSAC}er.onnx", f"{LESSAC}.onnx.txt", "MODEL_CARD"]
    for name in others:
        (ground.folder / name).write_bytes(b"")
    assert remove(LESSAC, ground.folder)
    assert ground.names == sorted(others)
    assert not remove(LESSAC, ground.folder)


@pytest.mark.parametrize("name", ["", ".", "..", "../voices/x", "*", "/"])
def test_what_is_no_name_removes_nothing(tmp_path: Path, name: str) -> None:
    (tmp_path / "voices").mkdir()
    (tmp_path / "voices" / "x.onnx").write_bytes(b"")
    assert not remove(name, tmp_path / "voices")
    assert (tmp_path / "voices" / "x.onnx").is_file()
    assert not remove(name, tmp_path / "nowhere")

import errno
import os
import struct
import subprocess
import sys
import zlib
from dataclasses import replace
from pathlib import Path

import pytest
from tests.stored_records import every_kind, said

from lipwire_server.store import spool as spool_module
from lipwire_server.store.files import Content, FileBlobs
from lipwire_server.store.records import AudioRecord, Record
from lipwire_server.store.spool import Spool, survey
from lipwire_server.store.spool_format import HEADER_BYTES, frame

KILLED = """
import asyncio, os, pathlib, signal, sys
from lipwire_server.store.spool import Spool
from tests.stored_records import said

async def main():
    spool = Spool(pathlib.Path(sys.argv[1]))
    await spool.append([said(number) for number in range(5)])
    os.kill(os.getpid(), signal.SIGKILL)

asyncio.run(main())
"""


class FullDisk:
    """An fsync that fails while `is_full`."""

    def __init__(self) -> None:
        self.is_full = True

    def __call__(self, fd: int) -> None:
        if self.is_full:
            raise OSError(errno.ENOSPC, "No space left on device")
        os.fsync(fd)


FIRST = "00000001.log"


def run(*command: str, env: dict[str, str] | None = None) -> bool:
    return subprocess.run(command, capture_output=True, env=env).returncode == 0


async def all_of(spool: Spool, at_once: int = 64) -> list[Record]:
    """Everything, taken out."""
    taken: list[Record] = []
    while batch := await spool.head(at_once, 1 << 20):
        taken += batch
        await spool.drop(len(batch))
    return taken


def files(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir()) if folder.exists() else []


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "data" / "spool"


async def test_first_in_first_out_and_nothing_is_left_on_disk(folder: Path) -> None:
    spool = Spool(folder)
    await spool.append(every_kind()[:3])
    await spool.append(every_kind()[3:])
    assert spool.records == len(every_kind())
    assert spool.bytes > 0
    assert await all_of(spool, 2) == every_kind()
    assert (spool.records, spool.bytes, files(folder)) == (0, 0, [])


async def test_without_records_there_is_not_even_a_folder(folder: Path) -> None:
    spool = Spool(folder)
    assert await spool.adopt() == 0
    assert await spool.head(10, 1 << 20) == []
    await spool.close()
    assert files(folder.parent) == []


async def test_the_head_stays_until_it_is_dropped_and_is_bounded(folder: Path) -> None:
    spool = Spool(folder)
    await spool.append([said(number, "x" * 1000) for number in range(10)])
    assert await spool.head(3, 1 << 20) == [said(n, "x" * 1000) for n in range(3)]
    assert await spool.head(10, 2500) == [said(n, "x" * 1000) for n in range(2)]
    assert len(await spool.head(10, 1)) == 1
    await spool.drop(1)
    assert (await spool.head(1, 1 << 20))[0] == said(1, "x" * 1000)
    assert spool.records == 9


async def test_appending_and_dropping_may_alternate(folder: Path) -> None:
    spool, taken = Spool(folder, file_bytes=600), list[Record]()
    for number in range(0, 60, 3):
        await spool.append([said(number), said(number + 1), said(number + 2)])
        batch = await spool.head(2, 1 << 20)
        taken += batch
        await spool.drop(len(batch))
    assert len(files(folder)) > 1
    assert taken + await all_of(spool) == [said(number) for number in range(60)]
    assert files(folder) == []


async def test_a_file_goes_as_soon_as_its_records_have(folder: Path) -> None:
    spool = Spool(folder, file_bytes=500)
    for number in range(20):
        await spool.append([said(number)])
    before = len(files(folder))
    for _ in range(10):
        await spool.head(1, 1 << 20)
        await spool.drop(1)
    assert 0 < len(files(folder)) < before


async def test_what_a_killed_process_left_is_taken_over_by_the_next(folder: Path) -> None:
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    run(sys.executable, "-c", KILLED, str(folder), env=environment)
    spool = Spool(folder)
    assert await spool.adopt() == 5
    await spool.append([said(5)])
    assert await all_of(spool) == [said(number) for number in range(6)]
    assert files(folder) == []


async def test_what_was_left_twice_keeps_its_order(folder: Path) -> None:
    for number in range(3):
        spool = Spool(folder)
        await spool.append([said(number)])
        await spool.close()
    spool = Spool(folder)
    assert await spool.adopt() == 3
    assert await all_of(spool) == [said(0), said(1), said(2)]


async def test_two_processes_on_one_folder_leave_each_others_files_alone(folder: Path) -> None:
    first, second = Spool(folder), Spool(folder)
    await first.append([said(1)])
    await second.append([said(2)])
    assert await second.adopt() == 1
    assert await all_of(second) == [said(2)]
    assert await all_of(first) == [said(1)]


async def test_a_new_file_that_another_process_took_for_a_leftover_is_not_written_into(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    locked, others = spool_module._locked, Spool(folder)

    def late(fd: int) -> bool:
        """Another process starts between the making of a file and its lock."""
        monkeypatch.setattr(spool_module, "_locked", locked)
        assert others._adopt() == 0
        return locked(fd)

    spool = Spool(folder)
    monkeypatch.setattr(spool_module, "_locked", late)
    await spool.append([said(1)])
    await spool.close()
    assert await others.adopt() == 1
    assert await all_of(others) == [said(1)]


async def test_records_for_one_database_never_get_into_another(
    folder: Path, caplog: pytest.LogCaptureFixture
) -> None:
    spool = Spool(folder, "postgresql://ann:a-secret@db.example/one")
    await spool.append([said(1)])
    await spool.close()
    other = Spool(folder, "postgresql://ann:a-secret@db.example/two")
    assert await other.adopt() == 0
    assert "is for another database" in caplog.text
    same = Spool(folder, "postgresql://bob:changed@db.example:5432/one")
    assert await same.adopt() == 1
    assert b"secret" not in (folder / "00000001.log").read_bytes()[:HEADER_BYTES]


async def test_a_torn_tail_is_cut_off_and_costs_nothing_else(folder: Path) -> None:
    spool = Spool(folder)
    await spool.append([said(1), said(2)])
    await spool.close()
    path = folder / FIRST
    whole = path.stat().st_size
    path.write_bytes(path.read_bytes() + frame(said(3))[:-1])
    spool = Spool(folder)
    assert await spool.adopt() == 2
    assert path.stat().st_size == whole
    assert await all_of(spool) == [said(1), said(2)]


@pytest.mark.parametrize("size", [0, 5, HEADER_BYTES])
async def test_a_file_that_ends_before_its_first_record_goes(folder: Path, size: int) -> None:
    spool = Spool(folder)
    await spool.append([said(1)])
    await spool.close()
    os.truncate(folder / "00000001.log", size)
    assert await Spool(folder).adopt() == 0
    assert files(folder) == []


async def test_damage_in_the_middle_costs_one_record_and_the_file_is_kept(
    folder: Path, caplog: pytest.LogCaptureFixture
) -> None:
    spool = Spool(folder)
    await spool.append([said(number) for number in range(3)])
    await spool.close()
    path = folder / FIRST
    data = bytearray(path.read_bytes())
    data[HEADER_BYTES + len(frame(said(0))) + 20] ^= 1
    path.write_bytes(data)
    spool = Spool(folder)
    assert await spool.adopt() == 2
    assert await all_of(spool) == [said(0), said(2)]
    assert files(folder) == ["00000001.damaged"]
    assert "cannot be read" in caplog.text
    assert survey(folder).unreadable == 1


async def test_a_record_of_a_later_version_is_kept_for_it(folder: Path) -> None:
    spool = Spool(folder)
    await spool.append([said(1)])
    await spool.close()
    path = folder / FIRST
    strange = frame(said(2)).replace(b"speech", b"thinks")
    fixed = frame_of(strange[8:])
    path.write_bytes(path.read_bytes() + fixed + frame(said(3)))
    spool = Spool(folder)
    await spool.adopt()
    assert await all_of(spool) == [said(1), said(3)]
    assert files(folder) == ["00000001.damaged"]
    assert spool.records == 0


async def test_much_that_cannot_be_read_does_not_hide_what_follows(folder: Path) -> None:
    spool = Spool(folder)
    await spool.append([said(1)])
    await spool.close()
    strange = frame(said(2, "x" * (5 << 20))).replace(b"speech", b"thinks", 1)
    path = folder / FIRST
    path.write_bytes(path.read_bytes() + frame_of(strange[8:]) * 2 + frame(said(3)))
    spool = Spool(folder)
    await spool.adopt()
    assert await all_of(spool) == [said(1), said(3)]


def frame_of(payload: bytes) -> bytes:
    return struct.pack("<II", len(payload), zlib.crc32(payload)) + payload


async def test_a_file_in_a_later_format_is_left_alone(
    folder: Path, caplog: pytest.LogCaptureFixture
) -> None:
    spool = Spool(folder)
    await spool.append([said(1)])
    await spool.close()
    path = folder / FIRST
    data = path.read_bytes()
    path.write_bytes(data[:8] + b"\2" + data[9:])
    (folder / "00000002.log").write_bytes(b"somebody's notes, not a spool at all")
    spool = Spool(folder)
    assert await spool.adopt() == 0
    assert "its format is 2" in caplog.text
    await spool.append([said(2)])
    assert files(folder) == ["00000001.log", "00000002.log", "00000003.log"]
    assert survey(folder).unreadable == 2


async def test_it_is_bounded_and_takes_records_again_once_some_have_gone(folder: Path) -> None:
    one = len(frame(said(0)))
    spool = Spool(folder, max_bytes=3 * one + 2 * HEADER_BYTES, file_bytes=2 * one)
    for number in range(3):
        await spool.append([said(number)])
    with pytest.raises(OSError, match="is full"):
        await spool.append([said(3)])
    assert spool.records == 3
    assert await spool.head(2, 1 << 20) == [said(0)], "of the first file alone"
    await spool.drop(1)
    await spool.append([said(3)])
    assert await all_of(spool) == [said(1), said(2), said(3)]


async def test_a_disk_that_is_full_loses_nothing_and_leaves_nothing(folder: Path) -> None:
    disk = FullDisk()
    spool = Spool(folder, fsync=disk)
    for _ in range(3):
        with pytest.raises(OSError, match="No space left"):
            await spool.append([said(0)])
    assert (spool.records, files(folder)) == (0, [])
    disk.is_full = False
    await spool.append([said(1)])
    disk.is_full = True
    with pytest.raises(OSError, match="No space left"):
        await spool.append([said(2)])
    disk.is_full = False
    await spool.append([said(2)])
    await spool.close()
    spool = Spool(folder)
    await spool.adopt()
    assert await all_of(spool) == [said(1), said(2)]


@pytest.mark.skipif(os.geteuid() != 0, reason="only root may mount a small disk")
async def test_a_real_full_disk_is_survived(tmp_path: Path) -> None:
    disk = tmp_path / "disk"
    disk.mkdir()
    if not run("mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", str(disk)):
        pytest.skip("mounting is not allowed here")
    try:
        spool, number = Spool(disk / "spool"), 0
        with pytest.raises(OSError, match="No space left"):
            for number in range(1000):
                await spool.append([said(number, "x" * 1000)])
        assert number > 10
        kept = await spool.head(10, 1 << 20)
        await spool.drop(len(kept))
        rest = await all_of(spool)
        assert [*kept, *rest] == [said(n, "x" * 1000) for n in range(number)]
        await spool.append([said(number)])
        assert await all_of(spool) == [said(number)]
        await spool.close()
    finally:
        assert run("umount", str(disk))


async def test_a_folder_that_cannot_be_made_is_an_error_of_the_disk(tmp_path: Path) -> None:
    (tmp_path / "data").write_text("not a folder")
    spool = Spool(tmp_path / "data" / "spool")
    with pytest.raises(OSError):
        await spool.append([said(1)])
    assert await spool.adopt() == 0


async def test_what_cannot_be_written_down_does_not_hold_up_the_others(
    folder: Path, caplog: pytest.LogCaptureFixture
) -> None:
    spool = Spool(folder)
    await spool.append([said(1), said(2, "secret \ud800"), said(3)])
    assert await all_of(spool) == [said(1), said(3)]
    assert "cannot be written down" in caplog.text
    assert "secret" not in caplog.text


async def test_only_its_owner_can_read_what_was_spoken(folder: Path) -> None:
    spool = Spool(folder)
    await spool.append([said(1)])
    assert (folder / "00000001.log").stat().st_mode & 0o777 == 0o600
    await spool.close()


async def test_a_survey_counts_without_touching(folder: Path) -> None:
    assert survey(folder).files == 0
    spool = Spool(folder)
    await spool.append([said(1), said(2)])
    found = survey(folder)
    assert (found.files, found.records, found.unreadable) == (1, 2, 0)
    assert found.bytes == spool.bytes
    assert await all_of(spool) == [said(1), said(2)]


async def test_sound_is_put_in_its_place_before_its_record_is_safe(folder: Path) -> None:
    async with FileBlobs.open_in(folder.parent) as blobs:
        draft = blobs.new_draft()
        await blobs.append(draft, b"RIFF")
        content = await blobs.measure(draft)
        sound = next(record for record in every_kind() if isinstance(record, AudioRecord))
        spool = Spool(folder, blobs=blobs)
        await spool.append([replace(sound, draft=draft, content=content)])
        assert await blobs.exists(content.sha256)
        assert not draft.exists()
        gone = replace(sound, draft=draft, content=Content(bytes(32), 4))
        await spool.append([gone, said(1)])
        assert spool.records == 3
        await spool.close()

"""Files and their rows: neither is ever without the other, whoever comes and goes at once."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from uuid import UUID

import numpy as np
import pytest
from tests.stored import put_session, put_utterance
from tests.stored_records import said
from uuid_utils.compat import uuid7

from lipwire_protocol import ErrorCode, LipwireError
from lipwire_server.store import blobs
from lipwire_server.store.assets import (
    NewAsset,
    StoredAsset,
    add_asset,
    delete_asset,
    get_asset,
    list_assets,
)
from lipwire_server.store.audios import get_audio, list_audios
from lipwire_server.store.blobs import Collected, collect, sweep
from lipwire_server.store.files import Content, FileBlobs
from lipwire_server.store.keeping import AudioKeeper
from lipwire_server.store.pool import Database
from lipwire_server.store.recorder import Recorder
from lipwire_server.store.records import AudioRecord, Record
from lipwire_server.store.storage import Storage
from lipwire_server.store.writer import PostgresWriter

NOW = timedelta(0)
HOUR = timedelta(hours=1)


@pytest.fixture
async def files(tmp_path: Path) -> AsyncIterator[FileBlobs]:
    async with FileBlobs.open_in(tmp_path) as files:
        yield files


async def draft_of(files: FileBlobs, data: bytes) -> tuple[Path, Content]:
    draft = files.new_draft()
    await files.append(draft, data)
    return draft, await files.measure(draft)


async def upload(database: Database, files: FileBlobs, data: bytes) -> StoredAsset:
    asset = NewAsset(
        id=uuid7(), kind="image", filename="me.png", media_type="image/png", meta={"width": 3}
    )
    draft, content = await draft_of(files, data)
    return await add_asset(database, files, draft, content, asset)


async def drop(database: Database, *ids: UUID) -> None:
    """What retention does with what was deleted long ago."""
    async with database.connection() as connection:
        await connection.execute("DELETE FROM asset WHERE id = ANY($1)", ids)


async def rows_and_files(database: Database, files: FileBlobs) -> tuple[set[bytes], set[bytes]]:
    async with database.connection() as connection:
        rows = await connection.fetch("SELECT sha256 FROM blob")
    names = {name async for some in files.names() for name in some}
    return {row["sha256"] for row in rows}, names


async def test_an_upload_is_read_back_listed_and_taken_away(
    database: Database, files: FileBlobs
) -> None:
    first = await upload(database, files, b"one")
    second = await upload(database, files, b"two")
    assert await get_asset(database, first.id) == first
    assert (first.byte_count, first.media_type, first.meta) == (3, "image/png", b'{"width": 3}')
    assert await list_assets(database) == [second, first]
    assert await list_assets(database, after=second.id) == [first]
    assert await list_assets(database, limit=1) == [second]
    await delete_asset(database, first.id)
    assert await list_assets(database) == [second]
    for ask in (get_asset, delete_asset):
        with pytest.raises(LipwireError) as caught:
            await ask(database, first.id)
        assert caught.value.code is ErrorCode.NOT_FOUND
    assert await files.exists(first.sha256), "it goes later"


async def test_equal_contents_are_one_file(database: Database, files: FileBlobs) -> None:
    uploads = await asyncio.gather(*(upload(database, files, b"same") for _ in range(8)))
    assert len({asset.id for asset in uploads}) == 8
    assert len({asset.sha256 for asset in uploads}) == 1
    assert await rows_and_files(database, files) == ({uploads[0].sha256},) * 2


async def test_what_nothing_refers_to_is_collected_and_the_rest_stays(
    database: Database, files: FileBlobs
) -> None:
    kept = await upload(database, files, b"kept")
    deleted = await upload(database, files, b"deleted, and restorable")
    gone = [await upload(database, files, b"%d" % number) for number in range(120)]
    await delete_asset(database, deleted.id)
    await drop(database, *(asset.id for asset in gone))
    assert await collect(database, files, older_than=HOUR) == Collected(0, 0)
    assert await collect(database, files, older_than=NOW) == Collected(120, 10 + 180 + 60)
    assert await rows_and_files(database, files) == ({kept.sha256, deleted.sha256},) * 2
    assert await collect(database, files, older_than=NOW) == Collected(0, 0)


async def test_a_content_that_is_kept_again_is_young_again(
    database: Database, files: FileBlobs
) -> None:
    asset = await upload(database, files, b"old")
    await drop(database, asset.id)
    async with database.connection() as connection:
        await connection.execute("UPDATE blob SET used_at = now() - interval '1 day'")
    again = await upload(database, files, b"old")
    await drop(database, again.id)
    assert await collect(database, files, older_than=HOUR) == Collected(0, 0)


async def test_what_is_being_kept_is_not_collected(database: Database, files: FileBlobs) -> None:
    old = await upload(database, files, b"wanted")
    await drop(database, old.id)
    draft, content = await draft_of(files, b"wanted")
    async with database.connection() as connection:
        async with connection.transaction():
            await blobs.keep(connection, files, draft, content, "image/png")
            assert await collect(database, files, older_than=NOW) == Collected(0, 0)
        assert await files.exists(content.sha256)


class Gated(FileBlobs):
    """Waits before it removes a file."""

    removing: asyncio.Event
    go: asyncio.Event

    async def remove(self, sha256: bytes) -> None:
        self.removing.set()
        await self.go.wait()
        await super().remove(sha256)


async def test_what_is_kept_while_it_is_collected_is_there_afterwards(
    database: Database, tmp_path: Path
) -> None:
    async with Gated.open_in(tmp_path) as files:
        assert isinstance(files, Gated)
        files.removing, files.go = asyncio.Event(), asyncio.Event()
        old = await upload(database, files, b"wanted")
        await drop(database, old.id)
        async with asyncio.TaskGroup() as group:
            collecting = group.create_task(collect(database, files, older_than=NOW))
            await files.removing.wait()
            uploading = group.create_task(upload(database, files, b"wanted"))
            await until_somebody_waits(database)
            assert not uploading.done()
            files.go.set()
        assert collecting.result() == Collected(1, 6)
        assert uploading.result().sha256 == old.sha256
        assert await rows_and_files(database, files) == ({old.sha256},) * 2


async def until_somebody_waits(database: Database) -> None:
    waiting = "SELECT count(*) FROM pg_locks WHERE NOT granted"
    async with database.connection() as connection:
        while not await connection.fetchval(waiting):  # noqa: ASYNC110
            await asyncio.sleep(0.01)


async def test_keepers_and_collectors_at_once_never_lose_a_file_that_has_a_row(
    database: Database, files: FileBlobs
) -> None:
    async def come_and_go(number: int) -> None:
        for turn in range(12):
            asset = await upload(database, files, b"%d" % ((number + turn) % 3))
            assert await files.exists(asset.sha256)
            await drop(database, asset.id)

    done = False

    async def clear() -> None:
        while not done:
            await collect(database, files, older_than=NOW)
            await sweep(database, files)

    async with asyncio.TaskGroup() as group:
        for _ in range(2):
            group.create_task(clear())
        async with asyncio.TaskGroup() as comers:
            for number in range(3):
                comers.create_task(come_and_go(number))
        done = True
    await collect(database, files, older_than=NOW)
    await sweep(database, files)
    assert await rows_and_files(database, files) == (set(), set())


async def test_a_file_whose_row_was_never_committed_is_swept_away(
    database: Database, files: FileBlobs
) -> None:
    kept = await upload(database, files, b"kept")
    draft, content = await draft_of(files, b"the server was killed here")
    await files.place(draft, content)
    assert await sweep(database, files) == 1
    assert await rows_and_files(database, files) == ({kept.sha256},) * 2


async def test_a_file_whose_record_waits_for_the_database_is_not_swept_away(
    database: Database, files: FileBlobs, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The database is slow while the sweep is under way: sound goes to the disk without a row."""
    storage = Storage(None, tmp_path)
    names = files.names

    async def slowly() -> AsyncIterator[list[bytes]]:
        async for some in names():
            storage.recorder.record(said(1))
            yield some

    draft, content = await draft_of(files, b"of a record that waits")
    await files.place(draft, content)
    monkeypatch.setattr(files, "names", slowly)
    assert await sweep(database, files, storage.is_written) == 0
    assert await files.exists(content.sha256)


async def test_the_sweep_waits_for_whoever_is_just_keeping_a_file(
    database: Database, files: FileBlobs
) -> None:
    draft, content = await draft_of(files, b"coming")
    async with database.connection() as connection, connection.transaction():
        await blobs.keep(connection, files, draft, content, "image/png")
        sweeping = asyncio.create_task(sweep(database, files))
        await until_somebody_waits(database)
        assert not sweeping.done()
    assert await sweeping == 0
    assert await files.exists(content.sha256)


async def test_where_the_disk_fails_nothing_is_half_done(
    database: Database, files: FileBlobs, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def full(draft: Path, content: Content) -> None:
        raise LipwireError(ErrorCode.STORAGE_UNAVAILABLE, "the disk is full")

    with monkeypatch.context() as patched:
        patched.setattr(files, "place", full)
        with pytest.raises(LipwireError, match="full"):
            await upload(database, files, b"too much")
    assert await rows_and_files(database, files) == (set(), set())

    old = await upload(database, files, b"old")
    await drop(database, old.id)

    async def broken(sha256: bytes) -> None:
        raise LipwireError(ErrorCode.STORAGE_UNAVAILABLE, "EIO")

    with monkeypatch.context() as patched:
        patched.setattr(files, "remove", broken)
        with pytest.raises(LipwireError, match="EIO"):
            await collect(database, files, older_than=NOW)
    assert await rows_and_files(database, files) == ({old.sha256},) * 2


class Spoken:
    """An utterance that is stored, and a recorder that keeps audio."""

    def __init__(self, database: Database, files: FileBlobs, utterance: UUID) -> None:
        self.database = database
        self.utterance = utterance
        self.recorder = Recorder(PostgresWriter(database, files))
        self.records: list[AudioRecord] = []
        self.keeper = AudioKeeper(files, self.record, uuid7)

    def record(self, record: Record) -> bool:
        assert isinstance(record, AudioRecord)
        self.records.append(record)
        return self.recorder.record(record)

    async def speak(self, utterance: UUID, count: int = 1_000) -> None:
        audio = self.keeper.begin(8_000)
        audio.add(0, np.linspace(-1, 1, count, dtype=np.float32))
        audio.finish(utterance, count)
        await self.keeper.drain(30)
        assert await self.recorder.drain(30) == 0


@pytest.fixture
async def spoken(database: Database, files: FileBlobs) -> Spoken:
    async with database.connection() as connection:
        utterance = await put_utterance(connection, await put_session(connection))
    return Spoken(database, files, utterance)


async def test_what_was_spoken_is_kept_with_its_utterance(
    spoken: Spoken, database: Database, files: FileBlobs
) -> None:
    await spoken.speak(spoken.utterance)
    (audio,) = await list_audios(database, spoken.utterance)
    assert audio == await get_audio(database, audio.id)
    assert (audio.codec, audio.sample_rate, audio.sample_count) == ("pcm_s16le", 8_000, 1_000)
    assert (audio.byte_count, audio.media_type) == (2_044, "audio/wav")
    assert await rows_and_files(database, files) == ({audio.sha256},) * 2
    assert await list_audios(database, spoken.utterance, after=audio.id) == []


async def test_a_record_that_is_written_again_is_kept_once(
    spoken: Spoken, database: Database
) -> None:
    await spoken.speak(spoken.utterance)
    (record,) = spoken.records
    spoken.recorder.record(record)
    assert await spoken.recorder.drain(30) == 0
    assert spoken.recorder.state.unrecordable == 0
    assert len(await list_audios(database, spoken.utterance)) == 1


async def test_without_its_utterance_a_sound_is_not_kept(
    spoken: Spoken, database: Database, files: FileBlobs
) -> None:
    await spoken.speak(uuid7())
    assert spoken.recorder.state.unrecordable == 0
    assert not spoken.records[0].draft.exists()
    assert await rows_and_files(database, files) == (set(), set())


async def test_a_draft_that_is_gone_holds_no_other_record_up(
    spoken: Spoken, database: Database, files: FileBlobs
) -> None:
    lost = AudioRecord(
        id=uuid7(),
        utterance_id=spoken.utterance,
        draft=files.new_draft(),
        content=Content(bytes(32), 10),
        codec="pcm_s16le",
        sample_rate=8_000,
        sample_count=5,
    )
    spoken.recorder.record(lost)
    spoken.recorder.record(replace(lost, id=uuid7()))
    await spoken.speak(spoken.utterance)
    assert spoken.recorder.state.unrecordable == 2
    assert len(await list_audios(database, spoken.utterance)) == 1


async def test_the_sound_of_a_deleted_session_is_not_found_and_goes_with_it(
    spoken: Spoken, database: Database, files: FileBlobs
) -> None:
    await spoken.speak(spoken.utterance)
    (audio,) = await list_audios(database, spoken.utterance)
    async with database.connection() as connection:
        await connection.execute("UPDATE session SET deleted_at = now()")
    assert await list_audios(database, spoken.utterance) == []
    with pytest.raises(LipwireError) as caught:
        await get_audio(database, audio.id)
    assert caught.value.code is ErrorCode.NOT_FOUND
    assert await collect(database, files, older_than=NOW) == Collected(0, 0)
    async with database.connection() as connection:
        await connection.execute("DELETE FROM session")
    assert await collect(database, files, older_than=NOW) == Collected(1, 2_044)
    assert await rows_and_files(database, files) == (set(), set())

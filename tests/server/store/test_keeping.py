"""The keeper of audio: whole or not at all, and nobody ever waits for it."""

import asyncio
import wave
from collections.abc import AsyncIterator
from pathlib import Path
from uuid import UUID

import numpy as np
import pytest
from numpy.typing import NDArray
from uuid_utils.compat import uuid7

from lipwire_server.speech.audio.pcm import pcm_s16le
from lipwire_server.store import keeping
from lipwire_server.store.files import Content, FileBlobs
from lipwire_server.store.keeping import AudioKeeper, KeptAudio
from lipwire_server.store.records import AudioRecord, Record

UTTERANCE = UUID(int=7)


class Room:
    """A keeper, and what it has recorded."""

    def __init__(self, files: FileBlobs, root: Path) -> None:
        self.files = files
        self.root = root
        self.records: list[AudioRecord] = []
        self.is_full = False
        self.keeper = AudioKeeper(files, self.record, uuid7, max_bytes=20_000)

    def record(self, record: Record) -> bool:
        assert isinstance(record, AudioRecord)
        if not self.is_full:
            self.records.append(record)
        return not self.is_full

    @property
    def drafts(self) -> list[Path]:
        return [path for path in (self.root / "drafts").glob("*/*") if path.is_file()]


@pytest.fixture
async def room(tmp_path: Path) -> AsyncIterator[Room]:
    async with FileBlobs.open_in(tmp_path) as files:
        yield Room(files, tmp_path)


def sound(count: int, seed: int = 0) -> NDArray[np.float32]:
    return np.random.default_rng(seed).uniform(-1.2, 1.2, count).astype(np.float32)


def samples_in(path: Path) -> tuple[int, bytes]:
    with wave.open(str(path)) as read:
        assert (read.getnchannels(), read.getsampwidth()) == (1, 2)
        return read.getframerate(), read.readframes(1 << 20)


async def test_the_pieces_become_one_file_that_is_recorded(room: Room) -> None:
    whole = sound(1_000)
    audio = room.keeper.begin(22_050)
    for begin in range(0, 1_000, 300):
        audio.add(begin, whole[begin : begin + 300])
    audio.finish(UTTERANCE, 1_000)
    await room.keeper.drain(30)
    (record,) = room.records
    assert (record.utterance_id, record.codec, record.sample_rate, record.sample_count) == (
        UTTERANCE,
        "pcm_s16le",
        22_050,
        1_000,
    )
    assert samples_in(record.draft) == (22_050, pcm_s16le(whole))
    assert record.content == await room.files.measure(record.draft)
    assert room.keeper.lost == 0


async def test_it_is_written_while_it_is_spoken(room: Room) -> None:
    """In the end it is twice what the keeper's memory would hold."""
    audio = room.keeper.begin(8_000)
    async with asyncio.TaskGroup() as group:
        running = group.create_task(room.keeper.run())
        for begin in range(0, 10_000, 1_000):
            # Small beside the memory: a piece still counts for a moment after it can be seen.
            audio.add(begin, sound(1_000, begin))
            size = 44 + 2 * (begin + 1_000)
            while not (audio.draft.exists() and audio.draft.stat().st_size == size):  # noqa: ASYNC110
                await asyncio.sleep(0.001)
        running.cancel()
    audio.finish(UTTERANCE, 10_000)
    await room.keeper.drain(30)
    assert [record.sample_count for record in room.records] == [10_000]


async def test_pieces_that_come_soon_after_each_other_are_written_together(
    room: Room, monkeypatch: pytest.MonkeyPatch
) -> None:
    visits: list[int] = []

    def write(pieces: dict[KeptAudio, list[NDArray[np.float32]]]) -> None:
        visits.append(sum(map(len, pieces.values())))

    monkeypatch.setattr(keeping, "_write_all", write)
    # However slowly they come on a machine that is full, all of them come within two of these.
    monkeypatch.setattr(keeping, "_GATHERED_S", 0.5)
    audios = [room.keeper.begin(8_000) for _ in range(20)]
    async with asyncio.TaskGroup() as group:
        running = group.create_task(room.keeper.run())
        for audio in audios:
            audio.add(0, sound(10))
            await asyncio.sleep(0.001)
        while sum(visits) < len(audios):  # noqa: ASYNC110
            await asyncio.sleep(0.01)
        running.cancel()
    assert len(visits) < 5


async def test_those_who_speak_at_once_do_not_get_into_each_other(room: Room) -> None:
    audios = [room.keeper.begin(8_000) for _ in range(5)]
    for begin in (0, 100):
        for seed, audio in enumerate(audios):
            audio.add(begin, sound(200, seed)[begin : begin + 100])
    for number, audio in enumerate(audios):
        audio.finish(UUID(int=number), 200)
    await room.keeper.drain(30)
    kept = {record.utterance_id.int: samples_in(record.draft)[1] for record in room.records}
    assert kept == {seed: pcm_s16le(sound(200, seed)) for seed in range(5)}


async def test_of_what_is_dropped_nothing_stays(room: Room) -> None:
    audio = room.keeper.begin(8_000)
    async with asyncio.TaskGroup() as group:
        running = group.create_task(room.keeper.run())
        audio.add(0, sound(500))
        while not room.drafts:  # noqa: ASYNC110
            await asyncio.sleep(0.001)
        running.cancel()
    audio.drop()
    await room.keeper.drain(30)
    assert (room.records, room.drafts, room.keeper.lost) == ([], [], 0)


async def test_what_was_taken_back_before_it_left_is_cut_off(room: Room) -> None:
    whole = sound(500)
    audio = room.keeper.begin(8_000)
    audio.add(0, whole)
    audio.finish(UTTERANCE, 123)
    await room.keeper.drain(30)
    (record,) = room.records
    assert record.sample_count == 123
    assert samples_in(record.draft) == (8_000, pcm_s16le(whole[:123]))
    assert record.draft.stat().st_size == 44 + 2 * 123


async def test_what_is_said_again_is_kept_once(room: Room) -> None:
    whole = sound(500)
    audio = room.keeper.begin(8_000)
    audio.add(0, whole[:300])
    audio.add(100, whole[100:200])
    audio.add(200, whole[200:])
    audio.finish(UTTERANCE, 500)
    await room.keeper.drain(30)
    assert samples_in(room.records[0].draft) == (8_000, pcm_s16le(whole))


@pytest.mark.parametrize("gap", [0, 300])
async def test_an_utterance_of_which_something_is_missing_is_not_kept(room: Room, gap: int) -> None:
    whole = sound(500)
    audio = room.keeper.begin(8_000)
    for begin in range(0, 500, 100):
        if begin != gap:
            audio.add(begin, whole[begin : begin + 100])
    audio.finish(UTTERANCE, 500)
    await room.keeper.drain(30)
    assert (room.records, room.keeper.lost, room.drafts) == ([], 1, [])


async def test_silence_of_no_length_is_neither_kept_nor_lost(room: Room) -> None:
    audio = room.keeper.begin(8_000)
    audio.add(0, sound(0))
    audio.finish(UTTERANCE, 0)
    await room.keeper.drain(30)
    assert (room.records, room.keeper.lost, room.drafts) == ([], 0, [])


async def test_when_the_queue_is_full_one_is_lost_and_the_others_are_kept(room: Room) -> None:
    first, second, third = (room.keeper.begin(8_000) for _ in range(3))
    first.add(0, sound(2_000))
    second.add(0, sound(4_000))
    third.add(0, sound(1_000))
    for number, audio in enumerate([first, second, third]):
        audio.finish(UUID(int=number), audio.count)
    await room.keeper.drain(30)
    assert [record.utterance_id.int for record in room.records] == [0, 2]
    assert room.keeper.lost == 1
    again = room.keeper.begin(8_000)
    again.add(0, sound(4_000))
    assert again.whole, "what was written takes up no room"


async def test_a_record_that_finds_no_room_leaves_no_draft(room: Room) -> None:
    room.is_full = True
    audio = room.keeper.begin(8_000)
    audio.add(0, sound(100))
    audio.finish(UTTERANCE, 100)
    await room.keeper.drain(30)
    assert (room.keeper.lost, room.drafts) == (1, [])


async def test_a_disk_that_cannot_write_loses_the_sound_and_nothing_else(room: Room) -> None:
    lost, kept = room.keeper.begin(8_000), room.keeper.begin(8_000)
    lost.draft = room.root / "nowhere" / "draft"
    for audio in (lost, kept):
        audio.add(0, sound(100))
        audio.finish(UTTERANCE, 100)
    await room.keeper.drain(30)
    assert room.keeper.lost == 1
    assert [record.draft for record in room.records] == [kept.draft]


async def test_what_the_disk_refuses_while_the_next_piece_comes_is_missing_all_the_same(
    room: Room, monkeypatch: pytest.MonkeyPatch
) -> None:
    audio, take = room.keeper.begin(8_000), room.keeper.take

    def meanwhile(audio: KeptAudio, samples: NDArray[np.float32]) -> bool:
        audio.whole = False  # As the thread does.
        return take(audio, samples)

    monkeypatch.setattr(room.keeper, "take", meanwhile)
    audio.add(0, sound(100))
    audio.finish(UTTERANCE, 100)
    await room.keeper.drain(30)
    assert (room.records, room.keeper.lost) == ([], 1)


async def test_a_draft_that_cannot_be_removed_keeps_nobody_from_being_kept(room: Room) -> None:
    dropped, kept = room.keeper.begin(8_000), room.keeper.begin(8_000)
    dropped.draft.mkdir()
    dropped.drop()
    kept.add(0, sound(100))
    kept.finish(UTTERANCE, 100)
    await room.keeper.drain(30)
    assert [record.draft for record in room.records] == [kept.draft]


async def test_nothing_is_lost_where_the_writing_is_stopped_and_drained(
    room: Room, monkeypatch: pytest.MonkeyPatch
) -> None:
    measure, begun, go = room.files.measure, asyncio.Event(), asyncio.Event()

    async def slow(draft: Path) -> Content:
        begun.set()
        await go.wait()
        return await measure(draft)

    monkeypatch.setattr(room.files, "measure", slow)
    for number in range(2):
        audio = room.keeper.begin(8_000)
        audio.add(0, sound(100))
        audio.finish(UUID(int=number), 100)
    running = asyncio.create_task(room.keeper.run())
    await begun.wait()
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running
    draining = asyncio.create_task(room.keeper.drain(30))
    go.set()
    await draining
    assert [record.utterance_id.int for record in room.records] == [0, 1]

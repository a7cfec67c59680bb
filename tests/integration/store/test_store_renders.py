"""The queue of renders, and what a request keeps, in a real PostgreSQL."""

import asyncio
import json
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID

import pytest
from uuid_utils.compat import uuid7

from lipwire_protocol import ErrorCode, LipwireError
from lipwire_server.store.files import FileBlobs
from lipwire_server.store.pool import Database
from lipwire_server.store.records import (
    Record,
    SegmentRecord,
    SessionEnded,
    SessionOpened,
    SettingsRecord,
    SpeechRecord,
    UtteranceRecord,
)
from lipwire_server.store.renders import (
    NewRender,
    StoredRender,
    cancel_render,
    create_render,
    delete_render,
    fail_render,
    finish_render,
    get_render,
    list_renders,
    requeue_render,
    take_render,
    touch_render,
)
from lipwire_server.store.scripts import get_script
from lipwire_server.store.sessions import get_session, utterances
from lipwire_server.store.spoken import keep_spoken
from lipwire_server.store.writer import PostgresWriter

NOW = datetime(2026, 1, 1, tzinfo=UTC)


@pytest.fixture
async def files(tmp_path: Path) -> AsyncIterator[FileBlobs]:
    async with FileBlobs.open_in(tmp_path) as files:
        yield files


def opened(*, audio: bool = True) -> SessionOpened:
    settings = {"seed": 1, **({"audio": {}} if audio else {})}
    return SessionOpened(
        id=uuid7(),
        secret_sha256=bytes(32),
        voice="joe",
        sample_rate=8_000,
        settings=json.dumps(settings).encode(),
        opened_at=NOW,
    )


def spoken_in(session: SessionOpened, number: int = 1, reason: str = "done") -> UtteranceRecord:
    segment = SegmentRecord(
        number=0, start=0, count=800, text="Hi.", begin=0, end=3, timing=b"{}", phonemes=()
    )
    return UtteranceRecord(
        id=uuid7(),
        session_id=session.id,
        number=number,
        at=0,
        count=800,
        heard=None,
        text="Hi.",
        voice="joe",
        rate_percent=100,
        seed=1,
        reason=reason,
        started_at=NOW,
        ended_at=NOW,
        segments=(segment,),
    )


def a_session() -> list[Record]:
    session = opened()
    ended = SessionEnded(id=session.id, close_code=1_000, ended_at=NOW)
    return [session, spoken_in(session), ended]


@pytest.fixture
async def utterance(database: Database, files: FileBlobs) -> UtteranceRecord:
    return await keep_spoken(database, files, a_session())


def new(utterance: UtteranceRecord) -> NewRender:
    return NewRender(
        id=uuid7(),
        utterance_id=utterance.id,
        format="mp4",
        face="joe",
        emotion="happy",
        size=512,
        fps=25,
        frame_count=100,
    )


async def queued(database: Database, utterance: UtteranceRecord) -> UUID:
    return (await create_render(database, new(utterance), longest_queue=100)).id


async def taken(database: Database) -> StoredRender:
    render = await take_render(database)
    assert render is not None
    return render


async def silent_for_a_minute(database: Database) -> None:
    """Whoever renders has said nothing for so long."""
    async with database.connection() as connection:
        await connection.execute("ALTER TABLE render DISABLE TRIGGER render_touched")
        await connection.execute("UPDATE render SET updated_at = now() - interval '1 minute'")
        await connection.execute("ALTER TABLE render ENABLE TRIGGER render_touched")


# The queue


async def test_what_is_put_into_the_queue_is_taken_out_in_order_and_once(
    database: Database, utterance: UtteranceRecord
) -> None:
    ids = [await queued(database, utterance) for _ in range(4)]
    found = await asyncio.gather(*(take_render(database) for _ in range(6)))
    assert sorted(render.id for render in found if render is not None) == ids
    assert found.count(None) == 2


async def test_a_render_is_what_was_asked_for(
    database: Database, utterance: UtteranceRecord
) -> None:
    asked = new(utterance)
    made = await create_render(database, asked, longest_queue=1)
    assert made == await get_render(database, asked.id)
    assert (made.status, made.frames_done, made.attempts) == ("queued", 0, 0)
    for field in ("utterance_id", "format", "face", "emotion", "size", "fps", "frame_count"):
        assert getattr(made, field) == getattr(asked, field)


async def test_a_full_queue_refuses_however_many_come_at_once(
    database: Database, utterance: UtteranceRecord
) -> None:
    results = await asyncio.gather(
        *(create_render(database, new(utterance), longest_queue=3) for _ in range(8)),
        return_exceptions=True,
    )
    refused = [result for result in results if isinstance(result, LipwireError)]
    assert len(refused) == 5
    assert {error.code for error in refused} == {ErrorCode.OVERLOADED}
    await cancel_render(database, (await list_renders(database))[0].id)
    await create_render(database, new(utterance), longest_queue=3)


async def test_who_is_at_work_keeps_it_and_who_is_silent_loses_it(
    database: Database, utterance: UtteranceRecord
) -> None:
    await queued(database, utterance)
    first = await taken(database)
    assert await touch_render(database, first, 10)
    assert await take_render(database) is None
    assert (await get_render(database, first.id)).frames_done == 10
    await silent_for_a_minute(database)
    second = await taken(database)
    assert (second.id, second.attempts, second.frames_done) == (first.id, 2, 0)
    assert not await touch_render(database, first, 20), "it is another one's now"
    assert await touch_render(database, second, 5)


async def test_what_ends_every_server_that_renders_it_has_failed(
    database: Database, utterance: UtteranceRecord
) -> None:
    id = await queued(database, utterance)
    for attempt in (1, 2, 3):
        assert (await taken(database)).attempts == attempt
        await silent_for_a_minute(database)
    assert await take_render(database) is None
    render = await get_render(database, id)
    assert render.status == "failed"
    assert "begun 3 times" in (render.error or "")


async def test_what_cannot_be_done_now_waits_at_its_place(
    database: Database, utterance: UtteranceRecord
) -> None:
    first = await queued(database, utterance)
    await queued(database, utterance)
    for _ in range(5):
        render = await taken(database)
        assert (render.id, render.attempts) == (first, 1)
        await requeue_render(database, render)


async def test_no_more_frames_are_done_than_there_are(
    database: Database, utterance: UtteranceRecord
) -> None:
    id = await queued(database, utterance)
    await touch_render(database, await taken(database), 1_000)
    assert (await get_render(database, id)).frames_done == 100


async def test_a_movie_is_kept_with_its_file(
    database: Database, utterance: UtteranceRecord, files: FileBlobs
) -> None:
    await queued(database, utterance)
    render = await taken(database)
    draft = files.new_draft()
    draft.write_bytes(b"a movie")
    content = await files.measure(draft)
    assert await finish_render(database, files, render, draft, content, "video/mp4", 97)
    done = await get_render(database, render.id)
    assert (done.status, done.sha256) == ("done", content.sha256)
    assert (done.frames_done, done.frame_count) == (97, 97)
    assert await files.exists(content.sha256)
    assert not await cancel_render(database, render.id), "it is done"


@pytest.mark.parametrize("how", ["cancelled", "taken over", "deleted"])
async def test_a_movie_of_one_who_lost_it_is_not_kept(
    database: Database, utterance: UtteranceRecord, files: FileBlobs, how: str
) -> None:
    await queued(database, utterance)
    render = await taken(database)
    if how == "cancelled":
        assert await cancel_render(database, render.id)
    elif how == "deleted":
        await delete_render(database, render.id)
    else:
        await silent_for_a_minute(database)
        await taken(database)
    draft = files.new_draft()
    draft.write_bytes(b"a movie")
    content = await files.measure(draft)
    assert not await finish_render(database, files, render, draft, content, "video/mp4", 97)
    await fail_render(database, render, "never mind")
    await requeue_render(database, render)
    assert not await files.exists(content.sha256)
    left = await list_renders(database)
    assert [render.status for render in left] == {
        "cancelled": ["cancelled"],
        "taken over": ["running"],
        "deleted": [],
    }[how]


async def test_renders_go_with_their_utterance(
    database: Database, utterance: UtteranceRecord
) -> None:
    id = await queued(database, utterance)
    async with database.connection() as connection:
        await connection.execute("DELETE FROM session")
    for call in (get_render, cancel_render, delete_render):
        with pytest.raises(LipwireError, match="no such render"):
            await call(database, id)
    with pytest.raises(LipwireError, match="no such utterance"):
        await queued(database, utterance)


# What a request keeps


async def test_all_of_what_was_spoken_is_kept(database: Database, files: FileBlobs) -> None:
    records = a_session()
    kept = await keep_spoken(database, files, records)
    assert kept == records[1]
    assert await utterances(database, kept.session_id) == [kept]
    session = await get_session(database, kept.session_id)
    assert session is not None and session.close_code == 1_000


async def test_into_a_session_that_is_named_it_goes_behind_the_others(
    database: Database, files: FileBlobs, utterance: UtteranceRecord
) -> None:
    records = a_session()
    second = await keep_spoken(database, files, records, session=utterance.session_id)
    assert (second.session_id, second.number, second.at) == (utterance.session_id, 2, 800)
    assert [u.id for u in await utterances(database, utterance.session_id)] == [
        utterance.id,
        second.id,
    ]
    first = records[0]
    assert isinstance(first, SessionOpened)
    assert await get_session(database, first.id) is None, "it has no session of its own"


@pytest.mark.parametrize("kind", ["speaking", "open", "nobody's", "deleted"])
async def test_a_session_that_is_not_theirs_keeps_others_out(
    database: Database, files: FileBlobs, kind: str
) -> None:
    session = opened()
    writer = PostgresWriter(database)
    if kind != "nobody's":
        await writer.write([session])
    if kind == "speaking":
        said = SpeechRecord(
            id=session.id, sequence=1, number=None, utterance=1, text="Hi.", is_last=True
        )
        await writer.write([said, SessionEnded(id=session.id, close_code=1_000, ended_at=NOW)])
    if kind == "deleted":
        async with database.connection() as connection:
            await connection.execute("UPDATE session SET deleted_at = now()")
    with pytest.raises(LipwireError) as caught:
        await keep_spoken(database, files, a_session(), session=session.id)
    conflict = kind in ("speaking", "open")
    assert caught.value.code is (ErrorCode.CONFLICT if conflict else ErrorCode.NOT_FOUND)
    async with database.connection() as connection:
        assert await connection.fetchval("SELECT count(*) FROM utterance") == 0


async def test_for_an_avatar_that_is_gone_nothing_is_kept(
    database: Database, files: FileBlobs
) -> None:
    with pytest.raises(LipwireError, match="no such avatar"):
        await keep_spoken(database, files, a_session(), avatar=uuid7())
    async with database.connection() as connection:
        assert await connection.fetchval("SELECT count(*) FROM session") == 0


# Scripts


async def test_a_script_has_the_settings_that_held_when_it_began(database: Database) -> None:
    session = opened()
    said = [spoken_in(session, number, "interrupted") for number in (1, 2, 3, 4)]

    def changed(utterance: int, segment: int, voice: str) -> SettingsRecord:
        return SettingsRecord(
            id=session.id,
            sequence=10 * utterance + segment,
            utterance=utterance,
            segment=segment,
            voice=voice,
            settings=json.dumps({"of": voice}).encode(),
        )

    changes = [changed(2, 0, "amy"), changed(3, 1, "bob")]
    await PostgresWriter(database).write([session, *said, *changes])
    scripts = [await get_script(database, record.id) for record in said]
    assert [script.settings_voice for script in scripts] == ["joe", "amy", "amy", "bob"]
    assert json.loads(scripts[3].settings) == {"of": "bob"}
    assert all(script.is_cut for script in scripts)
    assert all(script.spans == ((0, 3),) for script in scripts)
    assert (scripts[0].text, scripts[0].count, scripts[0].sample_rate) == ("Hi.", 800, 8_000)
    assert not replace(scripts[0], reason="done").is_cut


async def test_there_is_no_script_of_what_is_not_there(database: Database) -> None:
    with pytest.raises(LipwireError, match="no such utterance"):
        await get_script(database, uuid7())

"""The renderer, with a fake voice and a tiny face, a real database and real files."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any
from uuid import UUID

import numpy as np
import pytest

from lipwire_protocol import Bye, ErrorCode, Flush, Hello, LipwireError, Speak
from lipwire_server import rendering
from lipwire_server.rendering import Renderer
from lipwire_server.speech.port import Window
from lipwire_server.store.pool import Database
from lipwire_server.store.records import Record, UtteranceRecord
from lipwire_server.store.renders import StoredRender, get_render, take_render
from lipwire_server.store.writer import PostgresWriter
from tests.fakes import WIRE_VOICE, FakeSink, FakeSynthesis
from tests.server.face.movie.clips import Seen, play
from tests.server.http.speakers import RATE, Speakers, speakers
from tests.server.session.stage import OFF

TEXT = "Hello there. Good bye."
SAMPLES = 2_100
FPS = 20
BEFORE, AFTER = 4, 10


class Held(FakeSynthesis):
    """Makes two windows of a segment, and the others when it is let go on."""

    def __init__(self) -> None:
        super().__init__(known=[WIRE_VOICE], window=400)
        self.goes_on = asyncio.Event()

    async def _windows(self, text: str, per_character: int) -> AsyncGenerator[Window, None]:
        async for window in super()._windows(text, per_character):
            if window.index > 1:
                await self.goes_on.wait()
            yield window


@pytest.fixture
async def house(database: Database, tmp_path: Path) -> AsyncIterator[Speakers]:
    async with speakers(tmp_path, database) as house:
        yield house


async def asked(house: Speakers, **body: Any) -> UUID:
    answer = await house.client.post("/v1/renders", json={"fps": FPS, "size": 64, **body})
    assert answer.status_code == 202, answer.text
    return UUID(answer.json()["id"])


@asynccontextmanager
async def rendering_in(house: Speakers, renderer: Renderer | None = None) -> AsyncIterator[None]:
    task = asyncio.ensure_future((renderer or house.renderer).run())
    try:
        yield
    finally:
        task.cancel()
        await asyncio.wait([task])
    assert task.cancelled()


async def until(
    house: Speakers, id: UUID, is_so: Callable[[StoredRender], bool] | str
) -> StoredRender:
    async with asyncio.timeout(60):
        while True:
            render = await get_render(house.storage.asked(), id)
            if render.status == is_so if isinstance(is_so, str) else is_so(render):
                return render
            await asyncio.sleep(0.02)


async def movie(house: Speakers, id: UUID, tmp_path: Path) -> Seen:
    answer = await house.client.get(f"/v1/renders/{id}/movie")
    assert answer.status_code == 200
    suffix = answer.headers["content-disposition"].rpartition(".")[2].strip('"')
    path = tmp_path / f"seen.{suffix}"
    path.write_bytes(answer.content)
    return play(path)


@pytest.mark.parametrize(
    ("name", "media_type"),
    [("mp4", "video/mp4"), ("webm", "video/webm"), ("gif", "image/gif"), ("webp", "image/webp")],
)
async def test_what_is_asked_for_is_rendered_and_can_be_had(
    house: Speakers, tmp_path: Path, name: str, media_type: str
) -> None:
    id = await asked(house, text=TEXT, format=name)
    async with rendering_in(house):
        render = await until(house, id, "done")
    answer = await house.client.get(f"/v1/renders/{id}/movie", headers={"Range": "bytes=0-9"})
    assert (answer.status_code, len(answer.content)) == (206, 10)
    assert answer.headers["content-type"] == media_type
    expected = BEFORE + -(-SAMPLES * FPS // RATE) + AFTER
    assert (render.frames_done, render.frame_count) == (expected, expected)
    told = (await house.client.get(f"/v1/renders/{id}")).json()
    assert told["progress"]["percent"] == 100
    assert told["movie"] == f"/v1/renders/{id}/movie"
    if name in ("mp4", "webm"):
        assert len((await movie(house, id, tmp_path)).images) == expected
    assert not house.left


async def test_an_utterance_is_spoken_again_as_it_was(house: Speakers) -> None:
    how = {"rate_percent": 130, "seed": 9, "noise_percent": 50, "lexicon": {"Bob": "Robert"}}
    body = {"text": "Hi **Bob**.", "text_options": {"markdown": "strip"}, **how}
    spoken = (await house.client.post("/v1/lipsync", json=body)).json()
    (said,) = house.synthesis.jobs
    id = await asked(house, utterance=spoken["utterance"])
    async with rendering_in(house):
        await until(house, id, "done")
    assert house.synthesis.jobs == [said, said]


async def test_in_a_session_of_several_each_is_spoken_again_in_its_own_manner(
    house: Speakers,
) -> None:
    made = (await house.client.post("/v1/sessions", json={})).json()
    for number in (1, 2, 3):
        body = {"text": "Hi Bob.", "session": made["id"], "lexicon": {"Bob": f"Bob {number}"}}
        spoken = (await house.client.post("/v1/lipsync", json=body)).json()
        if number == 2:
            second = spoken["utterance"]
    id = await asked(house, utterance=second)
    async with rendering_in(house):
        await until(house, id, "done")
    assert house.synthesis.jobs[-1] == house.synthesis.jobs[1]


async def test_what_was_cut_by_a_flush_is_cut_again(house: Speakers, database: Database) -> None:
    records: list[Record] = []

    def record(item: Record, settled: object = None) -> None:
        records.append(item)

    session = replace(house.host, record=record).open(Hello(flow=OFF.flow), FakeSink())
    async with asyncio.TaskGroup() as group:
        group.create_task(session.conversation.run())
        for message in (
            Speak(utterance=1, text="Hello the"),
            Flush(utterance=1),
            Speak(utterance=1, text="re my friend. Good bye.", end=True),
            Bye(),
        ):
            session.conversation.receive(message)
    house.host.leave(session, 1_000, over=True)
    await PostgresWriter(database).write(records)
    (utterance,) = (each.id for each in records if isinstance(each, UtteranceRecord))
    said = list(house.synthesis.jobs)
    assert [job.text for job in said] == ["Hello the", "re my friend.", "Good bye."]
    id = await asked(house, utterance=str(utterance))
    async with rendering_in(house):
        await until(house, id, "done")
    assert house.synthesis.jobs == [*said, *said]


async def test_of_what_was_interrupted_only_what_was_sent_is_seen(
    house: Speakers, database: Database, tmp_path: Path
) -> None:
    spoken = (await house.client.post("/v1/lipsync", json={"text": TEXT})).json()
    sent = 1_500
    async with database.connection() as connection:
        await connection.execute(
            "UPDATE utterance SET sample_count = $1, reason = 'interrupted'", sent
        )
    id = await asked(house, utterance=spoken["utterance"], format="mp4")
    async with rendering_in(house):
        render = await until(house, id, "done")
    assert render.frames_done == BEFORE + -(-sent * FPS // RATE) + AFTER
    seen = await movie(house, id, tmp_path)
    end = (BEFORE * RATE // FPS + sent) * seen.rate // RATE
    margin = seen.rate // 50
    assert np.abs(seen.sound[end - 4 * margin : end]).max() > 0
    assert np.abs(seen.sound[end + margin :]).max() < 1e-3


@pytest.mark.parametrize("sent", [3_000, 11_000])
async def test_of_a_long_window_that_was_interrupted_nothing_more_is_seen_either(
    database: Database, tmp_path: Path, sent: int
) -> None:
    """It comes in several chunks, and nobody waits for anything between them."""
    synthesis = FakeSynthesis(known=[WIRE_VOICE], per_character=2_000, window=24_000)
    async with speakers(tmp_path, database, synthesis) as house:
        spoken = (await house.client.post("/v1/lipsync", json={"text": TEXT})).json()
        async with database.connection() as connection:
            await connection.execute(
                "UPDATE utterance SET sample_count = $1, reason = 'interrupted'", sent
            )
        id = await asked(house, utterance=spoken["utterance"], format="mp4")
        async with rendering_in(house):
            render = await until(house, id, "done")
        assert render.attempts == 1
        assert render.frames_done == BEFORE + -(-sent * FPS // RATE) + AFTER
        seen = await movie(house, id, tmp_path)
        assert len(seen.images) == render.frames_done
        end = (BEFORE * RATE // FPS + sent) * seen.rate // RATE
        assert np.abs(seen.sound[end + seen.rate // 50 :]).max() < 1e-3


async def test_they_are_rendered_in_the_order_in_which_they_were_asked_for(
    house: Speakers,
) -> None:
    ids = [await asked(house, text=TEXT, format="webp") for _ in range(3)]
    async with rendering_in(house):
        done = [await until(house, id, "done") for id in ids]
    ends = [render.updated_at for render in done]
    assert ends == sorted(ends)


async def test_it_is_woken_by_what_is_asked_for(
    house: Speakers, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rendering, "_LOOK_S", 3_600)
    async with rendering_in(house):
        await asyncio.sleep(0.2)
        id = await asked(house, text="Hi.", format="webp")
        await until(house, id, "done")


async def test_one_that_is_cancelled_at_work_ends_and_the_next_one_begins(
    database: Database, tmp_path: Path
) -> None:
    synthesis = Held()
    async with speakers(tmp_path, database, synthesis) as house:
        long = await asked(house, text=TEXT)
        async with rendering_in(house):
            await until(house, long, "running")
            short = await asked(house, text="Hi.")
            assert (await house.client.delete(f"/v1/renders/{long}")).status_code == 204
            synthesis.goes_on.set()
            await until(house, short, "done")
        cancelled = await get_render(database, long)
        assert (cancelled.status, cancelled.sha256) == ("cancelled", None)
        assert synthesis.seated == 0
        assert not house.left


async def test_one_that_another_server_cancels_ends_soon(
    database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rendering, "_TOUCH_S", 0.05)
    synthesis = Held()
    async with speakers(tmp_path, database, synthesis) as house:
        id = await asked(house, text=TEXT)
        async with rendering_in(house):
            await until(house, id, "running")
            async with database.connection() as connection:
                await connection.execute("UPDATE render SET status = 'cancelled'")
            async with asyncio.timeout(60):
                while not synthesis.cancelled or synthesis.seated:  # noqa: ASYNC110
                    await asyncio.sleep(0.02)
        assert (await get_render(database, id)).status == "cancelled"
        assert not house.left


async def test_how_far_it_is_goes_up(
    database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rendering, "_TOUCH_S", 0.02)
    synthesis = Held()
    async with speakers(tmp_path, database, synthesis) as house:
        id = await asked(house, text=TEXT)
        async with rendering_in(house):
            half = await until(house, id, lambda render: render.frames_done > BEFORE)
            assert half.status == "running"
            synthesis.goes_on.set()
            await until(house, id, "done")


async def test_a_server_that_stops_leaves_its_work_to_the_next(
    database: Database, tmp_path: Path
) -> None:
    synthesis = Held()
    async with speakers(tmp_path, database, synthesis) as house:
        id = await asked(house, text=TEXT)
        async with rendering_in(house):
            await until(house, id, "running")
        left = await get_render(database, id)
        assert (left.status, left.attempts) == ("queued", 0)
        assert not house.left
        synthesis.goes_on.set()
        async with rendering_in(house, Renderer(house.host, house.storage, house.files)):
            await until(house, id, "done")


async def test_a_server_that_stops_while_it_is_given_work_gives_it_back(
    house: Speakers, monkeypatch: pytest.MonkeyPatch
) -> None:
    answering = asyncio.Event()

    async def take(database: Database) -> StoredRender | None:
        taken = await take_render(database)
        answering.set()
        for _ in range(3):  # The database has given it away; the answer is on its way.
            await asyncio.sleep(0)
        return taken

    monkeypatch.setattr(rendering, "take_render", take)
    id = await asked(house, text=TEXT)
    async with rendering_in(house):
        await answering.wait()
    left = await get_render(house.storage.asked(), id)
    assert (left.status, left.attempts) == ("queued", 0)


async def test_what_a_killed_server_had_begun_is_begun_again(
    house: Speakers, database: Database
) -> None:
    id = await asked(house, text=TEXT)
    assert await take_render(database) is not None
    async with database.connection() as connection:
        await connection.execute("ALTER TABLE render DISABLE TRIGGER render_touched")
        await connection.execute("UPDATE render SET updated_at = now() - interval '1 minute'")
        await connection.execute("ALTER TABLE render ENABLE TRIGGER render_touched")
    async with rendering_in(house):
        render = await until(house, id, "done")
    assert render.attempts == 2


async def test_what_cannot_be_rendered_has_failed_and_says_why(
    database: Database, tmp_path: Path
) -> None:
    synthesis = FakeSynthesis(known=[WIRE_VOICE])
    async with speakers(tmp_path, database, synthesis) as house:
        id = await asked(house, text=TEXT)
        synthesis.fail_plan = range(100)
        async with rendering_in(house):
            render = await until(house, id, "failed")
        assert render.error == "the voice failed"
        assert not house.left


async def test_a_bug_is_logged_and_the_next_one_is_rendered(
    house: Speakers, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    broken = await asked(house, text=TEXT)
    sound = await asked(house, text="Hi.")
    original = Renderer._make

    async def make(self: Renderer, render: StoredRender, path: Path) -> None:
        if render.id == broken:
            raise ZeroDivisionError
        await original(self, render, path)

    monkeypatch.setattr(Renderer, "_make", make)
    async with rendering_in(house):
        await until(house, sound, "done")
    render = await get_render(house.storage.asked(), broken)
    assert render.status == "failed"
    assert "ZeroDivisionError" in caplog.text
    assert "ZeroDivisionError" not in (render.error or "")


async def test_a_queue_that_cannot_be_read_is_logged_and_looked_at_again(
    house: Speakers, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rendering, "_LOOK_S", 0.05)
    id = await asked(house, text="Hi.", format="webp")
    failures = [ZeroDivisionError(), ZeroDivisionError()]

    async def take(database: Database) -> StoredRender | None:
        if failures:
            raise failures.pop()
        return await take_render(database)

    monkeypatch.setattr(rendering, "take_render", take)
    async with rendering_in(house):
        await until(house, id, "done")
    assert caplog.text.count("the queue of renders cannot be worked on") == 2


async def test_what_failed_when_it_was_spoken_is_shown_as_far_as_it_came(
    database: Database, tmp_path: Path
) -> None:
    synthesis = FakeSynthesis(known=[WIRE_VOICE])
    async with speakers(tmp_path, database, synthesis) as house:
        spoken = (await house.client.post("/v1/lipsync", json={"text": TEXT})).json()
        async with database.connection() as connection:
            await connection.execute("UPDATE utterance SET sample_count = 500, reason = 'error'")
        # It fails again, after so much of it.
        synthesis.fail_middle = range(2, 100)
        id = await asked(house, utterance=spoken["utterance"])
        async with rendering_in(house):
            render = await until(house, id, "done")
        assert render.frames_done == BEFORE + -(-500 * FPS // RATE) + AFTER


async def test_when_everybody_speaks_it_waits(database: Database, tmp_path: Path) -> None:
    busy = LipwireError(ErrorCode.OVERLOADED, "all speak", retry_after_ms=100)
    # The first two jobs are those that told its length.
    synthesis = FakeSynthesis(known=[WIRE_VOICE], fail_plan={2, 3}, error=busy)
    async with speakers(tmp_path, database, synthesis) as house:
        id = await asked(house, text=TEXT)
        async with rendering_in(house):
            render = await until(house, id, "done")
        assert render.attempts == 1


async def test_while_the_database_is_away_it_asks_again(
    house: Speakers, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rendering, "_LOOK_S", 0.05)
    id = await asked(house, text="Hi.", format="webp")
    house.storage._fault = "it is restarting"
    async with rendering_in(house):
        await asyncio.sleep(0.2)
        house.storage._fault = None
        await until(house, id, "done")


async def test_listeners_come_first(house: Speakers) -> None:
    """What nobody hears is due later than what is asked for now."""
    id = await asked(house, text="Hi.", format="webp")
    async with rendering_in(house):
        await until(house, id, "done")
    rehearsing, rendered = house.synthesis.listeners
    now_ns = house.host.now_ns()
    assert rehearsing.dry_ns() <= now_ns
    assert rendered.dry_ns() > now_ns + 5_000_000_000


async def test_a_renderer_records_nothing_of_what_it_speaks(house: Speakers) -> None:
    records: list[object] = []

    def record(item: object, settled: object = None) -> None:
        records.append(item)

    id = await asked(house, text="Hi.", format="webp")
    renderer = Renderer(replace(house.host, record=record), house.storage, house.files)
    async with rendering_in(house, renderer):
        await until(house, id, "done")
    assert not records

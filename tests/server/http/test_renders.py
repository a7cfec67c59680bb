"""Asking for movies, with a fake voice and a real database. Nothing is rendered here."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from lipwire_server.face.emotions import NAMES
from lipwire_server.http import renders
from lipwire_server.store.pool import Database
from lipwire_server.store.renders import take_render
from lipwire_server.store.utterances import timed_utterance
from tests.server.http.speakers import RATE, Speakers, speakers
from tests.tiny_avatar import NAME, SIZE

TEXT = "Hello there. Good bye."
SAMPLES = 2_100
NOBODY = "01890a5d-ac96-774b-bcce-b302099a8057"


@pytest.fixture
async def house(database: Database, tmp_path: Path) -> AsyncIterator[Speakers]:
    async with speakers(tmp_path, database) as house:
        yield house


async def asked(house: Speakers, **body: Any) -> Any:
    answer = await house.client.post("/v1/renders", json=body)
    assert answer.status_code == 202, answer.text
    assert answer.headers["location"] == f"/v1/renders/{answer.json()['id']}"
    return answer.json()


async def test_a_movie_of_a_text_waits_and_its_length_is_known(house: Speakers) -> None:
    render = await asked(house, text=TEXT)
    assert render["status"] == "queued"
    # 200 ms at rest before, 500 ms after, at 25 frames a second.
    frames = -(-SAMPLES * 25 // RATE) + 5 + 13
    assert render["progress"] == {"frames_done": 0, "frame_count": frames, "percent": 0}
    assert (render["format"], render["face"], render["fps"]) == ("mp4", NAME, 25)
    assert render["size"] == SIZE, "the fake face is no larger"
    assert render["movie"] is None
    answer = await house.client.get(f"/v1/renders/{render['id']}")
    assert answer.json() == render


async def test_a_text_is_stored_as_an_utterance_though_its_sound_was_not_made(
    house: Speakers, database: Database
) -> None:
    render = await asked(house, text=TEXT, seed=4)
    record, rate = await timed_utterance(database, UUID(render["utterance"]))
    assert (record.text, record.seed, record.reason) == (TEXT, 4, "done")
    assert (record.count, rate) == (SAMPLES, RATE)
    assert [segment.text for segment in record.segments] == ["Hello there.", "Good bye."]
    assert house.synthesis.cancelled == house.synthesis.jobs


async def test_a_movie_of_an_utterance_is_asked_for_by_its_id(house: Speakers) -> None:
    spoken = (await house.client.post("/v1/lipsync", json={"text": TEXT})).json()
    render = await asked(
        house,
        utterance=spoken["utterance"],
        format="gif",
        emotion=NAMES[1],
        face=NAME,
        size=64,
        fps=10,
    )
    assert render["utterance"] == spoken["utterance"]
    look = {name: render[name] for name in ("format", "emotion", "face", "size", "fps")}
    assert look == {"format": "gif", "emotion": NAMES[1], "face": NAME, "size": 64, "fps": 10}


async def test_the_face_is_that_of_the_session_unless_another_one_is_asked_for(
    house: Speakers,
) -> None:
    sizes = house.host.cast.sizes
    assert isinstance(sizes, dict)
    sizes["eve"] = SIZE
    render = await asked(house, text=TEXT, face="eve")
    again = await asked(house, utterance=render["utterance"])
    assert (render["face"], again["face"]) == ("eve", "eve")
    assert (await asked(house, utterance=render["utterance"], face=NAME))["face"] == NAME
    del sizes["eve"]
    assert (await asked(house, utterance=render["utterance"]))["face"] == NAME


async def test_renders_are_listed_the_newest_first(house: Speakers) -> None:
    made = [(await asked(house, text=TEXT))["id"] for _ in range(3)]
    first = (await house.client.get("/v1/renders?limit=2")).json()
    second = (await house.client.get(f"/v1/renders?limit=2&after={first['next']}")).json()
    seen = [item["id"] for item in first["items"] + second["items"]]
    assert seen == made[::-1]
    assert second["next"] is None


async def test_one_that_waits_is_cancelled_and_then_deleted(
    house: Speakers, database: Database
) -> None:
    render = await asked(house, text=TEXT)
    address = f"/v1/renders/{render['id']}"
    assert (await house.client.delete(address)).status_code == 204
    assert (await house.client.get(address)).json()["status"] == "cancelled"
    assert await take_render(database) is None
    assert (await house.client.delete(address)).status_code == 204
    assert (await house.client.get(address)).status_code == 404
    assert (await house.client.delete(address)).status_code == 404


async def test_there_is_no_movie_before_it_is_done(house: Speakers) -> None:
    render = await asked(house, text=TEXT)
    answer = await house.client.get(f"/v1/renders/{render['id']}/movie")
    assert answer.status_code == 409
    assert "queued" in answer.json()["detail"]
    await house.client.delete(f"/v1/renders/{render['id']}")
    answer = await house.client.get(f"/v1/renders/{render['id']}/movie")
    assert "cancelled" in answer.json()["detail"]


async def test_with_its_session_a_render_is_out_of_sight(house: Speakers) -> None:
    spoken = (await house.client.post("/v1/lipsync", json={"text": TEXT})).json()
    render = await asked(house, utterance=spoken["utterance"])
    await house.client.delete(f"/v1/sessions/{spoken['session']}")
    assert (await house.client.get(f"/v1/renders/{render['id']}")).status_code == 404
    assert (await house.client.get("/v1/renders")).json()["items"] == []
    answer = await house.client.post("/v1/renders", json={"utterance": spoken["utterance"]})
    assert answer.status_code == 404


async def test_of_more_than_may_wait_one_is_told_to_come_back(
    house: Speakers, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(renders, "_LONGEST_QUEUE", 2)
    for _ in range(2):
        await asked(house, text=TEXT)
    answer = await house.client.post("/v1/renders", json={"text": TEXT})
    assert answer.status_code == 503
    assert "2 movies wait" in answer.json()["detail"]
    assert "retry-after" in answer.headers


async def test_an_utterance_of_which_nothing_was_spoken_has_no_movie(
    house: Speakers, database: Database
) -> None:
    spoken = (await house.client.post("/v1/lipsync", json={"text": TEXT})).json()
    async with database.connection() as connection:
        await connection.execute("UPDATE utterance SET sample_count = 0, reason = 'interrupted'")
    answer = await house.client.post("/v1/renders", json={"utterance": spoken["utterance"]})
    assert (answer.status_code, answer.json()["code"]) == (422, "empty_text")


async def test_a_movie_of_hours_is_refused(house: Speakers, database: Database) -> None:
    spoken = (await house.client.post("/v1/lipsync", json={"text": TEXT})).json()
    async with database.connection() as connection:
        await connection.execute("UPDATE utterance SET sample_count = 8000 * 3600")
    answer = await house.client.post("/v1/renders", json={"utterance": spoken["utterance"]})
    assert (answer.status_code, answer.json()["code"]) == (413, "text_limit")
    assert "60000" in answer.json()["detail"]


async def test_the_voice_of_an_utterance_may_be_gone(house: Speakers, database: Database) -> None:
    spoken = (await house.client.post("/v1/lipsync", json={"text": TEXT})).json()
    async with database.connection() as connection:
        await connection.execute("UPDATE utterance SET voice = 'amy'")
    answer = await house.client.post("/v1/renders", json={"utterance": spoken["utterance"]})
    assert answer.status_code == 404
    assert "'amy'" in answer.json()["detail"]


@pytest.mark.parametrize(
    ("body", "status", "detail"),
    [
        ({}, 400, "either `utterance` or `text`"),
        ({"text": "Hi", "utterance": NOBODY}, 400, "either `utterance` or `text`"),
        ({"utterance": NOBODY}, 404, "no such utterance"),
        ({"utterance": NOBODY, "seed": 3}, 400, "`seed` is for a text"),
        ({"utterance": "mine"}, 400, "$.utterance"),
        ({"text": "Hi", "format": "avi"}, 400, "mp4|webm|gif|webp"),
        ({"text": "Hi", "format": "png"}, 400, "mp4|webm|gif|webp"),
        ({"text": "Hi", "face": "eve"}, 404, f"no face 'eve'; there is: {NAME}"),
        ({"text": "Hi", "emotion": "hungry"}, 404, "there is: neutral"),
        ({"text": "Hi", "voice": "amy"}, 404, "there is: fake"),
        ({"text": "Hi", "size": 63}, 400, "$.size"),
        ({"text": "Hi", "size": 65}, 400, "`size` is 65"),
        ({"text": "Hi", "format": "gif", "fps": 60}, 400, "`fps` is 60"),
        ({"text": " "}, 422, "`text`"),
        ({"text": "x" * 10_001}, 413, "10001"),
    ],
)
async def test_what_cannot_be_is_a_problem_that_says_why(
    house: Speakers, database: Database, body: Any, status: int, detail: str
) -> None:
    answer = await house.client.post("/v1/renders", json=body)
    assert answer.status_code == status
    assert detail in answer.json()["detail"]
    async with database.connection() as connection:
        assert await connection.fetchval("SELECT count(*) FROM render") == 0


@pytest.mark.parametrize("address", ["/v1/renders/x", f"/v1/renders/{NOBODY}"])
@pytest.mark.parametrize("end", ["", "/movie"])
async def test_there_is_nothing_where_no_render_is(house: Speakers, address: str, end: str) -> None:
    answer = await house.client.get(f"{address}{end}")
    assert answer.status_code == 404
    assert answer.headers["content-type"] == "application/problem+json"


async def test_without_a_database_no_work_is_done(tmp_path: Path) -> None:
    async with speakers(tmp_path, None) as house:
        answer = await house.client.post("/v1/renders", json={"text": TEXT})
        assert answer.status_code == 503
        assert answer.json()["code"] == "storage_unavailable"
        assert not house.synthesis.jobs
        assert (await house.client.get("/v1/renders")).status_code == 503

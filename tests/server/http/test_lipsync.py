"""Text to stored speech, with a fake voice, a real database and real files."""

import asyncio
import io
import json
import wave
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any
from uuid import UUID

import numpy as np
import pytest
from starlette.applications import Starlette

from lipwire_protocol import ErrorCode, LipwireError
from lipwire_server.http import lipsync
from lipwire_server.http.rest import routes
from lipwire_server.store.avatars import NewAvatar, create_avatar
from lipwire_server.store.pool import Database
from lipwire_server.store.records import SpeechRecord
from lipwire_server.store.sessions import get_session, utterances
from lipwire_server.store.writer import PostgresWriter
from tests.fakes import WIRE_VOICE, FakeSynthesis
from tests.server.http.speakers import RATE, Speakers, speakers, speaking_operations

TEXT = "Hello there. Good bye."
SAMPLES = 2_100
NOBODY = "01890a5d-ac96-774b-bcce-b302099a8057"


@pytest.fixture
async def house(database: Database, tmp_path: Path) -> AsyncIterator[Speakers]:
    async with speakers(tmp_path, database) as house:
        yield house


async def said(house: Speakers, **body: Any) -> Any:
    answer = await house.client.post("/v1/lipsync", json={"text": TEXT, **body})
    assert answer.status_code == 201, answer.text
    assert answer.headers["location"] == f"/v1/utterances/{answer.json()['utterance']}"
    return answer.json()


async def rows(database: Database) -> int:
    """Sessions, utterances, files and audio."""
    async with database.connection() as connection:
        counts = [
            await connection.fetchval(f"SELECT count(*) FROM {table}")
            for table in ("session", "utterance", "blob", "audio")
        ]
    return sum(counts)


async def test_a_text_becomes_stored_speech_with_its_timing(house: Speakers) -> None:
    spoken = await said(house)
    assert (spoken["voice"], spoken["number"]) == ("fake", 1)
    assert [word["text"] for word in spoken["words"]] == ["Hello", "there", "Good", "bye"]
    for spans in (spoken["phonemes"], spoken["visemes"]["oculus"]):
        assert spans[0]["start"] == 0
        assert spans[-1]["start"] + spans[-1]["count"] == SAMPLES
    audio = spoken["audio"]
    assert (audio["sample_rate"], audio["samples"]) == (RATE, SAMPLES)


async def test_its_sound_is_a_wav_file_with_every_sample(house: Speakers) -> None:
    spoken = await said(house)
    answer = await house.client.get(spoken["audio"]["url"])
    assert answer.headers["content-type"] == "audio/wav"
    with wave.open(io.BytesIO(answer.content)) as file:
        assert (file.getframerate(), file.getnchannels(), file.getsampwidth()) == (RATE, 1, 2)
        samples = np.frombuffer(file.readframes(10_000), "<i2")
    assert len(samples) == SAMPLES
    levels = np.array([ord(character) / 2**21 for character in "Hello there."])
    assert np.abs(samples[:1_200:100] / 32_768 - levels).max() < 1e-4


async def test_it_is_found_again_as_an_utterance_of_a_session(
    house: Speakers, database: Database
) -> None:
    spoken = await said(house, seed=5, rate_percent=120)
    (utterance,) = await utterances(database, UUID(spoken["session"]))
    assert str(utterance.id) == spoken["utterance"]
    assert (utterance.text, utterance.reason, utterance.count) == (TEXT, "done", SAMPLES)
    assert (utterance.seed, utterance.rate_percent) == (5, 120)
    assert sum(len(segment.phonemes) for segment in utterance.segments) == len(spoken["phonemes"])
    session = await get_session(database, UUID(spoken["session"]))
    assert session is not None and session.close_code == 1_000
    answer = await house.client.get(f"/v1/utterances/{spoken['utterance']}/timing?format=json")
    assert answer.json()["count"] == SAMPLES
    answer = await house.client.get(f"/v1/utterances/{spoken['utterance']}/audios")
    assert [audio["id"] for audio in answer.json()["items"]] == [spoken["audio"]["id"]]


async def test_the_next_one_may_go_into_the_same_session(house: Speakers) -> None:
    first = await said(house)
    second = await said(house, session=first["session"])
    assert (second["session"], second["number"]) == (first["session"], 2)
    answer = await house.client.get(f"/v1/sessions/{first['session']}/utterances")
    items = answer.json()["items"]
    assert [item["number"] for item in items] == [1, 2]
    assert [item["at"] for item in items] == [0, SAMPLES]


async def test_many_at_once_into_one_session_are_numbered_one_after_another(
    house: Speakers,
) -> None:
    made = (await house.client.post("/v1/sessions", json={"meta": {"who": "ida"}})).json()
    spoken = await asyncio.gather(*(said(house, session=made["id"]) for _ in range(6)))
    assert sorted(each["number"] for each in spoken) == [1, 2, 3, 4, 5, 6]


async def test_a_session_decides_on_the_sample_rate_of_what_is_said_in_it(
    database: Database, tmp_path: Path
) -> None:
    synthesis = FakeSynthesis(known=[WIRE_VOICE])
    async with speakers(tmp_path, database, synthesis) as house:
        made = (await house.client.post("/v1/sessions", json={})).json()
        async with database.connection() as connection:
            await connection.execute("UPDATE session SET sample_rate = 16000")
        spoken = await said(house, session=made["id"])
    assert spoken["audio"]["sample_rate"] == 16_000
    assert spoken["audio"]["samples"] == 2 * SAMPLES


async def test_the_session_of_a_websocket_is_not_written_into(
    house: Speakers, database: Database
) -> None:
    made = (await house.client.post("/v1/sessions", json={})).json()
    speech = SpeechRecord(
        id=UUID(made["id"]), sequence=1, number=None, utterance=1, text="Hi.", is_last=True
    )
    await PostgresWriter(database).write([speech])
    answer = await house.client.post("/v1/lipsync", json={"text": TEXT, "session": made["id"]})
    assert answer.status_code == 409
    assert "WebSocket" in answer.json()["detail"]


async def test_an_avatar_lends_its_voice_and_gets_the_session(
    house: Speakers, database: Database
) -> None:
    id = house.host.new_id()
    await create_avatar(database, NewAvatar(id=id, name="Ida", face="tiny", voice="fake"))
    spoken = await said(house, avatar=str(id))
    session = await get_session(database, UUID(spoken["session"]))
    assert session is not None and session.avatar_id == id


async def test_equal_speech_is_one_file(house: Speakers, database: Database) -> None:
    one, other = await said(house), await said(house)
    assert one["audio"]["id"] != other["audio"]["id"]
    async with database.connection() as connection:
        assert await connection.fetchval("SELECT count(*) FROM blob") == 1
    assert not house.left


@pytest.mark.parametrize(
    ("body", "status", "detail"),
    [
        ({"text": "Hi", "session": NOBODY}, 404, "no such session"),
        ({"text": "Hi", "session": "mine"}, 400, "$.session"),
        ({"text": "Hi", "avatar": NOBODY}, 404, "no such avatar"),
        ({"text": "Hi", "voice": "amy"}, 404, "there is: fake"),
        ({"text": "Hi", "sets": ["lips"]}, 404, "`sets`"),
        ({"text": "... !"}, 422, "nothing to say"),
        ({"text": ""}, 422, "`text`"),
        ({"text": "x" * 10_001}, 413, "10001 characters"),
        ({"text": "Hi", "format": "mp3"}, 400, "format"),
    ],
)
async def test_what_cannot_be_is_a_problem_and_leaves_nothing(
    house: Speakers, database: Database, body: Any, status: int, detail: str
) -> None:
    answer = await house.client.post("/v1/lipsync", json=body)
    assert answer.status_code == status
    assert answer.headers["content-type"] == "application/problem+json"
    assert detail in answer.json()["detail"]
    assert await rows(database) == 0
    assert not house.left


async def test_of_a_text_of_which_a_part_fails_nothing_is_kept(
    database: Database, tmp_path: Path
) -> None:
    synthesis = FakeSynthesis(known=[WIRE_VOICE], fail_plan={1})
    async with speakers(tmp_path, database, synthesis) as house:
        answer = await house.client.post("/v1/lipsync", json={"text": TEXT})
        assert answer.status_code == 500
        assert answer.json()["code"] == "synthesis_failed"
        assert not house.left
    assert await rows(database) == 0


async def test_who_comes_when_everybody_speaks_is_told_when_to_come_back(
    database: Database, tmp_path: Path
) -> None:
    busy = LipwireError(ErrorCode.OVERLOADED, "all speak", retry_after_ms=1_200)
    synthesis = FakeSynthesis(known=[WIRE_VOICE], fail_plan={0}, error=busy)
    async with speakers(tmp_path, database, synthesis) as house:
        answer = await house.client.post("/v1/lipsync", json={"text": TEXT})
    assert answer.status_code == 503
    assert answer.headers["retry-after"] == "2"


async def test_without_a_database_nothing_is_spoken(tmp_path: Path) -> None:
    async with speakers(tmp_path, None) as house:
        answer = await house.client.post("/v1/lipsync", json={"text": TEXT})
        assert answer.status_code == 503
        assert answer.json()["code"] == "storage_unavailable"
        assert "retry-after" in answer.headers
        assert not house.synthesis.jobs
        assert not house.left


async def test_for_somebody_who_hangs_up_nothing_is_made_any_more(
    database: Database, tmp_path: Path
) -> None:
    synthesis = FakeSynthesis(known=[WIRE_VOICE], window_after=0.02, window=10)
    async with speakers(tmp_path, database, synthesis) as house:
        app = Starlette(
            routes=routes(
                speaking_operations(house.host, house.storage, house.files, house.renderer)
            )
        )
        await _hang_up(app, synthesis)
        assert len(synthesis.cancelled) == 1
        assert synthesis.seated == 0
        assert not house.left
    assert await rows(database) == 0


async def _hang_up(app: Starlette, synthesis: FakeSynthesis) -> None:
    """Asks, and is gone when it is spoken."""
    body = json.dumps({"text": TEXT}).encode()
    waiting = [{"type": "http.request", "body": body, "more_body": False}]

    async def receive() -> dict[str, Any]:
        if waiting:
            return waiting.pop()
        while not synthesis.jobs:  # noqa: ASYNC110
            await asyncio.sleep(0.01)
        return {"type": "http.disconnect"}

    async def send(message: Any) -> None:
        pass

    scope = {
        "type": "http",
        "method": "POST",
        "path": "/v1/lipsync",
        "query_string": b"",
        "headers": [
            (b"content-type", b"application/json"),
            (b"content-length", str(len(body)).encode()),
        ],
    }
    await app(scope, receive, send)


async def test_what_takes_too_long_is_given_up(
    database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lipsync, "_DEADLINE_S", 0.2)
    monkeypatch.setattr(lipsync, "_PER_CHARACTER_S", 0)
    synthesis = FakeSynthesis(known=[WIRE_VOICE], window_after=60)
    async with speakers(tmp_path, database, synthesis) as house:
        answer = await house.client.post("/v1/lipsync", json={"text": TEXT})
        assert answer.status_code == 503
        assert "longer than 0.2 s" in answer.json()["detail"]
        assert not house.left
    assert await rows(database) == 0


async def test_a_disk_that_takes_nothing_is_told(
    house: Speakers, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lipsync, "open_sound", lambda *_, **__: _Full())
    answer = await house.client.post("/v1/lipsync", json={"text": TEXT})
    assert answer.status_code == 503
    assert "the disk is full" in answer.json()["detail"]
    assert await rows(database) == 0
    assert not house.left


async def test_a_disk_without_room_for_one_more_file_is_told(
    house: Speakers, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    usual = Path.open

    def crowded(path: Path, mode: str = "r", *more: Any, **named: Any) -> Any:
        if mode == "wb":
            raise OSError(28, "No space left on device")
        return usual(path, mode, *more, **named)

    monkeypatch.setattr(Path, "open", crowded)
    answer = await house.client.post("/v1/lipsync", json={"text": TEXT})
    assert answer.status_code == 503
    assert "the disk is full" in answer.json()["detail"]
    assert await rows(database) == 0
    assert not house.left


class _Full:
    def write(self, audio: bytes) -> None:
        raise OSError(28, "No space left on device")

    def finish(self) -> None:
        raise AssertionError("nothing was written")

from pathlib import Path
from types import SimpleNamespace
from typing import cast
from uuid import UUID

from lipwire_server.store.pool import Database
from lipwire_server.store.records import SessionEnded
from lipwire_server.store.storage import Storage
from lipwire_server.ws.connection import Connection
from tests.fakes import BEGAN
from tests.server.http.client import asking, house


def start(storage: Storage, *, answers: bool = True) -> None:
    """As if the database had been opened, without one."""
    database = SimpleNamespace(available=answers, reason="" if answers else "TimeoutError")
    storage.database = cast(Database, database)
    storage._fault = None


async def test_a_process_that_answers_is_healthy(tmp_path: Path) -> None:
    async with asking(house(tmp_path)) as client:
        answer = await client.get("/healthz")
    assert (answer.status_code, answer.json()) == (200, {"status": "ok"})


async def test_everything_that_works_is_ready(tmp_path: Path) -> None:
    at_home = house(tmp_path)
    start(at_home.storage)
    async with asking(at_home) as client:
        answer = await client.get("/readyz")
    assert answer.status_code == 200
    assert answer.json() == {
        "status": "ready",
        "speech": {"status": "ready", "connections": 0},
        "storage": {
            "status": "ready",
            "reason": None,
            "waiting": 0,
            "waiting_bytes": 0,
            "spooled": 0,
            "spooled_bytes": 0,
            "refused": 0,
        },
    }


async def test_without_a_database_it_is_degraded_and_says_why(tmp_path: Path) -> None:
    at_home = house(tmp_path)
    async with asking(at_home) as client:
        answer = await client.get("/readyz")
        assert answer.status_code == 503
        assert answer.json()["status"] == "degraded"
        assert answer.json()["speech"]["status"] == "ready"
        assert answer.json()["storage"]["reason"] == "the database is starting"
        start(at_home.storage, answers=False)
        answer = await client.get("/readyz")
        assert answer.status_code == 503
        assert "TimeoutError" in answer.json()["storage"]["reason"]


async def test_what_waits_to_be_written_and_who_is_there_is_counted(tmp_path: Path) -> None:
    at_home = house(tmp_path)
    at_home.storage.recorder.record(SessionEnded(id=UUID(int=1), close_code=1000, ended_at=BEGAN))
    with at_home.connections.holding(cast(Connection, object())):
        async with asking(at_home) as client:
            body = (await client.get("/readyz")).json()
    assert body["storage"]["waiting"] == 1
    assert body["storage"]["waiting_bytes"] > 0
    assert body["speech"]["connections"] == 1


async def test_only_reading_is_allowed(tmp_path: Path) -> None:
    async with asking(house(tmp_path)) as client:
        for path in ("/healthz", "/readyz", "/v1/voices", "/"):
            assert (await client.post(path)).status_code == 405

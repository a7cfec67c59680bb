from pathlib import Path

from tests.server.http.client import asking, house


async def test_what_is_going_on_is_counted(tmp_path: Path) -> None:
    async with asking(house(tmp_path)) as client:
        answer = await client.get("/v1/stats")
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "application/json"
    body = answer.json()
    assert body["connections"] == 0
    assert body["speech"]["segments"] == 0
    assert all(isinstance(number, int) for number in body["speech"].values())


async def test_without_a_database_nothing_stored_is_counted(tmp_path: Path) -> None:
    async with asking(house(tmp_path)) as client:
        assert (await client.get("/v1/stats")).json()["stored"] is None

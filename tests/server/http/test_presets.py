from collections.abc import AsyncIterator
from pathlib import Path
from uuid import uuid4

import httpx
import pytest
from uuid_utils.compat import uuid7

from lipwire_server.http import avatars, presets
from lipwire_server.store.pool import Database
from lipwire_server.store.storage import Storage
from tests.fakes import FakeSynthesis, fake_host
from tests.server.http.resources import asking_for, storage_with


@pytest.fixture
async def client(database: Database, tmp_path: Path) -> AsyncIterator[httpx.AsyncClient]:
    storage, host = storage_with(database, tmp_path), fake_host(FakeSynthesis())
    table = [*avatars.operations(storage, host), *presets.operations(storage, uuid7)]
    async with asking_for(table) as client:
        yield client


async def make(client: httpx.AsyncClient, name: str, settings: dict[str, object]) -> str:
    """The address of a new preset."""
    answer = await client.post("/v1/presets", json={"name": name, "settings": settings})
    assert answer.status_code == 201
    return answer.headers["location"]


async def test_a_preset_is_made_shown_changed_and_deleted(client: httpx.AsyncClient) -> None:
    settings: dict[str, object] = {"hat": None, "mood": {"now": "happy", "level": 0.5}}
    place = await make(client, "Sunday", settings)
    shown = (await client.get(place)).json()
    assert place == f"/v1/presets/{shown['id']}"
    assert (shown["name"], shown["settings"]) == ("Sunday", settings)
    assert shown["created_at"] == shown["updated_at"]
    renamed = (await client.patch(place, json={"name": "Monday"})).json()
    assert (renamed["name"], renamed["settings"]) == ("Monday", settings)
    assert renamed["updated_at"] > renamed["created_at"]
    replaced = (await client.patch(place, json={"settings": {"beard": True}})).json()
    assert (replaced["name"], replaced["settings"]) == ("Monday", {"beard": True})
    answer = await client.delete(place)
    assert (answer.status_code, answer.content) == (204, b"")
    for method in ("GET", "DELETE"):
        assert (await client.request(method, place)).status_code == 404


async def test_a_name_that_is_taken_is_a_conflict(client: httpx.AsyncClient) -> None:
    await make(client, "Sunday", {})
    place = await make(client, "Monday", {})
    for answer in (
        await client.post("/v1/presets", json={"name": "Sunday", "settings": {}}),
        await client.patch(place, json={"name": "Sunday"}),
    ):
        assert (answer.status_code, answer.json()["code"]) == (409, "conflict")


async def test_pages_lead_to_the_end_of_the_list(client: httpx.AsyncClient) -> None:
    places = [await make(client, f"number {each}", {}) for each in range(3)]
    first = (await client.get("/v1/presets", params={"limit": 2})).json()
    rest = (await client.get("/v1/presets", params={"after": first["next"]})).json()
    found = [f"/v1/presets/{each['id']}" for each in first["items"] + rest["items"]]
    assert found == places[::-1]
    assert rest["next"] is None


@pytest.mark.parametrize(
    ("given", "status"),
    [
        ({"name": ""}, 400),
        ({"name": "x" * 101}, 400),
        ({"name": "a\0"}, 400),
        ({"settings": [1]}, 400),
        ({"settings": {"a": "\0"}}, 400),
        ({"colour": "red"}, 400),
        ({"settings": {"a": "x" * (16 << 10)}}, 413),
    ],
)
async def test_what_cannot_be_is_refused_and_nothing_is_changed(
    client: httpx.AsyncClient, given: dict[str, object], status: int
) -> None:
    place = await make(client, "Sunday", {"hat": True})
    before = (await client.get(place)).json()
    other = {"name": "other", "settings": {}}
    assert (await client.post("/v1/presets", json=other | given)).status_code == status
    assert (await client.patch(place, json=given)).status_code == status
    assert (await client.get("/v1/presets")).json() == {"items": [before], "next": None}


async def test_a_preset_that_is_put_on_is_merged_into_the_state(client: httpx.AsyncClient) -> None:
    preset = (await make(client, "cheer up", {"hat": None, "mood": {"now": "happy"}})).split("/")[
        -1
    ]
    state = {"hat": "top", "mood": {"now": "sad", "since": 3}}
    made = await client.post("/v1/avatars", json={"name": "Ida", "state": state})
    avatar = made.headers["location"]
    worn = await client.post(f"{avatar}/presets/{preset}", headers={"If-Match": '"1"'})
    assert worn.status_code == 200
    assert worn.json() == {"mood": {"now": "happy", "since": 3}}
    assert worn.headers["etag"] == '"2"'
    shown = await client.get(f"{avatar}/state")
    assert (shown.json(), shown.headers["etag"]) == (worn.json(), '"2"')
    stale = await client.post(f"{avatar}/presets/{preset}", headers={"If-Match": '"1"'})
    assert (stale.status_code, stale.json()["code"]) == (412, "precondition_failed")
    again = await client.post(f"{avatar}/presets/{preset}")
    assert (again.json(), again.headers["etag"]) == (worn.json(), '"3"')


async def test_only_what_is_there_can_be_put_on_who_is_there(client: httpx.AsyncClient) -> None:
    preset = (await make(client, "Sunday", {})).split("/")[-1]
    avatar = (await client.post("/v1/avatars", json={"name": "Ida"})).headers["location"]
    for path, kind in [
        (f"{avatar}/presets/{uuid4()}", "preset"),
        (f"/v1/avatars/{uuid4()}/presets/{preset}", "avatar"),
    ]:
        answer = await client.post(path)
        assert answer.status_code == 404
        assert answer.json()["detail"] == f"there is no such {kind}"


async def test_without_a_database_everything_says_when_to_come_back(tmp_path: Path) -> None:
    place = f"/v1/presets/{uuid4()}"
    async with asking_for(presets.operations(Storage(None, tmp_path), uuid7)) as client:
        for method, path, body in [
            ("GET", "/v1/presets", None),
            ("POST", "/v1/presets", {"name": "Sunday", "settings": {}}),
            ("GET", place, None),
            ("PATCH", place, {}),
            ("DELETE", place, None),
            ("POST", f"/v1/avatars/{uuid4()}{place[3:]}", None),
        ]:
            answer = await client.request(method, path, json=body)
            assert (path, answer.status_code) == (path, 503)

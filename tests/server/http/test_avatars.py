import asyncio
import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
import pytest

from lipwire_server.http.avatars import operations
from lipwire_server.store.pool import Database
from lipwire_server.store.storage import Storage
from tests.fakes import BEGAN, FakeSynthesis, fake_host
from tests.server.http.resources import asking_for, storage_with
from tests.stored import count_rows, put_asset, put_blob, put_session, put_utterance

MERGE = {"Content-Type": "application/merge-patch+json"}


@pytest.fixture
async def client(database: Database, tmp_path: Path) -> AsyncIterator[httpx.AsyncClient]:
    host = fake_host(FakeSynthesis())
    async with asking_for(operations(storage_with(database, tmp_path), host)) as client:
        yield client


async def make(client: httpx.AsyncClient, name: str = "Ida", **others: Any) -> str:
    """The address of a new avatar."""
    answer = await client.post("/v1/avatars", json={"name": name, **others})
    assert answer.status_code == 201
    return answer.headers["location"]


async def test_an_avatar_is_made_with_what_sessions_have_by_default(
    client: httpx.AsyncClient,
) -> None:
    answer = await client.post("/v1/avatars", json={"name": "Ida"})
    assert answer.status_code == 201
    shown = answer.json()
    assert answer.headers["location"] == f"/v1/avatars/{shown['id']}"
    assert {**shown, "id": 0, "created_at": 0, "updated_at": 0} == {
        "id": 0,
        "name": "Ida",
        "face": "tiny",
        "voice": "fake",
        "asset_id": None,
        "preset_id": None,
        "created_at": 0,
        "updated_at": 0,
    }
    assert shown["created_at"] == shown["updated_at"]
    assert shown["created_at"].endswith("Z")
    assert (await client.get(answer.headers["location"])).json() == shown
    state = await client.get(answer.headers["location"] + "/state")
    assert (state.json(), state.headers["etag"]) == ({}, '"1"')


async def test_it_starts_with_the_state_it_is_given(
    client: httpx.AsyncClient, database: Database
) -> None:
    async with database.connection() as connection:
        asset = await put_asset(connection, await put_blob(connection, b"me"))
    place = await make(client, face="tiny", voice="fake", asset_id=str(asset), state={"hat": True})
    assert (await client.get(place)).json()["asset_id"] == str(asset)
    assert (await client.get(place + "/state")).json() == {"hat": True}


@pytest.mark.parametrize(
    ("given", "status", "detail"),
    [
        ({"face": "mona"}, 404, "no face named 'mona'; there is: tiny"),
        ({"voice": "caruso"}, 404, "no voice named 'caruso'; there is: fake"),
        ({"asset_id": str(uuid4())}, 404, "there is no such asset"),
        ({"preset_id": str(uuid4())}, 404, "there is no such preset"),
        ({"preset_id": "mine"}, 400, "body: Invalid UUID - at `$.preset_id`"),
        ({"name": ""}, 400, "`name` has 1 to 200 characters"),
        ({"name": "x" * 201}, 400, "`name` has 1 to 200 characters"),
        ({"name": "a/b"}, 400, "no slash"),
        ({"name": "a\n"}, 400, "no control character"),
        ({"name": ".."}, 400, "dots alone"),
        ({"name": "a\0"}, 400, "U+0000"),
        ({"name": 7}, 400, "Expected `str`, got `int` - at `$.name`"),
    ],
)
async def test_what_cannot_be_is_refused_and_nothing_is_made(
    client: httpx.AsyncClient, given: dict[str, object], status: int, detail: str
) -> None:
    place = await make(client)
    before = (await client.get(place)).json()
    for answer in (
        await client.post("/v1/avatars", json={"name": "other", **given}),
        await client.patch(place, json=given),
    ):
        assert answer.status_code == status
        assert answer.headers["content-type"] == "application/problem+json"
        assert detail in answer.json()["detail"]
    assert (await client.get("/v1/avatars")).json() == {"items": [before], "next": None}


@pytest.mark.parametrize(
    "given", [{"state": []}, {"state": None}, {"state": {"a": "\0"}}, {"hat": True}]
)
async def test_a_state_is_an_object_and_other_fields_there_are_none(
    client: httpx.AsyncClient, given: dict[str, object]
) -> None:
    answer = await client.post("/v1/avatars", json={"name": "Ida", **given})
    assert (answer.status_code, answer.json()["code"]) == (400, "bad_message")


async def test_half_a_character_is_no_text(client: httpx.AsyncClient) -> None:
    raw = rb'{"name": "\ud83d"}'
    headers = {"Content-Type": "application/json"}
    assert (await client.post("/v1/avatars", content=raw, headers=headers)).status_code == 400


async def test_a_name_that_is_taken_is_a_conflict(client: httpx.AsyncClient) -> None:
    await make(client, "Ida")
    place = await make(client, "Joe")
    for answer in (
        await client.post("/v1/avatars", json={"name": "Ida"}),
        await client.patch(place, json={"name": "Ida"}),
    ):
        assert (answer.status_code, answer.json()["code"]) == (409, "conflict")
        assert "'Ida'" in answer.json()["detail"]


async def test_pages_lead_to_the_end_of_the_list(client: httpx.AsyncClient) -> None:
    places = [await make(client, f"number {each}") for each in range(5)]
    found, after = [], None
    while True:
        query = {"limit": 2} if after is None else {"limit": 2, "after": after}
        answer = (await client.get("/v1/avatars", params=query)).json()
        found += [f"/v1/avatars/{each['id']}" for each in answer["items"]]
        assert len(answer["items"]) <= 2
        after = answer["next"]
        if after is None:
            break
    assert found == places[::-1]


async def test_changing_leaves_what_is_left_out(
    client: httpx.AsyncClient, database: Database
) -> None:
    async with database.connection() as connection:
        asset = await put_asset(connection, await put_blob(connection, b"me"))
    place = await make(client, state={"hat": True})
    linked = (await client.patch(place, json={"asset_id": str(asset)})).json()
    assert (linked["name"], linked["asset_id"]) == ("Ida", str(asset))
    renamed = (await client.patch(place, json={"name": "Ada"}, headers=MERGE)).json()
    assert (renamed["name"], renamed["asset_id"]) == ("Ada", str(asset))
    assert renamed["updated_at"] > renamed["created_at"]
    bare = (await client.patch(place, json={"asset_id": None})).json()
    assert (bare["name"], bare["asset_id"]) == ("Ada", None)
    assert (await client.patch(place, json={})).json() == bare
    assert (await client.get(place + "/state")).headers["etag"] == '"1"'


async def test_deleting_takes_what_was_spoken_and_is_done_once(
    client: httpx.AsyncClient, database: Database
) -> None:
    place = await make(client)
    async with database.connection() as connection:
        id = (await client.get(place)).json()["id"]
        session = await put_session(connection, avatar=id, ended=BEGAN)
        await put_utterance(connection, session)
    answer = await client.delete(place)
    assert (answer.status_code, answer.content) == (204, b"")
    async with database.connection() as connection:
        assert await count_rows(connection) == {}
    for method in ("DELETE", "GET"):
        assert (await client.request(method, place)).status_code == 404


async def test_a_name_gets_its_avatar_whether_or_not_it_was_there(
    client: httpx.AsyncClient,
) -> None:
    place = "/v1/avatars/by-name/Ida%20%C3%84%20%F0%9F%98%80"
    assert (await client.get(place)).status_code == 404
    made = await client.put(place, json={"state": {"hat": True}})
    assert made.status_code == 201
    assert made.json()["name"] == "Ida Ä \N{GRINNING FACE}"
    assert made.headers["location"] == f"/v1/avatars/{made.json()['id']}"
    again = await client.put(place, json={"state": {"hat": False}})
    assert (again.status_code, again.json()) == (200, made.json())
    assert (await client.get(place)).json() == made.json()
    state = await client.get(made.headers["location"] + "/state")
    assert state.json() == {"hat": True}


async def test_a_name_that_looks_like_another_address_is_a_name(
    client: httpx.AsyncClient,
) -> None:
    made = await client.put("/v1/avatars/by-name/state", json={})
    assert (made.status_code, made.json()["name"]) == (201, "state")


@pytest.mark.parametrize("name", ["%2F", "a%00b", "a%0Ab", "%7F", "x" * 201, "a/b"])
async def test_what_can_be_nobodys_name_is_not_found(client: httpx.AsyncClient, name: str) -> None:
    for method in ("GET", "PUT"):
        answer = await client.request(method, f"/v1/avatars/by-name/{name}", json={})
        assert answer.status_code == 404


async def test_a_state_is_merged(client: httpx.AsyncClient) -> None:
    place = await make(client, state={"hat": "top", "mood": {"now": "sad", "since": 3}}) + "/state"
    patch = {"hat": None, "mood": {"now": "happy"}, "list": [None, 1.5]}
    answer = await client.patch(place, json=patch, headers=MERGE)
    assert answer.json() == {"mood": {"now": "happy", "since": 3}, "list": [None, 1.5]}
    assert answer.headers["etag"] == '"2"'
    shown = await client.get(place)
    assert (shown.json(), shown.headers["etag"]) == (answer.json(), '"2"')
    known = await client.get(place, headers={"If-None-Match": '"2"'})
    assert (known.status_code, known.content) == (304, b"")


async def test_a_patch_for_another_version_fails_and_changes_nothing(
    client: httpx.AsyncClient,
) -> None:
    place = await make(client) + "/state"
    for tags, status in [
        ('"1"', 200),
        ('"1"', 412),
        ('"1", "2"', 200),
        ("*", 200),
        ('"5", "04", "4.0", "x"', 412),
        ('W/"4"', 412),
        ('"99999999999999999999"', 412),
        ("4", 400),
    ]:
        answer = await client.patch(place, json={tags: True}, headers={"If-Match": tags})
        assert (tags, answer.status_code) == (tags, status)
    final = await client.get(place)
    assert (final.json(), final.headers["etag"]) == (
        {'"1"': True, '"1", "2"': True, "*": True},
        '"4"',
    )


async def test_a_hundred_clients_that_each_add_a_key_lose_none(client: httpx.AsyncClient) -> None:
    place = await make(client) + "/state"
    async with asyncio.TaskGroup() as group:
        asked = [
            group.create_task(insist(client, place, {f"key {each}": each})) for each in range(100)
        ]
    assert {task.result().status_code for task in asked} == {200}
    assert len({task.result().headers["etag"] for task in asked}) == 100
    assert (await client.get(place)).json() == {f"key {each}": each for each in range(100)}


async def insist(client: httpx.AsyncClient, place: str, patch: dict[str, object]) -> httpx.Response:
    """Where the machine is so busy that there is no answer in time, ask again."""
    while (answer := await client.patch(place, json=patch)).status_code == 503:
        pass
    return answer


def nested(depth: int) -> dict[str, Any]:
    value: dict[str, Any] = {}
    for _ in range(depth):
        value = {"a": value}
    return value


@pytest.mark.parametrize(
    ("patch", "status"),
    [
        ([], 400),
        (None, 400),
        ("hat", 400),
        ({"a": "\0"}, 400),
        ({"\0": 1}, 400),
        ({"a": 2**53}, 400),
        (nested(40), 400),
        ({"a": "x" * (64 << 10)}, 413),
    ],
)
async def test_what_cannot_be_a_state_is_refused(
    client: httpx.AsyncClient, patch: object, status: int
) -> None:
    place = await make(client, state={"hat": True}) + "/state"
    answer = await client.patch(place, content=json.dumps(patch), headers=MERGE)
    assert answer.status_code == status
    assert (await client.get(place)).headers["etag"] == '"1"'


async def test_a_state_does_not_grow_beyond_its_bound(client: httpx.AsyncClient) -> None:
    place = await make(client) + "/state"
    assert (await client.patch(place, json={"a": "x" * 40_000})).status_code == 200
    answer = await client.patch(place, json={"b": "x" * 40_000})
    assert (answer.status_code, answer.json()["code"]) == (413, "message_limit")
    assert (await client.patch(place, json={"a": None, "b": "x" * 40_000})).status_code == 200


async def test_without_a_database_everything_says_when_to_come_back(tmp_path: Path) -> None:
    storage, host = Storage(None, tmp_path), fake_host(FakeSynthesis())
    id = uuid4()
    async with asking_for(operations(storage, host)) as client:
        for method, path, body in [
            ("GET", "/v1/avatars", None),
            ("POST", "/v1/avatars", {"name": "Ida"}),
            ("PUT", "/v1/avatars/by-name/Ida", {}),
            ("GET", "/v1/avatars/by-name/Ida", None),
            ("GET", f"/v1/avatars/{id}", None),
            ("PATCH", f"/v1/avatars/{id}", {}),
            ("DELETE", f"/v1/avatars/{id}", None),
            ("GET", f"/v1/avatars/{id}/state", None),
            ("PATCH", f"/v1/avatars/{id}/state", {}),
        ]:
            answer = await client.request(method, path, json=body)
            assert (path, answer.status_code) == (path, 503)
            assert answer.headers["retry-after"] == "2"

"""Assets and audio over REST, in a real PostgreSQL and a real folder."""

import asyncio
import io
from collections.abc import AsyncIterator
from pathlib import Path
from uuid import UUID

import httpx
import pytest
from PIL import Image
from tests.server.http.resources import asking_for, storage_with
from tests.stored import put_session, put_utterance
from uuid_utils.compat import uuid7

from lipwire_server.http import assets, audios
from lipwire_server.media.wav import pcm_header
from lipwire_server.store.files import FileBlobs
from lipwire_server.store.pool import Database
from lipwire_server.store.records import AudioRecord
from lipwire_server.store.storage import Storage
from lipwire_server.store.writer import PostgresWriter

NOBODY = UUID(int=0x7000_8000_0000_0000_0001)
PNG = {"Content-Type": "image/png"}
SOUND = pcm_header(8_000, 3_200) + bytes(3_200)


@pytest.fixture
async def files(tmp_path: Path) -> AsyncIterator[FileBlobs]:
    async with FileBlobs.open_in(tmp_path) as files:
        yield files


@pytest.fixture
async def client(
    database: Database, files: FileBlobs, tmp_path: Path
) -> AsyncIterator[httpx.AsyncClient]:
    storage = storage_with(database, tmp_path)
    operations = [
        *assets.operations(storage, files, uuid7, most_bytes=100_000),
        *audios.operations(storage, files),
    ]
    async with asking_for(operations) as client:
        yield client


def picture(shade: int = 0) -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (4, 3), (shade, 0, 0)).save(out, "PNG")
    return out.getvalue()


async def uploaded(client: httpx.AsyncClient, data: bytes, filename: str) -> httpx.Response:
    return await client.post("/v1/assets", params={"filename": filename}, content=data, headers=PNG)


async def test_a_picture_is_uploaded_and_got_back(client: httpx.AsyncClient) -> None:
    answer = await uploaded(client, picture(), "ich größer.png")
    assert answer.status_code == 201
    asset = answer.json()
    assert answer.headers["location"] == f"/v1/assets/{asset['id']}"
    assert (asset["kind"], asset["media_type"], asset["filename"], asset["meta"]) == (
        "image",
        "image/png",
        "ich größer.png",
        {"width": 4, "height": 3},
    )
    assert (await client.get(answer.headers["location"])).json() == asset
    content = await client.get(asset["url"])
    assert content.status_code == 200
    assert len(content.content) == asset["byte_count"]
    assert content.headers["etag"] == f'"{asset["sha256"]}"'
    with Image.open(io.BytesIO(content.content)) as shown:
        assert shown.size == (4, 3)
    known = await client.get(asset["url"], headers={"If-None-Match": content.headers["etag"]})
    assert known.status_code == 304
    part = await client.get(asset["url"], headers={"Range": "bytes=1-3"})
    assert (part.status_code, part.content) == (206, b"PNG")


async def test_a_recording_says_how_long_it_is(client: httpx.AsyncClient) -> None:
    asset = (await uploaded(client, SOUND, "hello")).json()
    assert (asset["kind"], asset["filename"]) == ("audio", "hello.wav")
    assert asset["meta"] == {
        "codec": "pcm_s16le",
        "channels": 1,
        "sample_rate": 8_000,
        "sample_count": 1_600,
    }
    assert (await client.get(asset["url"])).content == SOUND


async def test_assets_are_listed_in_pages_the_newest_first(client: httpx.AsyncClient) -> None:
    ids = [(await uploaded(client, picture(n), "me.png")).json()["id"] for n in range(5)]
    seen: list[str] = []
    query = {"limit": "2"}
    while True:
        listed = (await client.get("/v1/assets", params=query)).json()
        seen += [item["id"] for item in listed["items"]]
        if listed["next"] is None:
            break
        query["after"] = listed["next"]
    assert seen == ids[::-1]


async def test_what_was_taken_away_is_gone_at_once(client: httpx.AsyncClient) -> None:
    first = (await uploaded(client, picture(), "me.png")).json()
    twin = (await uploaded(client, picture(), "me, again.png")).json()
    assert (await client.delete(f"/v1/assets/{first['id']}")).status_code == 204
    for path in (f"/v1/assets/{first['id']}", first["url"]):
        assert (await client.get(path)).status_code == 404
    assert (await client.delete(f"/v1/assets/{first['id']}")).status_code == 404
    assert (await client.get(twin["url"])).status_code == 200, "its file is of equal content"
    assert [item["id"] for item in (await client.get("/v1/assets")).json()["items"]] == [twin["id"]]


async def test_what_is_too_long_or_damaged_is_a_problem_and_leaves_nothing(
    client: httpx.AsyncClient, tmp_path: Path
) -> None:
    for data, status, code in [
        (picture() + bytes(100_000), 413, "message_limit"),
        (picture()[:40], 422, "unreadable"),
        (SOUND[:100], 422, "unreadable"),
        (b"<html>" * 10, 415, "unsupported_media"),
    ]:
        answer = await uploaded(client, data, "me.png")
        assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert (await client.get("/v1/assets")).json() == {"items": [], "next": None}
    assert stored(tmp_path) == []


def stored(root: Path) -> list[Path]:
    return [path for path in root.rglob("*") if path.is_file() and path.name != "lock"]


async def test_more_uploads_than_there_is_room_for_are_told_to_come_back(
    client: httpx.AsyncClient,
) -> None:
    let_go, inside = asyncio.Event(), asyncio.Semaphore(0)

    async def slow() -> AsyncIterator[bytes]:
        inside.release()
        yield SOUND[:100]
        await let_go.wait()
        yield SOUND[100:]

    async with asyncio.TaskGroup() as group:
        jobs = [
            group.create_task(client.post("/v1/assets", content=slow(), headers=PNG))
            for _ in range(8)
        ]
        for _ in jobs:
            await inside.acquire()
        answer = await uploaded(client, SOUND, "one more.wav")
        assert (answer.status_code, answer.json()["code"]) == (503, "overloaded")
        assert answer.headers["retry-after"] == "2"
        let_go.set()
    assert [job.result().status_code for job in jobs] == [201] * 8
    assert (await uploaded(client, SOUND, "now.wav")).status_code == 201


async def test_without_a_database_nothing_is_taken_in(files: FileBlobs, tmp_path: Path) -> None:
    storage = Storage(None, tmp_path)
    operations = [
        *assets.operations(storage, files, uuid7),
        *audios.operations(storage, files),
    ]
    async with asking_for(operations) as client:
        for answer in (
            await uploaded(client, picture(), "me.png"),
            await client.get("/v1/assets"),
            await client.get(f"/v1/audios/{NOBODY}"),
        ):
            assert (answer.status_code, answer.json()["code"]) == (503, "storage_unavailable")
            assert answer.headers["retry-after"]


async def test_how_an_utterance_sounded_is_found_by_it_and_by_its_own_id(
    client: httpx.AsyncClient, database: Database, files: FileBlobs
) -> None:
    async with database.connection() as connection:
        utterance = await put_utterance(connection, await put_session(connection))
    draft = files.new_draft()
    await files.append(draft, SOUND)
    record = AudioRecord(
        id=uuid7(),
        utterance_id=utterance,
        draft=draft,
        content=await files.measure(draft),
        codec="pcm_s16le",
        sample_rate=8_000,
        sample_count=1_600,
    )
    await PostgresWriter(database, files).write([record])
    listed = (await client.get(f"/v1/utterances/{utterance}/audios")).json()
    (audio,) = listed["items"]
    assert (await client.get(f"/v1/audios/{record.id}")).json() == audio
    assert (audio["utterance_id"], audio["duration_ms"], audio["byte_count"]) == (
        str(utterance),
        200,
        len(SOUND),
    )
    content = await client.get(audio["url"])
    assert (content.content, content.headers["content-type"]) == (SOUND, "audio/wav")
    assert "immutable" in content.headers["cache-control"]
    tail = await client.get(audio["url"], headers={"Range": "bytes=-4"})
    assert (tail.status_code, tail.content) == (206, SOUND[-4:])
    for path in (f"/v1/audios/{NOBODY}", f"/v1/audios/{NOBODY}/content", "/v1/audios/7"):
        assert (await client.get(path)).status_code == 404

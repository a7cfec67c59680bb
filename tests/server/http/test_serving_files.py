"""Files that are served, out of a real folder."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from email import message_from_bytes
from pathlib import Path
from uuid import UUID

import httpx
import pytest
from starlette.applications import Starlette
from starlette.responses import Response

from lipwire_server.http.rest import Call, Operation, routes
from lipwire_server.http.serving_files import ServedFile, serve_file
from lipwire_server.store.files import FileBlobs

DATA = bytes(range(256)) * 4_000
HERE = UUID(int=1)


@asynccontextmanager
async def serving(
    root: Path, data: bytes = DATA
) -> AsyncIterator[tuple[httpx.AsyncClient, ServedFile]]:
    async with FileBlobs.open_in(root) as files:
        async with files.draft() as draft:
            await files.append(draft, data)
            content = await files.measure(draft)
            await files.place(draft, content)
        file = ServedFile(sha256=content.sha256, media_type="audio/wav", filename="größe.wav")

        async def serve(call: Call) -> Response:
            which = (
                file
                if call.id() == HERE
                else ServedFile(sha256=bytes(32), media_type="audio/wav", filename="gone.wav")
            )
            return await serve_file(call, files, which)

        row = Operation(method="GET", path="/{id}", summary="", tag="", handler=serve)
        transport = httpx.ASGITransport(Starlette(routes=routes([row])))
        async with httpx.AsyncClient(transport=transport, base_url="http://lipwire") as client:
            yield client, file


@pytest.fixture
async def client(tmp_path: Path) -> AsyncIterator[httpx.AsyncClient]:
    async with serving(tmp_path) as (client, _):
        yield client


async def get(client: httpx.AsyncClient, **headers: str) -> httpx.Response:
    names = {name.replace("_", "-"): value for name, value in headers.items()}
    return await client.get(f"/{HERE}", headers=names)


async def test_the_whole_file_comes_with_all_that_is_known_of_it(
    client: httpx.AsyncClient,
) -> None:
    answer = await get(client)
    assert (answer.status_code, answer.content) == (200, DATA)
    headers = dict(answer.headers)
    tag = headers.pop("etag")
    assert headers == {
        "accept-ranges": "bytes",
        "cache-control": "private, max-age=31536000, immutable",
        "content-disposition": (
            "attachment; filename=\"gr__e.wav\"; filename*=UTF-8''gr%C3%B6%C3%9Fe.wav"
        ),
        "content-length": str(len(DATA)),
        "content-security-policy": "default-src 'none'; sandbox",
        "content-type": "audio/wav",
        "x-content-type-options": "nosniff",
    }
    assert len(tag) == 66


async def test_who_asks_for_the_head_gets_no_body(client: httpx.AsyncClient) -> None:
    answer = await client.head(f"/{HERE}", headers={"Range": "bytes=0-1"})
    assert (answer.status_code, answer.content) == (200, b"")
    assert answer.headers["content-length"] == str(len(DATA))


@pytest.mark.parametrize("form", ["{}", "W/{}", '"other", {}', "*"])
async def test_who_has_it_already_is_told_so(client: httpx.AsyncClient, form: str) -> None:
    tag = (await get(client)).headers["etag"]
    answer = await get(client, if_none_match=form.format(tag))
    assert (answer.status_code, answer.content, answer.headers["etag"]) == (304, b"", tag)


async def test_who_has_another_one_gets_it(client: httpx.AsyncClient) -> None:
    assert (await get(client, if_none_match='"other"')).status_code == 200


@pytest.mark.parametrize(
    ("asked", "begin", "end"),
    [("0-9", 0, 10), ("1000-", 1_000, len(DATA)), ("-7", len(DATA) - 7, len(DATA))],
)
async def test_a_part_comes_alone(
    client: httpx.AsyncClient, asked: str, begin: int, end: int
) -> None:
    answer = await get(client, range=f"bytes={asked}")
    assert (answer.status_code, answer.content) == (206, DATA[begin:end])
    assert answer.headers["content-range"] == f"bytes {begin}-{end - 1}/{len(DATA)}"
    assert answer.headers["content-length"] == str(end - begin)


async def test_several_parts_come_in_one_message(client: httpx.AsyncClient) -> None:
    answer = await get(client, range="bytes=0-4,100-299999,-3")
    assert answer.status_code == 206
    assert len(answer.content) == int(answer.headers["content-length"])
    head = f"Content-Type: {answer.headers['content-type']}\r\n\r\n".encode()
    parts = message_from_bytes(head + answer.content).get_payload()
    assert isinstance(parts, list)
    size = len(DATA)
    assert [
        (part["Content-Range"], part.get_content_type(), part.get_payload(decode=True))
        for part in parts
        if not isinstance(part, str)
    ] == [
        (f"bytes 0-4/{size}", "audio/wav", DATA[:5]),
        (f"bytes 100-299999/{size}", "audio/wav", DATA[100:300_000]),
        (f"bytes {size - 3}-{size - 1}/{size}", "audio/wav", DATA[-3:]),
    ]


async def test_what_lies_behind_the_end_cannot_be_had(client: httpx.AsyncClient) -> None:
    answer = await get(client, range=f"bytes={len(DATA)}-")
    assert (answer.status_code, answer.content) == (416, b"")
    assert answer.headers["content-range"] == f"bytes */{len(DATA)}"


@pytest.mark.parametrize(
    "asked", ["bytes=" + ",".join(f"{n}-{n}" for n in range(0, 10_000, 2)), "bytes=5-2", "lines=1"]
)
async def test_five_thousand_parts_and_nonsense_are_the_whole_file_once(
    client: httpx.AsyncClient, asked: str
) -> None:
    answer = await get(client, range=asked)
    assert (answer.status_code, answer.content) == (200, DATA)


async def test_a_part_of_another_version_is_the_whole_of_this_one(
    client: httpx.AsyncClient,
) -> None:
    tag = (await get(client)).headers["etag"]
    for known, status in [
        (tag, 206),
        (f"W/{tag}", 200),
        ('"other"', 200),
        ("Sun, 22 Nov 2026 00:00:00 GMT", 200),
    ]:
        assert (await get(client, range="bytes=0-1", if_range=known)).status_code == status


async def test_a_file_that_is_gone_is_not_found(client: httpx.AsyncClient) -> None:
    answer = await client.get(f"/{UUID(int=2)}")
    assert (answer.status_code, answer.json()["code"]) == (404, "not_found")


async def test_an_empty_file_is_served(tmp_path: Path) -> None:
    async with serving(tmp_path, b"") as (client, _):
        answer = await get(client)
        assert (answer.status_code, answer.headers["content-length"]) == (200, "0")
        assert (await get(client, range="bytes=0-")).status_code == 416

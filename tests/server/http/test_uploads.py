"""Files that are sent: what is taken, and how much of what is not."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import httpx
import pytest
from starlette.applications import Starlette

from lipwire_server.http import uploads
from lipwire_server.http.rest import Call, Operation, routes
from lipwire_server.http.uploads import receive_file
from lipwire_server.media.kinds import Kind
from lipwire_server.store.files import FileBlobs

LIMIT = 1_000_000
PNG = b"\x89PNG\r\n\x1a\n...."


def drafts(root: Path) -> list[Path]:
    return list(root.glob("drafts/*/*"))


@asynccontextmanager
async def receiving(root: Path) -> AsyncIterator[tuple[httpx.AsyncClient, list[bytes]]]:
    """A client, and the files that were received."""
    received: list[bytes] = []
    async with FileBlobs.open_in(root) as files:

        async def receive(call: Call) -> str:
            async with files.draft() as draft:
                kind = await receive_file(call.request, files, draft, LIMIT)
                received.append(draft.read_bytes())
            return kind

        row = Operation(method="POST", path="/", summary="", tag="", handler=receive, answer=str)
        transport = httpx.ASGITransport(Starlette(routes=routes([row])))
        async with httpx.AsyncClient(transport=transport, base_url="http://lipwire") as client:
            yield client, received
        assert drafts(root) == []


async def parts(*sent: bytes) -> AsyncIterator[bytes]:
    for part in sent:
        yield part


async def test_a_file_arrives_whole_and_is_known_by_what_is_in_it(tmp_path: Path) -> None:
    async with receiving(tmp_path) as (client, received):
        for data in (PNG, PNG + bytes(700_000)):
            answer = await client.post(
                "/", content=data, headers={"Content-Type": "audio/wav; codecs=1"}
            )
            assert (answer.status_code, answer.json()) == (200, Kind.PNG)
        assert received == [PNG, PNG + bytes(700_000)]


async def test_one_that_comes_byte_by_byte_arrives_as_well(tmp_path: Path) -> None:
    async with receiving(tmp_path) as (client, received):
        pieces = parts(*(bytes([byte]) for byte in PNG), b"", bytes(500_000), b"end")
        answer = await client.post("/", content=pieces, headers={"Content-Type": "image/png"})
        assert answer.json() == Kind.PNG
        assert received == [PNG + bytes(500_000) + b"end"]


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({}, 415),
        ({"Content-Type": "text/plain"}, 415),
        ({"Content-Type": "multipart/form-data; boundary=x"}, 415),
        ({"Content-Type": "application/x-www-form-urlencoded"}, 415),
        ({"Content-Type": "text/html; image/png"}, 415),
        ({"Content-Type": "image/png", "Content-Length": "1000001"}, 413),
        ({"Content-Type": "image/png", "Content-Length": "-1"}, 413),
        ({"Content-Type": "image/png", "Content-Length": "9" * 5_000}, 413),
        ({"Content-Type": "image/png", "Content-Length": "many"}, 413),
    ],
)
async def test_what_a_header_rules_out_is_not_kept(
    tmp_path: Path, headers: dict[str, str], status: int
) -> None:
    async with receiving(tmp_path) as (client, received):
        answer = await client.post("/", content=parts(PNG), headers=headers)
        assert answer.status_code == status
        assert answer.headers["content-type"] == "application/problem+json"
        assert received == []


@pytest.mark.parametrize(
    "data", [b"", b"\x89PNG", b"GIF89a" + bytes(90), b"<svg xmlns='x'>", b"<!DOCTYPE html><script>"]
)
async def test_what_is_not_taken_in_is_refused_whatever_it_says(
    tmp_path: Path, data: bytes
) -> None:
    async with receiving(tmp_path) as (client, received):
        answer = await client.post("/", content=data, headers={"Content-Type": "image/png"})
        assert (answer.status_code, answer.json()["code"]) == (415, "unsupported_media")
        assert received == []


@pytest.mark.parametrize("begin", [PNG, b"<html><script>"])
async def test_whoever_is_refused_is_heard_out_within_a_bound(
    tmp_path: Path, begin: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(uploads, "_LAST_WORDS_BYTES", 2_000_000)
    taken: list[bytes] = []

    async def pieces(count: int) -> AsyncIterator[bytes]:
        yield begin
        for _ in range(count):
            taken.append(bytes(100_000))
            yield taken[-1]

    async with receiving(tmp_path) as (client, received):
        for count, most in ((15, 15), (500, 32)):
            taken.clear()
            answer = await client.post(
                "/", content=pieces(count), headers={"Content-Type": "image/png"}
            )
            assert answer.status_code == (413 if begin == PNG else 415)
            assert len(taken) <= most
            assert count > 15 or len(taken) == 15
    assert received == []


async def test_a_file_that_does_not_come_is_given_up(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(uploads, "_PATIENCE_S", 0.05)

    async def stalled() -> AsyncIterator[bytes]:
        yield PNG
        await asyncio.sleep(0.2)
        yield b"at last"

    async with receiving(tmp_path) as (client, received):
        answer = await client.post("/", content=stalled(), headers={"Content-Type": "image/png"})
        assert (answer.status_code, answer.json()["code"]) == (408, "idle")
        assert received == []

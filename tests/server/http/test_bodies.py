import asyncio
from collections.abc import AsyncIterator

import pytest
from starlette.requests import Request
from starlette.types import Message

from lipwire_protocol import ErrorCode, LipwireError
from lipwire_server.http.bodies import JSON_TYPES, check_media_type, read_body
from tests.server.http.toys import NewToy, asking, operation

POST = operation("POST", body=NewToy, body_bytes=100)


@pytest.mark.parametrize("kind", ["", "text/plain", "application/jsonx", "multipart/form-data"])
async def test_a_body_of_another_type_is_refused(kind: str) -> None:
    headers = {"content-type": kind} if kind else {}
    async with asking(POST) as client:
        answer = await client.post("/toys", content=b'{"name":"a"}', headers=headers)
    assert (answer.status_code, answer.json()["code"]) == (415, "unsupported_media")
    assert "application/json" in answer.json()["detail"]


@pytest.mark.parametrize(
    "kind", ["application/json", "Application/JSON; charset=utf-8", "application/merge-patch+json"]
)
async def test_json_has_several_names(kind: str) -> None:
    async with asking(POST) as client:
        answer = await client.post("/toys", content=b'{"name":"a"}', headers={"content-type": kind})
    assert answer.status_code == 200


async def test_a_body_that_is_too_long_is_not_read() -> None:
    async def endless() -> AsyncIterator[bytes]:
        while True:
            yield b" " * 60

    headers = {"content-type": "application/json"}
    async with asking(POST) as client:
        declared = await client.post("/toys", content=b" " * 101, headers=headers)
        chunked = await client.post("/toys", content=endless(), headers=headers)
    for answer in (declared, chunked):
        assert (answer.status_code, answer.json()["code"]) == (413, "message_limit")


@pytest.mark.parametrize("length", ["-1", "x", "9" * 5_000, "1_0", "\xb2"])
async def test_a_length_that_is_none_is_refused(length: str) -> None:
    with pytest.raises(LipwireError) as caught:
        await read_body(_request([], length), 100)
    assert caught.value.code is ErrorCode.MESSAGE_LIMIT


async def test_pieces_make_one_body() -> None:
    assert await read_body(_request([b"ab", b"", b"c"]), 3) == b"abc"


@pytest.mark.virtual_time
async def test_nobody_waits_for_ever_for_the_rest() -> None:
    began = asyncio.get_running_loop().time()
    with pytest.raises(LipwireError) as caught:
        await read_body(_request([b"a", None]), 100)
    assert caught.value.code is ErrorCode.IDLE
    assert asyncio.get_running_loop().time() - began == pytest.approx(10)


def test_the_type_is_told_without_its_parameters() -> None:
    request = Request({"type": "http", "headers": [(b"content-type", b"application/json;x=y")]})
    assert check_media_type(request, JSON_TYPES) == "application/json"


def _request(parts: list[bytes | None], length: str | None = None) -> Request:
    """A None among the parts is one that never comes."""
    waiting = list(parts)

    async def receive() -> Message:
        part = waiting.pop(0) if waiting else b""
        if part is None:
            await asyncio.Event().wait()
        return {"type": "http.request", "body": part, "more_body": bool(waiting)}

    headers = [] if length is None else [(b"content-length", length.encode("latin-1"))]
    return Request({"type": "http", "method": "POST", "headers": headers}, receive)

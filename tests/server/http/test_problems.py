import msgspec
import pytest
from starlette.exceptions import HTTPException
from starlette.requests import Request

from lipwire_protocol import ErrorCode, LipwireError
from lipwire_server.http.problems import MEANINGS, Problem, http_problem, not_here, problem


def request(path: str = "/nowhere") -> Request:
    return Request({"type": "http", "path": path, "headers": [(b"host", b"localhost")]})


REQUEST = request()


@pytest.mark.parametrize("code", ErrorCode)
def test_every_code_can_be_told(code: ErrorCode) -> None:
    answer = problem(LipwireError(code, "what and why"))
    told = msgspec.json.decode(answer.body, type=Problem)
    assert answer.status_code == told.status == code.http_status
    assert (told.code, told.detail) == (code, "what and why")
    assert told.type.endswith(f"#{code}")
    assert answer.headers["content-type"] == "application/problem+json"
    assert "retry-after" not in answer.headers


def test_who_comes_too_early_is_told_when_to_come_back() -> None:
    answer = problem(LipwireError(ErrorCode.OVERLOADED, "no room", retry_after_ms=1_001))
    assert answer.headers["retry-after"] == "2"
    assert msgspec.json.decode(answer.body, type=Problem).retry_after_ms == 1_001


async def test_what_the_router_refuses_is_a_problem_too() -> None:
    gone = await http_problem(REQUEST, HTTPException(404))
    assert msgspec.json.decode(gone.body, type=Problem).code is ErrorCode.NOT_FOUND
    other = await http_problem(REQUEST, HTTPException(405, headers={"Allow": "GET"}))
    assert (other.status_code, other.headers["allow"]) == (405, "GET")


async def test_who_gets_the_address_of_the_sockets_is_told_that_it_is_one() -> None:
    answer = await http_problem(request("/v1/stream"), HTTPException(404))
    assert "WebSockets" in msgspec.json.decode(answer.body, type=Problem).detail


async def test_what_has_no_code_keeps_its_status() -> None:
    answer = await http_problem(REQUEST, HTTPException(416, headers={"Content-Range": "*/5"}))
    assert (answer.status_code, answer.headers["content-range"]) == (416, "*/5")


def test_what_is_not_there_is_not_found() -> None:
    assert not_here("toy").code is ErrorCode.NOT_FOUND
    assert set(MEANINGS) <= set(ErrorCode)

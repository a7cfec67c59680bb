from typing import Any

import httpx
import pytest
from starlette.applications import Starlette

from lipwire_server.access.keys import Keys
from lipwire_server.access.scopes import Scope
from lipwire_server.http.rest import routes
from lipwire_server.http.tokens import operations
from tests.server.access.keys import NOW, Cupboard, stored


async def ask(
    body: dict[str, Any], key: str | None = "lipwire_ours", *, locked: bool = True, **named: Any
) -> httpx.Response:
    gate = Cupboard(stored(**named)).gate(locked=locked)
    app = Starlette(routes=routes(operations(lambda: NOW), gate))
    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url="http://lipwire") as client:
        headers = {} if key is None else {"Authorization": f"Bearer {key}"}
        return await client.post("/v1/tokens", json=body, headers=headers)


async def test_a_token_is_for_five_minutes_of_speaking() -> None:
    answer = await ask({})
    assert answer.status_code == 201
    made = answer.json()
    assert made["scopes"] == ["speak"]
    assert made["ends"] == "2026-01-01T00:05:00Z"
    guest = Keys([stored()]).guest(made["token"], NOW)
    assert guest is not None and guest.scopes == {Scope.SPEAK}


@pytest.mark.parametrize(
    ("body", "key", "named", "status", "code"),
    [
        ({}, None, {}, 401, "unauthorized"),
        ({}, "lipwire_wrong", {}, 401, "unauthorized"),
        ({"seconds": 901}, "lipwire_ours", {}, 400, "bad_message"),
        ({"seconds": 0}, "lipwire_ours", {}, 400, "bad_message"),
        ({"scopes": ["all"]}, "lipwire_ours", {}, 400, "bad_message"),
        ({"scopes": ["write"]}, "lipwire_ours", {"scopes": ("speak",)}, 403, "forbidden"),
        ({}, "lipwire_ours", {"scopes": ("read",)}, 403, "forbidden"),
    ],
)
async def test_a_token_that_cannot_be_is_refused(
    body: dict[str, Any], key: str | None, named: dict[str, Any], status: int, code: str
) -> None:
    answer = await ask(body, key, **named)
    assert (answer.status_code, answer.json()["code"]) == (status, code)
    if status == 401:
        assert answer.headers["www-authenticate"] == "Bearer"


async def test_a_token_makes_no_tokens() -> None:
    token = (await ask({})).json()["token"]
    answer = await ask({}, token)
    assert (answer.status_code, answer.json()["code"]) == (403, "forbidden")


async def test_where_no_key_is_wanted_there_are_no_tokens() -> None:
    answer = await ask({}, None, locked=False)
    assert (answer.status_code, answer.json()["code"]) == (422, "unsupported")

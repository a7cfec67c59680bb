import httpx
import pytest
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from lipwire_server.http.doorkeeper import Doorkeeper


async def done(request: Request) -> Response:
    return PlainTextResponse("done")


@pytest.mark.parametrize(
    ("method", "origin", "status"),
    [
        ("POST", None, 200),
        ("POST", "http://speech.example", 200),
        ("POST", "https://app.example", 200),
        ("POST", "https://evil.example", 403),
        ("DELETE", "https://evil.example", 403),
        ("POST", "null", 403),
        ("GET", "https://evil.example", 200),
    ],
)
async def test_a_page_of_another_site_changes_nothing(
    method: str, origin: str | None, status: int
) -> None:
    app = Starlette(
        routes=[Route("/", done, methods=["GET", "POST", "DELETE"])],
        middleware=[Middleware(Doorkeeper, origins=("https://app.example",))],
    )
    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url="http://speech.example") as client:
        headers = {} if origin is None else {"Origin": origin}
        answer = await client.request(method, "/", headers=headers)
    assert answer.status_code == status
    if status == 403:
        assert answer.json()["code"] == "forbidden"

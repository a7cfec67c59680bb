import httpx
import pytest
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route
from starlette.types import Message, Receive, Scope, Send

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


@pytest.mark.parametrize(
    ("site", "status"),
    [
        ("http://127.0.0.1:8000", 200),
        ("http://localhost:8000", 200),
        ("https://speech.example", 200),
        ("http://evil.example", 403),
    ],
)
async def test_a_page_whose_name_leads_here_does_not_even_read(site: str, status: int) -> None:
    app = Starlette(
        routes=[Route("/", done)],
        middleware=[Middleware(Doorkeeper, names=frozenset({"speech.example"}))],
    )
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url=site) as client:
        assert (await client.get("/", headers={"Origin": site})).status_code == status


@pytest.mark.parametrize(("host", "welcome"), [("localhost:8000", True), ("evil.example", False)])
async def test_a_page_whose_name_leads_here_gets_no_socket(host: str, welcome: bool) -> None:
    reached: list[str] = []
    told: list[str] = []

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        reached.append(scope["type"])

    async def receive() -> Message:
        return {"type": "websocket.connect"}

    async def send(message: Message) -> None:
        told.append(message["type"])

    headers = [(b"host", host.encode()), (b"origin", b"http://" + host.encode())]
    doorkeeper = Doorkeeper(app, names=frozenset())
    await doorkeeper({"type": "websocket", "headers": headers}, receive, send)
    assert (reached, told) == ((["websocket"], []) if welcome else ([], ["websocket.close"]))

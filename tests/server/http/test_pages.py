from pathlib import Path

import httpx
import pytest
from starlette.applications import Starlette

from lipwire_server.http.pages import pages, web_folder

TRAVERSALS = [
    "/demo/../secret.txt",
    "/demo/..%2fsecret.txt",
    "/demo/%2e%2e/secret.txt",
    "/demo/%2e%2e%2fsecret.txt",
    "/demo/..%5csecret.txt",
    "/demo//etc/passwd",
    "/demo/%2fetc%2fpasswd",
    "/demo/....//secret.txt",
    "/demo/link",
    "/demo/%00",
    "/client/../demo/../secret.txt",
    "/client/..%2f..%2fsecret.txt",
    "/secret.txt",
    "/demo/",
    "/client/",
    "/nowhere",
]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Pages as they are in the checkout, with something beside them that is nobody's business."""
    web = tmp_path / "web"
    for path, text in {
        "demo/index.html": "<title>hello</title>",
        "demo/app.js": "let a",
        "demo/interview/index.html": "<title>interview</title>",
        "demo/icon.svg": "<svg></svg>",
        "dist/lipwire.js": "let b",
        "secret.txt": "secret",
    }.items():
        (web / path).parent.mkdir(parents=True, exist_ok=True)
        (web / path).write_text(text)
    (web / "demo" / "link").symlink_to(web / "secret.txt")
    return web


def asking(folder: Path) -> httpx.AsyncClient:
    transport = httpx.ASGITransport(Starlette(routes=pages(folder)))
    return httpx.AsyncClient(transport=transport, base_url="http://lipwire")


@pytest.mark.parametrize(
    ("path", "text", "kind"),
    [
        ("/", "<title>hello</title>", "text/html"),
        ("/interview", "<title>interview</title>", "text/html"),
        ("/favicon.ico", "<svg></svg>", "image/svg+xml"),
        ("/demo/app.js", "let a", "text/javascript"),
        ("/client/lipwire.js", "let b", "text/javascript"),
    ],
)
async def test_pages_are_served_with_their_headers(
    folder: Path, path: str, text: str, kind: str
) -> None:
    async with asking(folder) as client:
        answer = await client.get(path)
    assert (answer.status_code, answer.text) == (200, text)
    assert answer.headers["content-type"].startswith(kind)
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["referrer-policy"] == "no-referrer"
    assert answer.headers["cache-control"] == "no-cache"
    policy = answer.headers["content-security-policy"]
    assert "default-src 'self'" in policy
    assert "object-src 'none'" in policy
    assert "unsafe" not in policy.replace("'wasm-unsafe-eval'", "")


async def test_the_installed_client_lies_in_another_folder(folder: Path) -> None:
    (folder / "client").mkdir()
    (folder / "client" / "lipwire.js").write_text("let c")
    async with asking(folder) as client:
        assert (await client.get("/client/lipwire.js")).text == "let c"


@pytest.mark.parametrize("path", TRAVERSALS)
async def test_nothing_but_the_pages_is_served(folder: Path, path: str) -> None:
    async with asking(folder) as client:
        request = client.build_request("GET", "/")
        request.url = httpx.URL("http://lipwire").copy_with(raw_path=path.encode())
        answer = await client.send(request)
    assert answer.status_code == 404
    assert "secret" not in answer.text


async def test_a_page_that_did_not_change_is_not_sent_again(folder: Path) -> None:
    async with asking(folder) as client:
        first = await client.get("/demo/app.js")
        again = await client.get("/demo/app.js", headers={"if-none-match": first.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")


def test_in_the_checkout_the_pages_are_those_of_the_client() -> None:
    assert (web_folder() / "demo").is_dir()

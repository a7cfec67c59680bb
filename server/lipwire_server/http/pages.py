"""The pages at `/` and `/interview`, their icon, and the browser client at `/client/`: files."""

from pathlib import Path

from starlette.requests import Request
from starlette.responses import FileResponse, Response
from starlette.routing import BaseRoute, Mount, Route
from starlette.staticfiles import StaticFiles
from starlette.types import Scope

__all__ = ["HEADERS", "pages", "web_folder"]

HEADERS = {
    # Everything the pages need comes from this server.
    "Content-Security-Policy": (
        "default-src 'self'; connect-src 'self' ws: wss:; img-src 'self' data: blob:; "
        "object-src 'none'; base-uri 'none'; frame-ancestors 'self'"
    ),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    # A page from before an upgrade would meet a newer server.
    "Cache-Control": "no-cache",
}


def web_folder() -> Path:
    """Where the pages are: in the installed package, else in the checkout it runs from."""
    package = Path(__file__).parents[1]
    installed = package / "web"
    return installed if installed.is_dir() else package.parents[1] / "client-js"


def pages(folder: Path) -> list[BaseRoute]:
    client = folder / "client" if (folder / "client").is_dir() else folder / "dist"

    async def index(request: Request) -> Response:
        return FileResponse(folder / "demo" / "index.html", headers=HEADERS)

    async def interview(request: Request) -> Response:
        return FileResponse(folder / "demo" / "interview" / "index.html", headers=HEADERS)

    async def icon(request: Request) -> Response:
        # Browsers look for it where nothing names one: at a JSON answer, or a movie.
        return FileResponse(folder / "demo" / "icon.svg", headers=HEADERS)

    return [
        Route("/", index),
        Route("/interview", interview),
        Route("/favicon.ico", icon),
        Mount("/demo", _Files(directory=folder / "demo")),
        Mount("/client", _Files(directory=client)),
    ]


class _Files(StaticFiles):
    async def get_response(self, path: str, scope: Scope) -> Response:
        response = await super().get_response(path, scope)
        response.headers.update(HEADERS)
        # Pages of other origins may load the browser client from here.
        response.headers["Access-Control-Allow-Origin"] = "*"
        return response

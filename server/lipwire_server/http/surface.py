"""The REST surface as a whole: all operations, their document, and the page about them."""

from collections.abc import Iterable, Sequence
from pathlib import Path

import msgspec
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from ..access.gate import Gate
from .bodies import JSON
from .docs_page import docs_page
from .openapi import openapi
from .pages import HEADERS
from .rest import Operation, routes

__all__ = ["TAGS", "surface"]

TAGS = {
    "speech": "Text to stored speech, or to its timing alone.",
    "utterances": "What was spoken, how far it was heard, and when which mouth shape is seen.",
    "sessions": "Conversations, and what was spoken in them.",
    "avatars": "Faces of your own, and how they look at the moment.",
    "presets": "Looks to put on.",
    "renders": "Movies of what was spoken.",
    "audios": "The sound of what was spoken.",
    "assets": "Pictures and recordings that you upload.",
    "config": "Your application's own settings, by key.",
    "voices": "Who can speak, whose face can be shown, and the mouth shapes that are told.",
    "tokens": "Short-lived keys for browsers.",
    "health": "How the server is.",
}
"""Groups of operations, in the order of the page."""


def surface(
    operations: Iterable[Operation], version: str, gate: Gate | None = None
) -> list[BaseRoute]:
    """Routes of all operations, and of what describes them."""
    table: Sequence[Operation] = list(operations)
    used = {operation.tag for operation in table}
    if unknown := used - set(TAGS):
        raise ValueError(f"operations of unknown groups: {unknown}")
    tags = {name: text for name, text in TAGS.items() if name in used}
    document = openapi(table, version=version, tags=tags)
    page = docs_page(document)
    style = (Path(__file__).parent / "docs.css").read_text("utf-8")
    return [
        *routes(table, gate),
        _file("/v1/openapi.json", msgspec.json.format(msgspec.json.encode(document)), JSON),
        _file("/v1/docs", page.encode(), "text/html"),
        _file("/v1/docs.css", style.encode(), "text/css"),
    ]


def _file(path: str, content: bytes, media_type: str) -> Route:
    async def endpoint(request: Request) -> Response:
        body = b"" if request.method == "HEAD" else content
        headers = {**HEADERS, "Content-Length": str(len(content))}
        return Response(body, media_type=media_type, headers=headers)

    return Route(path, endpoint)

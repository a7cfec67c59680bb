"""What our WebSocket can do beside ASGI: write a message where nothing has to wait for it."""

from collections.abc import Callable
from typing import Final, TypeAlias

from starlette.websockets import WebSocket

__all__ = ["POST", "Post", "post_of"]

POST: Final = "lipwire.post"
"""The ASGI extension, in the scope of a socket."""

Post: TypeAlias = Callable[[bytes, bytes], bool]
"""Writes a binary message, in two parts so that a long one that many are sent need not be copied.
False where it would have to wait, or the socket is closing: then `send` knows what to do."""


def post_of(socket: WebSocket) -> Post | None:
    """None where another server carries the socket."""
    post: Post | None = socket.scope.get("extensions", {}).get(POST)
    return post

"""A client at the other end of an ASGI WebSocket, without a network between them."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, TypeVar

from starlette.types import Message
from starlette.websockets import WebSocket

from lipwire_client import OrderChecker
from lipwire_protocol import JSON, MSGPACK, ClientMessage, Limits, ServerMessage, WireFormat
from lipwire_server.access.gate import Gate
from lipwire_server.store.records import Record
from lipwire_server.ws.connections import Connections
from lipwire_server.ws.endpoint import StreamEndpoint
from lipwire_server.ws.posting import POST
from tests.fakes import WIRE_VOICE, FakeSynthesis, fake_host, open_gate

__all__ = ["Peer", "connected", "wire_synthesis"]

M = TypeVar("M", bound=ServerMessage)


class Peer:
    """Says what it is told to, and holds what it hears to the protocol's order.

    After `stall()` it reads nothing more, like a socket whose buffers are full; `leave` without a
    code is a connection that is lost.
    """

    def __init__(self, format_: WireFormat, *, posts: bool = True) -> None:
        """`posts`: what carries it can write without a task."""
        self.format = format_
        self.posts = posts
        self.heard: list[ServerMessage] = []
        self.accepted: Message | None = None
        self.closed: int | None = None
        """Close code of the server."""
        self.reason: str | None = None
        """That it gave with it."""
        self.records: list[Record] = []
        self.posted = 0
        """Messages that came without a task of their own."""
        self.connections = Connections()
        self.serving: asyncio.Task[None]
        self._events: asyncio.Queue[Message] = asyncio.Queue()
        self._gone = False
        self._reading = asyncio.Event()
        self._reading.set()
        self._order = OrderChecker()

    def say(self, *messages: ClientMessage) -> None:
        for message in messages:
            self.send_raw(self.format.encode(message))

    def send_raw(self, data: bytes) -> None:
        if self.format is JSON:
            self._events.put_nowait({"type": "websocket.receive", "text": data.decode()})
        else:
            self._events.put_nowait({"type": "websocket.receive", "bytes": data})

    def send_text(self, text: str) -> None:
        self._events.put_nowait({"type": "websocket.receive", "text": text})

    def stall(self) -> None:
        self._reading.clear()

    def read(self) -> None:
        self._reading.set()

    def leave(self, code: int | None = None) -> None:
        self._gone = True
        self._reading.set()
        self._events.put_nowait({"type": "websocket.disconnect", "code": code or 1006})

    def all(self, kind: type[M]) -> list[M]:
        return [message for message in self.heard if isinstance(message, kind)]

    def one(self, kind: type[M]) -> M:
        (message,) = self.all(kind)
        return message

    async def hears(self, kind: type[M], count: int = 1) -> M:
        """Waits for that many messages of a type; gives the last of them."""
        while len(self.all(kind)) < count:
            assert not self.serving.done(), f"closed with {self.closed}: {self.heard}"
            await asyncio.sleep(0.01)
        return self.all(kind)[count - 1]

    # What the server sees

    async def receive(self) -> Message:
        return await self._events.get()

    def socket(self, offered: list[str]) -> WebSocket:
        scope = {
            "type": "websocket",
            "path": "/v1/stream",
            "headers": [],
            "subprotocols": offered,
            "extensions": {POST: self.post} if self.posts else {},
        }
        return WebSocket(scope, receive=self.receive, send=self.send)

    def post(self, front: bytes, behind: bytes) -> bool:
        if self._gone or self.closed is not None or not self._reading.is_set():
            return False
        assert self.format is MSGPACK
        self._hear(front + behind)
        self.posted += 1
        return True

    async def send(self, event: Message) -> None:
        if event["type"] == "websocket.accept":
            self.accepted = event
            return
        await self._reading.wait()
        if self._gone:
            raise OSError("the client has disconnected")
        if event["type"] == "websocket.close":
            self.closed, self.reason = event["code"], event.get("reason")
            self._events.put_nowait({"type": "websocket.disconnect", "code": self.closed})
        else:
            data = event.get("bytes") or event["text"].encode()
            assert (event.get("text") is None) == (self.format is MSGPACK)
            self._hear(data)

    def _hear(self, data: bytes) -> None:
        message = self.format.decode_server(data)
        self._order.check(message)
        self.heard.append(message)


def wire_synthesis(**settings: Any) -> FakeSynthesis:
    return FakeSynthesis(known=[WIRE_VOICE], **settings)


@asynccontextmanager
async def connected(
    format_: WireFormat = MSGPACK,
    *,
    offers: list[str] | None = None,
    limits: Limits | None = None,
    synthesis: FakeSynthesis | None = None,
    gate: Gate | None = None,
    posts: bool = True,
) -> AsyncIterator[Peer]:
    """A peer whose socket was taken to the endpoint; at the end it is gone if it was not."""
    peer = Peer(format_, posts=posts)
    host = fake_host(synthesis or wire_synthesis(), peer.records, limits=limits)
    endpoint = StreamEndpoint(host, peer.connections, gate or open_gate())
    offered = [format_.subprotocol] if offers is None else offers
    tasks = asyncio.all_tasks()
    event: Message = {"type": "websocket.connect"}
    peer._events.put_nowait(event)
    async with asyncio.TaskGroup() as group:
        peer.serving = group.create_task(endpoint.serve(peer.socket(offered)))
        yield peer
        peer.leave()
    assert len(peer.connections) == 0
    assert asyncio.all_tasks() == tasks

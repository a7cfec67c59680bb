"""A session that is spoken, and those who watch it; nothing real about it but itself."""

import asyncio
import itertools
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Any, TypeVar

from msgspec import structs

from lipwire_client import OrderChecker
from lipwire_protocol import (
    MSGPACK,
    Chunk,
    ClientMessage,
    Flow,
    FlowMode,
    Hello,
    LipwireError,
    ServerMessage,
    Speak,
    Watch,
    tag,
)
from lipwire_server.session.audience import Shared
from lipwire_server.session.host import Host
from lipwire_server.session.registry import OpenSession
from lipwire_server.session.watching import Watcher
from lipwire_server.store.records import Record
from tests.fakes import FakeSink, FakeSynthesis, fake_host

__all__ = ["PACED", "Seat", "Theatre", "theatre"]

M = TypeVar("M", bound=ServerMessage)

PACED = Hello(flow=Flow(mode=FlowMode.PACED, lead_ms=1_000))


class Seat:
    """One who watches: reads at once, holds what comes to the order, or is congested or full."""

    def __init__(self) -> None:
        self.heard: list[ServerMessage] = []
        self.congested = False
        self.full = False
        self.reads = asyncio.Event()
        """Whoever sets his own pace is waited for until then, at messages of that kind."""
        self.stops_at: type = object
        self.reads.set()
        self.fault: LipwireError | None = None
        self.watcher: Watcher
        self.running: asyncio.Task[None]
        self._order = OrderChecker()

    def control(self, message: ServerMessage) -> None:
        self._hear(MSGPACK.encode(structs.replace(message, seq=len(self.heard) + 1)))

    def offer(self, message: Shared) -> bool:
        if not self.full:
            self._hear(message.packed(MSGPACK).encode(len(self.heard) + 1))
        return not self.full

    def insist(self, message: Shared) -> bool:
        self._hear(message.packed(MSGPACK).encode(len(self.heard) + 1))
        return True

    async def share(self, message: Shared) -> None:
        if isinstance(message.message, self.stops_at):
            await self.reads.wait()
        self._hear(message.packed(MSGPACK).encode(len(self.heard) + 1))

    def _hear(self, data: bytes) -> None:
        message = MSGPACK.decode_server(data)
        self.heard.append(message)
        self._order.check(message)

    async def watch(self) -> None:
        try:
            await self.watcher.run()
        except LipwireError as fault:
            self.fault = fault

    def leave(self) -> None:
        """As a connection does that is gone."""
        self.running.cancel()
        self.watcher.leave()

    def all(self, kind: type[M], utterance: int | None = None) -> list[M]:
        return [
            message
            for message in self.heard
            if isinstance(message, kind)
            and utterance in (None, getattr(message, "utterance", None))
        ]

    def one(self, kind: type[M], utterance: int | None = None) -> M:
        (message,) = self.all(kind, utterance)
        return message

    def tags(self) -> list[str]:
        """The types that came, chunks in a row as one."""
        names: list[str] = []
        for message in self.heard:
            if tag(message) != "chunk" or names[-1] != "chunk":
                names.append(tag(message))
        return names

    def audio(self, utterance: int = 1) -> bytes:
        chunks = self.all(Chunk, utterance)
        return b"".join(chunk.audio for chunk in chunks if isinstance(chunk.audio, bytes))


class Theatre:
    """A session that is spoken, and whoever watches it."""

    def __init__(self, group: asyncio.TaskGroup, hello: Hello, **synthesis: Any) -> None:
        self.group = group
        self.synthesis = FakeSynthesis(**synthesis)
        secrets = map("secret {}".format, itertools.count(1))
        self.records: list[Record] = []
        host = fake_host(self.synthesis, self.records)
        self.host: Host = replace(host, new_secret=lambda: next(secrets))
        self.sink = FakeSink()
        self.session: OpenSession = self.host.open(hello, self.sink)
        self.speaking = group.create_task(self.session.conversation.run())
        self.seats: list[Seat] = []

    @property
    def sent(self) -> list[ServerMessage]:
        return self.sink.sent

    def say(self, *messages: ClientMessage) -> None:
        for message in messages:
            self.session.conversation.receive(message)

    def speak(self, utterance: int, text: str, *, end: bool = True) -> None:
        self.say(Speak(utterance=utterance, text=text, end=end))

    def audio(self, utterance: int = 1) -> bytes:
        return b"".join(
            message.audio
            for message in self.sent
            if isinstance(message, Chunk)
            and message.utterance == utterance
            and isinstance(message.audio, bytes)
        )

    def wish(self, **wishes: Any) -> Watch:
        secret = self.session.memory.watch_secret
        assert secret is not None
        wishes = {"flow": Flow(mode=FlowMode.PACED, lead_ms=1_000), **wishes}
        return Watch(**{"session": str(self.session.id), "watch_secret": secret, **wishes})

    async def watch(self, **wishes: Any) -> Seat:
        """Raises LipwireError where the host refuses."""
        seat = Seat()
        seat.watcher = await self.host.watch(self.wish(**wishes), seat)
        seat.running = self.group.create_task(seat.watch())
        self.seats.append(seat)
        return seat

    def end(self, code: int = 1000) -> None:
        """The session is over."""
        self.host.leave(self.session, code)


@asynccontextmanager
async def theatre(hello: Hello = PACED, **synthesis: Any) -> AsyncIterator[Theatre]:
    async with asyncio.TaskGroup() as group:
        shown = Theatre(group, hello, **synthesis)
        yield shown
        shown.speaking.cancel()
        for seat in shown.seats:
            seat.leave()
    shown.host.registry.close()
    assert len(shown.host.watching) == 0

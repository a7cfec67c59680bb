"""One session on one connection after another; nothing real about it but itself."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any, TypeVar

from lipwire_protocol import (
    Chunk,
    ClientMessage,
    Hello,
    Limits,
    Position,
    Ready,
    Resume,
    Segment,
    ServerMessage,
    Speak,
    UtteranceEnded,
)
from lipwire_server.session.host import Host
from lipwire_server.session.registry import OpenSession
from lipwire_server.store.records import Record
from tests.fakes import FakeSink, FakeSynthesis, fake_host
from tests.server.session.stage import OFF

__all__ = ["Line", "Lines", "audio_of", "lines", "position_after"]

M = TypeVar("M", bound=ServerMessage)


@dataclass(eq=False)
class Line:
    """A connection: what arrived on it, until it is lost."""

    session: OpenSession
    sink: FakeSink
    running: asyncio.Task[None]
    displaced: list[str] = field(default_factory=list)

    @property
    def heard(self) -> list[ServerMessage]:
        return self.sink.sent

    @property
    def ready(self) -> Ready:
        return self.one(Ready)

    def say(self, *messages: ClientMessage) -> None:
        for message in messages:
            self.session.conversation.receive(message)

    def speak(self, utterance: int, text: str, **settings: Any) -> None:
        self.say(Speak(utterance=utterance, text=text, **{"end": True, **settings}))

    def all(self, kind: type[M]) -> list[M]:
        return [message for message in self.heard if isinstance(message, kind)]

    def one(self, kind: type[M]) -> M:
        (message,) = self.all(kind)
        return message


class Lines:
    """A server and those who connect to it."""

    def __init__(self, group: asyncio.TaskGroup, limits: Limits, **synthesis: Any) -> None:
        self.group = group
        self.records: list[Record] = []
        self.synthesis = FakeSynthesis(**synthesis)
        self.host: Host = fake_host(self.synthesis, self.records, limits=limits)
        self.live: list[Line] = []

    def open(self, hello: Hello = OFF) -> Line:
        sink, displaced = FakeSink(), list[str]()
        session = self.host.open(hello, sink, lambda: displaced.append("taken over"))
        return self._line(session, sink, displaced)

    async def resume(
        self, ready: Ready, heard: list[ServerMessage], *, position: Position | None = None
    ) -> Line:
        """By somebody who heard all that; `position` is what he says instead of where he is."""
        segment = _unfinished(heard)
        sink = FakeSink(segment, _end(heard, segment) if segment else 0)
        displaced = list[str]()
        wish = Resume(
            id=ready.session.id,
            secret=ready.session.secret,
            position=position or position_after(heard),
        )
        resumed = self.host.resume(wish, sink, lambda: displaced.append("taken over"))
        return self._line(await resumed, sink, displaced)

    def lose(self, line: Line, close_code: int = 1006) -> None:
        """Its socket is gone, with what did not leave."""
        line.running.cancel()
        line.sink.lane.clear()
        self.host.leave(line.session, close_code)

    def _line(self, session: OpenSession, sink: FakeSink, displaced: list[str]) -> Line:
        running = self.group.create_task(session.conversation.run())
        line = Line(session, sink, running, displaced)
        self.live.append(line)
        return line


def position_after(heard: list[ServerMessage]) -> Position:
    """Where somebody is who heard that."""
    segment = _unfinished(heard)
    if segment is None:
        ended = [m.utterance for m in heard if isinstance(m, UtteranceEnded)]
        return Position(
            utterance=max(ended, default=-1) + 1, segment=0, span=(0, 0), start=0, sample=0
        )
    return Position(
        utterance=segment.utterance,
        segment=segment.segment,
        span=segment.span,
        start=segment.start,
        sample=_end(heard, segment),
    )


def audio_of(utterance: int, *lines: list[ServerMessage]) -> bytes:
    return b"".join(
        message.audio
        for heard in lines
        for message in heard
        if isinstance(message, Chunk)
        and message.utterance == utterance
        and isinstance(message.audio, bytes)
    )


def _unfinished(heard: list[ServerMessage]) -> Segment | None:
    segments = [message for message in heard if isinstance(message, Segment)]
    ended = {m.utterance for m in heard if isinstance(m, UtteranceEnded)}
    return segments[-1] if segments and segments[-1].utterance not in ended else None


def _end(heard: list[ServerMessage], segment: Segment) -> int:
    chunks = [m for m in heard if isinstance(m, Chunk) and m.utterance == segment.utterance]
    return max((chunk.start + chunk.count for chunk in chunks), default=segment.start)


@asynccontextmanager
async def lines(*, limits: Limits | None = None, **synthesis: Any) -> AsyncIterator[Lines]:
    """A server that runs until the test is done with it."""
    async with asyncio.TaskGroup() as group:
        server = Lines(group, limits or Limits(), **synthesis)
        yield server
        for line in server.live:
            line.running.cancel()
        server.host.registry.close()

"""A conversation with nothing real about it but itself."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, TypeVar

from lipwire_protocol import (
    Chunk,
    ClientMessage,
    Flow,
    FlowMode,
    Hello,
    Limits,
    ServerMessage,
    Speak,
    tag,
)
from lipwire_server.session.conversation import Conversation
from lipwire_server.store.records import Record, UtteranceRecord
from tests.fakes import FakeSink, FakeSynthesis, fake_host

__all__ = ["OFF", "PLAYED", "Stage", "stage"]

M = TypeVar("M", bound=ServerMessage)

OFF = Hello(flow=Flow(mode=FlowMode.OFF))
PLAYED = Hello(flow=Flow(mode=FlowMode.PLAYED, lead_ms=1_000))


class Stage:
    """What a test holds in its hands: a conversation that runs, and everything around it."""

    def __init__(self, hello: Hello, synthesis: FakeSynthesis, limits: Limits) -> None:
        self.synthesis = synthesis
        self.sink = FakeSink()
        self.records: list[Record] = []
        self.opened = fake_host(synthesis, self.records, limits=limits).open(hello, self.sink)
        self.running: asyncio.Task[None]

    @property
    def conversation(self) -> Conversation:
        return self.opened.conversation

    @property
    def sent(self) -> list[ServerMessage]:
        return self.sink.sent

    def receive(self, *messages: ClientMessage) -> None:
        for message in messages:
            self.conversation.receive(message)

    def say(self, utterance: int, text: str, *, end: bool = True) -> None:
        self.receive(Speak(utterance=utterance, text=text, end=end))

    def all(self, kind: type[M], utterance: int | None = None) -> list[M]:
        """What left, of one type, of one utterance or of all."""
        return [
            message
            for message in self.sent
            if isinstance(message, kind)
            and utterance in (None, getattr(message, "utterance", None))
        ]

    def one(self, kind: type[M], utterance: int | None = None) -> M:
        (message,) = self.all(kind, utterance)
        return message

    def tags(self, utterance: int) -> list[str]:
        """The types that left of an utterance, chunks in a row as one."""
        names: list[str] = []
        for message in self.sent:
            if getattr(message, "utterance", None) == utterance:
                name = tag(message)
                if name != "chunk" or names[-1:] != ["chunk"]:
                    names.append(name)
        return names

    def samples(self, utterance: int | None = None) -> int:
        return sum(chunk.count for chunk in self.all(Chunk, utterance))

    def audio(self, utterance: int) -> bytes:
        chunks = self.all(Chunk, utterance)
        return b"".join(chunk.audio for chunk in chunks if isinstance(chunk.audio, bytes))

    def spoken(self) -> list[UtteranceRecord]:
        return [record for record in self.records if isinstance(record, UtteranceRecord)]


@asynccontextmanager
async def stage(
    hello: Hello = OFF, *, limits: Limits | None = None, **synthesis: Any
) -> AsyncIterator[Stage]:
    """A conversation that runs until the test is done with it."""
    voice = FakeSynthesis(**synthesis)
    shown = Stage(hello, voice, limits or Limits())
    async with asyncio.TaskGroup() as group:
        shown.running = group.create_task(shown.conversation.run())
        yield shown
        shown.running.cancel()

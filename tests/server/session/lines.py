"""One session on one connection after another; nothing real about it but itself."""

import asyncio
import itertools
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any, TypeVar
from uuid import UUID

from lipwire_protocol import (
    Chunk,
    ClientMessage,
    ErrorCode,
    Hello,
    Limits,
    Position,
    Ready,
    Replay,
    Resume,
    Segment,
    ServerMessage,
    Speak,
    UtteranceEnded,
    UtteranceStarted,
)
from lipwire_server.session.host import Host
from lipwire_server.session.registry import OpenSession
from lipwire_server.store.recollections import OVER, EndedUtterance, LoggedSession
from lipwire_server.store.records import (
    Record,
    SessionEnded,
    SessionOpened,
    SessionPosed,
    SessionResumed,
    SettingsRecord,
    SpeechRecord,
    UtteranceRecord,
)
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
    displaced: list[ErrorCode] = field(default_factory=list)
    """What it was told when the session was taken from it."""
    _arrived: list[ServerMessage] | None = None

    @property
    def heard(self) -> list[ServerMessage]:
        return self.sink.sent if self._arrived is None else self._arrived

    def lose(self) -> None:
        """Nothing arrives any more."""
        self._arrived = list(self.heard)
        self.running.cancel()

    @property
    def ready(self) -> Ready:
        return self.one(Ready)

    def say(self, *messages: ClientMessage) -> None:
        for message in messages:
            self.session.conversation.receive(message)

    def speak(self, utterance: int, text: str, **settings: Any) -> None:
        self.say(Speak(utterance=utterance, text=text, **{"end": True, **settings}))

    async def replay(self, utterance: int, of: int, begin: int = 0) -> None:
        wish = Replay(utterance=utterance, of=of, from_=begin)
        await self.session.conversation.follow(wish)

    def all(self, kind: type[M]) -> list[M]:
        return [message for message in self.heard if isinstance(message, kind)]

    def of(self, kind: type[M], utterance: int) -> list[M]:
        return [m for m in self.all(kind) if getattr(m, "utterance", None) == utterance]

    def one(self, kind: type[M]) -> M:
        (message,) = self.all(kind)
        return message


class FakeLog:
    """What `store.speech_log` reads, out of the records themselves; `asked` counts."""

    def __init__(self, records: list[Record]) -> None:
        self.records = records
        self.asked = 0

    async def take_up(
        self,
        id: UUID,
        *,
        shown_sha256: bytes,
        new_sha256: bytes,
        first: int | None,
        now: datetime,
        window: timedelta,
    ) -> LoggedSession | None:
        self.asked += 1
        mine = [record for record in self.records if id in (record.id, _session(record))]
        opened = next((r for r in mine if isinstance(r, SessionOpened)), None)
        marks = [r for r in mine if isinstance(r, SessionOpened | SessionResumed | SessionEnded)]
        resumed = [r for r in marks if isinstance(r, SessionResumed)]
        if opened is None:
            return None
        secrets = [opened.secret_sha256]
        if resumed:
            secrets = [resumed[-1].secret_sha256, resumed[-1].previous_sha256]
        last = marks[-1]
        is_late = isinstance(last, SessionEnded) and (
            last.close_code in OVER or now - last.ended_at > window
        )
        if shown_sha256 not in secrets or is_late:
            return None
        ended = {r.number: r for r in mine if isinstance(r, UtteranceRecord)}
        epoch = len(resumed) + 1
        self.records.append(
            SessionResumed(
                id=id, epoch=epoch, secret_sha256=new_sha256, previous_sha256=shown_sha256
            )
        )
        said = [r for r in mine if isinstance(r, SpeechRecord)]
        return LoggedSession(
            epoch=epoch,
            previous_sha256=shown_sha256,
            voice=opened.voice,
            settings=opened.settings,
            entries=_entries(mine, {r.utterance for r in said if r.utterance >= (first or 0)}),
            ended={
                number: EndedUtterance(
                    id=each.id, count=each.count, reason=each.reason, heard=each.heard
                )
                for number, each in ended.items()
            },
            pose=next((r.pose for r in reversed(mine) if isinstance(r, SessionPosed)), None),
            clock=max(
                (r.at + r.count for r in ended.values() if first is None or r.number < first),
                default=0,
            ),
            sequence=_sequence(mine),
        )

    async def look_up(self, id: UUID, utterance: int) -> LoggedSession | None:
        self.asked += 1
        mine = [record for record in self.records if id in (record.id, _session(record))]
        opened = next((r for r in mine if isinstance(r, SessionOpened)), None)
        if opened is None or utterance not in {
            r.utterance for r in mine if isinstance(r, SpeechRecord)
        }:
            return None
        return LoggedSession(
            epoch=0,
            previous_sha256=b"",
            voice=opened.voice,
            settings=opened.settings,
            entries=_entries(mine, {utterance}),
            ended={},
            clock=0,
            sequence=_sequence(mine),
        )


def _entries(
    mine: Sequence[Record], utterances: set[int]
) -> tuple[SpeechRecord | SettingsRecord, ...]:
    """All settings, and what was said for these utterances and for what they are replays of."""
    said = [r for r in mine if isinstance(r, SpeechRecord)]
    wanted = utterances | {r.replays for r in said if r.utterance in utterances}
    entries = [r for r in mine if isinstance(r, SettingsRecord)]
    return tuple(
        sorted(
            [*entries, *(r for r in said if r.utterance in wanted)],
            key=lambda entry: entry.sequence,
        )
    )


def _sequence(mine: Sequence[Record]) -> int:
    logged = [r.sequence for r in mine if isinstance(r, SpeechRecord | SettingsRecord)]
    return max(logged, default=0)


def _session(record: Record) -> UUID | None:
    return record.session_id if isinstance(record, UtteranceRecord) else None


class Lines:
    """A server and those who connect to it."""

    def __init__(
        self,
        group: asyncio.TaskGroup,
        limits: Limits,
        records: list[Record] | None = None,
        **synthesis: Any,
    ) -> None:
        self.group = group
        self.limits = limits
        self.records: list[Record] = [] if records is None else records
        self.log = FakeLog(self.records)
        self.synthesis = FakeSynthesis(**synthesis)
        self._settings = synthesis
        secrets = itertools.count(1)
        self.host: Host = replace(
            fake_host(self.synthesis, self.records, limits=limits),
            new_secret=lambda: f"secret {id(self)} {next(secrets)}",
            take_up=self.log.take_up,
            look_up=self.log.look_up,
        )
        self.live: list[Line] = []

    def killed(self) -> "Lines":
        """This server is gone without a word; another one with what it had recorded."""
        for line in self.live:
            line.lose()
        other = Lines(self.group, self.limits, self.records, **self._settings)
        other.live = self.live
        self.host = other.host
        self.synthesis = other.synthesis
        self.log = other.log
        return other

    def open(self, hello: Hello = OFF) -> Line:
        sink, displaced = FakeSink(), list[ErrorCode]()
        session = self.host.open(hello, sink, lambda why: displaced.append(why.code))
        return self._line(session, sink, displaced)

    async def resume(
        self, ready: Ready, heard: list[ServerMessage], *, position: Position | None = None
    ) -> Line:
        """By somebody who heard all that; `position` is what he says instead of where he is."""
        segment = _unfinished(heard)
        sink = FakeSink(segment, _end(heard, segment) if segment else 0)
        displaced = list[ErrorCode]()
        assert ready.session.secret is not None
        wish = Resume(
            id=ready.session.id,
            secret=ready.session.secret,
            position=position or position_after(heard),
        )
        resumed = self.host.resume(wish, sink, lambda why: displaced.append(why.code))
        return self._line(await resumed, sink, displaced)

    def lose(self, line: Line, close_code: int = 1006) -> None:
        """Its socket is gone, with what did not leave."""
        line.lose()
        self.host.leave(line.session, close_code)

    def _line(self, session: OpenSession, sink: FakeSink, displaced: list[ErrorCode]) -> Line:
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
    started = (m for m in heard if isinstance(m, UtteranceStarted))
    begin = next((m.from_ for m in started if m.utterance == segment.utterance), 0)
    return max([segment.start, begin, *(chunk.start + chunk.count for chunk in chunks)])


@asynccontextmanager
async def lines(*, limits: Limits | None = None, **synthesis: Any) -> AsyncIterator[Lines]:
    """A server that runs until the test is done with it."""
    async with asyncio.TaskGroup() as group:
        server = Lines(group, limits or Limits(), **synthesis)
        yield server
        for line in server.live:
            line.running.cancel()
        server.host.registry.close()

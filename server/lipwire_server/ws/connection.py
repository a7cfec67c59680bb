"""One WebSocket: a reader, a speaker and a writer in one TaskGroup."""

import asyncio
import logging
from contextlib import suppress
from typing import Protocol

from msgspec import structs
from starlette.types import Message
from starlette.websockets import WebSocket, WebSocketDisconnect

from lipwire_protocol import (
    JSON,
    MSGPACK,
    ClientMessage,
    CloseCode,
    EndReason,
    Error,
    ErrorCode,
    GoAway,
    Hello,
    LipwireError,
    Replay,
    ServerMessage,
    SessionState,
    Speak,
    Warning,
    Watch,
    WireFormat,
    ms_to_samples,
    tag,
)
from lipwire_protocol.session import advance

from ..access.entry import Entry
from ..access.scopes import Scope
from ..observe.context import SESSION
from ..observe.meter import Tap
from ..session.account import FREE
from ..session.audience import Shared
from ..session.host import Host, OpenSession
from ..session.registry import LOST
from ..session.watching import Watcher
from ..stopping import stop
from .outbox import Outbox
from .patience import Patience
from .posting import post_of

__all__ = ["Connection", "close"]

_log = logging.getLogger(__name__)

_BACKLOG_MS = 10_000
"""Media that may wait in the outbox; at the highest sample rate there is."""
_HIGHEST_RATE = 48_000
_CLOSE_GRACE_S = 5.0
"""How long a client may take to answer a close."""


class Party(Protocol):
    """What a connection is for: a conversation, or one who watches another's."""

    @property
    def busy(self) -> bool:
        """Nothing need be heard of him."""

    async def follow(self, message: ClientMessage) -> None:
        """Raises LipwireError for a message that cannot be followed."""

    async def run(self) -> None:
        """Returns when nothing more is to be sent."""

    def drain(self) -> None:
        """Lets the segment that is being spoken end, and everything else with it."""

    def abandon(self, reason: EndReason) -> None:
        """Ends it where it is."""


class Connection:
    """Carries one session, or one who watches it, over one socket that was accepted."""

    def __init__(
        self,
        socket: WebSocket,
        format_: WireFormat | None,
        host: Host,
        entry: Entry | None = None,
        tap: Tap | None = None,
    ) -> None:
        """Without an entry, everybody may come in; without a tap, nothing is counted."""
        self._tap = tap
        self._socket = socket
        self._entry = entry
        self._format = format_
        """None until the first message decides."""
        self._host = host
        self._write_now = post_of(socket)
        self._seq = 0
        """Of the message that was written last."""
        self._outbox = Outbox(ms_to_samples(_BACKLOG_MS, _HIGHEST_RATE), post=self._post)
        self._state = SessionState.NEW
        self._session: OpenSession | None = None
        self._watcher: Watcher | None = None
        self._speaker: asyncio.Task[None] | None = None
        self._group = asyncio.TaskGroup()
        self._close_code = int(CloseCode.NORMAL)
        self._left = False
        """The client is gone, and the close code is his."""

    async def run(self) -> None:
        """Returns when the socket is closed, by either side."""
        try:
            async with self._group as group:
                reader = group.create_task(self._read())
                writer = group.create_task(self._write())
                await asyncio.wait({reader, writer}, return_when=asyncio.FIRST_COMPLETED)
                if writer.done():
                    await asyncio.wait({reader}, timeout=_CLOSE_GRACE_S)
                speaking = () if self._speaker is None else (self._speaker,)
                await stop(reader, writer, *speaking)
        except Exception:
            self._close_code = CloseCode.INTERNAL
            raise
        finally:
            self._end()

    def _end(self) -> None:
        """Lets go of everything: a session may wait for another connection, but what this one had
        must not, and what has each other is only found by a collection of garbage."""
        if self._entry is not None:
            self._entry.leave()
        if self._session is not None:
            self._host.leave(self._session, self._close_code)
            _log.info("session %s closed: %d", self._session.id, self._close_code)
        if self._watcher is not None:
            self._watcher.leave()
        self._outbox.finish(discard=True)
        self._session = self._watcher = self._speaker = None

    @property
    def _party(self) -> Party | None:
        """None before the first message."""
        return self._watcher if self._session is None else self._session.conversation

    def go_away(self, in_ms: int) -> None:
        """Announces a restart; what is being spoken ends with its segment."""
        self._close_code = CloseCode.RESTART
        self._outbox.control(GoAway(in_ms=in_ms))
        if self._party is None:
            self._outbox.finish()
        else:
            self._party.drain()

    async def expel(self) -> None:
        """Ends it where its key is not in use any more."""
        if self._entry is not None and not await self._entry.is_welcome_still():
            text = "the key of this session was revoked"
            self._answer(LipwireError(ErrorCode.UNAUTHORIZED, text), fatal=True)

    def cut(self) -> None:
        """The time to go is over: ends what is in the middle, and says so."""
        if self._party is not None:
            self._party.abandon(EndReason.ERROR)
        self._outbox.finish(discard=True)

    # Reader

    async def _read(self) -> None:
        """Reads until the peer is gone: also while closing, or its close would not be seen."""
        while (event := await self._receive()) is not None:
            if self._outbox.finished:
                continue  # The last word is said.
            try:
                await self._take(event)
            except LipwireError as error:
                self._answer(error, fatal=self._party is None)
            await self._outbox.room()

    async def _receive(self) -> Message | None:
        while True:
            try:
                async with asyncio.timeout(self._patience_s):
                    event = await self._socket.receive()
            except TimeoutError:
                self._lose_patience()
                continue
            if event["type"] == "websocket.disconnect":
                self._note_close(event.get("code"))
                return None
            return event

    def _note_close(self, code: int | None) -> None:
        self._left = True
        if code == CloseCode.INTERNAL != self._close_code:
            # A bug of the client's counts as that; after one of ours he may not come back.
            code = LOST
        self._close_code = code or self._close_code

    @property
    def _patience_s(self) -> float:
        limits = self._host.limits
        return (limits.hello_ms if self._party is None else limits.idle_ms) / 1000

    def _lose_patience(self) -> None:
        if self._outbox.finished:
            return
        if self._party is None:
            text = f"no hello within {self._host.limits.hello_ms} ms"
            self._answer(LipwireError(ErrorCode.IDLE, text), fatal=True)
        elif not self._party.busy and not self._outbox.samples:
            text = f"no message within {self._host.limits.idle_ms} ms; send a ping to stay"
            self._party.abandon(EndReason.IDLE)
            self._answer(LipwireError(ErrorCode.IDLE, text), fatal=True)

    async def _take(self, event: Message) -> None:
        try:
            message = self._decode(event)
        except LipwireError as error:
            if error.code is not ErrorCode.UNKNOWN_TYPE or self._party is None:
                raise
            self._outbox.control(Warning(code=error.code, message=str(error)))
            return
        if self._tap is not None:
            self._tap.received(message)
        state = advance(self._state, message)
        try:
            await self._follow(message)
        except LipwireError as error:
            number = getattr(message, "utterance", None)
            self._answer(error, fatal=self._party is None, utterance=number)
        else:
            self._state = state

    def _decode(self, event: Message) -> ClientMessage:
        text = event.get("text")
        data, format_ = (event["bytes"], MSGPACK) if text is None else (text.encode(), JSON)
        if self._format is None:
            self._format = format_
        if self._format is not format_:
            kind = "MessagePack in binary" if self._format is MSGPACK else "JSON in text"
            raise LipwireError(
                ErrorCode.BAD_MESSAGE, f"{self._format.subprotocol} is {kind} messages"
            )
        return format_.decode_client(data)

    async def _follow(self, message: ClientMessage) -> None:
        if self._session is not None and self._entry is not None:
            await self._follow_counted(message, self._session, self._entry)
        elif self._party is not None:
            await self._party.follow(message)
        elif isinstance(message, Watch):
            if self._entry is not None:
                await self._entry.admit(message.token, Scope.WATCH)
            payer = self._entry or FREE
            self._watcher = await self._host.watch(message, self._outbox, payer)
            self._speaker = self._group.create_task(self._watch(self._watcher))
            _log.info("session %s is watched", message.session)
        elif isinstance(message, Hello):
            if self._entry is not None:
                await self._entry.admit(message.token)
            wish, line, payer = message.session, self._outbox, self._entry or FREE
            if wish is None:
                self._session = self._host.open(message, line, self._displaced, payer)
            else:
                self._session = await self._host.resume(wish, line, self._displaced, payer)
            SESSION.set(str(self._session.id))
            self._speaker = self._group.create_task(self._run(self._session.conversation))
            _log.info("session %s %s", self._session.id, "resumed" if message.session else "opened")
        else:
            raise LipwireError(ErrorCode.UNSUPPORTED, f"this server does not do {tag(message)} yet")

    async def _follow_counted(
        self, message: ClientMessage, session: OpenSession, entry: Entry
    ) -> None:
        """What is spoken for it counts for the key, also what is said again."""
        if isinstance(message, Speak) and not session.memory.knows(message.number or 0):
            entry.charge(len(message.text))
        if not isinstance(message, Replay):
            await session.conversation.follow(message)
            return
        entry.charge(0)
        highest = session.memory.highest
        await session.conversation.follow(message)
        script = session.memory.scripts.get(message.utterance)
        if script is not None and message.utterance > highest:
            entry.owe(script.length)

    def _displaced(self, why: LipwireError) -> None:
        self._answer(why, fatal=True)

    def _answer(self, error: LipwireError, *, fatal: bool, utterance: int | None = None) -> None:
        self._outbox.control(
            Error(
                code=error.code,
                message=str(error),
                utterance=utterance,
                fatal=fatal,
                retry_after_ms=error.retry_after_ms,
            )
        )
        if fatal:
            self._close_code = error.code.close_code
            self._outbox.finish(discard=True)

    # Speaker and writer

    async def _run(self, party: Party) -> None:
        await party.run()
        self._outbox.finish()

    async def _watch(self, watcher: Watcher) -> None:
        try:
            await self._run(watcher)
        except LipwireError as error:
            self._answer(error, fatal=True)

    async def _write(self) -> None:
        """Writes until the outbox is finished, or the peer is gone, or does not read."""
        try:
            async with Patience(self._host.limits.stall_ms / 1000) as patience:
                while (message := await self._outbox.next()) is not None:
                    self._count(message)
                    patience.begin()
                    await self._send(message)
                    patience.end()
        except TimeoutError:
            self._close_code = ErrorCode.SLOW_CONSUMER.close_code
            who = "a client" if self._session is None else f"session {self._session.id}"
            _log.warning("%s left its socket unread for %d ms", who, self._host.limits.stall_ms)
        except WebSocketDisconnect as gone:
            if not self._left:  # Who closed while he was written to was not lost.
                self._close_code = gone.code
            return
        await close(self._socket, self._close_code)

    async def _send(self, message: ServerMessage | Shared) -> None:
        data = b"".join(self._packed(message, self._seq))
        if self._format is JSON:
            await self._socket.send_text(data.decode())
        else:
            await self._socket.send_bytes(data)

    def _post(self, message: ServerMessage | Shared) -> bool:
        """Writes at once, and wakes nobody for it."""
        if self._write_now is None or self._format is not MSGPACK:
            return False
        if not self._write_now(*self._packed(message, self._seq + 1)):
            return False
        self._count(message)
        return True

    def _count(self, message: ServerMessage | Shared) -> None:
        self._seq += 1
        if self._tap is not None:
            self._tap.sent(message.message if isinstance(message, Shared) else message)

    def _packed(self, message: ServerMessage | Shared, seq: int) -> tuple[bytes, bytes]:
        format_ = self._format or MSGPACK
        if isinstance(message, Shared):
            return message.packed(format_).parts(seq)
        return b"", format_.encode(structs.replace(message, seq=seq))


async def close(socket: WebSocket, code: int, reason: str | None = None) -> None:
    """Closes a socket, whatever state it is in; gives up on one that takes not even that."""
    with suppress(TimeoutError, RuntimeError, WebSocketDisconnect):
        async with asyncio.timeout(_CLOSE_GRACE_S):
            await socket.close(code, reason)

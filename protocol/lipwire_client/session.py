"""A session with a Lipwire server, for asyncio."""

import asyncio
from collections import deque
from collections.abc import AsyncIterable, AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, replace

import websockets
from msgspec import structs
from websockets.asyncio.client import ClientConnection

from lipwire_protocol import (
    MSGPACK,
    Accepted,
    ClientMessage,
    CloseCode,
    Configure,
    Configured,
    Continue,
    Error,
    ErrorCode,
    Flow,
    FlowMode,
    Hello,
    Interrupt,
    Limits,
    LipwireError,
    Pause,
    Pose,
    Posed,
    Ready,
    Replay,
    Resume,
    ServerMessage,
    Speak,
    UtteranceEnded,
    Watch,
)

from .answers import Answers, as_exception
from .codec import pack, unpack
from .leaving import leave
from .order import OrderChecker
from .place import Place
from .saying import Saying, Spoken, pieces

__all__ = ["ResumePoint", "Session", "Spoken", "connect"]

_POLL_S = 0.05
_QUIET_S = 1.0
_VERY_QUIET_S = 15.0
"""A server may stand still for some seconds."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ResumePoint:
    """Where a session is, for `connect`: another connection goes on with it there."""

    id: str
    secret: str
    place: Place
    unaccepted: tuple[Speak, ...]
    """What the server may not have."""
    speaks: int
    utterances: int
    saying: Saying | None


class Session:
    """Sends typed messages and gives those of the server, checked for their order.

    `async for message in session` gives every message; `say` collects one utterance. Use one of
    the two at a time. `configure`, `pose`, `pause` and `resume` may be called beside them, from
    another task, or in between.

    When the connection is lost, `connect(url, resume=session.resume_point)` goes on with the
    session where this one was.
    """

    def __init__(self, socket: ClientConnection, resume: ResumePoint | None = None) -> None:
        self._socket = socket
        self._place = Place() if resume is None else replace(resume.place, is_last=False)
        self._order = OrderChecker(self._place.segment, self._place.sample)
        self._numbers = 0 if resume is None else resume.utterances
        """Of utterances."""
        self._speaks = 0 if resume is None else resume.speaks
        self._unaccepted = {} if resume is None else {s.number: s for s in resume.unaccepted}
        self._saying = None if resume is None else resume.saying
        self._limit = Limits().waiting_text
        """Code points that may wait; of more the server says no."""
        self._reading = asyncio.Lock()
        self._early: deque[ServerMessage] = deque()
        """What arrived while `configure` or `pose` waited for its answer. A server that does not
        answer fills it no further than its flow allows."""
        self._answers = Answers()
        self.ready: Ready

    async def start(self, hello: Hello | Watch) -> None:
        """Raises LipwireError with the server's code when it refuses."""
        await self.send(hello)
        message = await self.receive()
        if isinstance(message, Error):
            raise as_exception(message)
        if not isinstance(message, Ready):
            raise LipwireError(ErrorCode.BAD_STATE, f"{type(message).__name__} instead of ready")
        self.ready = message
        self._limit = message.limits.waiting_text
        for number in message.session.received:
            self._unaccepted.pop(number, None)
        with suppress(websockets.ConnectionClosed):  # Whoever reads next is told.
            for speak in list(self._unaccepted.values()):
                await self._socket.send(pack(speak))

    async def leave(self, code: int = CloseCode.NORMAL) -> None:
        """Closes the connection at once, whatever waits unread; `connect` does it at the end."""
        await leave(self._socket, self._reading, code)

    @property
    def resume_point(self) -> ResumePoint:
        """Where this session is now; another connection can go on there.

        Raises LipwireError (`bad_state`) for who only watches: he watches again.
        """
        secret = self.ready.session.secret
        if secret is None:
            raise LipwireError(ErrorCode.BAD_STATE, "who watches a session cannot go on with it")
        return ResumePoint(
            id=self.ready.session.id,
            secret=secret,
            place=self._place,
            unaccepted=tuple(self._unaccepted.values()),
            speaks=self._speaks,
            utterances=self._numbers,
            saying=self._saying,
        )

    async def send(self, message: ClientMessage) -> None:
        """Sends a message. A `speak` is numbered, and kept until the server has it for good.

        Raises LipwireError `going_away` when the socket is closed.
        """
        if isinstance(message, Speak) and message.number is None:
            self._speaks += 1
            message = structs.replace(message, number=self._speaks)
            self._unaccepted[self._speaks] = message
        try:
            await self._socket.send(pack(message))
        except websockets.ConnectionClosed as closed:
            raise _closed(closed) from closed

    async def receive(self) -> ServerMessage:
        """The next message.

        Raises LipwireError `bad_state` for one out of order, `going_away` when the socket is
        closed.
        """
        async with self._reading:
            return self._early.popleft() if self._early else await self._read()

    async def _read(self) -> ServerMessage:
        try:
            data = await self._socket.recv(decode=False)
        except websockets.ConnectionClosed as closed:
            raise _closed(closed) from closed
        message = unpack(data)
        self._order.check(message)
        self._place = self._place.after(message)
        self._forget(message)
        self._answers.take(message)
        return message

    def _forget(self, message: ServerMessage) -> None:
        """What is safe need not be kept, nor what is over."""
        if isinstance(message, Accepted):
            self._unaccepted.pop(message.number, None)
        elif isinstance(message, UtteranceEnded) and self._place.has_ended(message.utterance):
            for number, speak in list(self._unaccepted.items()):
                if speak.utterance == message.utterance:
                    del self._unaccepted[number]

    async def __aiter__(self) -> AsyncIterator[ServerMessage]:
        """Every message until the socket is closed."""
        while True:
            try:
                yield await self.receive()
            except LipwireError as error:
                if error.code is ErrorCode.GOING_AWAY:
                    return
                raise

    async def configure(self, changes: Configure) -> Configured:
        """Changes settings from the next segment on; returns what holds then.

        Raises LipwireError with the server's code when it refuses: then nothing has changed.
        """
        configured = await self._ask(changes)
        assert isinstance(configured, Configured)
        return configured

    async def pose(self, changes: Pose) -> Posed:
        """Changes how the face looks; returns its state then.

        Raises LipwireError with the server's code when it refuses: then nothing has changed.
        """
        posed = await self._ask(changes)
        assert isinstance(posed, Posed)
        return posed

    async def _ask(self, changes: Configure | Pose) -> Configured | Posed:
        answer = self._answers.expect()
        try:
            await self.send(changes)
            while not answer.done():
                # Somebody else may be reading, too: then the two take turns.
                async with self._reading:
                    if not answer.done():
                        self._early.append(await self._read())
        finally:
            answer.cancel()
        return answer.result()

    async def pause(self, utterance: int | None = None) -> None:
        """Holds what is sent, of one utterance or of all. What has arrived, the caller has."""
        await self.send(Pause(utterance=utterance))

    async def resume(self, utterance: int | None = None) -> None:
        """Goes on after `pause`: the protocol's `continue`, which is no name in Python.

        It is called what players call it. Taking a *session* up again is not done with this.
        """
        await self.send(Continue(utterance=utterance))

    async def say(
        self,
        text: str | AsyncIterable[str],
        *,
        on_message: Callable[[ServerMessage], None] = lambda message: None,
    ) -> Spoken:
        """Speaks a text, whole or as it comes, and returns when its last sample has arrived.

        Raises LipwireError with the server's code when it refuses some of the text. With
        `overloaded`, `retry_after_ms` says when to say it again: nothing of it was spoken.
        """
        self._numbers += 1
        self._saying = Saying(self._numbers, pieces(text))
        return await self.finish(on_message=on_message)

    async def replay(
        self,
        of: int,
        *,
        start: int = 0,
        on_message: Callable[[ServerMessage], None] = lambda message: None,
    ) -> Spoken:
        """Has an utterance spoken again, from the sample `start` on: the same bytes.

        It is one of its own, with the next number. Raises LipwireError with the server's code when
        it refuses: `not_found` where the utterance is not kept, `bad_state` where it has not ended.
        """
        self._numbers += 1
        wish = Replay(utterance=self._numbers, of=of, from_=start)
        self._saying = Saying(self._numbers, pieces(""), replay=wish)
        return await self.finish(on_message=on_message)

    async def finish(
        self, *, on_message: Callable[[ServerMessage], None] = lambda message: None
    ) -> Spoken:
        """On a connection that went on with a session: the rest of what `say` or `replay` was in
        the middle of, with what it had by then.

        Raises what they raise.
        """
        saying = self._saying
        if saying is None:
            raise LipwireError(ErrorCode.NOTHING_SPEAKING, "there is nothing to finish")
        try:
            async with asyncio.TaskGroup() as group:
                writer = group.create_task(self._write(saying))
                await self._hear(saying, on_message)
                writer.cancel()
        except ExceptionGroup as group_error:
            errors = group_error.exceptions
            if (lost := _lost(errors)) is not None:
                raise lost from None
            self._saying = None
            saying.give_up()
            await self._give_up(saying.number)
            if len(errors) > 1:
                raise
            raise errors[0] from None
        self._saying = None
        saying.give_up()
        return saying.spoken

    async def _hear(self, saying: Saying, on_message: Callable[[ServerMessage], None]) -> None:
        number, spoken = saying.number, saying.spoken
        while spoken.ended is None:
            message = await self.receive()
            on_message(message)
            if isinstance(message, Error) and saying.is_ended_by(message):
                raise as_exception(message)
            is_broken_off = isinstance(message, UtteranceEnded) and not self._place.has_ended(
                number
            )
            is_news = not is_broken_off and not saying.is_echo(message)
            if getattr(message, "utterance", None) == number and is_news:
                spoken.add(message)

    async def _give_up(self, number: int) -> None:
        # An utterance that stays open would keep every later one waiting.
        with suppress(LipwireError):
            await self.send(Interrupt(utterance=number))

    async def _write(self, saying: Saying) -> None:
        if saying.replay is not None:
            # Also on another connection: a server that was killed may have lost it.
            await self.send(saying.replay)
            return
        while True:
            saying.piece = saying.piece or await saying.next()
            if saying.piece is None:
                return
            text, is_last = saying.piece
            await self._until_room(saying, len(text))
            saying.piece = None
            saying.sent += len(text)
            await self.send(Speak(utterance=saying.number, text=text, end=is_last))

    async def _until_room(self, saying: Saying, length: int) -> None:
        """Waits while more of the text is unspoken than half of what the server takes.

        Text that gives no sound gives no message either: after a while without one it goes on.
        That is a long while where the server may say no to it.
        """
        spoken, quiet_s = saying.spoken, 0.0
        while (unspoken := saying.sent - spoken.reached) > self._limit // 2:
            if quiet_s >= (_QUIET_S if unspoken + length <= self._limit else _VERY_QUIET_S):
                return
            reached = spoken.reached
            await asyncio.sleep(_POLL_S)
            is_news = spoken.is_speaking or spoken.reached != reached
            quiet_s = 0.0 if is_news else quiet_s + _POLL_S


@asynccontextmanager
async def connect(
    url: str,
    hello: Hello | None = None,
    *,
    resume: ResumePoint | None = None,
    watch: Watch | None = None,
) -> AsyncIterator[Session]:
    """A session at `url`, for example `ws://127.0.0.1:8000/v1/stream`.

    Without `hello`, the default voice speaks as fast as it can (flow `off`). `resume` goes on with
    a session that lost its connection, under the settings that it had; of `hello`, the token is
    sent. `watch` observes the session of somebody else: what comes is read with `async for`, which
    ends when that session does.

    Leaving it closes the session for good (1000), also in the middle of what is said; an exception
    closes it so that it can be gone on with (1011). Nothing that is unread is waited for.

    Raises LipwireError with the server's code when it refuses, OSError when there is nobody.
    """
    hello = hello or Hello(flow=Flow(mode=FlowMode.OFF))
    if resume is not None:
        position = resume.place.position
        key = Resume(id=resume.id, secret=resume.secret, position=position)
        hello = Hello(token=hello.token, session=key)
    try:
        socket = await websockets.connect(
            url,
            subprotocols=[websockets.Subprotocol(MSGPACK.subprotocol)],
            compression=None,
            max_size=None,
        )
    except websockets.InvalidMessage as error:
        raise ConnectionResetError("the server went away in the middle of a handshake") from error
    session = Session(socket, resume)
    try:
        await session.start(watch or hello)
        yield session
    except BaseException:
        await session.leave(CloseCode.INTERNAL)
        raise
    await session.leave(CloseCode.NORMAL)


def _closed(closed: websockets.ConnectionClosed) -> LipwireError:
    code = closed.rcvd.code if closed.rcvd else CloseCode.GOING_AWAY
    return LipwireError(ErrorCode.GOING_AWAY, f"the socket was closed: {code}")


def _lost(errors: Sequence[Exception]) -> LipwireError | None:
    """That the connection is gone, if that is what is wrong."""
    for error in errors:
        if isinstance(error, LipwireError) and error.code is ErrorCode.GOING_AWAY:
            return error
    return None

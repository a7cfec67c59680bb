"""What each one of a crowd does, from coming to going."""

import asyncio
import random
import ssl
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Final

from lipwire_protocol import (
    Bye,
    ClientMessage,
    Error,
    ErrorCode,
    Interrupt,
    Interrupted,
    Ping,
    Played,
    Ready,
    ServerMessage,
    Speak,
)

from .broadcast import Stage
from .ear import Ear
from .greetings import hello, resume, watch
from .roles import Role
from .socket import Closed, LoadSocket, open_socket
from .tally import Tally
from .target import why

__all__ = ["Person", "World"]

_REPORT_S: Final = 0.25
_PING_S: Final = 60.0
_TOKEN_S: Final = 0.04
_THINK_S: Final = (0.5, 2.5)
"""Between two texts."""
_ANSWER_S: Final = 30.0
"""How long nothing may come where something has to."""
_PAUSE_S: Final = 5.0
"""After a refusal that says nothing about when to come back."""
_DOOR_S: Final = 2.0
"""In which a server that has closed is noticed."""
_STAYS_OPEN: Final = {ErrorCode.OVERLOADED, ErrorCode.SYNTHESIS_FAILED, ErrorCode.INTERNAL}
"""After these errors the utterance still ends with a message of its own."""


@dataclass(frozen=True, slots=True, kw_only=True)
class World:
    """What all of them share."""

    url: str
    lines: Sequence[str]
    token: str | None
    voice: str | None
    tally: Tally
    until: float
    """When everybody goes."""
    now: Callable[[], float]
    """The clock of all this: the event loop's own may count in milliseconds, as uvloop's does."""
    seed: int = 0
    tls: ssl.SSLContext | None = None


class Person:
    """One of the crowd: comes, does what its role does until the time is over, and goes."""

    def __init__(
        self,
        number: int,
        role: Role,
        world: World,
        stage: Stage | None = None,
        *,
        early_s: float = 0.0,
    ) -> None:
        """Goes so long before the others."""
        self.role = role
        self._world = world
        self._ends = world.until - early_s
        self._tally = world.tally
        self._stage = stage
        # Two crowds of neighbouring seeds have nobody in common.
        self._chance = random.Random(f"{world.seed} {number}")
        self._ear = Ear(world.tally, stage.broadcast if stage and role is Role.LISTENER else None)
        self._is_deaf = False
        self._socket: LoadSocket | None = None
        self._is_in = False
        self._ready: Ready | None = None
        self._error: Error | None = None
        self._news = asyncio.Event()
        self._utterance = 0
        self._refused = 0
        """The last utterance that was not let in."""
        self._heard_at = 0.0
        """When anything came last."""
        self._interrupted: Interrupted | None = None
        self._now = world.now

    @property
    def is_here(self) -> bool:
        """It was let in, and has not gone."""
        return self._is_in and self._socket is not None and not self._socket.closed.done()

    async def live(self) -> None:
        """Never raises for what a server or a network does: that is what is counted."""
        doing: dict[Role, Callable[[], Awaitable[None]]] = {
            Role.IDLE: self._idle,
            Role.SPEAKER: self._speak_on,
            Role.STREAMER: self._speak_on,
            Role.INTERRUPTER: self._interrupt_on,
            Role.LISTENER: self._idle,
            Role.DROPPER: self._drop_on,
            Role.SLOW: self._stall,
        }
        try:
            if await self._come(self._greeting()):
                await doing[self.role]()
        except (OSError, TimeoutError) as error:
            self._lost(error)
        finally:
            await self._go()

    # Coming and going

    def _greeting(self) -> ClientMessage:
        world = self._world
        if self.role is Role.LISTENER:
            assert self._stage is not None
            return watch(self._stage, world.token)
        return hello(world.token, world.voice)

    async def _come(self, greeting: ClientMessage) -> bool:
        """Whether it was let in."""
        began, self._is_in = self._now(), False
        self._ready = self._error = None
        self._tally.counts["tries"] += 1
        try:
            self._socket = await open_socket(self._world.url, self._hear, tls=self._world.tls)
            self._socket.send(greeting)
            await self._until(lambda: self._ready is not None or self._error is not None)
        except Closed as closed:
            if self._error is None:
                self._tally.refused[str(closed.code)] += 1
            return False
        if self._ready is None:
            return False
        self._tally.connect_ms.add((self._now() - began) * 1000)
        self._tally.counts["opened"] += 1
        self._is_in = True
        return True

    async def _go(self) -> None:
        socket, self._socket = self._socket, None
        if socket is None:
            return
        if not self._is_deaf:
            self._ear.leave(self._now())
        self._count(socket)
        if not socket.closed.done():
            self._is_deaf = True
            with suppress(Closed):
                socket.send(Bye())
            socket.close()
            await asyncio.wait([socket.closed], timeout=_DOOR_S)
            socket.cut()

    def _count(self, socket: LoadSocket) -> None:
        self._tally.counts["bytes"] += socket.received_bytes
        if socket.unreadable:
            self._tally.faults["a message that cannot be read"] += socket.unreadable

    def _lost(self, error: OSError) -> None:
        self._tally.counts["lost"] += 1
        reason = str(error.code) if isinstance(error, Closed) else why(error)
        self._tally.counts[f"lost: {reason}"] += 1

    def _hear(self, message: ServerMessage) -> None:
        if self._is_deaf:
            return
        self._heard_at = now = self._now()
        match message:
            case Ready():
                self._ready = message
            case Error():
                self._refuse(message)
            case Interrupted():
                self._interrupted = message
            case _:
                pass
        self._ear.hear(message, now)
        self._news.set()

    def _refuse(self, error: Error) -> None:
        self._error = error
        if error.code is ErrorCode.INTERNAL or error.code is ErrorCode.SYNTHESIS_FAILED:
            return  # A fault, which the ear counts.
        self._tally.refused[error.code] += 1
        if self._ready is not None and error.code not in _STAYS_OPEN:
            self._refused = self._utterance

    async def _until(self, condition: Callable[[], bool]) -> None:
        """Raises Closed, or TimeoutError."""
        assert self._socket is not None
        async with asyncio.timeout(_ANSWER_S):
            while not condition():
                if self._socket.closed.done():
                    raise Closed(self._socket.closed.result())
                self._news.clear()
                news = asyncio.ensure_future(self._news.wait())
                try:
                    await asyncio.wait(
                        (news, self._socket.closed), return_when=asyncio.FIRST_COMPLETED
                    )
                finally:
                    news.cancel()

    @property
    def _left(self) -> float:
        return max(0.0, self._ends - self._now())

    # What they do

    async def _idle(self) -> None:
        while self._left:
            await self._rest(min(_PING_S, self._left))
            self._send(Ping())

    async def _speak_on(self) -> None:
        while self._left:
            await self._say(self._line())
            if await self._begins():
                await self._hear_out()
            await self._think()

    async def _interrupt_on(self) -> None:
        while self._left:
            await self._say(self._line())
            if await self._begins():
                await self._play_for(self._chance.uniform(0.3, 2.0))
                if not self._is_heard_out and self._left:
                    await self._interrupt()
            await self._think()

    async def _interrupt(self) -> None:
        began, self._interrupted = self._now(), None
        self._send(Interrupt(utterance=self._utterance, heard=self._ear.heard(began)))
        await self._until(lambda: self._interrupted is not None)
        self._tally.interrupt_ms.add((self._now() - began) * 1000)
        self._tally.counts["interrupts"] += 1
        await self._until(lambda: self._is_over)

    async def _drop_on(self) -> None:
        while self._left:
            await self._say(self._line())
            if await self._begins():
                await self._play_for(self._chance.uniform(0.2, 1.0))
                if not self._is_over and self._left:
                    await self._drop()
                await self._hear_out()
            await self._think()

    async def _drop(self) -> None:
        """Loses the connection, comes back within a second, and goes on."""
        assert self._socket is not None
        self._socket.cut()
        await asyncio.wait([self._socket.closed])
        self._count(self._socket)
        self._socket = None
        self._tally.counts["drops"] += 1
        try:
            await asyncio.sleep(self._chance.uniform(0, 1))
            await self._come_back()
        except asyncio.CancelledError:
            # The test was stopped: nobody knows how it would have gone on.
            self._tally.counts["drops"] -= 1
            raise

    async def _come_back(self) -> None:
        assert self._ready is not None
        began, greeting = self._now(), resume(self._ready.session, self._ear, self._world.token)
        self._ear.take_up()
        if not await self._come(greeting):
            raise ConnectionError("the session was not given back")
        await self._until(lambda: not self._ear.is_taking_up or self._is_over)
        self._tally.resume_ms.add((self._now() - began) * 1000)
        self._tally.counts["resumed"] += self._ear.went_on_well

    async def _stall(self) -> None:
        """Takes the beginning of something long, then nothing for as long as the test lasts."""
        assert self._socket is not None
        await self._say(" ".join(self._world.lines) + " ", flow_on=True)
        await self._begins()
        self._socket.pause()
        await asyncio.wait([self._socket.closed], timeout=self._left)
        # What lies in between is late by our own doing, and is not counted.
        self._is_deaf = True
        self._socket.go_on()
        await asyncio.wait([self._socket.closed], timeout=_DOOR_S)
        self._tally.counts["shown the door" if self._socket.closed.done() else "stalled"] += 1

    # How they do it

    @property
    def _is_over(self) -> bool:
        return self._utterance in (self._ear.last_ended, self._refused)

    @property
    def _is_heard(self) -> bool:
        return self._ear.utterance == self._utterance and self._ear.sample > 0

    @property
    def _is_heard_out(self) -> bool:
        is_played = not self._is_heard or self._ear.heard(self._now()) >= self._ear.sample
        return self._is_over and is_played

    def _line(self) -> str:
        return self._chance.choice(self._world.lines)

    def _send(self, message: ClientMessage) -> None:
        assert self._socket is not None
        self._socket.send(message)

    async def _say(self, text: str, *, flow_on: bool = False) -> None:
        self._utterance += 1
        number = self._utterance
        self._ear.ask(self._now(), in_pieces=self.role is Role.STREAMER)
        if self.role is not Role.STREAMER:
            self._send(Speak(utterance=number, text=text, end=not flow_on))
            return
        words = text.split(" ")
        for index, word in enumerate(words):
            last = index == len(words) - 1
            self._send(Speak(utterance=number, text=word if last else f"{word} ", end=last))
            if self._refused == number:
                return
            if not last:
                await self._rest(_TOKEN_S)

    async def _begins(self) -> bool:
        """Whether it is heard, once that is known: also when the time is over meanwhile, for who
        did not wait for the slowest would call the server faster than it is."""
        try:
            await self._until(lambda: self._is_heard or self._is_over)
        except TimeoutError:
            self._ear.give_up(self._now())
            raise
        return self._is_heard

    async def _think(self) -> None:
        """As a person does between two texts; who was refused comes back when told to."""
        seconds = self._chance.uniform(*_THINK_S)
        if self._refused == self._utterance:
            asked = None if self._error is None else self._error.retry_after_ms
            seconds += _PAUSE_S if asked is None else asked / 1000
        await self._rest(min(seconds, self._left))

    async def _hear_out(self) -> None:
        """Plays what comes, until all of it was heard."""
        await self._play(lambda: self._is_heard_out)

    async def _play_for(self, seconds: float) -> None:
        """Plays what comes, for so long or to its end."""
        await self._play(
            lambda: self._is_heard_out or self._ear.heard(self._now()) >= seconds * self._ear.rate
        )

    async def _play(self, is_done: Callable[[], bool]) -> None:
        """Reports what is heard, four times a second, until that is so or the time is over.

        Raises Closed, or TimeoutError where nothing comes any more.
        """
        reported = -1
        self._heard_at = self._now()
        while not is_done() and self._left:
            heard = self._ear.heard(self._now())
            if self._is_heard and heard != reported:
                reported, self._heard_at = heard, self._now()
                self._send(Played(utterance=self._utterance, sample=heard))
            if self._now() > self._heard_at + _ANSWER_S:
                raise TimeoutError
            await self._rest(_REPORT_S)
        if self._is_heard:
            self._send(Played(utterance=self._utterance, sample=self._ear.heard(self._now())))

    async def _rest(self, seconds: float) -> None:
        """Raises Closed when the server closes meanwhile."""
        assert self._socket is not None
        await asyncio.wait([self._socket.closed], timeout=seconds)
        if self._socket.closed.done():
            raise Closed(self._socket.closed.result())

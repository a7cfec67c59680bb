"""Who speaks for those who listen."""

import asyncio
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import Any, Final

from lipwire_protocol import (
    Bye,
    ClientMessage,
    Error,
    ErrorCode,
    Flow,
    FlowMode,
    Hello,
    LipwireError,
    Ready,
    ServerMessage,
    Speak,
    UtteranceEnded,
)

from .broadcast import Stage
from .socket import Closed, LoadSocket, open_socket
from .tally import Tally

__all__ = ["Performer", "greet"]

_ANSWER_S: Final = 15.0
_LEAD_MS: Final = 3_000
_WAITING: Final = 2
"""Lines that are always said already, so that it never stops."""
_LOOK_S: Final = 0.2


class Performer:
    """Speaks one line after another without a rest, in a session that others watch."""

    def __init__(
        self, socket: LoadSocket, stage: Stage, lines: Sequence[str], tally: Tally
    ) -> None:
        self.stage = stage
        self._socket = socket
        self._lines = lines
        self._tally = tally
        self.ended = 0
        """Utterances."""

    @classmethod
    async def come(
        cls, url: str, lines: Sequence[str], tally: Tally, token: str | None, voice: str | None
    ) -> "Performer":
        """Raises LipwireError where it is not let in."""
        performer: Performer | None = None

        def heard(message: ServerMessage) -> None:
            if performer is not None:
                performer.ended += isinstance(message, UtteranceEnded)

        flow = Flow(mode=FlowMode.PACED, lead_ms=_LEAD_MS)
        hello = Hello(token=token, voice=voice, flow=flow, persist=False)
        socket, ready = await greet(url, hello, heard)
        secret = ready.session.watch_secret
        if secret is None:
            socket.cut()
            raise LipwireError(ErrorCode.UNSUPPORTED, f"{url} lets nobody watch a session")
        performer = cls(socket, Stage(ready.session.id, secret, tally), lines, tally)
        return performer

    async def perform(self) -> None:
        """Until it is cancelled, or the server closes: those who listen are lost then, too."""
        number = 0
        with suppress(Closed):
            while not self._socket.closed.done():
                while number < self.ended + _WAITING:
                    line = self._lines[number % len(self._lines)]
                    number += 1
                    self._socket.send(Speak(utterance=number, text=line, end=True))
                await asyncio.wait([self._socket.closed], timeout=_LOOK_S)
        code = await self._socket.closed
        self._tally.counts["lost"] += 1
        self._tally.counts[f"lost: {code} on the stage"] += 1

    def go(self) -> None:
        with suppress(Closed):
            self._socket.send(Bye())
        self._socket.cut()


async def greet(
    url: str, greeting: ClientMessage, heard: Callable[[ServerMessage], None]
) -> tuple[LoadSocket, Ready]:
    """A socket that is let in, and what it was told. Raises LipwireError where it is not."""
    answer: asyncio.Future[Ready | Error] = asyncio.get_running_loop().create_future()

    def hear(message: ServerMessage) -> None:
        if isinstance(message, Ready | Error) and not answer.done():
            answer.set_result(message)
        heard(message)

    socket = await _open(url, hear)
    try:
        with suppress(Closed):
            socket.send(greeting)
        both: list[asyncio.Future[Any]] = [answer, socket.closed]
        await asyncio.wait(both, timeout=_ANSWER_S, return_when=asyncio.FIRST_COMPLETED)
        if not answer.done():
            is_closed = socket.closed.done()
            how = f"closes with {socket.closed.result()}" if is_closed else "says nothing"
            raise LipwireError(ErrorCode.INTERNAL, f"{url} opens, and then {how}: is it Lipwire?")
        found = answer.result()
        if isinstance(found, Error):
            raise LipwireError(found.code, found.message, retry_after_ms=found.retry_after_ms)
    except BaseException:
        socket.cut()
        raise
    return socket, found


async def _open(url: str, heard: Callable[[ServerMessage], None]) -> LoadSocket:
    try:
        return await open_socket(url, heard)
    except Closed as closed:
        reason = f"it answers {closed.code}, and is no Lipwire that lets us in"
        raise LipwireError(ErrorCode.INTERNAL, f"{url}: {reason}") from closed
    except (OSError, TimeoutError) as error:
        raise LipwireError(
            ErrorCode.INTERNAL, f"nobody answers at {url} ({type(error).__name__}): does it run?"
        ) from error

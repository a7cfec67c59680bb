"""Who speaks for those who listen."""

import asyncio
import ssl
from collections.abc import Callable, Mapping, Sequence
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
from .target import why

__all__ = ["Performer", "greet"]

_ANSWER_S: Final = 15.0
_LEAD_MS: Final = 3_000
_WAITING: Final = 2
"""Lines that are always said already, so that it never stops."""
_LOOK_S: Final = 0.2
_CLOSE_CODES: Final = 1000
"""They begin here, and the statuses of HTTP end before."""
_HINTS: Final[Mapping[type[OSError], str]] = {
    ssl.SSLCertVerificationError: " (SSL_CERT_FILE names others to trust, --insecure trusts all)",
    ssl.SSLError: " (without it the address begins with http://)",
    ConnectionRefusedError: " (does `lipwire serve` run?)",
}


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
        cls,
        url: str,
        lines: Sequence[str],
        tally: Tally,
        token: str | None,
        voice: str | None,
        tls: ssl.SSLContext | None = None,
    ) -> "Performer":
        """Raises LipwireError where it is not let in."""
        performer: Performer | None = None

        def heard(message: ServerMessage) -> None:
            if performer is not None:
                performer.ended += isinstance(message, UtteranceEnded)

        flow = Flow(mode=FlowMode.PACED, lead_ms=_LEAD_MS)
        hello = Hello(token=token, voice=voice, flow=flow, persist=False)
        socket, ready = await greet(url, hello, heard, tls)
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
    url: str,
    greeting: ClientMessage,
    heard: Callable[[ServerMessage], None],
    tls: ssl.SSLContext | None = None,
) -> tuple[LoadSocket, Ready]:
    """A socket that is let in, and what it was told. Raises LipwireError where it is not."""
    answer: asyncio.Future[Ready | Error] = asyncio.get_running_loop().create_future()

    def hear(message: ServerMessage) -> None:
        if isinstance(message, Ready | Error) and not answer.done():
            answer.set_result(message)
        heard(message)

    socket = await _open(url, hear, tls)
    try:
        with suppress(Closed):
            socket.send(greeting)
        any_of: list[asyncio.Future[Any]] = [answer, socket.closed, socket.babbled]
        await asyncio.wait(any_of, timeout=_ANSWER_S, return_when=asyncio.FIRST_COMPLETED)
        if not answer.done():
            how = _instead(socket)
            raise LipwireError(ErrorCode.INTERNAL, f"{url} opens, and then {how}: is it Lipwire?")
        found = answer.result()
        if isinstance(found, Error):
            raise LipwireError(found.code, found.message, retry_after_ms=found.retry_after_ms)
    except BaseException:
        socket.cut()
        raise
    return socket, found


def _instead(socket: LoadSocket) -> str:
    if socket.babbled.done():
        return "says what is no message"
    return f"closes with {socket.closed.result()}" if socket.closed.done() else "says nothing"


async def _open(
    url: str, heard: Callable[[ServerMessage], None], tls: ssl.SSLContext | None
) -> LoadSocket:
    try:
        return await open_socket(url, heard, tls=tls)
    except Closed as closed:
        is_status = closed.code < _CLOSE_CODES
        how = f"with HTTP {closed.code}" if is_status else "but not as a WebSocket does"
        reason = f"{url} answers {how}: is it Lipwire, and is the address right?"
        if url.startswith("ws:"):
            reason += " Where it speaks TLS, that begins with https://"
        raise LipwireError(ErrorCode.INTERNAL, reason) from closed
    except OSError as error:
        hint = next((text for kind, text in _HINTS.items() if isinstance(error, kind)), "")
        raise LipwireError(
            ErrorCode.INTERNAL, f"nobody answers at {url}: {why(error)}{hint}"
        ) from error

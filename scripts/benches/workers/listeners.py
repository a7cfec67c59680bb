"""One listener: text goes out, sound comes in, a clock says whether it ever ran dry."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, suppress
from dataclasses import asdict, dataclass
from itertools import cycle
from typing import Any, Protocol, TypeAlias

from benches.playout import Playout
from lipwire_protocol import (
    AudioGrant,
    Chunk,
    ClientMessage,
    Error,
    ErrorCode,
    Interrupt,
    LipwireError,
    Played,
    ServerMessage,
    Speak,
    UtteranceEnded,
)

__all__ = ["Fetch", "Hearing", "hear_lipwire", "hear_peer"]

_REPORT_S = 0.2
"""Between two `played` reports, as the browser client sends them."""
_PEER_RATE = 22_050

Clock: TypeAlias = Callable[[], float]
Fetch: TypeAlias = Callable[[str], AsyncIterator[int]]
"""Says one sentence; gives the number of samples of each piece, when it has come."""


@dataclass(slots=True, kw_only=True)
class Hearing:
    """What one listener went through."""

    first_ms: float | None = None
    """From sending the text to the first samples."""
    underruns: int = 0
    silent_s: float = 0.0
    played_s: float = 0.0
    refused: str | None = None
    """The code with which the server did not take the text."""
    retry_after_ms: int | None = None
    failed: str | None = None
    """What else went wrong."""

    def as_json(self) -> dict[str, Any]:
        return asdict(self)


class Terms(Protocol):
    """What was agreed on; `Ready` is it."""

    @property
    def audio(self) -> AudioGrant: ...


class Talk(Protocol):
    """A session with the server; `lipwire_client.Session` is one."""

    @property
    def ready(self) -> Terms: ...

    async def send(self, message: ClientMessage) -> None: ...

    async def receive(self) -> ServerMessage: ...


async def hear_lipwire(
    open_session: Callable[[], AbstractAsyncContextManager[Talk]],
    text: str,
    seconds: float,
    now: Clock,
) -> Hearing:
    """Sends the text in one piece and listens for `seconds`, reporting what it hears."""
    hearing = Hearing()
    try:
        async with open_session() as session:
            await _listen(session, text, seconds, now, hearing)
    except LipwireError as error:
        _refuse(hearing, error.code, error.retry_after_ms)
    except OSError as error:
        hearing.failed = f"{type(error).__name__}: {error}"
    return hearing


async def _listen(session: Talk, text: str, seconds: float, now: Clock, hearing: Hearing) -> None:
    rate = session.ready.audio.sample_rate
    playout = Playout(rate)
    sent = now()
    await session.send(Speak(utterance=1, text=text, end=True))
    reporter = asyncio.create_task(_report(session, playout, now))
    try:
        async with asyncio.timeout(seconds):
            while True:
                match await session.receive():
                    case Chunk(count=count):
                        if hearing.first_ms is None:
                            hearing.first_ms = (now() - sent) * 1000
                        playout.push(count, now())
                    case Error() as error:
                        _refuse(hearing, error.code, error.retry_after_ms)
                        return
                    case UtteranceEnded():
                        playout.complete(now())
    except TimeoutError:
        pass
    finally:
        reporter.cancel()
        with suppress(asyncio.CancelledError, LipwireError, OSError):
            await reporter
        hearing.played_s = playout.position(now()) / rate
        playout.stop(now())
        hearing.underruns, hearing.silent_s = playout.underruns, playout.silent_s
    with suppress(Exception):
        await session.send(Interrupt())


async def _report(session: Talk, playout: Playout, now: Clock) -> None:
    while True:
        await asyncio.sleep(_REPORT_S)
        at = now()
        await session.send(
            Played(
                utterance=1,
                sample=playout.position(at),
                buffered_ms=round(playout.buffered_s(at) * 1000),
                underruns=playout.underruns,
            )
        )


async def hear_peer(
    fetch: Fetch, sentences: list[str], seconds: float, lead_s: float, now: Clock
) -> Hearing:
    """Asks for one sentence after another, the next when less than `lead_s` is left to hear.

    A server that speaks whole sentences cannot be given more of a chance than that.
    """
    hearing = Hearing()
    playout = Playout(_PEER_RATE)
    begin = now()
    try:
        async with asyncio.timeout(seconds):
            for sentence in cycle(sentences):
                await asyncio.sleep(max(0.0, playout.buffered_s(now()) - lead_s))
                async for count in fetch(sentence):
                    if hearing.first_ms is None:
                        hearing.first_ms = (now() - begin) * 1000
                    playout.push(count, now())
    except TimeoutError:
        pass
    except (OSError, EOFError, ValueError) as error:
        hearing.failed = f"{type(error).__name__}: {error}"
    hearing.played_s = playout.position(now()) / _PEER_RATE
    playout.stop(now())
    hearing.underruns, hearing.silent_s = playout.underruns, playout.silent_s
    return hearing


def _refuse(hearing: Hearing, code: ErrorCode, retry_after_ms: int | None) -> None:
    if code is ErrorCode.OVERLOADED:
        hearing.refused, hearing.retry_after_ms = code.value, retry_after_ms
    else:
        hearing.failed = code.value

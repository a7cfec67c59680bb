"""The load generator: many listeners in one process, each consuming in real time."""

import asyncio
import time
from collections.abc import Callable, Coroutine
from contextlib import AsyncExitStack
from itertools import count
from typing import Any

from benches.process import cpu_s
from benches.workers.listeners import Hearing, hear_lipwire, hear_peer
from benches.workers.loop import Answer, serve, versions
from benches.workers.peer_clients import FETCHERS
from lipwire_client import Session, connect
from lipwire_protocol import (
    Chunk,
    Error,
    Flow,
    FlowMode,
    Hello,
    Interrupt,
    Interrupted,
    Played,
    SegmentEnded,
    ServerMessage,
    Speak,
    UtteranceEnded,
)

_EVERYTHING = 2**53 - 1
_AT_ONCE = 32
"""Connections that are being opened at a time: what is measured comes after that."""


async def listen(request: dict[str, Any]) -> dict[str, Any]:
    """Each of `listeners` arrives `at_s` after the start, with its `texts` and `seed`."""
    clock = asyncio.get_running_loop().time
    begin = clock()

    async def one(listener: dict[str, Any]) -> Hearing:
        await asyncio.sleep(max(0.0, begin + listener["at_s"] - clock()))
        if request["kind"] == "lipwire":
            hello = Hello(
                seed=listener["seed"],
                flow=Flow(mode=FlowMode.PLAYED, lead_ms=request["lead_ms"]),
            )
            return await hear_lipwire(
                lambda: connect(request["url"], hello),
                " ".join(listener["texts"]),
                listener["seconds"],
                clock,
            )
        fetch = FETCHERS[request["kind"]](request["url"])
        return await hear_peer(
            fetch, listener["texts"], listener["seconds"], request["lead_ms"] / 1000, clock
        )

    heard = await asyncio.gather(*(one(listener) for listener in request["listeners"]))
    return {"heard": [hearing.as_json() for hearing in heard]}


async def ask_at_once(request: dict[str, Any]) -> dict[str, Any]:
    """All sockets are open, one for each of `seeds`, then all say the same at the same moment."""
    clock = asyncio.get_running_loop().time
    gate = asyncio.Semaphore(_AT_ONCE)
    async with AsyncExitStack() as stack:

        async def opened(seed: int) -> Session:
            hello = Hello(seed=seed, flow=Flow(mode=FlowMode.OFF))
            async with gate:
                return await stack.enter_async_context(connect(request["url"], hello))

        sessions = await asyncio.gather(*(opened(seed) for seed in request["seeds"]))
        cpu = cpu_s(request["pid"])

        async def one(session: Session) -> dict[str, Any]:
            begin = clock()
            await session.send(Speak(utterance=1, text=request["text"], end=True))
            heard: dict[str, Any] = {"first_ms": None, "cached": False, "refused": None}
            while True:
                match await session.receive():
                    case Chunk() if heard["first_ms"] is None:
                        heard["first_ms"] = (clock() - begin) * 1000
                    case SegmentEnded() as ended:
                        heard["cached"] = ended.cached
                    case Error() as error:
                        heard["refused"] = error.code.value
                        return heard
                    case UtteranceEnded():
                        return heard

        heard = await asyncio.gather(*(one(session) for session in sessions))
        used = _since(request["pid"], cpu)
    return {"heard": heard, "cpu_s": used}


async def cancel(request: dict[str, Any]) -> dict[str, Any]:
    """On one socket: speak, wait for the first chunk, interrupt; `texts` one after another.

    The texts of `before` and `after` are spoken to their end, to see what an utterance takes.
    """
    pid, settle_s = request["pid"], request["settle_s"]
    hello = Hello(seed=request["seed"], flow=Flow(mode=FlowMode.PLAYED, lead_ms=30_000))
    async with connect(request["url"], hello) as session:
        numbers = count(1)
        idle = cpu_s(pid)
        await asyncio.sleep(request["idle_s"])
        idle_cpu_s = _since(pid, idle)
        before, cycles, after = [
            [await one(session, next(numbers), text, pid, settle_s) for text in texts]
            for one, texts in (
                (_to_the_end, request["before"]),
                (_interrupted, request["texts"]),
                (_to_the_end, request["after"]),
            )
        ]
    return {"idle_cpu_s": idle_cpu_s, "before": before, "cycles": cycles, "after": after}


async def _to_the_end(
    session: Session, number: int, text: str, pid: int, settle_s: float
) -> dict[str, Any]:
    clock = asyncio.get_running_loop().time
    cpu, begin = cpu_s(pid), clock()
    await session.send(Speak(utterance=number, text=text, end=True))
    try:
        await _until(session, Chunk)
        first_ms = (clock() - begin) * 1000
        chunks = 1 + await _until(session, UtteranceEnded)
        # Unheard, it would use up the lead of those that follow; a report of too much is cut.
        await session.send(Played(utterance=number, sample=_EVERYTHING))
    except Refused as refusal:
        return {"refused": str(refusal)}
    await asyncio.sleep(settle_s)
    return {"first_ms": first_ms, "chunks": chunks, "cpu_s": _since(pid, cpu)}


async def _interrupted(
    session: Session, number: int, text: str, pid: int, settle_s: float
) -> dict[str, Any]:
    clock = asyncio.get_running_loop().time
    await session.send(Speak(utterance=number, text=text, end=True))
    try:
        await _until(session, Chunk)
        cpu, begin = cpu_s(pid), clock()
        await session.send(Interrupt(utterance=number, heard=0))
        late, has_ended = 0, False
        while not isinstance(message := await _received(session), Interrupted):
            late += isinstance(message, Chunk)
            has_ended |= isinstance(message, UtteranceEnded)
        ms = (clock() - begin) * 1000
        if not has_ended:  # All of it had left before it was interrupted.
            await _until(session, UtteranceEnded)
    except Refused as refusal:
        return {"refused": str(refusal)}
    await asyncio.sleep(settle_s)
    return {"interrupted_ms": ms, "late_chunks": late, "cpu_s": _since(pid, cpu)}


class Refused(Exception):
    """The server did not take a text; the text of the error is the code."""


async def _until(session: Session, kind: type) -> int:
    """Reads messages up to one of a kind; gives the number of chunks among those before it."""
    chunks = 0
    while not isinstance(message := await _received(session), kind):
        chunks += isinstance(message, Chunk)
    return chunks


async def _received(session: Session) -> ServerMessage:
    message = await session.receive()
    if isinstance(message, Error):
        raise Refused(message.code.value)
    return message


def _since(pid: int, cpu: float | None) -> float | None:
    now = cpu_s(pid)
    return None if cpu is None or now is None else now - cpu


_KINDS: dict[str, Callable[[dict[str, Any]], Coroutine[Any, Any, dict[str, Any]]]] = {
    "listen": listen,
    "ask_at_once": ask_at_once,
    "cancel": cancel,
}


def start() -> tuple[Answer, dict[str, Any]]:
    def answer(request: dict[str, Any]) -> dict[str, Any]:
        cpu, begin = time.process_time(), time.perf_counter()
        result = asyncio.run(_KINDS[request["do"]](request))
        return {
            **result,
            "load_cpu_s": time.process_time() - cpu,
            "wall_s": time.perf_counter() - begin,
        }

    return answer, {"packages": versions("websockets", "msgpack")}


if __name__ == "__main__":
    serve(start)

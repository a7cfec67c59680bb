"""What the tests of this folder hear of a server, and what they read of its process."""

import asyncio
import os
from contextlib import suppress
from pathlib import Path

import httpx

from lipwire_client import Session, Spoken
from lipwire_protocol import Flow, FlowMode, Hello, Interrupt, ServerMessage, Speak
from lipwire_protocol.limits import Limits
from tests.server_process import ServerProcess

__all__ = [
    "AT_ONCE",
    "cpu_seconds",
    "forget_peak",
    "hear",
    "interrupt_after",
    "memory_mib",
    "peak_mib",
    "send",
    "until_all_seats_are_free",
    "without_a_core_s",
]

AT_ONCE = Hello(flow=Flow(mode=FlowMode.OFF))
_PIECE = Limits().message_text


async def send(session: Session, number: int, text: str) -> None:
    """Sends a text whole, in messages that are as large as they may be, whatever is answered."""
    pieces = [text[begin : begin + _PIECE] for begin in range(0, len(text), _PIECE)] or [""]
    for place, piece in enumerate(pieces, 1):
        await session.send(Speak(utterance=number, text=piece, end=place == len(pieces)))


async def hear(session: Session, number: int) -> Spoken:
    """All of an utterance that was sent already."""
    spoken = Spoken()
    while spoken.ended is None:
        _add(spoken, await session.receive(), number)
    return spoken


async def interrupt_after(session: Session, number: int, segments: int) -> Spoken:
    """Hears so many segments at most, interrupts what is left, and hears that it ends."""
    spoken = Spoken()
    while spoken.ended is None and len(spoken.segments) < segments:
        _add(spoken, await session.receive(), number)
    if spoken.ended is None:
        await session.send(Interrupt(utterance=number))
    while spoken.ended is None:
        _add(spoken, await session.receive(), number)
    return spoken


def _add(spoken: Spoken, message: ServerMessage, number: int) -> None:
    if getattr(message, "utterance", None) == number:
        spoken.add(message)


def memory_mib(pid: int) -> float:
    """What a process has in memory."""
    return _status(pid, "VmRSS")


def peak_mib(pid: int) -> float:
    """The most that it had, since its start or the last `forget_peak`."""
    return _status(pid, "VmHWM")


def forget_peak(pid: int) -> None:
    Path(f"/proc/{pid}/clear_refs").write_text("5")


def cpu_seconds(pid: int) -> float:
    """What a process has computed so far, in all its threads."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def without_a_core_s(*pids: int) -> float:
    """For how long the first threads of these processes had something to do, and no core: since
    their starts, and with what the machine itself was kept waiting for."""
    stolen = Path("/proc/stat").read_text().split(maxsplit=9)[8]
    waited = int(stolen) / os.sysconf("SC_CLK_TCK")
    for pid in pids:
        with suppress(OSError):  # Not every kernel tells.
            waited += int(Path(f"/proc/{pid}/task/{pid}/schedstat").read_text().split()[1]) / 1e9
    return waited


def _status(pid: int, name: str) -> float:
    rows = Path(f"/proc/{pid}/status").read_text().splitlines()
    [row] = [row for row in rows if row.startswith(f"{name}:")]
    return int(row.split()[1]) / 1024


async def until_all_seats_are_free(server: ServerProcess) -> None:
    """Nobody is spoken to, or hears the rest, or waits."""
    async with httpx.AsyncClient(timeout=60) as client:
        while True:
            speech = (await client.get(f"{server.url}/v1/stats")).json()["speech"]
            if speech["seated"] == speech["waiting"] == 0:
                return
            await asyncio.sleep(0.05)

"""Somebody who listens beside whatever happens, and what is left behind of it.

The invariants of this folder. Nothing here holds a server to so many milliseconds: others are
bothered when what they hear comes later than it came a moment ago, in the same run, and not because
the machine had no core for the server, or for this process.
"""

import asyncio
import os
from bisect import bisect_right
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final, NamedTuple

import httpx
import pytest

from lipwire_protocol import AudioFormat, Chunk, Flow, FlowMode, Hello, ServerMessage, Speak
from lipwire_server.load.ear import Ear
from lipwire_server.load.socket import open_socket
from lipwire_server.load.tally import Tally
from tests.adversity.hearing import memory_mib, without_a_core_s
from tests.server_process import ServerProcess, running_server
from tests.tiny_voice import NAME, write_tiny_voice

__all__ = [
    "Left",
    "Listener",
    "is_settled",
    "left_of",
    "listening",
    "small_server",
    "unbothered",
    "with_small_voice",
]

_LEAD_MS: Final = 8_000
"""More than a busy machine may stand still."""
_SAID: Final = "Smoky fires lack flame and heat, and nobody minds at all. "
_AT_ONCE: Final = 150
"""Sentences: enough for a whole test."""
_NOISE_S: Final = 0.5
"""By which a busy machine delays what it likes; one flood that nobody bounds costs seconds."""


def with_small_voice(folder: Path) -> dict[str, str]:
    """The environment of a server whose voice costs nothing."""
    folder.mkdir(exist_ok=True)
    write_tiny_voice(folder)
    names = {"LIPWIRE_VOICES": str(folder), "LIPWIRE_VOICE": NAME}
    # Everybody gets a seat, and what grows is not what is kept on purpose.
    return names | {"LIPWIRE_LOAD_PERCENT": "1000", "LIPWIRE_CACHE_MB": "0"}


@contextmanager
def small_server(
    folder: Path, environment: Mapping[str, str] | None = None
) -> Iterator[ServerProcess]:
    """A real server with such a voice. It outlives its test without a traceback."""
    with running_server({**with_small_voice(folder), **(environment or {})}) as server:
        yield server
        assert server.process.poll() is None, "it is still there"
    assert not [line for line in server.log if "Traceback" in line], "".join(server.log)[-3_000:]


class _Came(NamedTuple):
    """A chunk."""

    moment: float
    began: float
    """The moment less its place in the utterance."""
    starved: float
    """For how long there had been no core by then."""


class Listener:
    """Hears one endless utterance at the pace at which it is spoken, and notes when it came."""

    def __init__(self, server: ServerProcess) -> None:
        self.tally = Tally()
        self._ear = Ear(self.tally)
        self._now = asyncio.get_running_loop().time
        self._pids = server.process.pid, os.getpid()
        self._came: list[_Came] = []

    def hear(self, message: ServerMessage) -> None:
        now = self._now()
        self._ear.hear(message, now)
        if isinstance(message, Chunk) and message.start > _LEAD_MS * self._ear.rate // 1000:
            began = now - message.start / self._ear.rate
            self._came.append(_Came(now, began, without_a_core_s(*self._pids)))

    async def listen(self, seconds: float = 2.0) -> float:
        """For so long; how much later than at its best the sound came, but for one in a hundred."""
        before = len(self._came)
        await asyncio.sleep(seconds)
        async with asyncio.timeout(60):
            while len(self._came) == before:  # noqa: ASYNC110
                await asyncio.sleep(0.02)
        return self.late_since(before)

    def late_since(self, before: int) -> float:
        assert self._came[before:], "nothing came any more"
        best = min(came.began for came in self._came)
        late = sorted(self._late(came, best) for came in self._came[before:])
        return late[min(len(late) - 1, int(0.99 * len(late)))]

    def _late(self, came: _Came, best: float) -> float:
        """Less the time without a core since it was due."""
        late = came.began - best
        due = bisect_right(self._came, came.moment - late, key=lambda other: other.moment)
        return max(0.0, late - (came.starved - self._came[max(0, due - 1)].starved))

    @property
    def heard(self) -> int:
        """Chunks so far."""
        return len(self._came)

    def assert_whole(self, *, dry: bool) -> None:
        """No number was left out, no sound was missing or came twice, and it never ran dry."""
        assert not self.tally.faults, self.tally.faults
        assert dry or not self.tally.gap_ms.count


@asynccontextmanager
async def listening(
    server: ServerProcess, *, dry: bool = False, persist: bool = False
) -> AsyncIterator[Listener]:
    """One who has begun to listen; his sound may run `dry` where nobody could bring it."""
    listener = Listener(server)
    socket = await open_socket(server.stream, listener.hear)
    try:
        audio, flow = AudioFormat(chunk_ms=20), Flow(mode=FlowMode.PACED, lead_ms=_LEAD_MS)
        socket.send(Hello(audio=audio, flow=flow, persist=persist))
        socket.send(Speak(utterance=1, text=_SAID * _AT_ONCE, end=False))
        async with asyncio.timeout(60):
            while not listener.heard:  # noqa: ASYNC110
                await asyncio.sleep(0.02)
        yield listener
        assert not socket.closed.done(), "whoever did nothing stays"
        listener.assert_whole(dry=dry)
    finally:
        socket.cut()


def unbothered(late: float, calm: float, what: str) -> bool:
    """Whether it comes less than twice as late as before. `pytest -s` tells the figures."""
    print(f"\n{what}: p99 {late * 1000:.1f} ms late, before {calm * 1000:.1f} ms")  # noqa: T201
    return late < 2 * calm + _NOISE_S


@dataclass(frozen=True, slots=True)
class Left:
    """What a server has at a moment."""

    sockets: int
    tasks: int
    files: int
    """Descriptors."""
    mib: float


async def left_of(server: ServerProcess) -> Left:
    pid = server.process.pid
    async with httpx.AsyncClient(timeout=60) as client:
        text = (await client.get(f"{server.url}/metrics")).text
    figures = dict(
        line.split(" ") for line in text.splitlines() if line[:1] != "#" and "{" not in line
    )
    return Left(
        sockets=int(float(figures["lipwire_sockets"])),
        tasks=int(float(figures["lipwire_tasks"])),
        files=len(os.listdir(f"/proc/{pid}/fd")),
        mib=memory_mib(pid),
    )


async def is_settled(server: ServerProcess, before: Left, kept_mib: float = 0) -> Left:
    """Waits until nothing is left of what happened since; memory may be a tenth more, and what an
    allocator keeps."""
    now = await left_of(server)
    try:
        async with asyncio.timeout(60):
            while not _is_as(now, before, kept_mib):
                await asyncio.sleep(0.1)
                now = await left_of(server)
    except TimeoutError:
        pytest.fail(f"before: {before}, now: {now}")
    return now


def _is_as(now: Left, before: Left, kept_mib: float) -> bool:
    # The database's connections come and go, each with a task or two.
    return (
        now.sockets <= before.sockets
        and now.tasks <= before.tasks + 4
        and now.files <= before.files + 4
        and now.mib < before.mib * 1.1 + kept_mib
    )

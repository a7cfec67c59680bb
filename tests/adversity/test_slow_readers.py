"""Those who do not read, or do not say what they want, beside those who listen."""

import asyncio
import os
import socket as sockets
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager

import pytest

from lipwire_protocol import (
    AudioFormat,
    Bye,
    Codec,
    Flow,
    FlowMode,
    Hello,
    Position,
    Ready,
    Resume,
    ServerMessage,
    Speak,
)
from lipwire_server.load.ear import Ear
from lipwire_server.load.socket import LoadSocket, open_socket
from lipwire_server.load.tally import Tally
from tests.adversity.beside import is_settled, left_of, listening, unbothered
from tests.adversity.hearing import forget_peak, memory_mib, peak_mib
from tests.server_process import ServerProcess

STALLED = int(os.environ.get("LIPWIRE_TEST_STALLED", "20"))
GOOD = 5
NEVER_SAYING = 100
TEXT = "The birch canoe slid on the smooth planks, and nobody minded at all. " * 8
MOST_MIB = 3.0
"""For one who does not read: 2 MiB wait for him at most, and some of it is packed already."""
KEPT_MIB = 20.0
"""Whoever leaves last leaves a little to the allocator; it was a gibibyte of 200."""


@pytest.fixture
def server(small: ServerProcess) -> ServerProcess:
    return small


class Reader:
    """Hears an utterance on one connection after another."""

    def __init__(self, server: ServerProcess, number: int) -> None:
        self.tally = Tally()
        self.ear = Ear(self.tally)
        self.socket: LoadSocket
        self._ready: Ready
        self._server = server
        self._number = number

    def _hear(self, message: ServerMessage) -> None:
        if isinstance(message, Ready):
            self._ready = message
        self.ear.hear(message, asyncio.get_running_loop().time())

    async def begin(self) -> None:
        """Asks for more than any buffer holds, as fast as it can come."""
        self.socket = await open_socket(self._server.stream, self._hear)
        self._keep_little()
        audio = AudioFormat(codec=Codec.PCM_F32LE, sample_rate=48_000)
        self.socket.send(Hello(audio=audio, flow=Flow(mode=FlowMode.OFF), seed=self._number))
        self.socket.send(Speak(utterance=1, text=TEXT, end=True))
        await self.until(lambda: self.ear.sample > 0)

    def _keep_little(self) -> None:
        """As a telephone does; here the kernel would take megabytes for us."""
        assert self.socket._transport is not None
        raw = self.socket._transport.get_extra_info("socket")
        raw.setsockopt(sockets.SOL_SOCKET, sockets.SO_RCVBUF, 16_384)

    async def go_on(self) -> None:
        """Comes back for the rest, and hears it to its end."""
        segment = self.ear.segment
        assert segment is not None and self._ready.session.secret is not None
        self.ear.take_up()
        position = Position(
            utterance=1,
            segment=segment.segment,
            span=segment.span,
            start=segment.start,
            sample=self.ear.sample,
        )
        grant = self._ready.session
        assert grant.secret is not None
        self.socket = await open_socket(self._server.stream, self._hear)
        self.socket.send(Hello(session=Resume(id=grant.id, secret=grant.secret, position=position)))
        await self.until(lambda: self.ear.last_ended == 1)
        assert self._ready.session.resumed
        assert self.tally.counts["ended done"] == 1
        await self.leave()

    async def is_shown_the_door(self, told: int) -> int:
        """Reads again when the log says so, behind so many lines: what he is told why waits for
        five seconds. The close code."""
        said = f"session {self._ready.session.id} left its socket unread"
        async with asyncio.timeout(60 + STALLED):
            while not any(said in line for line in self._server.log[told:]):  # noqa: ASYNC110
                await asyncio.sleep(0.05)
        self.socket.go_on()
        return await asyncio.wait_for(self.socket.closed, 60)

    async def leave(self) -> None:
        """For good: whose connection is lost is remembered for a while."""
        self.socket.send(Bye())
        assert await asyncio.wait_for(self.socket.closed, 60) == 1000

    async def until(self, condition: object) -> None:
        assert callable(condition)
        async with asyncio.timeout(60 + STALLED):
            while not condition():
                assert not self.socket.closed.done() or condition()
                await asyncio.sleep(0.02)


async def hear_all(reader: Reader) -> None:
    await reader.begin()
    await reader.until(lambda: reader.ear.last_ended == 1)
    await reader.leave()


@asynccontextmanager
async def never_saying(server: ServerProcess) -> AsyncIterator[list[asyncio.StreamReader]]:
    """Connections that never come to the end of what they want."""
    begun = [b"", b"G", b"GET /v1/stream HTTP/1.1\r\nHost: 127.0.0.1\r\nX: "]
    begun.append(b"POST /v1/lipsync HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 9\r\n")
    pairs = []
    for number in range(NEVER_SAYING):
        reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
        writer.write(begun[number % len(begun)])
        pairs.append((reader, writer))
    try:
        yield [reader for reader, _ in pairs]
    finally:
        for _, writer in pairs:
            writer.transport.abort()


@pytest.mark.timeout(300)
async def test_those_who_do_not_read_are_shown_the_door_and_may_come_back(
    server: ServerProcess,
) -> None:
    """And a hundred who never say what they want, and one who nods off for five seconds."""
    pid, told = server.process.pid, len(server.log)
    async with AsyncExitStack() as stack:
        good = [await stack.enter_async_context(listening(server)) for _ in range(GOOD)]
        calm = max(await asyncio.gather(*(each.listen(1) for each in good)))
        # So many who do read leave the memory as it is with so many.
        await asyncio.gather(*(hear_all(Reader(server, 1_000 + n)) for n in range(20)))
        before = await left_of(server)
        readers = [Reader(server, number) for number in range(STALLED + 1)]
        await asyncio.gather(*(reader.begin() for reader in readers))
        *stalled, nodding = readers
        begun = memory_mib(pid)
        forget_peak(pid)
        async with never_saying(server) as never:
            for reader in readers:
                reader.socket.pause()
            await asyncio.sleep(5)
            # What may wait for them does by now, and nothing more is made.
            came = [each.heard for each in good]
            nodding.socket.go_on()
            await nodding.until(lambda: nodding.ear.last_ended == 1)
            await asyncio.gather(*(each.read() for each in never))  # The server has hung up.
        codes = await asyncio.gather(*(each.is_shown_the_door(told) for each in stalled))
        late = max(each.late_since(sofar) for each, sofar in zip(good, came, strict=True))
        more = peak_mib(pid) - begun
        print(f"{more / STALLED:.2f} MiB for each")  # noqa: T201
        assert unbothered(late, calm, f"beside {STALLED} who do not read")
        assert more < STALLED * MOST_MIB

        assert set(codes) == {4408}
        await asyncio.gather(*(reader.go_on() for reader in stalled))
        for reader in readers:
            assert not reader.tally.faults, reader.tally.faults
        await nodding.leave()
        left = await is_settled(server, before, kept_mib=KEPT_MIB)
        print(f"{left.mib:.0f} MiB in the end, {before.mib:.0f} before they came")  # noqa: T201

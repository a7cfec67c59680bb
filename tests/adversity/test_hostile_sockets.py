"""Sockets that are meant to do harm, beside somebody who listens: he does not notice, and nothing
is left of them."""

import asyncio
import random
import resource
import struct
from collections.abc import Callable, Iterator
from contextlib import suppress

import pytest

from lipwire_client import connect
from lipwire_protocol import Hello, Ping
from lipwire_server.load.socket import LoadSocket, open_socket
from tests.adversity.beside import is_settled, left_of, listening, unbothered
from tests.adversity.floods import FLOODS, TEXT, UPGRADE, flood, frame, raw, upgrade
from tests.adversity.hearing import cpu_seconds, memory_mib
from tests.server_process import ServerProcess


@pytest.fixture
def server(small: ServerProcess) -> ServerProcess:
    return small


async def test_a_flood_is_nobody_elses(server: ServerProcess) -> None:
    """Three of a kind at a time; what they send is taken at the pace of one who types fast."""
    async with listening(server) as listener:
        calm = await listener.listen()
        before = await left_of(server)
        for name, (opening, drop) in FLOODS.items():
            floods = [asyncio.create_task(flood(server, opening, drop)) for _ in range(3)]
            late = await listener.listen(1.0)
            for task in floods:
                task.cancel()
            await asyncio.gather(*floods, return_exceptions=True)
            assert unbothered(late, calm, name)
        await is_settled(server, before)


async def test_three_hundred_come_at_once_and_go_at_once(server: ServerProcess) -> None:
    async def come() -> LoadSocket:
        socket = await open_socket(server.stream, lambda _: answers.append(1))
        socket.send(Hello(persist=False))
        return socket

    async def storm() -> None:
        answers.clear()
        sockets = await asyncio.gather(*(come() for _ in range(300)))
        async with asyncio.timeout(60):
            while len(answers) < 300:  # noqa: ASYNC110
                await asyncio.sleep(0.02)
        for socket in sockets:
            socket.cut()

    answers: list[int] = []
    await storm()  # What only the first of so many needs stays.
    async with listening(server) as listener:
        calm = await listener.listen()
        came = listener.heard
        before = await left_of(server)
        await storm()
        await is_settled(server, before)
        # In this process three hundred handshakes take their time, too.
        assert unbothered(listener.late_since(came), calm + 0.5, "a storm of 300")


BAD_HEADS: dict[str, Callable[[], Iterator[bytes]]] = {
    "a line of 64 MB": lambda: iter([b"GET /"] + [b"a" * 65_536] * 1_024),
    "a field of 64 MB": lambda: iter([b"GET / HTTP/1.1\r\nX: "] + [b"a" * 65_536] * 1_024),
    "a million fields": lambda: iter([b"GET / HTTP/1.1\r\n"] + [b"a: b\r\n" * 10_000] * 100),
}


@pytest.mark.parametrize("name", BAD_HEADS)
async def test_a_head_without_end_is_cut_off(server: ServerProcess, name: str) -> None:
    before = memory_mib(server.process.pid)
    sent = 0
    async with raw(server) as (reader, writer), asyncio.timeout(60):
        answering = asyncio.create_task(reader.read(10))
        with suppress(ConnectionError):
            for piece in BAD_HEADS[name]():
                writer.write(piece)
                await writer.drain()
                sent += len(piece)
        with suppress(ConnectionError):  # It may hang up before it is heard.
            assert (await answering) == b"HTTP/1.1 4"
    assert sent < 32 << 20
    assert memory_mib(server.process.pid) < before + 8


async def test_without_descriptors_nobody_new_comes_in_and_nothing_spins(
    server: ServerProcess,
) -> None:
    """As with `ulimit -n`, but from one moment to the next."""
    pid = server.process.pid
    old = resource.prlimit(pid, resource.RLIMIT_NOFILE)
    async with listening(server) as listener:
        calm = await listener.listen()
        before = await left_of(server)
        resource.prlimit(pid, resource.RLIMIT_NOFILE, (before.files + 5, old[1]))
        try:
            opened = await asyncio.gather(*(knock(server) for _ in range(60)))
            began = cpu_seconds(pid)
            late = await listener.listen(2)
            spent = cpu_seconds(pid) - began
        finally:
            resource.prlimit(pid, resource.RLIMIT_NOFILE, old)
        assert unbothered(late, calm, "no descriptors")
        assert spent < 1.0, "of two seconds"
        for writer in opened:
            if writer is not None:
                writer.transport.abort()
        async with connect(server.stream) as session:
            assert (await session.say("All is well.")).ended is not None
        await is_settled(server, before)


async def knock(server: ServerProcess) -> asyncio.StreamWriter | None:
    """Whoever is accepted waits for an answer; the others are hung up on, or wait in the queue."""
    try:
        _, writer = await asyncio.open_connection("127.0.0.1", server.port)
    except OSError:
        return None
    writer.write(b"GET /healthz HTTP/1.1\r\nHost: 127.0.0.1\r\n")
    return writer


async def test_a_close_or_a_loss_at_any_moment_leaves_nothing(server: ServerProcess) -> None:
    """Gone in the handshake, after it, after a greeting, in the middle of a word."""
    before = await left_of(server)

    async def leave(moment: int) -> None:
        async with raw(server) as (reader, writer):
            if moment < 6:
                writer.write(UPGRADE[: moment * 20] if moment < 5 else UPGRADE)
            else:
                await upgrade(reader, writer)
                writer.write(frame(TEXT, b'{"type":"hello"}'))
            if moment > 6:
                writer.write(frame(TEXT, b'{"type":"speak","utterance":1,"text":"Hello. Hello."}'))
                await reader.read(1_000)
            if moment == 8:
                writer.write(frame(0x8, struct.pack("!H", 1_000)))
            if moment == 9:
                writer.write(frame(TEXT, b"x" * 100)[:50])
            await writer.drain()

    for _ in range(10):
        await asyncio.gather(*(leave(moment) for moment in range(10)))
    await is_settled(server, before)


async def test_every_frame_that_breaks_the_rules_costs_its_sender_alone(
    server: ServerProcess,
) -> None:
    async with connect(server.stream) as session:
        noise = random.Random(8)
        for _ in range(100):
            # What begins as a long message is waited for as long as a `hello` is.
            async with raw(server) as (reader, writer), asyncio.timeout(60):
                await upgrade(reader, writer)
                writer.write(noise.randbytes(300) + b"\xff" * 20)
                with suppress(ConnectionError):
                    # A close, an answer to a ping or to what may be a message; then the end.
                    assert (await reader.read())[:1] in (b"", b"\x88", b"\x8a", b"\x81")
        await session.send(Ping(stamp=5))
        assert (await session.say("And on it goes.")).ended is not None

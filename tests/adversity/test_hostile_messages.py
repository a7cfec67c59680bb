"""Messages that nobody would send in good faith, to a real server: answered, or closed for with the
code that says why, and never with 1011."""

import asyncio
import random
from collections import Counter
from collections.abc import AsyncIterator, Iterable, Iterator
from contextlib import asynccontextmanager
from itertools import islice

import msgpack
import pytest
from websockets.protocol import State

from lipwire_client import connect
from lipwire_protocol import (
    AudioFormat,
    Chunk,
    Codec,
    Error,
    Flow,
    FlowMode,
    Hello,
    Interrupt,
    LipwireError,
    Ping,
    Pong,
    Ready,
    ServerMessage,
    Speak,
    UtteranceEnded,
)
from lipwire_server.load.socket import Closed, LoadSocket, open_socket
from tests.adversity.beside import is_settled, left_of, listening, unbothered
from tests.adversity.hearing import AT_ONCE, hear, until_all_seats_are_free
from tests.server_process import ServerProcess
from tests.vectors import load

A_CONNECTION = 1_500
"""Messages that are sent on one: beyond some thousands they are read more slowly."""


@pytest.fixture
def server(small: ServerProcess) -> ServerProcess:
    return small


class Heard:
    """One socket, and what is answered on it."""

    def __init__(self) -> None:
        self.answers: list[ServerMessage] = []
        self.socket: LoadSocket

    async def until(self, kind: type[ServerMessage]) -> None:
        """Raises Closed."""
        async with asyncio.timeout(60):
            while not any(isinstance(answer, kind) for answer in self.answers):
                if self.socket.closed.done():
                    raise Closed(self.socket.closed.result())
                await asyncio.sleep(0.005)

    def throw(self, data: bytes) -> None:
        """Whatever it is, as one binary message. Raises Closed."""
        if self.socket._connection.state is not State.OPEN:
            raise Closed(0)
        self.socket._connection.send_binary(data)
        self.socket._flush()

    @property
    def fatal(self) -> set[str]:
        return {a.code for a in self.answers if isinstance(a, Error) and a.fatal}


@asynccontextmanager
async def opened(server: ServerProcess) -> AsyncIterator[Heard]:
    heard = Heard()
    heard.socket = await open_socket(server.stream, heard.answers.append)
    try:
        yield heard
    finally:
        heard.socket.cut()


def frames_of_clients() -> list[bytes]:
    """One of each kind that a client sends, but for those that go."""
    vectors = [vector for vector in load("messages") if vector["side"] == "client"]
    kinds = {vector["message"]["type"]: bytes.fromhex(vector["hex"]) for vector in vectors}
    return [data for kind, data in sorted(kinds.items()) if kind != "bye"]


def damaged(data: bytes) -> Iterator[bytes]:
    """Every beginning of it, and it with every one of its bits turned."""
    for end in range(len(data)):
        yield data[:end]
    for place in range(len(data) * 8):
        turned = bytearray(data)
        turned[place // 8] ^= 1 << place % 8
        yield bytes(turned)


def noise(count: int) -> Iterator[bytes]:
    chance = random.Random(29)
    for _ in range(count):
        yield chance.randbytes(chance.randrange(1, 200))


async def survives(server: ServerProcess, datas: Iterable[bytes]) -> Counter[int]:
    """Says all of that in sessions that go on; with which codes some of them were closed."""
    codes: Counter[int] = Counter()
    left = iter(datas)
    while batch := list(islice(left, A_CONNECTION)):
        async with opened(server) as heard:
            heard.socket.send(Hello(flow=AT_ONCE.flow, persist=False))
            await heard.until(Ready)
            try:
                for data in batch:
                    heard.throw(data)
                    await asyncio.sleep(0)
                heard.socket.send(Ping(stamp=1))
                await heard.until(Pong)
            except (Closed, LipwireError):
                # It may have heard of its end, and not have come to it.
                codes[await heard.socket.closed] += 1
            assert not heard.socket.unreadable
            assert "internal" not in {a.code for a in heard.answers if isinstance(a, Error)}
    return codes


async def test_no_damage_to_a_message_ends_a_session_that_it_does_not_ask_to_end(
    server: ServerProcess,
) -> None:
    before = await left_of(server)
    kinds = frames_of_clients()
    datas = [each for data in kinds for each in damaged(data)]
    assert len(kinds) > 10 and len(datas) > 3_000
    codes = await survives(server, [*datas, *noise(1_500)])
    assert not codes, codes
    await is_settled(server, before)


async def test_who_is_not_greeted_properly_closes_with_4400(server: ServerProcess) -> None:
    """Or with what else is wrong with the greeting: a turned bit may ask for another voice."""
    greeting = msgpack.packb({"type": "hello", "voice": "en_US-tiny-low", "seed": 7})
    codes: Counter[int] = Counter()

    async def say(data: bytes) -> None:
        async with opened(server) as heard:
            heard.throw(data)
            try:
                await heard.until(Ready)
                codes[0] += 1
            except Closed as closed:
                codes[closed.code] += 1
                assert heard.fatal

    every = [*damaged(greeting), *noise(100)]
    for begin in range(0, len(every), 50):
        await asyncio.gather(*map(say, every[begin : begin + 50]))
    # What an unknown field or another seed makes of it is a greeting still.
    assert set(codes) <= {0, 4400, 4404}
    assert codes[4400] > codes[0] + codes[4404]


DEEP = 30_000
BOMBS = {
    "64 KB of empty maps": b"\xdc\xff\x00" + b"\x80" * 65_000,
    "maps in an unknown field": b"\x82\xa4type\xa4ping\xa1x\xdc\x4e\x20" + b"\x80" * 20_000,
    "as deep as can be": b"\x91" * DEEP + b"\x90",
    "as deep in an unknown field": b"\x82\xa4type\xa4ping\xa1x" + b"\x91" * DEEP + b"\x90",
    "maps as deep": b"\x82\xa4type\xa4ping\xa1x" + b"\x81\xa1a" * 20_000 + b"\xc0",
    "an array of 2^32": b"\xdd\xff\xff\xff\xff",
    "a map of 2^32": b"\xdf\xff\xff\xff\xff",
    "a text of 2^32": b"\x82\xa4type\xa5speak\xa4text\xdb\xff\xff\xff\xff",
    "bytes of 2^32 in an unknown field": b"\x82\xa4type\xa4ping\xa1x\xc6\xff\xff\xff\xff",
    "an extension": b"\x82\xa4type\xa4ping\xa5stamp\xc7\x05\x01hello",
    "a time of 292 billion years": b"\x82\xa4type\xa4ping\xa5stamp\xc7\x0c\xff" + b"\x7f" * 12,
    "a float that is no number": b"\x82\xa4type\xa4ping\xa5stamp\xcb\x7f\xf8" + bytes(6),
    "a float without end": b"\x82\xa4type\xa4ping\xa5stamp\xcb\x7f\xf0" + bytes(6),
    "2^64 - 1": b"\x82\xa4type\xa4ping\xa5stamp\xcf" + b"\xff" * 8,
    "-2^63": b"\x82\xa4type\xa4ping\xa5stamp\xd3\x80" + bytes(7),
    "a name twice": b"\x83\xa4type\xa4ping\xa5stamp\x01\xa5stamp\x02",
    "its type twice": b"\x82\xa4type\xa4ping\xa4type\xa3bye",
    "more behind its end": b"\x81\xa4type\xa4ping" + b"\x81\xa4type\xa4ping",
    "no UTF-8": b"\x82\xa4type\xa5speak\xa4text\xa4\xff\xfe\xc0\x80",
    "no UTF-8 in a name": b"\x82\xa4type\xa4ping\xa2\xff\xfe\x01",
    "a number as a name": b"\x82\xa4type\xa4ping\x01\x02",
    "a map as a name": b"\x82\xa4type\xa4ping\x80\x02",
    "a type without end": b"\x81\xa4type\xda\xff\x00" + b"x" * 65_280,
}


async def test_a_bomb_takes_no_memory_and_no_time(server: ServerProcess) -> None:
    async with listening(server) as listener:
        calm = await listener.listen()
        before = await left_of(server)
        came = listener.heard
        for name, bomb in BOMBS.items():
            codes = await survives(server, [bomb] * 20)
            assert set(codes) <= {1000}, (name, codes)  # Its type twice: it may mean the last one.
        assert unbothered(listener.late_since(came), calm, "bombs")
        await is_settled(server, before)


async def test_two_hundred_that_are_said_and_taken_back_leave_no_seat_taken(
    server: ServerProcess,
) -> None:
    before = await left_of(server)
    async with connect(server.stream, AT_ONCE) as session:
        for number in range(1, 201):
            await session.send(Speak(utterance=number, text=f"Number {number} is long. " * 40))
            if number % 3:
                await asyncio.sleep(0)
            await session.send(Interrupt(utterance=number, heard=0))
        ended: list[int] = []
        while len(ended) < 200:
            message = await session.receive()
            if isinstance(message, UtteranceEnded):
                assert message.reason == "interrupted"
                ended.append(message.utterance)
        assert sorted(ended) == [*range(1, 201)]
        await until_all_seats_are_free(server)
        await session.send(Speak(utterance=300, text="And now this.", end=True))
        assert (await hear(session, 300)).audio
    await is_settled(server, before)


async def test_one_short_text_does_not_wait_behind_sixty_four_long_ones(
    server: ServerProcess,
) -> None:
    """Fair by session: who has much to be said waits for himself."""
    long = " ".join(f"Line {line}, and nobody minds at all." for line in range(7))
    slow = Hello(flow=Flow(mode=FlowMode.OFF), audio=AudioFormat(codec=Codec.OPUS), seed=4)
    async with connect(server.stream, slow) as greedy, connect(server.stream, AT_ONCE) as other:
        for number in range(1, 65):
            await greedy.send(Speak(utterance=number, text=f"{number}: {long}", end=True))
        ended = 0
        reading = asyncio.create_task(greedy.receive())
        await other.send(Speak(utterance=1, text="Just this.", end=True))
        while not isinstance(await other.receive(), Chunk):
            pass
        while reading.done():
            ended += isinstance(reading.result(), UtteranceEnded)
            reading = asyncio.create_task(greedy.receive())
            await asyncio.sleep(0)
        reading.cancel()
        greedy._socket.transport.abort()  # It need not be heard out.
        assert ended < 8, "of 64 that came before"

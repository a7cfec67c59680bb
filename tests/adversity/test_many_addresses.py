"""Many addresses at once, as a proxy on this machine names them: each is counted on its own."""

import asyncio
import json
import tracemalloc
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack, ExitStack, asynccontextmanager, suppress
from pathlib import Path

import pytest
import websockets
from websockets.asyncio.client import ClientConnection

from lipwire_protocol import LipwireError
from lipwire_server.access.visitors import Visitors
from tests.adversity.beside import listening, small_server, unbothered
from tests.server_process import ServerProcess

EACH = 3
"""Sockets that one address may have."""
ADDRESSES = 60
FULL = "203.0.113.7"


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServerProcess]:
    voices: Path = tmp_path_factory.mktemp("addresses") / "voices"
    with small_server(voices, {"LIPWIRE_PER_ADDRESS": str(EACH)}) as process:
        yield process


@asynccontextmanager
async def coming_from(server: ServerProcess, address: str) -> AsyncIterator[ClientConnection]:
    async with websockets.connect(
        server.stream,
        additional_headers={"X-Forwarded-For": address},
        subprotocols=[websockets.Subprotocol("lipwire.v1.json")],
    ) as socket:
        yield socket


async def greeted(socket: ClientConnection) -> dict[str, object]:
    """What the first answer is."""
    with suppress(websockets.ConnectionClosed):  # Who is refused is told before he has asked.
        await socket.send('{"type": "hello", "persist": false}')
    answer: dict[str, object] = json.loads(await socket.recv())
    return answer


async def is_refused(server: ServerProcess, address: str) -> bool:
    """Whether one more is; he is told why, and when to come back."""
    async with coming_from(server, address) as socket:
        answer = await greeted(socket)
        if answer["type"] == "ready":
            return False
        assert answer["code"] == "rate_limited" and answer["fatal"]
        assert isinstance(answer["retry_after_ms"], int) and answer["retry_after_ms"] > 0
        await socket.wait_closed()
        assert socket.close_code == 4429
    return True


async def test_an_address_that_is_full_shuts_out_nobody_else(server: ServerProcess) -> None:
    async with AsyncExitStack() as stack:

        async def come(address: str) -> ClientConnection:
            socket = await stack.enter_async_context(coming_from(server, address))
            assert (await greeted(socket))["type"] == "ready"
            return socket

        first, *_ = [await come(FULL) for _ in range(EACH)]
        assert await is_refused(server, FULL)
        # Each of the others has as many as that one, and no more.
        others = [f"198.51.100.{number}" for number in range(1, ADDRESSES)]
        others += ["2001:db8:0:1::1", "2001:db8:0:2::1"]
        await asyncio.gather(*(come(address) for address in others for _ in range(EACH)))
        assert all(await asyncio.gather(*(is_refused(server, each) for each in others[:10])))
        # The addresses of one household are one.
        assert await is_refused(server, "2001:db8:0:1:ffff::9")
        await first.close()
        while True:  # Until the server has seen him go.
            socket = await stack.enter_async_context(coming_from(server, FULL))
            if (await greeted(socket))["type"] == "ready":
                break
        assert await is_refused(server, FULL)


async def test_who_knocks_all_the_time_bothers_nobody_from_elsewhere(server: ServerProcess) -> None:
    """A hundred at once, and ten a second from then on: whatever is beyond is told to come back."""
    async with listening(server) as listener:
        calm = await listener.listen(1)
        came = listener.heard
        began = asyncio.get_running_loop().time()
        knocks = await asyncio.gather(*(is_refused(server, "192.0.2.1") for _ in range(250)))
        took = asyncio.get_running_loop().time() - began
        assert 0 < knocks.count(False) <= 101 + 10 * took
        assert not await is_refused(server, "192.0.2.2")
        # In this process 250 handshakes take their time, too.
        assert unbothered(listener.late_since(came), calm + 0.5, "250 from one address")


class Time:
    now = 0.0

    def __call__(self) -> float:
        return self.now


def test_ten_thousand_addresses_are_counted_apart_and_forgotten_when_they_are_gone() -> None:
    now = Time()
    visitors = Visitors(1, now)
    addresses = [f"10.{number >> 8}.{number & 255}.1" for number in range(10_000)]
    tracemalloc.start()
    try:
        with ExitStack() as stack:
            for address in addresses:
                now.now += 0.001
                stack.enter_context(visitors.coming_from(address))
            for address in addresses[::1_000]:
                with pytest.raises(LipwireError), visitors.coming_from(address):
                    pass
            full, _ = tracemalloc.get_traced_memory()
        now.now += 60
        with visitors.coming_from("10.0.0.1"):
            pass
        empty, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    print(f"\n{full / 10_000:.0f} bytes an address, {empty / 10_000:.0f} afterwards")  # noqa: T201
    assert full < 10_000 * 4_096
    assert empty < full / 4

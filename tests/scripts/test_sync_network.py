"""The way between a page and its server: late, held, and never out of order."""

import threading
import time
from collections.abc import Iterator
from random import Random

import pytest
from websockets.sync.client import connect
from websockets.sync.server import ServerConnection, serve
from websockets.typing import Origin

from benches.sync.network import CLEAN, Network, _Way, network

SENT = [f"message {number} ".encode() * 100 for number in range(60)]
SEEN: list[str | None] = []


@pytest.fixture
def server() -> Iterator[str]:
    def speak(socket: ServerConnection) -> None:
        assert socket.request is not None
        SEEN.append(socket.request.headers.get("Origin"))
        for message in SENT:
            socket.send(message)
            time.sleep(0.002)

    with serve(speak, "127.0.0.1", 0) as listening:
        thread = threading.Thread(target=listening.serve_forever)
        thread.start()
        yield f"ws://127.0.0.1:{listening.socket.getsockname()[1]}/v1/stream"
        listening.shutdown()
        thread.join()


def received(url: str, way: Network) -> tuple[list[bytes], list[float]]:
    messages, times = [], []
    with (
        network(url, way) as address,
        connect(address, origin=Origin("http://elsewhere:1"), compression=None) as socket,
    ):
        for message in socket:
            assert isinstance(message, bytes)
            messages.append(message)
            times.append(time.monotonic())
    return messages, times


@pytest.mark.parametrize(
    "way", [CLEAN, Network(jitter_ms=30), Network(hold_after_s=0.02, hold_ms=200)]
)
def test_everything_arrives_and_in_order(server: str, way: Network) -> None:
    assert received(server, way)[0] == SENT


def test_what_is_held_is_held_so_long(server: str) -> None:
    begin = time.monotonic()
    _, times = received(server, Network(hold_ms=300))
    assert times[-1] - begin > 0.3


def test_it_is_held_a_while_after_the_first_speech() -> None:
    way = _Way("", 0, Network(hold_after_s=2.0, hold_ms=500), Random(0))
    moments = {11.9: 11.9, 12.0: 12.5, 12.4: 12.5, 12.5: 12.5, 13.0: 13.0}
    assert {now: way._released(now, spoken_at=10.0) for now in moments} == moments
    assert way._released(2.1, spoken_at=0.0) == 2.1, "nothing was spoken yet"


def test_the_server_is_not_told_of_what_site_the_page_is(server: str) -> None:
    SEEN.clear()
    received(server, CLEAN)
    assert SEEN == [None]

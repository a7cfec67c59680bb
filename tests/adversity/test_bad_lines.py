"""People on bad lines: delayed, jittery and reset on this machine's own loopback; and, in a network
of the test's own, with loss, with little room, and cut.

`unshare -n .venv/bin/pytest -s -m network tests/adversity/test_bad_lines.py` runs the second kind:
as root, where `ip`, `tc` and `nft` are. It takes three minutes.
"""

import asyncio
import shutil
import socket
import subprocess
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from itertools import pairwise

import pytest

from lipwire_client import ResumePoint, Session, Spoken, connect
from lipwire_protocol import (
    Chunk,
    ErrorCode,
    Flow,
    FlowMode,
    FrameMode,
    Frames,
    Hello,
    LipwireError,
    SegmentEnded,
    ServerMessage,
)
from tests.adversity.bad_line import Line, bad_line
from tests.adversity.beside import left_of
from tests.server_process import ServerProcess

TEXT = "The birch canoe slid on the smooth planks. Glue the sheet to the dark blue background. "
PACED = Hello(flow=Flow(mode=FlowMode.PACED, lead_ms=2_000))


@pytest.fixture(scope="session", autouse=True)
def loopback() -> None:
    """In a network of its own, nothing is up at first."""
    if _is_own_network():
        _do("ip link set lo up mtu 1500")


@pytest.fixture
def server(small: ServerProcess) -> ServerProcess:
    return small


async def hear(stream: str, text: str, hello: Hello, lose: object = None) -> tuple[Spoken, int]:
    """All of a text, however often the connection is lost; and how often that was."""
    point: ResumePoint | None = None
    lost = 0
    while True:
        try:
            async with connect(stream, hello, resume=point) as session:
                try:
                    return await _say(session, text, point, lose), lost
                except LipwireError as error:
                    if error.code is not ErrorCode.GOING_AWAY:
                        raise
                    point = session.resume_point
        except (OSError, EOFError, TimeoutError):
            await asyncio.sleep(0.2)
        lost += 1
        assert lost < 100


async def _say(session: Session, text: str, point: ResumePoint | None, lose: object) -> Spoken:
    def note(message: ServerMessage) -> None:
        if lose is not None and isinstance(message, Chunk):
            assert callable(lose)
            lose()

    if point is None:
        return await session.say(text, on_message=note)
    return await session.finish(on_message=note)


def assert_same(spoken: Spoken, whole: Spoken) -> None:
    assert all(a.start + a.count == b.start for a, b in pairwise(spoken.chunks))
    assert spoken.audio == whole.audio


class Resets:
    """Cuts the line after some chunks, five times in all."""

    def __init__(self, line: Line) -> None:
        self._line = line
        self._left = 5
        self._chunks = 0

    def __call__(self) -> None:
        self._chunks += 1
        # What has come by then is still told when the line is cut: that is not another loss.
        if self._left and self._chunks >= 4 and self._line.connections:
            self._left -= 1
            self._chunks = 0
            self._line.reset()


async def test_late_jittery_and_reset_it_is_the_same_speech(server: ServerProcess) -> None:
    """Up to 800 ms each way, and five resets in the middle of whatever comes."""
    text, hello = TEXT * 2, Hello(flow=Flow(mode=FlowMode.OFF))
    whole, _ = await hear(server.stream, text, hello)
    async with bad_line(server.port, (0.02, 0.1), 14) as line:
        spoken, lost = await hear(line.stream, text, hello, Resets(line))
        assert_same(spoken, whole)
        assert lost >= 5
        line.delay_s = (0.2, 0.8)
        whole, _ = await hear(server.stream, TEXT, hello)
        spoken, lost = await hear(line.stream, TEXT, hello)
        assert_same(spoken, whole)
        assert not lost


# In a network of the test's own.


def _is_own_network() -> bool:
    return {name for _, name in socket.if_nameindex()} <= {"lo"}


def _do(*commands: str) -> None:
    for command in commands:
        subprocess.run(command.split(), check=True, capture_output=True)


@pytest.fixture
def network() -> None:
    if not _is_own_network():
        pytest.skip("runs in a network of its own: unshare -n .venv/bin/pytest -m network ...")
    for program in ("ip", "tc", "nft"):
        if shutil.which(program) is None:
            pytest.skip(f"there is no {program}")


@asynccontextmanager
async def only(rate: str) -> AsyncIterator[None]:
    """So many bits a second, each way together, and half a second of them waiting."""
    _do(f"tc qdisc add dev lo root tbf rate {rate} burst 8kb latency 500ms")
    try:
        yield
    finally:
        _do("tc qdisc del dev lo root")


@asynccontextmanager
async def loss(percent: int) -> AsyncIterator[None]:
    _do(
        "nft add table inet bad",
        "nft add chain inet bad out { type filter hook output priority 0 ; }",
        f"nft add rule inet bad out meta l4proto tcp numgen random mod 100 < {percent} drop",
    )
    try:
        yield
    finally:
        _do("nft delete table inet bad")


@pytest.mark.network
@pytest.mark.usefixtures("network")
@pytest.mark.parametrize("percent", [5, 20])
async def test_packets_that_are_lost_are_not_missed(server: ServerProcess, percent: int) -> None:
    whole, _ = await hear(server.stream, TEXT, Hello())
    async with loss(percent):
        spoken, lost = await hear(server.stream, TEXT, PACED)
    assert_same(spoken, whole)
    print(f"\n{percent} % lost: {lost} connections with them")  # noqa: T201


@pytest.mark.network
@pytest.mark.usefixtures("network")
async def test_where_there_is_little_room_sound_comes_first(server: ServerProcess) -> None:
    """400 kbit/s: its sound takes two thirds of it, frames more than is left."""
    frames = Frames(mode=FrameMode.FULL, size=256, fps=25)
    hello = Hello(flow=PACED.flow, frames=frames)
    dropped = sent = 0

    def count(message: ServerMessage) -> None:
        nonlocal dropped, sent
        if isinstance(message, SegmentEnded):
            dropped += message.frames.dropped
            sent += message.frames.sent

    whole, _ = await hear(server.stream, TEXT * 3, Hello())
    async with only("400kbit"), connect(server.stream, hello) as session:
        spoken = await session.say(TEXT * 3, on_message=count)
    assert spoken.audio == whole.audio
    print(f"\n400 kbit/s: {sent} frames sent, {dropped} left out")  # noqa: T201
    assert dropped


@pytest.mark.network
@pytest.mark.usefixtures("network")
async def test_where_there_is_no_room_for_the_sound_it_is_late_and_whole(
    server: ServerProcess,
) -> None:
    """200 kbit/s, where it takes 256. Who reads, however slowly, is not shown the door."""
    whole, _ = await hear(server.stream, TEXT * 3, Hello())
    before = await left_of(server)
    async with only("200kbit"):
        spoken, lost = await hear(server.stream, TEXT * 3, PACED)
    assert_same(spoken, whole)
    assert not lost
    assert (await left_of(server)).mib < before.mib + 8


@pytest.mark.network
@pytest.mark.usefixtures("network")
@pytest.mark.timeout(300)
async def test_a_cut_line_is_noticed_and_the_session_waits(server: ServerProcess) -> None:
    """Half-open: the peer is gone without a word. 20 s until a ping, 20 s for its answer."""
    whole, _ = await hear(server.stream, TEXT * 2, Hello())
    before = await left_of(server)
    async with connect(server.stream, PACED) as session:
        saying = asyncio.create_task(session.say(TEXT * 2))
        await asyncio.sleep(1)
        port = _port_of(session)
        _do(
            "nft add table inet cut",
            "nft add chain inet cut out { type filter hook output priority 0 ; }",
            f"nft add rule inet cut out tcp dport {port} drop",
            f"nft add rule inet cut out tcp sport {port} drop",
        )
        began = asyncio.get_running_loop().time()
        while (await left_of(server)).sockets > before.sockets:  # noqa: ASYNC110
            await asyncio.sleep(0.2)
        took = asyncio.get_running_loop().time() - began
        point = session.resume_point
        saying.cancel()
        await asyncio.gather(saying, return_exceptions=True)
        session._socket.transport.abort()
        _do("nft delete table inet cut")
    print(f"\nnoticed after {took:.0f} s")  # noqa: T201
    assert took < 60
    async with connect(server.stream, resume=point) as session:
        spoken = await session.finish()
    assert_same(spoken, whole)


def _port_of(session: Session) -> int:
    port: int = session._socket.local_address[1]
    return port


@pytest.mark.network
@pytest.mark.usefixtures("network")
async def test_a_line_that_is_away_for_five_seconds_loses_nothing(server: ServerProcess) -> None:
    whole, _ = await hear(server.stream, TEXT, Hello())
    hearing = asyncio.create_task(hear(server.stream, TEXT, PACED))
    await asyncio.sleep(1)
    _do("ip link set lo down")
    await asyncio.sleep(5)
    _do("ip link set lo up")
    spoken, lost = await hearing
    assert_same(spoken, whole)
    print(f"\naway for 5 s: {lost} connections lost")  # noqa: T201

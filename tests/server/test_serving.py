import asyncio
import os
import signal
import socket
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from lipwire_client import Session, connect
from lipwire_protocol import (
    Chunk,
    EndReason,
    Flow,
    FlowMode,
    GoAway,
    Hello,
    LipwireError,
    Played,
    SegmentEnded,
    ServerMessage,
    Speak,
    UtteranceEnded,
)
from lipwire_server.app import House
from lipwire_server.config import Settings
from lipwire_server.serving import (
    _allow_sockets,
    _configuration,
    _Server,
    _Signals,
    _telling,
    listen,
    serve,
)
from lipwire_server.store.storage import Storage
from tests.fakes import WIRE_VOICE, FakeSynthesis, fake_host
from tests.server.http.client import house as quiet_house
from tests.server.voices import tiny_settings

TEXT = "Hello there. Good bye."
PLAYED = Hello(flow=Flow(mode=FlowMode.PLAYED, lead_ms=100))
"""Of the first segment, two thirds go out before a report comes."""


@asynccontextmanager
async def serving(
    folder: Path, **synthesis: float
) -> AsyncIterator[tuple[_Server, House, str, asyncio.Task[None]]]:
    """A real server with a voice that is none, and where it listens."""
    host = fake_host(FakeSynthesis(known=[WIRE_VOICE], **synthesis))  # type: ignore[arg-type]
    house = replace(quiet_house(folder), host=host)
    server = _Server(_configuration(Settings(data=folder), house), house)
    listener = listen("127.0.0.1", 0)
    url = f"ws://127.0.0.1:{listener.getsockname()[1]}/v1/stream"
    async with asyncio.TaskGroup() as group:
        running = group.create_task(server.serve(sockets=[listener]))
        yield server, house, url, running
        server.handle_exit(signal.SIGTERM, None)


async def test_a_client_is_served(tmp_path: Path) -> None:
    async with serving(tmp_path) as (_, _, url, _), connect(url) as session:
        spoken = await session.say(TEXT)
        assert [segment.text for segment in spoken.segments] == ["Hello there.", "Good bye."]
        assert len(spoken.audio) == 2 * 2_100


async def test_a_signal_lets_the_segment_end_and_then_everybody_go(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("lipwire_server.serving._DRAIN_MS", 60_000)
    async with serving(tmp_path) as (server, house, url, running):
        heard: list[ServerMessage] = []
        async with connect(url, PLAYED) as session:
            await session.send(Speak(utterance=1, text=TEXT, end=True))
            with pytest.raises(LipwireError, match="1012"):
                while True:
                    heard.append(await session.receive())
                    if isinstance(heard[-1], Chunk) and not server.should_exit:
                        server.handle_exit(signal.SIGTERM, None)
                    elif isinstance(heard[-1], GoAway):
                        # Until then the rest of the segment waits for its listener.
                        await session.send(Played(utterance=1, sample=800))
        assert [m.in_ms for m in heard if isinstance(m, GoAway)] == [60_000]
        assert [m.count for m in heard if isinstance(m, SegmentEnded)] == [1_200]
        assert [m.reason for m in heard if isinstance(m, UtteranceEnded)] == [EndReason.ERROR]
        await running
        assert len(house.connections) == 0
        with pytest.raises(OSError):
            async with connect(url):
                pass


async def test_a_second_signal_waits_for_nobody(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("lipwire_server.serving._DRAIN_MS", 3_600_000)
    async with serving(tmp_path) as (server, house, url, running):
        async with connect(url, PLAYED) as session:
            await session.send(Speak(utterance=1, text=TEXT, end=True))
            await until(session, Chunk)
            server.handle_exit(signal.SIGTERM, None)
            await until(session, GoAway)
            server.handle_exit(signal.SIGTERM, None)
            async with asyncio.timeout(60):
                await running
        async with asyncio.timeout(60):
            while len(house.connections):  # noqa: ASYNC110
                await asyncio.sleep(0.01)


async def until(session: Session, kind: type[ServerMessage]) -> None:
    while not isinstance(await session.receive(), kind):
        pass


async def test_a_signal_before_there_is_a_server_cancels_the_start() -> None:
    stopped = False

    async def start() -> None:
        nonlocal stopped
        try:
            os.kill(os.getpid(), signal.SIGTERM)
            await asyncio.sleep(60)
        finally:
            stopped = True

    with _Signals() as signals:
        await signals.until_stopped(start())
    assert stopped


async def test_a_signal_after_that_is_the_servers_business(tmp_path: Path) -> None:
    async with serving(tmp_path) as (server, _, _, running):
        with _Signals() as signals:
            signals.server = server
            os.kill(os.getpid(), signal.SIGINT)
            await running
        assert server.should_exit
        assert not server.force_exit


async def test_the_log_tells_of_the_end_when_all_is_written(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    caplog.set_level("INFO")
    monkeypatch.setattr("lipwire_server.serving._PATIENCE_S", 0.0)
    monkeypatch.setattr("lipwire_server.serving._settle_memory", lambda: None)
    settings = tiny_settings(tmp_path, port=0, database_url="postgresql://127.0.0.1:1/x")
    async with asyncio.timeout(60), asyncio.TaskGroup() as group:
        group.create_task(serve(settings, ""))
        while not any("speaks at" in message for message in caplog.messages):  # noqa: ASYNC110
            await asyncio.sleep(0.01)
        os.kill(os.getpid(), signal.SIGTERM)
    assert caplog.messages[-2:] == ["everybody has left; writing what waits", "stopped"]


class Starting(Storage):
    """A database that takes longer to start than anybody waits for."""

    fault: str | None = "the database is starting"

    def begin(self, fault: str | None) -> None:
        self.fault = fault
        self._settled.set()


@pytest.mark.parametrize("trouble", [None, "there are no programs"])
async def test_a_database_that_comes_late_is_told_of_when_it_is_there(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, trouble: str | None
) -> None:
    caplog.set_level("INFO")
    storage = Starting(None, tmp_path)
    settings = Settings(data=tmp_path)
    async with _telling(settings, replace(quiet_house(tmp_path), storage=storage)):
        assert caplog.messages == ["speaking without a database: the database is starting"]
        storage.begin(trouble)
        for _ in range(10):
            await asyncio.sleep(0)
    stored = [] if trouble else [f"storing sessions in {tmp_path / 'postgres'}"]
    assert caplog.messages[1:] == stored


async def test_a_database_that_is_there_is_told_of_before_the_address(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO")
    storage = Starting(None, tmp_path)
    storage.begin(None)
    async with _telling(Settings(data=tmp_path), replace(quiet_house(tmp_path), storage=storage)):
        assert caplog.messages == [f"storing sessions in {tmp_path / 'postgres'}"]


async def test_what_is_written_in_parts_does_not_wait_for_the_client() -> None:
    accepted: asyncio.Future[int] = asyncio.get_running_loop().create_future()

    async def look(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        known = writer.get_extra_info("socket")
        accepted.set_result(known.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY))
        writer.close()

    listener = listen("127.0.0.1", 0)
    async with await asyncio.start_server(look, sock=listener):
        _, writer = await asyncio.open_connection(*listener.getsockname())
        assert await accepted
        writer.close()
        await writer.wait_closed()


def test_a_free_port_is_taken_and_felt_soon() -> None:
    with listen("127.0.0.1", 0) as listener:
        assert listener.getsockname()[1] > 0
        with (
            socket.create_connection(listener.getsockname()),
            listener.accept()[0] as accepted,
        ):
            lowat = accepted.getsockopt(socket.IPPROTO_TCP, 25)
            assert lowat == 16_384


@pytest.mark.parametrize("host", ["203.0.113.1", "no such host", "..", "x" * 70, "::zz", "fe80::"])
def test_an_address_that_cannot_be_had_is_an_error_that_names_it(host: str) -> None:
    with pytest.raises(LipwireError, match="this machine has no such address") as caught:
        listen(host, 0)
    assert f"cannot listen on {host}:0" in str(caught.value)
    assert "--host" in str(caught.value) and "--port" not in str(caught.value)


def test_a_port_that_is_taken_is_an_error_with_the_remedy() -> None:
    with listen("127.0.0.1", 0) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(LipwireError, match=f"127.0.0.1:{port}: .*--port"):
            listen("127.0.0.1", port)


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such limit")
def test_it_takes_as_many_sockets_as_the_system_lets_it_have() -> None:
    import resource

    before = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(256, before[1]), before[1]))
    try:
        _allow_sockets()
        soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
        assert soft >= min(hard, 65_536) and hard == before[1]
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, before)

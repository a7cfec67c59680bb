"""Server processes that are killed in the middle of a word, and listeners who do not notice.

`LIPWIRE_TEST_KILLS=20 .venv/bin/pytest -s tests/adversity/test_killed_server.py` kills more often
than a normal run does.
"""

import asyncio
import os
import random
import signal
import time
from collections.abc import Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from itertools import pairwise
from pathlib import Path

import pytest

from lipwire_client import ResumePoint, Spoken, connect
from lipwire_protocol import (
    Accepted,
    Chunk,
    EndReason,
    ErrorCode,
    Flow,
    FlowMode,
    Hello,
    LipwireError,
    ServerMessage,
)
from tests.adversity.beside import with_small_voice
from tests.adversity.hearing import AT_ONCE
from tests.patience import TO_BE_CUT, reporting
from tests.server_process import ServerProcess, server_folder

KILLS = int(os.environ.get("LIPWIRE_TEST_KILLS", "3"))
HELLO = Hello(flow=Flow(mode=FlowMode.PACED, lead_ms=3_000))
"""So much has come at most when a server dies; the next one sends as much again at once."""
TEXT = (
    "The birch canoe slid on the smooth planks. Glue the sheet to the dark blue background. "
    "It is easy to tell the depth of a well, and these days a chicken leg is a rare dish. "
    "Rice is often served in round bowls! The juice of lemons makes fine punch, does it not?"
)
GENEROUS_S = 15.0
"""What nobody waits for on a machine with something to spare: 3 s are promised there."""


class Heard:
    """What somebody hears who loses his server, and how often."""

    def __init__(self, chances: random.Random) -> None:
        self.chances = chances
        self.is_stored = False
        """Until a text is accepted, the server that has it is the only one that knows of it."""
        self.kills_left = 0
        self.countdown = 0
        self.waits: list[float] = []
        self.up_at = 0.0
        self.server: ServerProcess | None = None

    def arm(self, server: ServerProcess) -> None:
        self.server = server
        self.countdown = self.chances.randint(1, 6)

    def on_message(self, message: ServerMessage) -> None:
        if self.up_at and isinstance(message, Chunk):
            self.waits.append(time.monotonic() - self.up_at)
            self.up_at = 0.0
        self.is_stored = self.is_stored or isinstance(message, Accepted)
        if self.kills_left and self.is_stored:
            self.countdown -= 1
            if not self.countdown:
                assert self.server is not None
                self.kills_left -= 1
                self.server.process.kill()


def assert_whole(spoken: Spoken, undisturbed: Spoken) -> None:
    for before, after in pairwise(spoken.chunks):
        assert after.start == before.start + before.count
    assert spoken.audio == undisturbed.audio
    assert [s.span for s in spoken.segments] == [s.span for s in undisturbed.segments]
    assert spoken.ended is not None
    assert undisturbed.ended is not None
    assert (spoken.ended.count, spoken.ended.reason) == (undisturbed.ended.count, EndReason.DONE)
    assert not spoken.warnings


@pytest.fixture(scope="module")
def voice(tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, str]:
    """The environment of servers whose voice is loaded at once: there are many of them here."""
    return with_small_voice(tmp_path_factory.mktemp("killed") / "voices")


@pytest.fixture(scope="module")
def undisturbed(small: ServerProcess) -> Spoken:
    async def hear() -> Spoken:
        async with connect(small.stream, AT_ONCE) as session:
            return await session.say(TEXT)

    return asyncio.run(hear())


@pytest.mark.timeout(60 + 20 * KILLS)
async def test_a_server_that_is_killed_goes_on_when_it_is_back(
    undisturbed: Spoken, voice: Mapping[str, str]
) -> None:
    heard = Heard(random.Random(20))
    kills = KILLS
    with server_folder() as path:
        while kills:
            heard.kills_left = min(kills, 3)
            kills -= heard.kills_left
            assert_whole(await _on_one_machine(heard, path, voice), undisturbed)
            assert not heard.kills_left
    _report("restarted", heard.waits)


async def _on_one_machine(heard: Heard, path: Path, voice: Mapping[str, str]) -> Spoken:
    """One utterance; a server that is killed is followed by one on the same data."""
    server = await asyncio.to_thread(ServerProcess, path / "data", voice)
    try:
        point: ResumePoint | None = None
        while True:
            heard.arm(server)
            outcome = await _hear(heard, server, point)
            if isinstance(outcome, Spoken):
                return outcome
            point = outcome
            server.stop(signal.SIGKILL)
            server = await asyncio.to_thread(ServerProcess, path / "data", voice)
            heard.up_at = time.monotonic()
    finally:
        server.stop()


@pytest.mark.timeout(60 + 20 * KILLS)
async def test_another_server_with_the_same_database_goes_on(
    undisturbed: Spoken, voice: Mapping[str, str], database_dsn: str
) -> None:
    heard = Heard(random.Random(4))
    heard.kills_left = 3
    with server_folder() as path, ThreadPoolExecutor() as threads:

        def begin(name: str) -> ServerProcess:
            server = ServerProcess(path / name, {**voice, "DATABASE_URL": database_dsn})
            # It listens before that, where the machine is full.
            server.wait_for_database()
            return server

        def start(name: str) -> Future[ServerProcess]:
            return threads.submit(begin, name)

        one, other = start("one"), start("other")
        try:
            point: ResumePoint | None = None
            while True:
                server = await asyncio.wrap_future(one)
                heard.arm(server)
                outcome = await _hear(heard, server, point)
                if isinstance(outcome, Spoken):
                    break
                point = outcome
                server.stop(signal.SIGKILL)
                one, other = other, start(f"after {heard.kills_left}")
                await asyncio.wrap_future(one)
                heard.up_at = time.monotonic()
        finally:
            for each in (one, other):
                each.result().stop()
    assert_whole(outcome, undisturbed)
    assert not heard.kills_left
    _report("on another server", heard.waits)


@pytest.mark.timeout(120)
async def test_who_has_just_come_back_when_it_is_killed_comes_back_once_more(
    undisturbed: Spoken, voice: Mapping[str, str]
) -> None:
    """By a secret that the server had made up a moment before."""
    with server_folder() as path:
        server = await asyncio.to_thread(ServerProcess, path / "data", voice)
        try:
            point = await _broken_off(server)
            async with connect(server.stream, resume=point) as session:
                server.process.kill()
                point = session.resume_point
            server.stop(signal.SIGKILL)
            server = await asyncio.to_thread(ServerProcess, path / "data", voice)
            async with (
                connect(server.stream, resume=point) as session,
                reporting(session) as report,
            ):
                assert_whole(await session.finish(on_message=report), undisturbed)
        finally:
            server.stop()


async def _broken_off(server: ServerProcess) -> ResumePoint:
    """Where somebody is whose connection is lost after his text was accepted."""
    async with connect(server.stream, TO_BE_CUT) as session:

        def cut(message: ServerMessage) -> None:
            if isinstance(message, Accepted):
                session._socket.transport.abort()

        with pytest.raises(LipwireError):
            await session.say(TEXT, on_message=cut)
        return session.resume_point


async def _hear(
    heard: Heard, server: ServerProcess, point: ResumePoint | None
) -> Spoken | ResumePoint:
    """The whole text, or where it broke off."""
    async with connect(server.stream, HELLO, resume=point) as session:
        try:
            if point is None:
                return await session.say(TEXT, on_message=heard.on_message)
            return await session.finish(on_message=heard.on_message)
        except LipwireError as lost:
            assert lost.code is ErrorCode.GOING_AWAY, lost
            return session.resume_point


def _report(what: str, waits: list[float]) -> None:
    text = ", ".join(f"{wait:.2f}" for wait in sorted(waits))
    print(f"\n{what}, seconds until the sound went on: {text}")  # noqa: T201
    assert max(waits, default=0.0) < GENEROUS_S

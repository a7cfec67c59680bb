"""Server processes that are killed in the middle of a word, and listeners who do not notice.

`LIPWIRE_TEST_KILLS=20 .venv/bin/pytest -s tests/adversity/test_killed_server.py` kills more often
than a normal run does.
"""

import asyncio
import os
import random
import signal
import time
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
from tests.server_process import ServerProcess, server_folder

KILLS = int(os.environ.get("LIPWIRE_TEST_KILLS", "5"))
HELLO = Hello(flow=Flow(mode=FlowMode.OFF))
TEXT = (
    "The birch canoe slid on the smooth planks. Glue the sheet to the dark blue background. "
    "It is easy to tell the depth of a well, and these days a chicken leg is a rare dish. "
    "Rice is often served in round bowls! The juice of lemons makes fine punch, does it not? "
    "The box was thrown beside the parked truck. The hogs were fed chopped corn and garbage."
)
GENEROUS_S = 15.0
"""What nobody waits for on a machine with something to spare: 3 s are promised there."""


class Heard:
    """What somebody hears who loses his server, and how often."""

    def __init__(self, chances: random.Random, *, is_stored: bool = True) -> None:
        """`is_stored`: what he says counts as stored from the start, so he may lose his server
        before anybody else knows of it."""
        self.chances = chances
        self.is_stored = is_stored
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
def undisturbed(server: ServerProcess) -> Spoken:
    async def hear() -> Spoken:
        async with connect(server.stream, HELLO) as session:
            return await session.say(TEXT)

    return asyncio.run(hear())


@pytest.mark.timeout(60 + 20 * KILLS)
async def test_a_server_that_is_killed_goes_on_when_it_is_back(undisturbed: Spoken) -> None:
    heard = Heard(random.Random(20))
    kills = KILLS
    with server_folder() as path:
        while kills:
            heard.kills_left = min(kills, 3)
            kills -= heard.kills_left
            assert_whole(await _on_one_machine(heard, path), undisturbed)
            assert not heard.kills_left
    _report("restarted", heard.waits)


async def _on_one_machine(heard: Heard, path: Path) -> Spoken:
    """One utterance; a server that is killed is followed by one on the same data."""
    server = ServerProcess(path / "data")
    try:
        point: ResumePoint | None = None
        while True:
            heard.arm(server)
            outcome = await _hear(heard, server, point)
            if isinstance(outcome, Spoken):
                return outcome
            point = outcome
            server.stop(signal.SIGKILL)
            server = await asyncio.to_thread(ServerProcess, path / "data")
            heard.up_at = time.monotonic()
    finally:
        server.stop()


@pytest.mark.timeout(60 + 20 * KILLS)
async def test_another_server_with_the_same_database_goes_on(
    undisturbed: Spoken, database_dsn: str
) -> None:
    # Until a text is accepted, the server that has it is the only one that knows of it.
    heard = Heard(random.Random(4), is_stored=False)
    heard.kills_left = 3
    with server_folder() as path, ThreadPoolExecutor() as threads:

        def start(name: str) -> Future[ServerProcess]:
            return threads.submit(ServerProcess, path / name, {"DATABASE_URL": database_dsn})

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

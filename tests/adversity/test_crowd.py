"""A real server with more to do than it can: what it says to one does not depend on the others."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager

import pytest

from lipwire_client import Spoken, connect
from lipwire_protocol import (
    Chunk,
    Hello,
    Interrupt,
    Ping,
    Pong,
    Segment,
    SegmentEnded,
    ServerMessage,
    Speak,
    UtteranceEnded,
    UtteranceStarted,
)
from tests.adversity.hearing import AT_ONCE, cpu_seconds, hear, until_all_seats_are_free
from tests.server_process import ServerProcess, running_server

# It waits for a machine that has too much to do.
pytestmark = pytest.mark.timeout(300)

CROWD = 10
REQUEST = "The boat came back with the tide. Nobody said a word."
SENTENCE = "she let the birch canoe slide on the smooth planks until the tide had turned once more."
ENDLESS = " ".join(
    f"Line {line}: the salt breeze came across from the sea, and nobody minded at all."
    for line in range(100)
)

STAGES = (UtteranceStarted, Segment, Chunk)
"""How far each of those who stop lets it come."""


@pytest.fixture(scope="module")
def busy_server() -> Iterator[ServerProcess]:
    """One that turns nobody away."""
    with running_server({"LIPWIRE_LOAD_PERCENT": "1000"}) as process:
        yield process
        assert not [line for line in process.log if "Traceback" in line]


@asynccontextmanager
async def crowd(server: ServerProcess) -> AsyncIterator[None]:
    """So many speakers that want everything at once, and each something else."""
    speaking = [asyncio.Event() for _ in range(CROWD)]

    async def listener(seed: int) -> None:
        async with connect(server.stream, Hello(flow=AT_ONCE.flow, seed=1_000 + seed)) as session:
            await session.send(Speak(utterance=0, text=ENDLESS, end=True))
            async for message in session:
                assert not isinstance(message, UtteranceEnded)
                if isinstance(message, Chunk):
                    speaking[seed].set()

    async with asyncio.TaskGroup() as group:
        listeners = [group.create_task(listener(seed)) for seed in range(CROWD)]
        for event in speaking:
            await event.wait()
        yield
        for task in listeners:
            task.cancel()


async def rests(server: ServerProcess) -> None:
    """Returns when the server has next to nothing to do."""
    pid = server.process.pid
    before = -1.0
    while (after := cpu_seconds(pid)) - before > 0.1:
        before = after
        await asyncio.sleep(0.3)


def sound(spoken: Spoken) -> list[object]:
    """All that does not say when it was."""
    timing = [(s.text, s.start, s.count, s.words, s.visemes) for s in spoken.segments]
    return [spoken.audio, *timing]


async def ask(server: ServerProcess, text: str = REQUEST) -> tuple[list[object], list[bool]]:
    """What is heard, and of each segment whether it was there already."""
    cached: list[bool] = []

    def note(message: ServerMessage) -> None:
        if isinstance(message, SegmentEnded):
            cached.append(message.cached)

    async with connect(server.stream) as session:
        return sound(await session.say(text, on_message=note)), cached


async def test_beside_a_crowd_the_bytes_are_the_same_and_what_is_there_comes_at_once(
    server: ServerProcess, busy_server: ServerProcess
) -> None:
    alone, _ = await ask(server)
    async with crowd(busy_server):
        assert await ask(busy_server) == (alone, [False, False])
        done: list[str] = []
        again = asyncio.create_task(ask(busy_server))
        again.add_done_callback(lambda _: done.append("again"))
        new = asyncio.create_task(ask(busy_server, f"And now: {REQUEST}"))
        new.add_done_callback(lambda _: done.append("new"))
        assert await again == (alone, [True, True])
        assert (await new)[1] == [False, True]
        assert done == ["again", "new"]


async def test_beside_a_crowd_an_interrupt_is_answered_before_anybody_new_and_leaves_nothing(
    busy_server: ServerProcess,
) -> None:
    async with crowd(busy_server), connect(busy_server.stream) as session:
        await session.send(Speak(utterance=0, text=f"And then {ENDLESS}", end=True))
        while not isinstance(await session.receive(), Chunk):
            pass
        done: list[str] = []
        # So much that it takes longer than a busy machine may stand still.
        rods = " ".join(f"Rod {number} is used to catch pink salmon." for number in range(2))
        new = asyncio.create_task(ask(busy_server, rods))
        new.add_done_callback(lambda _: done.append("new"))
        await session.send(Interrupt(utterance=0))
        stopped = await hear(session, 0)
        done.append("stopped")
        assert stopped.interrupted is not None and stopped.ended is not None
        await new
        assert done == ["stopped", "new"]
    # Of what ten people wanted to hear for a quarter of an hour, nothing is made any more.
    await rests(busy_server)


async def test_sixty_who_stop_get_an_end_each_and_cost_little(
    busy_server: ServerProcess,
) -> None:
    pid, sockets, rounds = busy_server.process.pid, 10, 6
    before = cpu_seconds(pid)
    whole = 3
    await asyncio.gather(*(ask(busy_server, f"Whole number {n}, {SENTENCE}") for n in range(whole)))
    of_a_whole = (cpu_seconds(pid) - before) / whole

    ends: Counter[tuple[int, int]] = Counter()

    async def stop_and_go(socket: int) -> None:
        async with connect(busy_server.stream, Hello(seed=socket)) as session:
            for number in range(rounds):
                text = f"Broken number {number}, {SENTENCE}"
                await session.send(Speak(utterance=number, text=text, end=True))
                stop_at = STAGES[number % len(STAGES)]
                while not isinstance(message := await session.receive(), stop_at):
                    pass
                await session.send(Interrupt(utterance=number))
                while not isinstance(message := await session.receive(), UtteranceEnded):
                    pass
                assert (message.utterance, message.reason) == (number, "interrupted")
                ends[socket, number] += 1
            # Whatever comes twice comes before the answer to this.
            await session.send(Ping(stamp=1))
            while not isinstance(message := await session.receive(), Pong):
                assert not isinstance(message, UtteranceEnded)

    await rests(busy_server)
    before = cpu_seconds(pid)
    await asyncio.gather(*map(stop_and_go, range(sockets)))
    await rests(busy_server)
    of_a_broken = (cpu_seconds(pid) - before) / (sockets * rounds)
    await until_all_seats_are_free(busy_server)
    assert len(ends) == sockets * rounds and set(ends.values()) == {1}
    print(f"\n{of_a_broken / of_a_whole:.2f} of a whole one")  # noqa: T201
    # Plan and first window are a fifth of such an utterance; a window that was begun is as much.
    assert of_a_broken < of_a_whole / 2
    assert (await ask(busy_server, f"After all that, {SENTENCE}"))[1] == [False]

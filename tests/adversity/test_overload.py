"""A real server that can carry very few: who is told to come back, and who hears nothing of it."""

import asyncio
import itertools
from collections.abc import Iterator

import pytest

from lipwire_client import Session, Spoken, connect
from lipwire_protocol import Chunk, Error, Flow, FlowMode, Hello, Interrupt, Speak
from tests.adversity.hearing import hear, until_all_seats_are_free
from tests.server_process import ServerProcess, running_server

SLOW = Flow(mode=FlowMode.PACED, lead_ms=1_000)
TEXT = "Number {}: the source of the huge river is the clear spring."


@pytest.fixture(scope="module")
def small_server() -> Iterator[ServerProcess]:
    """One with a seat or two."""
    with running_server({"LIPWIRE_LOAD_PERCENT": "10", "LIPWIRE_WAIT_MS": "100"}) as process:
        yield process
        assert not [line for line in process.log if "Traceback" in line]


def assert_whole(spoken: Spoken) -> None:
    assert spoken.warnings == []
    assert spoken.ended is not None and spoken.ended.reason == "done"
    assert spoken.ended.count == sum(s.count for s in spoken.segments) == len(spoken.audio) // 2
    assert spoken.ended.count > 0


async def test_those_beyond_are_told_when_to_come_back_and_are_spoken_to_then(
    small_server: ServerProcess,
) -> None:
    async def ask(seed: int) -> bool:
        """Whether there was a seat at once."""
        async with connect(small_server.stream, Hello(flow=SLOW, seed=seed)) as session:
            spoken = await say(session, 0, TEXT.format("one"))
            if not spoken.warnings:
                assert_whole(spoken)
                return True
            [refusal] = spoken.warnings
            assert isinstance(refusal, Error)
            assert (refusal.code, refusal.fatal) == ("overloaded", False)
            assert refusal.retry_after_ms is not None and refusal.retry_after_ms >= 100
            assert spoken.ended is not None
            assert (spoken.ended.reason, spoken.ended.count) == ("error", 0)
            assert spoken.segments == []
            await until_there_is_a_seat(session)
            return False

    at_once = await asyncio.gather(*map(ask, range(4)))
    assert 1 <= at_once.count(True) <= 3


async def say(session: Session, number: int, text: str) -> Spoken:
    await session.send(Speak(utterance=number, text=text, end=True))
    return await hear(session, number)


async def until_there_is_a_seat(session: Session) -> None:
    for number in itertools.count(1):
        spoken = await say(session, number, "Hello.")
        if not spoken.warnings:
            assert_whole(spoken)
            break
        assert [problem.code for problem in spoken.warnings] == ["overloaded"]


async def test_the_seats_of_those_who_stop_or_vanish_are_free_again(
    small_server: ServerProcess,
) -> None:
    async def begin(session: Session, number: int) -> None:
        await session.send(Speak(utterance=number, text=TEXT.format("two"), end=True))
        while not isinstance(message := await session.receive(), Chunk):
            assert not isinstance(message, Error)

    hello = Hello(flow=Flow(mode=FlowMode.PACED, lead_ms=400))
    for _ in range(4):
        await until_all_seats_are_free(small_server)
        async with connect(small_server.stream, hello) as session:
            for number in range(4):
                await begin(session, number)
                await session.send(Interrupt(utterance=number))
                stopped = await hear(session, number)
                assert stopped.ended is not None and stopped.ended.reason == "interrupted"
            await begin(session, 4)
    await until_all_seats_are_free(small_server)


async def test_a_crowd_that_asks_for_the_same_takes_one_seat(
    small_server: ServerProcess,
) -> None:
    async def ask() -> Spoken:
        async with connect(small_server.stream) as session:
            return await session.say(TEXT.format("three"))

    await until_all_seats_are_free(small_server)
    everybody = await asyncio.gather(*(ask() for _ in range(20)))
    for spoken in everybody:
        assert_whole(spoken)
    assert len({spoken.audio for spoken in everybody}) == 1

"""A place is checked before anybody loses his connection to one who says that he is there."""

import asyncio
from typing import Any

import pytest
from msgspec import structs

from lipwire_protocol import (
    Chunk,
    ErrorCode,
    Hello,
    Limits,
    LipwireError,
    Position,
    Speak,
    UtteranceEnded,
)
from lipwire_server.face.cast import Cast
from lipwire_server.session.memory import Memory
from lipwire_server.session.placing import check_place
from lipwire_server.session.terms import agree
from tests.fakes import VOICE
from tests.server.session.lines import lines, position_after

pytestmark = pytest.mark.virtual_time

TEXT = "Hello there. Good bye now, my friend. And more."
TERMS = agree(Hello(), [VOICE], VOICE.name, Cast("tiny", {"tiny": 64}), Limits())


def memory(*texts: str) -> Memory:
    told = Memory(TERMS)
    for number, text in enumerate(texts, 1):
        told.say(Speak(utterance=number, text=text, end=True))
    return told


def at(utterance: int, span: tuple[int, int]) -> Position:
    return Position(utterance=utterance, segment=0, span=span, start=0, sample=250)


async def test_a_place_in_the_text_is_there() -> None:
    told = memory("Hello. Good bye.")
    for position in (None, at(1, (0, 6)), at(1, (7, 16)), at(2, (0, 6)), at(0, (0, 0))):
        await check_place(position and structs.replace(position, segment=0), told, Limits())


@pytest.mark.parametrize("place", [at(1, (2, 6)), at(0, (0, 6)), at(1, (7, 17))])
async def test_a_place_that_is_not_there_is_refused(place: Position) -> None:
    with pytest.raises(LipwireError) as refused:
        await check_place(place, memory("Hello. Good bye."), Limits())
    assert refused.value.code is ErrorCode.NOT_FOUND


WRONG: list[dict[str, Any]] = [
    {"span": (1, 12)},
    {"start": 1},
    {"sample": 1_201},
    {"utterance": 0},
]


@pytest.mark.parametrize("wrong", WRONG, ids=lambda wrong: next(iter(wrong)))
async def test_a_wrong_place_throws_nobody_out(wrong: dict[str, Any]) -> None:
    async with lines(window_after=0.5) as server:
        line = server.open()
        line.speak(1, TEXT)
        await asyncio.sleep(1.2)
        position = structs.replace(position_after(line.heard), **wrong)
        with pytest.raises(LipwireError) as refused:
            await server.resume(line.ready, line.heard, position=position)
        assert refused.value.code is ErrorCode.NOT_FOUND
        assert not line.displaced
        while not line.all(UtteranceEnded):  # noqa: ASYNC110
            await asyncio.sleep(0.1)
        assert sum(chunk.count for chunk in line.all(Chunk)) == 4_500


async def test_of_two_who_come_back_at_once_the_last_one_has_it() -> None:
    async with lines(window_after=0.5) as server:
        line = server.open()
        line.speak(1, TEXT)
        await asyncio.sleep(1.2)
        server.lose(line)
        coming = [server.resume(line.ready, line.heard) for _ in range(2)]
        first, second = await asyncio.gather(*coming)
        assert (first.displaced, second.displaced) == ([ErrorCode.TAKEN_OVER], [])
        while not second.all(UtteranceEnded):  # noqa: ASYNC110
            await asyncio.sleep(0.1)
        assert not first.all(Chunk)


async def test_one_that_expires_while_its_place_is_looked_for_is_read_from_the_database() -> None:
    async with lines(window_after=0.5, limits=Limits(resume_ms=1_000)) as server:
        line = server.open()
        for letter in TEXT:
            line.speak(1, letter, end=False)
        line.say(Speak(utterance=1, end=True))
        await asyncio.sleep(1.2)
        server.lose(line)
        coming = asyncio.create_task(server.resume(line.ready, line.heard))
        await asyncio.sleep(0)
        server.host.registry.close()
        second = await coming
        assert server.log.asked == 1
        while not second.all(UtteranceEnded):  # noqa: ASYNC110
            await asyncio.sleep(0.1)
        assert sum(chunk.count for chunk in line.all(Chunk) + second.all(Chunk)) == 4_500

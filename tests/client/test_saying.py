import asyncio
from collections.abc import AsyncIterator

import pytest

from lipwire_client.saying import Saying, Spoken, pieces
from tests.client.test_session import HI


async def taken(saying: Saying) -> list[tuple[str, bool]]:
    found = []
    while (piece := await saying.next()) is not None:
        found.append(piece)
    return found


async def test_a_text_is_cut_into_what_a_message_can_hold() -> None:
    assert [piece async for piece in pieces("x" * 10_001)] == [
        ("x" * 5_000, False),
        ("x" * 5_000, False),
        ("x", True),
    ]
    assert [piece async for piece in pieces("")] == [("", True)]


async def test_whoever_is_cancelled_while_he_waits_takes_it_the_next_time() -> None:
    came = asyncio.Event()

    async def slowly() -> AsyncIterator[str]:
        await came.wait()
        yield "Hi."

    saying = Saying(1, pieces(slowly()))
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(saying.next(), 0.01)
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(saying.next(), 0.01)
    came.set()
    assert await taken(saying) == [("Hi.", False), ("", True)]


async def test_what_nobody_waits_for_any_more_is_not_waited_for() -> None:
    async def never() -> AsyncIterator[str]:
        await asyncio.Event().wait()
        yield ""

    tasks = asyncio.all_tasks()
    saying = Saying(1, pieces(never()))
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(saying.next(), 0.01)
    assert asyncio.all_tasks() != tasks
    saying.give_up()
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    assert asyncio.all_tasks() == tasks


def test_what_arrives_is_kept_in_its_places() -> None:
    spoken = Spoken()
    for message in HI:
        spoken.add(message)
    assert (spoken.audio, spoken.reached, spoken.ended) == (b"abcd", 3, HI[-1])

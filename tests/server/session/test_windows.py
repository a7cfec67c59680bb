import asyncio
from collections.abc import AsyncGenerator
from contextlib import aclosing

import numpy as np
import pytest

from lipwire_server.session.windows import ahead, when_ready
from lipwire_server.speech.port import Plan, Window

pytestmark = pytest.mark.virtual_time


class Kitchen:
    """Makes three windows, each of which takes a second; knows what was asked for."""

    def __init__(self) -> None:
        self.asked: list[int] = []
        self.closed = False

    async def parts(self) -> AsyncGenerator[Plan | Window, None]:
        try:
            for index in range(3):
                self.asked.append(index)
                await asyncio.sleep(1)
                samples = np.full(100, index, np.float32)
                yield Window(index=index, start=100 * index, samples=samples)
        finally:
            self.closed = True


async def no_wait() -> None:
    pass


async def test_a_window_is_asked_for_when_the_listener_is_ready_for_it() -> None:
    kitchen, credit = Kitchen(), asyncio.Semaphore(1)

    async def ready() -> None:
        await credit.acquire()

    async with aclosing(when_ready(kitchen.parts(), ready)) as windows:
        assert (await anext(windows)).start == 0
        second = asyncio.ensure_future(anext(windows))
        await asyncio.sleep(60)
        assert kitchen.asked == [0]
        credit.release()
        assert (await second).start == 100
        assert kitchen.asked == [0, 1]


async def test_a_window_is_asked_for_while_the_one_before_it_is_sent() -> None:
    kitchen = Kitchen()
    async with aclosing(kitchen.parts()) as parts, aclosing(ahead(parts)) as windows:
        assert (await anext(windows)).start == 0
        await asyncio.sleep(0)
        assert kitchen.asked == [0, 1]
        await asyncio.sleep(60)
        assert kitchen.asked == [0, 1]


@pytest.mark.parametrize("early", [False, True])
async def test_all_windows_come_in_order(early: bool) -> None:
    kitchen = Kitchen()
    windows = ahead(kitchen.parts()) if early else when_ready(kitchen.parts(), no_wait)
    assert [window.start async for window in windows] == [0, 100, 200]


async def test_who_is_interrupted_leaves_nothing_that_is_being_made() -> None:
    kitchen, tasks = Kitchen(), asyncio.all_tasks()
    async with aclosing(kitchen.parts()) as parts, aclosing(ahead(parts)) as windows:
        await anext(windows)
    assert kitchen.closed
    assert asyncio.all_tasks() == tasks


async def test_who_is_stopped_twice_waits_for_what_is_being_made() -> None:
    """Nobody closes a generator that runs."""

    async def slow_to_stop() -> AsyncGenerator[Plan | Window, None]:
        for index in range(3):
            try:
                await asyncio.sleep(1)
            finally:
                await asyncio.sleep(0.5)
            yield Window(index=index, start=0, samples=np.zeros(100, np.float32))

    async def use() -> None:
        async with aclosing(slow_to_stop()) as parts, aclosing(ahead(parts)) as windows:
            async for _ in windows:
                await asyncio.sleep(60)

    using = asyncio.ensure_future(use())
    await asyncio.sleep(2)
    for _ in range(3):
        using.cancel()
        await asyncio.sleep(0.1)
    await asyncio.wait([using])
    assert using.cancelled()

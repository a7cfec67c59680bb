import asyncio

import pytest

from lipwire_server.ws.patience import Patience

pytestmark = pytest.mark.virtual_time


async def test_what_takes_too_long_is_given_up() -> None:
    loop = asyncio.get_running_loop()
    begin = loop.time()
    with pytest.raises(TimeoutError):
        async with Patience(20) as patience:
            patience.begin()
            await asyncio.sleep(1_000)
    assert loop.time() - begin == pytest.approx(20)


async def test_each_thing_has_the_whole_time() -> None:
    loop = asyncio.get_running_loop()
    begin = loop.time()
    with pytest.raises(TimeoutError):
        async with Patience(20) as patience:
            for seconds in (15, 15, 19, 1_000):
                patience.begin()
                await asyncio.sleep(seconds)
                patience.end()
    assert loop.time() - begin == pytest.approx(15 + 15 + 19 + 20)


async def test_between_two_things_any_time_may_pass() -> None:
    async with Patience(20) as patience:
        for _ in range(3):
            patience.begin()
            await asyncio.sleep(1)
            patience.end()
            await asyncio.sleep(1_000)


async def test_who_is_cancelled_is_not_told_that_it_took_too_long() -> None:
    async def wait() -> None:
        async with Patience(20) as patience:
            patience.begin()
            await asyncio.sleep(1_000)

    task = asyncio.create_task(wait())
    await asyncio.sleep(1)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert task.cancelled()

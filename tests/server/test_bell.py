import asyncio

from lipwire_server.bell import Bell


async def test_it_lets_all_go_who_wait_and_those_who_come_while_it_rings() -> None:
    bell = Bell()
    waiting = [asyncio.create_task(bell.wait()) for _ in range(3)]
    await asyncio.sleep(0)
    assert not bell.is_set() and not any(task.done() for task in waiting)
    bell.set()
    await asyncio.gather(*waiting)
    await bell.wait()
    assert bell.is_set()


async def test_once_it_is_silenced_the_next_one_waits_again() -> None:
    bell = Bell()
    bell.set()
    bell.clear()
    waiting = asyncio.create_task(bell.wait())
    await asyncio.sleep(0)
    assert not waiting.done()
    bell.set()
    await waiting


async def test_who_was_let_go_goes_even_if_it_is_silenced_meanwhile() -> None:
    bell = Bell()
    waiting = asyncio.create_task(bell.wait())
    await asyncio.sleep(0)
    bell.set()
    bell.clear()
    await waiting


async def test_who_gives_up_is_forgotten() -> None:
    bell = Bell()
    waiting = asyncio.create_task(bell.wait())
    await asyncio.sleep(0)
    waiting.cancel()
    await asyncio.wait([waiting])
    assert waiting.cancelled() and bell._waiting == ()
    bell.set()

import asyncio
import gc
import weakref
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from lipwire_protocol import ErrorCode, LipwireError
from lipwire_server.stopping import free, stop, without_frames


class Thing:
    """What a task has in hand."""


@contextmanager
def without_collections() -> Iterator[None]:
    gc.collect()
    gc.disable()
    try:
        yield
    finally:
        gc.enable()


async def hold(things: list[weakref.ref[Thing]]) -> None:
    """Waits for ever, beside a task of its own: a group has its task, and the error its group."""
    thing = Thing()
    things.append(weakref.ref(thing))
    async with asyncio.TaskGroup() as group:
        group.create_task(asyncio.sleep(3_600))
        await asyncio.sleep(3_600)


async def test_what_a_stopped_task_had_in_hand_is_free_without_a_collection() -> None:
    things: list[weakref.ref[Thing]] = []
    with without_collections():
        tasks = [asyncio.create_task(hold(things)) for _ in range(2)]
        await asyncio.sleep(0)
        assert [thing() is not None for thing in things] == [True, True]
        await stop(*tasks)
        assert [thing() for thing in things] == [None, None]
    assert all(task.cancelled() for task in tasks)


async def test_it_is_over_also_where_whoever_waits_for_that_is_stopped_meanwhile() -> None:
    may_end = asyncio.Event()

    async def tidy() -> None:
        try:
            await asyncio.sleep(3_600)
        finally:
            await may_end.wait()

    task = asyncio.create_task(tidy())
    await asyncio.sleep(0)
    stopping = asyncio.create_task(stop(task))
    for _ in range(3):
        await asyncio.sleep(0)
        stopping.cancel()
    await asyncio.sleep(0)
    assert not stopping.done()
    may_end.set()
    await asyncio.wait([stopping])
    assert stopping.cancelled()
    assert task.cancelled()


async def test_it_is_over_when_that_returns_however_long_it_tidies_up() -> None:
    tidied = False

    async def tidy() -> None:
        nonlocal tidied
        try:
            await asyncio.sleep(3_600)
        finally:
            for _ in range(5):
                await asyncio.sleep(0)
            tidied = True

    task = asyncio.create_task(tidy())
    await asyncio.sleep(0)
    await stop(task)
    assert tidied


async def test_a_task_that_has_ended_by_itself_is_left_as_it_is() -> None:
    async def fail() -> None:
        raise ZeroDivisionError

    done, failed = asyncio.create_task(asyncio.sleep(0, 5)), asyncio.create_task(fail())
    await asyncio.wait([done, failed])
    await stop(done, failed)
    assert done.result() == 5
    with pytest.raises(ZeroDivisionError):
        failed.result()


async def test_what_is_freed_twice_stays_cancelled() -> None:
    task = asyncio.create_task(asyncio.sleep(3_600))
    await stop(task)
    free(task)
    assert task.cancelled()


def test_an_error_is_kept_without_whoever_raised_it() -> None:
    try:
        raise LipwireError(ErrorCode.OVERLOADED, "later", retry_after_ms=500)
    except LipwireError as error:
        kept = without_frames(error)
    assert (kept.code, str(kept), kept.retry_after_ms) == (ErrorCode.OVERLOADED, "later", 500)
    assert kept.__traceback__ is None

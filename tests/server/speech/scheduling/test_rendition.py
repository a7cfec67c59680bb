import asyncio
from collections.abc import Callable

import pytest

from lipwire_server.speech.port import NOBODY
from lipwire_server.speech.scheduling.agenda import Due
from lipwire_server.speech.scheduling.rendition import Rendition
from tests.server.speech.scheduling.simulation import FakeVoice, job


class Sent:
    """An errand that is done when the test says so."""

    def __init__(self, work: Callable[[], object], due: Due) -> None:
        self.work = work
        self.due = due
        self.begun = False
        self.hastened: list[Due] = []
        self.future: asyncio.Future[object] = asyncio.get_running_loop().create_future()

    def hasten(self, due: Due) -> None:
        self.hastened.append(due)

    def drop(self) -> bool:
        if not self.begun:
            self.future.cancel()
        return not self.begun

    def finish(self) -> None:
        self.future.set_result(self.work())


class Table:
    def __init__(self) -> None:
        self.sent: list[Sent] = []
        self.voice = FakeVoice()
        self.rendition = Rendition(lambda: self.voice.plan(job(1)), self.voice.window, self._send)

    def _send(self, work: Callable[[], object], due: Due) -> Sent:
        self.sent.append(Sent(work, due))
        return self.sent[-1]

    async def planned(self) -> "Table":
        plan = await self.asking(0)
        self.sent[0].finish()
        await plan
        self.sent.clear()
        return self

    async def asking(self, due_ns: int, index: int | None = None) -> "asyncio.Task[object]":
        asked = self._ask(due_ns, index)
        task = asyncio.ensure_future(asked)
        await asyncio.sleep(0)
        return task

    async def _ask(self, due_ns: int, index: int | None) -> object:
        if index is None:
            return await self.rendition.plan(Due(due_ns))
        return await self.rendition.window(index, Due(due_ns))


async def _cancel(task: "asyncio.Task[object]") -> None:
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task


async def test_who_asks_for_what_is_being_made_waits_for_it_and_hastens_it() -> None:
    table = Table()
    first, second = await table.asking(9), await table.asking(5)
    assert len(table.sent) == 1
    assert table.sent[0].hastened == [Due(5)]
    table.sent[0].finish()
    assert await first is await second
    assert await (await table.asking(0)) is await first


async def test_windows_can_be_made_in_any_order_and_are_made_once() -> None:
    table = await Table().planned()
    last, first = await table.asking(0, 2), await table.asking(0, 0)
    for sent in table.sent:
        sent.finish()
    await asyncio.gather(last, first)
    assert table.rendition.has(0)
    assert not table.rendition.has(1)
    await (await table.asking(0, 2))
    assert len(table.sent) == 2


async def test_one_who_goes_does_not_take_it_from_the_others() -> None:
    table = Table()
    first, second = await table.asking(0), await table.asking(0)
    await _cancel(first)
    table.sent[0].finish()
    assert await second


async def test_when_all_have_gone_it_is_dropped() -> None:
    table = Table()
    await _cancel(await table.asking(0))
    assert table.sent[0].future.cancelled()
    assert table.rendition.empty


async def test_what_is_begun_is_kept_even_if_all_have_gone() -> None:
    table = Table()
    asking = await table.asking(0)
    table.sent[0].begun = True
    await _cancel(asking)
    assert not table.rendition.empty
    table.sent[0].finish()
    await (await table.asking(0))
    assert len(table.sent) == 1


async def test_one_who_comes_in_the_moment_when_it_is_done_has_it() -> None:
    table = Table()
    first = await table.asking(0)
    table.sent[0].finish()
    # Before anybody heard of it.
    early = await table.rendition.plan(Due(0))
    assert early is await first
    window = await table.asking(0, 0)
    table.sent[1].finish()
    assert await table.rendition.window(0, Due(0)) is await window
    assert len(table.sent) == 2


async def test_one_who_comes_in_the_moment_when_it_is_dropped_has_it_made_once() -> None:
    table = Table()
    first = await table.asking(0)
    first.cancel()
    await asyncio.sleep(0)
    second, third = await table.asking(0), await table.asking(0)
    assert len(table.sent) == 2
    table.sent[1].finish()
    assert await second is await third


async def test_what_failed_is_told_to_all_who_wait_and_made_again_for_the_next() -> None:
    table = Table()
    tasks = [await table.asking(0) for _ in range(3)]
    table.sent[0].future.set_exception(RuntimeError("no"))
    outcomes = await asyncio.gather(*tasks, return_exceptions=True)
    assert [type(outcome) for outcome in outcomes] == [RuntimeError] * 3
    assert table.rendition.empty
    again = await table.asking(0)
    table.sent[1].finish()
    assert await again


async def test_it_needs_a_seat_until_everything_is_there() -> None:
    class User:
        key = ""
        listener = NOBODY
        idle = False

    table = await Table().planned()
    assert not table.rendition.needs_a_seat
    table.rendition.users[User()] = None
    for index in range(table.rendition.count):
        assert table.rendition.needs_a_seat
        window = await table.asking(0, index)
        table.sent[-1].finish()
        await window
    assert not table.rendition.needs_a_seat

import asyncio
from typing import cast

import pytest

from lipwire_server.ws.connection import Connection
from lipwire_server.ws.connections import Connections

pytestmark = pytest.mark.virtual_time


class FakeConnection:
    def __init__(self) -> None:
        self.told: list[int] = []
        self.was_cut = False

    def go_away(self, in_ms: int) -> None:
        self.told.append(in_ms)

    def cut(self) -> None:
        self.was_cut = True


async def visit(connections: Connections, connection: FakeConnection, seconds: float) -> None:
    with connections.holding(cast(Connection, connection)):
        await asyncio.sleep(seconds)


class Memory:
    """Goes back to the system; keeps when, in seconds."""

    def __init__(self) -> None:
        self.went_back: list[float] = []

    def trim(self) -> None:
        self.went_back.append(asyncio.get_running_loop().time())


@pytest.mark.parametrize(("people", "staying"), [(20, 0), (20, 10), (200, 5), (200, 100)])
async def test_memory_goes_back_to_the_system_when_half_of_the_people_have_gone(
    people: int, staying: int
) -> None:
    memory = Memory()
    connections = Connections(memory.trim)
    async with asyncio.TaskGroup() as group:
        for number in range(people):
            seconds = 10 if number < people - staying else 3_600
            group.create_task(visit(connections, FakeConnection(), seconds))
        await asyncio.sleep(3_000)
        assert memory.went_back == [pytest.approx(12)]


@pytest.mark.parametrize(("people", "staying"), [(19, 0), (20, 11), (200, 101)])
async def test_it_does_not_for_few_or_while_most_are_there(people: int, staying: int) -> None:
    memory = Memory()
    connections = Connections(memory.trim)
    async with asyncio.TaskGroup() as group:
        for number in range(people):
            seconds = 10 if number < people - staying else 1_000
            group.create_task(visit(connections, FakeConnection(), seconds))
        await asyncio.sleep(900)
        for _ in range(10):
            await visit(connections, FakeConnection(), 1)
        assert memory.went_back == []


async def test_it_does_again_when_as_many_have_come_and_gone_again() -> None:
    memory = Memory()
    connections = Connections(memory.trim)
    for times in (1, 2):
        async with asyncio.TaskGroup() as group:
            for _ in range(50):
                group.create_task(visit(connections, FakeConnection(), 10))
        await asyncio.sleep(3)
        assert len(memory.went_back) == times


async def test_it_does_not_when_everybody_is_back_at_once() -> None:
    memory = Memory()
    connections = Connections(memory.trim)
    async with asyncio.TaskGroup() as group:
        for begin in (0, 11):
            await asyncio.sleep(begin)
            for _ in range(50):
                group.create_task(visit(connections, FakeConnection(), 10))
        await asyncio.sleep(5)
        assert memory.went_back == []


async def test_live_connections_are_counted() -> None:
    connections = Connections()
    async with asyncio.TaskGroup() as group:
        for seconds in (1, 2):
            group.create_task(visit(connections, FakeConnection(), seconds))
        await asyncio.sleep(0.5)
        assert len(connections) == 2
        await asyncio.sleep(1)
        assert len(connections) == 1
    assert len(connections) == 0


async def test_a_connection_that_fails_is_no_longer_counted() -> None:
    connections = Connections()
    with pytest.raises(ZeroDivisionError), connections.holding(cast(Connection, FakeConnection())):
        raise ZeroDivisionError
    assert len(connections) == 0


async def test_with_nobody_there_nothing_is_waited_for() -> None:
    assert await Connections().drain(5_000) == 0
    assert asyncio.get_running_loop().time() == 0


async def test_everybody_is_told_to_go_and_waited_for() -> None:
    connections = Connections()
    guests = [FakeConnection(), FakeConnection()]
    async with asyncio.TaskGroup() as group:
        for seconds, guest in enumerate(guests, 1):
            group.create_task(visit(connections, guest, seconds))
        await asyncio.sleep(0)
        assert await connections.drain(5_000) == 0
        assert asyncio.get_running_loop().time() == pytest.approx(2)
    assert [guest.told for guest in guests] == [[5_000], [5_000]]


async def test_who_stays_too_long_is_counted() -> None:
    connections = Connections()
    async with asyncio.TaskGroup() as group:
        group.create_task(visit(connections, FakeConnection(), 60))
        await asyncio.sleep(0)
        assert await connections.drain(5_000) == 1
        assert asyncio.get_running_loop().time() == pytest.approx(6)


async def test_who_comes_while_it_drains_is_told_at_once() -> None:
    connections = Connections()
    await connections.drain(5_000)
    late = FakeConnection()
    await visit(connections, late, 0)
    assert late.told == [5_000]

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


@pytest.mark.parametrize(("live", "swept"), [(0, 5), (99, 5), (250, 2)])
async def test_what_connections_leave_behind_is_collected_when_as_many_are_over_as_live(
    live: int, swept: int
) -> None:
    collections: list[None] = []
    connections = Connections(lambda: collections.append(None))
    async with asyncio.TaskGroup() as group:
        staying = [
            group.create_task(visit(connections, FakeConnection(), 3_600)) for _ in range(live)
        ]
        for _ in range(500):
            await visit(connections, FakeConnection(), 1)
        await asyncio.sleep(1)
        assert len(collections) == swept
        for task in staying:
            task.cancel()


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

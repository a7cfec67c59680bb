"""Sessions that are deleted, or taken up by another process, while they are here."""

import asyncio
from dataclasses import replace
from uuid import UUID

import pytest

from lipwire_protocol import Chunk, EndReason, ErrorCode, LipwireError, WatchFrom
from lipwire_server.store.recollections import Recounted, Standing
from lipwire_server.store.records import SessionEnded, UtteranceRecord
from tests.fakes import FakeSink
from tests.server.session.lines import Line, Lines, lines
from tests.server.session.watchers import PACED, Seat, theatre

pytestmark = pytest.mark.virtual_time


async def spoken_to(server: Lines) -> Line:
    """In the middle of its first segment."""
    line = server.open()
    line.speak(1, "Hello there. Good bye.")
    await asyncio.sleep(0.6)
    assert line.all(Chunk)
    return line


async def refused(server: Lines, line: Line) -> ErrorCode:
    with pytest.raises(LipwireError) as caught:
        await server.resume(line.ready, line.heard)
    return caught.value.code


async def told(seat: Seat) -> tuple[ErrorCode, int] | None:
    """Why a seat was lost, and how much had come by then."""
    await seat.running
    return None if seat.fault is None else (seat.fault.code, len(seat.heard))


async def test_who_speaks_in_a_session_that_is_deleted_is_told_and_hears_nothing_more() -> None:
    async with lines(window_after=0.5) as server:
        line = await spoken_to(server)
        chunks = len(line.all(Chunk))
        server.host.ownership.delete(line.session.id)
        assert line.displaced == [ErrorCode.NOT_FOUND]
        await asyncio.sleep(60)
        assert len(line.all(Chunk)) == chunks
        assert server.synthesis.seated == 0
        assert not [r for r in server.records if isinstance(r, UtteranceRecord)]


async def test_nobody_takes_up_what_was_deleted_though_the_log_has_it_still() -> None:
    async with lines(window_after=0.5) as server:
        line = await spoken_to(server)
        server.host.ownership.delete(line.session.id)
        assert await refused(server, line) is ErrorCode.NOT_FOUND
        server.lose(line)
        assert await refused(server, line) is ErrorCode.NOT_FOUND
        assert not [r for r in server.records if isinstance(r, SessionEnded)]


async def test_a_session_that_waits_can_be_deleted() -> None:
    async with lines(window_after=0.5) as server:
        line = await spoken_to(server)
        server.lose(line)
        assert server.host.registry.waiting == 1
        server.host.ownership.delete(line.session.id)
        assert server.host.registry.waiting == 0
        assert line.displaced == []
        assert await refused(server, line) is ErrorCode.NOT_FOUND


async def test_who_was_about_to_take_it_up_when_it_was_deleted_does_not() -> None:
    async with lines(window_after=0.5) as server:
        line = await spoken_to(server)
        server = server.killed()
        take_up = server.host.take_up

        async def slow(id: UUID, **asked: object) -> object:
            logged = await take_up(id, **asked)  # type: ignore[arg-type]
            await asyncio.sleep(1)
            return logged

        server.host = replace(server.host, take_up=slow)  # type: ignore[arg-type]
        coming = asyncio.create_task(refused(server, line))
        await asyncio.sleep(0.5)
        server.host.ownership.delete(line.session.id)
        assert await coming is ErrorCode.NOT_FOUND


@pytest.mark.parametrize("begin", [WatchFrom.LIVE, WatchFrom.START])
async def test_who_watches_what_is_deleted_is_told_at_once(begin: WatchFrom) -> None:
    async with theatre(window_after=0.5) as shown:
        seat = await shown.watch(from_=begin)
        shown.speak(1, "Hello there. " * 20)
        await asyncio.sleep(3.2)
        heard = len(seat.heard)
        shown.host.ownership.delete(shown.session.id)
        assert await told(seat) == (ErrorCode.NOT_FOUND, heard)
        assert not shown.host.ownership.held()
        with pytest.raises(LipwireError, match="no such session"):
            await shown.watch(from_=begin)


async def test_who_watches_another_session_notices_nothing() -> None:
    async with theatre() as shown:
        seat = await shown.watch()
        other = shown.host.open(PACED, FakeSink())
        shown.host.ownership.delete(other.id)
        shown.speak(1, "Hello there.")
        shown.end()
        assert await told(seat) is None


async def test_who_was_about_to_watch_when_it_was_deleted_does_not() -> None:
    async with theatre() as shown:
        shown.session.memory.account.is_whole = False

        async def slow(id: UUID, watch_secret: str) -> Recounted | None:
            await asyncio.sleep(1)
            return None

        shown.host = replace(shown.host, recount=slow)
        coming = asyncio.create_task(shown.watch(from_=WatchFrom.START))
        await asyncio.sleep(0.5)
        shown.host.ownership.delete(shown.session.id)
        with pytest.raises(LipwireError) as caught:
            await coming
        assert caught.value.code is ErrorCode.NOT_FOUND


async def test_who_speaks_in_a_session_that_another_process_took_up_is_told_so() -> None:
    async with lines(window_after=0.5) as server:
        line = await spoken_to(server)
        server.host.ownership.note(Standing(line.session.id, epoch=1, is_deleted=False))
        assert line.displaced == [ErrorCode.TAKEN_OVER]
        chunks = len(line.all(Chunk))
        await asyncio.sleep(60)
        server.lose(line)
        assert len(line.all(Chunk)) == chunks
        # Its end, and that of what it was in the middle of, are the other one's to record.
        assert not [r for r in server.records if isinstance(r, SessionEnded | UtteranceRecord)]
        assert server.synthesis.seated == 0
        assert not server.host.ownership.holds(line.session.id)


async def test_who_watches_what_another_process_took_up_is_told_so() -> None:
    async with theatre(window_after=0.5) as shown:
        seat = await shown.watch()
        shown.speak(1, "Hello there. " * 20)
        await asyncio.sleep(3.2)
        shown.host.ownership.note(Standing(shown.session.id, epoch=1, is_deleted=False))
        assert (await told(seat) or ["nothing"])[0] is ErrorCode.TAKEN_OVER


async def test_a_session_that_waits_is_let_go_where_another_process_took_it_up() -> None:
    async with lines(window_after=0.5) as server:
        line = await spoken_to(server)
        server.lose(line)
        server.host.ownership.note(Standing(line.session.id, epoch=1, is_deleted=False))
        assert server.host.registry.waiting == 0
        await asyncio.sleep(600)
        assert not [r for r in server.records if isinstance(r, UtteranceRecord)]


async def test_what_this_process_took_up_itself_stays() -> None:
    async with lines(window_after=0.5) as server:
        line = await spoken_to(server)
        server.lose(line)
        line = await server.resume(line.ready, line.heard)
        for epoch in (0, 1):
            server.host.ownership.note(Standing(line.session.id, epoch=epoch, is_deleted=False))
        server.host.ownership.note(Standing(UUID(int=77), epoch=9, is_deleted=False))
        await asyncio.sleep(60)
        assert line.displaced == []
        reasons = [r.reason for r in server.records if isinstance(r, UtteranceRecord)]
        assert reasons == [EndReason.DONE]


async def test_what_is_only_watched_is_held_too() -> None:
    async with theatre() as shown:
        await shown.watch()
        assert shown.host.ownership.held() == [shown.session.id]
        shown.end()
        assert shown.host.ownership.holds(shown.session.id)

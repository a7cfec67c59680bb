"""Connections to a real server that are lost, replaced or sent away, and what is heard then."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from uuid import UUID

import pytest
from msgspec import structs
from tests.patience import TO_BE_CUT, patient_connect, reporting
from tests.server_process import ServerProcess, server_folder

from lipwire_client import ResumePoint, Session, Spoken, connect
from lipwire_protocol import (
    Chunk,
    CloseCode,
    EndReason,
    Error,
    ErrorCode,
    Flow,
    FlowMode,
    Hello,
    LipwireError,
    Segment,
    ServerMessage,
)
from lipwire_server.store.pool import Database
from lipwire_server.store.sessions import get_session, utterances

FAST = Hello(flow=Flow(mode=FlowMode.OFF))
SLOW = Hello(flow=Flow(mode=FlowMode.PACED, lead_ms=500))
TEXT = (
    "The birch canoe slid on the smooth planks. Glue the sheet to the dark blue background. "
    "It is easy to tell the depth of a well."
)


@pytest.fixture(scope="module")
def undisturbed(server: ServerProcess) -> Spoken:
    async def hear() -> Spoken:
        async with connect(server.stream, FAST) as session:
            return await session.say(TEXT)

    return asyncio.run(hear())


def assert_whole(spoken: Spoken, undisturbed: Spoken) -> None:
    assert all(a.start + a.count == b.start for a, b in pairwise(spoken.chunks))
    assert spoken.audio == undisturbed.audio
    assert [s.span for s in spoken.segments] == [s.span for s in undisturbed.segments]
    assert spoken.ended is not None
    assert spoken.ended.reason is EndReason.DONE


class Cutter:
    """Cuts the connection after so many chunks."""

    def __init__(self, session: Session, chunks: int) -> None:
        self.session = session
        self.left = chunks

    def __call__(self, message: ServerMessage) -> None:
        self.left -= isinstance(message, Chunk)
        if not self.left:
            self.session._socket.transport.abort()


async def lose(session: Session, chunks: int, text: str | AsyncIterator[str] = TEXT) -> ResumePoint:
    with pytest.raises(LipwireError) as lost:
        await session.say(text, on_message=Cutter(session, chunks))
    assert lost.value.code is ErrorCode.GOING_AWAY
    return session.resume_point


async def test_a_connection_that_is_lost_is_made_again_and_nothing_is_missing(
    server: ServerProcess, undisturbed: Spoken
) -> None:
    async with connect(server.stream, TO_BE_CUT) as session:
        point = await lose(session, 2)
    for _ in range(2):
        async with connect(server.stream, resume=point) as session:
            assert session.ready.session.resumed
            with pytest.raises(LipwireError):
                await session.finish(on_message=Cutter(session, 1))
            point = session.resume_point
    async with connect(server.stream, resume=point) as session:
        async with reporting(session) as report:
            assert_whole(await session.finish(on_message=report), undisturbed)
            again = await session.say("Good bye.", on_message=report)
        assert again.ended is not None
        id = UUID(session.ready.session.id)
    async with Database.open(server.dsn) as database, asyncio.timeout(60):
        while len(rows := await utterances(database, id)) < 2:  # noqa: ASYNC110
            await asyncio.sleep(0.05)
        stored = await get_session(database, id)
    assert [(row.number, row.reason) for row in rows] == [(1, "done"), (2, "done")]
    assert len(rows[0].segments) == 3
    assert rows[0].count == sum(chunk.count for chunk in undisturbed.chunks)
    assert stored is not None


async def pieces() -> AsyncIterator[str]:
    for begin in range(0, len(TEXT), 9):
        yield TEXT[begin : begin + 9]
        await asyncio.sleep(0)


async def test_text_that_comes_in_pieces_is_not_lost(
    server: ServerProcess, undisturbed: Spoken
) -> None:
    async with connect(server.stream, TO_BE_CUT) as session:
        point = await lose(session, 2, pieces())
    async with connect(server.stream, resume=point) as session, reporting(session) as report:
        spoken = await session.finish(on_message=report)
    assert_whole(spoken, undisturbed)


async def test_who_comes_back_takes_over_from_a_connection_that_seems_alive(
    server: ServerProcess,
) -> None:
    async with connect(server.stream, SLOW) as first:
        saying = asyncio.create_task(first.say(TEXT))
        while first.resume_point.place.segment is None:  # noqa: ASYNC110
            await asyncio.sleep(0.01)
        async with connect(server.stream, resume=first.resume_point) as second:
            with pytest.raises(LipwireError) as taken:
                await saying
            assert taken.value.code is ErrorCode.TAKEN_OVER
            await first._socket.wait_closed()
            assert first._socket.close_code == CloseCode.TAKEN_OVER
            assert second.ready.session.secret != first.ready.session.secret


@pytest.mark.parametrize("wrong", ["secret", "id", "span"])
async def test_what_cannot_be_gone_on_with_is_refused(server: ServerProcess, wrong: str) -> None:
    async with connect(server.stream, TO_BE_CUT) as session:
        point = await lose(session, 1)
    if wrong == "span":
        segment = point.place.segment
        assert isinstance(segment, Segment)
        place = replace(point.place, segment=structs.replace(segment, span=(0, 7)))
        bad = replace(point, place=place)
    elif wrong == "id":
        bad = replace(point, id="00000000-0000-7000-8000-000000000000")
    else:
        bad = replace(point, secret="a guess")
    with pytest.raises(LipwireError) as refused:
        async with patient_connect(server.stream, resume=bad):
            pass
    assert refused.value.code is ErrorCode.NOT_FOUND
    async with connect(server.stream, resume=point) as session, reporting(session) as report:
        assert (await session.finish(on_message=report)).ended is not None


async def until_ended(server: ServerProcess, id: UUID) -> None:
    async with Database.open(server.dsn) as database, asyncio.timeout(60):
        stored = None
        while stored is None or stored.ended_at is None:
            await asyncio.sleep(0.05)
            stored = await get_session(database, id)


async def test_who_said_good_bye_is_gone(server: ServerProcess) -> None:
    async with connect(server.stream, FAST) as session:
        await session.say("Good bye.")
        point = session.resume_point
    await until_ended(server, UUID(point.id))
    with pytest.raises(LipwireError) as refused:
        async with patient_connect(server.stream, resume=point):
            pass
    assert refused.value.code is ErrorCode.NOT_FOUND


@pytest.fixture
def folder() -> Iterator[Path]:
    with server_folder() as path:
        yield path


async def test_a_server_that_is_restarted_is_found_again(folder: Path, undisturbed: Spoken) -> None:
    first = await asyncio.to_thread(ServerProcess, folder / "data")
    told: list[Error] = []

    def on_message(message: ServerMessage) -> None:
        if isinstance(message, Segment) and message.segment == 1:
            first.process.terminate()
        if isinstance(message, Error):
            told.append(message)

    async with connect(first.stream, SLOW) as session:
        with pytest.raises(LipwireError) as lost:
            await session.say(TEXT, on_message=on_message)
        assert lost.value.code is ErrorCode.GOING_AWAY
        point = session.resume_point
    await asyncio.to_thread(first.stop)
    assert [error.code for error in told] == [ErrorCode.GOING_AWAY]
    second = await asyncio.to_thread(ServerProcess, folder / "data")
    try:
        async with patient_connect(second.stream, resume=point) as session:
            spoken = await session.finish()
    finally:
        await asyncio.to_thread(second.stop)
    spoken.warnings.clear()
    assert_whole(spoken, undisturbed)
    assert [segment.segment for segment in spoken.segments] == [0, 1, 2]

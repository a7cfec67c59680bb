"""What a real server said is said again: by itself, by the next one, and in two halves."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from uuid import UUID

import pytest
from tests.patience import TO_BE_CUT, patient_connect, reporting
from tests.server_process import ServerProcess, server_folder

from lipwire_client import Spoken, connect
from lipwire_protocol import (
    AudioFormat,
    Chunk,
    Codec,
    Configure,
    ErrorCode,
    Flow,
    FlowMode,
    Hello,
    LipwireError,
    ServerMessage,
    TextOptions,
    Weights,
    WeightSet,
)
from lipwire_server.store.pool import Database
from lipwire_server.store.sessions import utterances

FAST = Hello(flow=Flow(mode=FlowMode.OFF))
TEXT = (
    "The birch canoe slid on the smooth planks. Glue the sheet to the dark blue background. "
    "It is easy to tell the depth of a well."
)


async def slowly(text: str) -> AsyncIterator[str]:
    """As a language model writes that stops to think: some of it is spoken where no clause ends."""
    for begin in range(0, len(text), 30):
        yield text[begin : begin + 30]
        await asyncio.sleep(0.35 if begin == 60 else 0.0)


def assert_same(again: Spoken, first: Spoken, begin: int = 0) -> None:
    assert again.audio == first.audio[2 * begin :]
    expected = [s for s in first.segments if s.start + s.count > begin]
    assert [(s.segment, s.start, s.count, s.span, s.words) for s in again.segments] == [
        (s.segment, s.start, s.count, s.span, s.words) for s in expected
    ]


@pytest.mark.parametrize("begin", [0, 31_415])
async def test_a_replay_is_byte_for_byte_what_was_said(server: ServerProcess, begin: int) -> None:
    hello = Hello(
        flow=FAST.flow,
        rate_percent=120,
        seed=7,
        lexicon={"canoe": "boat"},
        weights=Weights(set=WeightSet.ARKIT, fps=30),
        text=TextOptions(idle_flush_ms=200),
    )
    async with connect(server.stream, hello) as session:
        first = await session.say(slowly(TEXT))
        await session.configure(Configure(rate_percent=80, lexicon={}, noise_percent=0))
        again = await session.replay(1, start=begin)
        id = UUID(session.ready.session.id)
    assert_same(again, first, begin)
    assert again.chunks[0].start == begin
    if not begin:
        assert b"".join(c.weights or b"" for c in again.chunks) == b"".join(
            c.weights or b"" for c in first.chunks
        )
    async with Database.open(server.dsn) as database, asyncio.timeout(60):
        while len(rows := await utterances(database, id)) < 2:  # noqa: ASYNC110
            await asyncio.sleep(0.05)
    assert [(row.number, row.reason, row.text) for row in rows] == [
        (1, "done", TEXT),
        (2, "done", TEXT),
    ]
    assert rows[1].rate_percent == 120
    assert rows[1].count == rows[0].count


async def test_opus_packets_are_the_same_too(server: ServerProcess) -> None:
    hello = Hello(flow=FAST.flow, audio=AudioFormat(codec=Codec.OPUS))
    async with connect(server.stream, hello) as session:
        first = await session.say(TEXT)
        assert (await session.replay(1)).packets == first.packets


async def test_a_replay_that_is_cut_off_is_gone_on_with(server: ServerProcess) -> None:
    left = 2

    def cut(message: ServerMessage) -> None:
        nonlocal left
        left -= isinstance(message, Chunk)
        if not left:
            session._socket.transport.abort()

    async with connect(server.stream, TO_BE_CUT) as session:
        async with reporting(session) as report:
            first = await session.say(TEXT, on_message=report)
        with pytest.raises(LipwireError) as lost:
            await session.replay(1, start=20_000, on_message=cut)
        assert lost.value.code is ErrorCode.GOING_AWAY
        point = session.resume_point
    async with connect(server.stream, resume=point) as session, reporting(session) as report:
        assert_same(await session.finish(on_message=report), first, 20_000)


@pytest.fixture
def folder() -> Iterator[Path]:
    with server_folder() as path:
        yield path


async def test_another_process_says_it_again_and_so_does_one_that_was_killed_meanwhile(
    folder: Path,
) -> None:
    server = await asyncio.to_thread(ServerProcess, folder / "data")
    async with connect(server.stream, TO_BE_CUT) as session:
        async with reporting(session) as report:
            first = await session.say(slowly(TEXT), on_message=report)
            await session.say("Good bye.", on_message=report)
        point = session.resume_point
        session._socket.transport.abort()
    await asyncio.to_thread(server.stop)
    server = await asyncio.to_thread(ServerProcess, folder / "data")

    def kill(message: ServerMessage) -> None:
        if isinstance(message, Chunk):
            server.process.kill()

    async with patient_connect(server.stream, resume=point) as session:
        async with reporting(session) as report:
            assert_same(await session.replay(1, on_message=report), first)
        with pytest.raises(LipwireError) as lost:
            await session.replay(1, start=20_000, on_message=kill)
        assert lost.value.code is ErrorCode.GOING_AWAY
        point = session.resume_point
    await asyncio.to_thread(server.stop)
    server = await asyncio.to_thread(ServerProcess, folder / "data")
    try:
        async with (
            patient_connect(server.stream, resume=point) as session,
            reporting(session) as report,
        ):
            assert_same(await session.finish(on_message=report), first, 20_000)
    finally:
        await asyncio.to_thread(server.stop)


async def test_what_is_not_there_is_refused_and_the_session_goes_on(server: ServerProcess) -> None:
    async with connect(server.stream, FAST) as session:
        first = await session.say("Good bye.")
        with pytest.raises(LipwireError) as refused:
            await session.replay(17)
        assert refused.value.code is ErrorCode.NOT_FOUND
        assert first.ended is not None
        with pytest.raises(LipwireError) as refused:
            await session.replay(1, start=first.ended.count)
        assert refused.value.code is ErrorCode.NOT_FOUND
        assert (await session.replay(1)).audio == first.audio

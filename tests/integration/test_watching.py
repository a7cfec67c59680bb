"""Sessions of a real server that are watched: what is heard there is what the speaker hears."""

import asyncio
from collections.abc import Callable

import pytest
from tests.patience import patient_connect
from tests.server_process import ServerProcess

from lipwire_client import Session, Spoken, connect
from lipwire_protocol import (
    Bye,
    Chunk,
    EndReason,
    ErrorCode,
    Flow,
    FlowMode,
    FrameMode,
    Frames,
    Hello,
    Interrupt,
    LipwireError,
    Segment,
    SegmentEnded,
    ServerMessage,
    Speak,
    UtteranceEnded,
    UtteranceStarted,
    Watch,
    WatchFrom,
)

LIVE = Hello(flow=Flow(mode=FlowMode.PACED, lead_ms=1_000))
FAST = Flow(mode=FlowMode.OFF)
TEXT = "The birch canoe slid on the smooth planks. Glue the sheet to the dark blue background."
LONG = f"{TEXT} It is easy to tell the depth of a well. Four hours of steady work faced us."
"""So that there is a middle of it also where somebody stands still for seconds."""


def watch(session: Session, start: bool = False, **wishes: object) -> Watch:
    grant = session.ready.session
    assert grant.watch_secret is not None
    begin = WatchFrom.START if start else WatchFrom.LIVE
    return Watch(session=grant.id, watch_secret=grant.watch_secret, from_=begin, **wishes)  # type: ignore[arg-type]


class Observer:
    """Hears everything until the session is over; the client checks its order."""

    def __init__(self) -> None:
        self.heard: list[ServerMessage] = []
        self.is_watching = asyncio.Event()

    async def listen(self, url: str, wish: Watch) -> None:
        async with patient_connect(url, watch=wish) as session:
            assert session.ready.watching
            self.is_watching.set()
            async for message in session:
                self.heard.append(message)

    async def until(self, condition: Callable[[ServerMessage], bool]) -> None:
        async with asyncio.timeout(60):
            while not any(condition(message) for message in self.heard):  # noqa: ASYNC110
                await asyncio.sleep(0.02)

    def spoken(self, utterance: int = 1) -> Spoken:
        spoken = Spoken()
        for message in self.heard:
            if getattr(message, "utterance", None) == utterance:
                spoken.add(message)
        return spoken


def is_chunk(message: ServerMessage) -> bool:
    return isinstance(message, Chunk)


def is_end(message: ServerMessage) -> bool:
    return isinstance(message, UtteranceEnded)


async def test_one_speaks_and_three_watch(server: ServerProcess) -> None:
    live, late, start = Observer(), Observer(), Observer()
    async with asyncio.TaskGroup() as group, connect(server.stream, LIVE) as session:
        frames = Frames(mode=FrameMode.SPRITES, size=128, fps=10)
        group.create_task(live.listen(server.stream, watch(session, frames=frames)))
        await live.is_watching.wait()
        saying = group.create_task(session.say(LONG))
        await live.until(is_chunk)
        await asyncio.sleep(1.5)
        group.create_task(late.listen(server.stream, watch(session)))
        spoken = await saying
        group.create_task(start.listen(server.stream, watch(session, start=True, flow=FAST)))
        await start.until(is_end)
        await live.until(is_end)
        await late.until(is_end)
        await session.send(Bye())
    assert live.spoken().audio == start.spoken().audio == spoken.audio
    assert [s.words for s in live.spoken().segments] == [s.words for s in spoken.segments]
    assert any(chunk.frames for chunk in live.spoken().chunks)
    begun = next(m for m in late.heard if isinstance(m, UtteranceStarted))
    assert begun.from_ == late.spoken().chunks[0].start > 0
    assert spoken.audio[2 * begun.from_ :] == late.spoken().audio
    # Nothing was synthesized a second time.
    ends = [m for m in (*live.heard, *late.heard, *start.heard) if isinstance(m, SegmentEnded)]
    assert ends
    assert all(end.cached for end in ends)


async def test_an_interrupt_is_seen_by_who_watches(server: ServerProcess) -> None:
    live = Observer()
    async with asyncio.TaskGroup() as group, connect(server.stream, LIVE) as session:
        group.create_task(live.listen(server.stream, watch(session)))
        await live.is_watching.wait()
        await session.send(Speak(utterance=1, text=LONG, end=True))
        await live.until(is_chunk)
        heard = Spoken()
        while sum(chunk.count for chunk in heard.chunks) < 30_000:
            heard.add(await session.receive())
        await session.send(Interrupt(utterance=1, heard=22_050))
        while heard.ended is None:
            heard.add(await session.receive())
        await live.until(is_end)
        await session.send(Bye())
    seen = live.spoken()
    assert seen.interrupted is not None
    assert heard.interrupted is not None
    assert seen.interrupted.text_spoken == heard.interrupted.text_spoken != ""
    assert seen.interrupted.heard == 22_050
    assert seen.ended is not None
    assert seen.ended.reason is EndReason.INTERRUPTED


async def test_a_session_that_is_over_is_watched_from_the_database(server: ServerProcess) -> None:
    async with connect(server.stream, LIVE) as session:
        first = await session.say("Glue the sheet to the dark blue background.")
        await session.send(Speak(utterance=2, text=LONG, end=True))
        while not isinstance(await session.receive(), Segment):
            pass
        await session.send(Interrupt(utterance=2, heard=22_050))
        cut = Spoken()
        while cut.ended is None:
            cut.add(await session.receive())
        wish = watch(session, start=True, flow=FAST)
        live = watch(session)
        await session.send(Bye())
        async for _ in session:
            pass
    later = Observer()
    async with asyncio.timeout(60):
        while not later.heard or len([m for m in later.heard if is_end(m)]) < 2:
            later = Observer()  # The recorder may still be writing.
            try:
                await later.listen(server.stream, wish)
            except LipwireError as error:
                assert error.code is ErrorCode.NOT_FOUND
            await asyncio.sleep(0.1)
    assert later.spoken(1).audio == first.audio
    told, original = later.spoken(2).interrupted, cut.interrupted
    assert told is not None
    assert original is not None
    assert (told.text_spoken, told.heard) == (original.text_spoken, original.heard)
    with pytest.raises(LipwireError) as caught:
        await Observer().listen(server.stream, live)
    assert caught.value.code is ErrorCode.NOT_FOUND

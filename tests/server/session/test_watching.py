"""Who may watch a session, who is spoken to with whom, and how it ends."""

import asyncio
from dataclasses import replace
from typing import Any
from uuid import UUID

import pytest

from lipwire_protocol import (
    AudioFormat,
    Bye,
    Chunk,
    ClientMessage,
    EndReason,
    ErrorCode,
    Flow,
    FlowMode,
    Interrupt,
    LipwireError,
    Ping,
    Played,
    Pong,
    Pose,
    Ready,
    Segment,
    SegmentEnded,
    Speak,
    Timing,
    UtteranceEnded,
    WatchFrom,
)
from lipwire_server.session.watching import Watching
from tests.server.session.watchers import theatre

pytestmark = pytest.mark.virtual_time

TEXT = "Hello there. How are you? I am well."


async def test_ready_tells_an_observer_what_holds_and_no_secret() -> None:
    async with theatre() as shown:
        ready = (await shown.watch()).one(Ready)
        assert ready.watching
        assert ready.session.id == str(shown.session.id)
        assert (ready.session.secret, ready.session.watch_secret) == (None, None)
        spoken = shown.sent[0]
        assert isinstance(spoken, Ready)
        assert spoken.session.watch_secret == shown.session.memory.watch_secret
        assert (ready.voice, ready.audio.sample_rate) == (spoken.voice, spoken.audio.sample_rate)


async def test_what_goes_to_many_at_once_goes_in_small_pieces() -> None:
    async with theatre() as shown:
        one = await shown.watch()
        small = await shown.watch(audio=AudioFormat(chunk_ms=50))
        alone = await shown.watch(from_=WatchFrom.START)
        assert [each.one(Ready).audio.chunk_ms for each in (one, small, alone)] == [100, 50, None]
        shown.speak(1, "Hello there.")
        await asyncio.sleep(10)
        for each, most in ((one, 100), (small, 50)):
            assert 0 < max(chunk.count for chunk in each.all(Chunk)) <= most
            assert each.audio() == shown.audio()


async def test_who_reads_nothing_is_given_up_and_holds_up_nobody() -> None:
    async with theatre() as shown:
        stuck, quick = await shown.watch(), await shown.watch()
        stuck.full = True
        shown.speak(1, "Hello there.")
        await asyncio.sleep(10)
        assert stuck.fault is not None
        assert stuck.fault.code is ErrorCode.SLOW_CONSUMER
        assert quick.audio() == shown.audio()


async def test_who_would_like_the_same_is_spoken_to_once() -> None:
    async with theatre() as shown:
        for _ in range(5):
            await shown.watch()
        await shown.watch(timing=Timing(phonemes=True))
        shown.speak(1, "Hello.")
        await asyncio.sleep(5)
        # The speaker and two audiences.
        assert len(shown.synthesis.jobs) == 3
        assert len({seat.audio() for seat in shown.seats}) == 1


async def test_a_listener_of_its_own_is_sent_no_more_than_it_has_room_for() -> None:
    async with theatre(per_character=500) as shown:
        seat = await shown.watch(flow=Flow(mode=FlowMode.PLAYED, lead_ms=1_000))
        shown.speak(1, TEXT)
        await asyncio.sleep(10)
        assert sum(chunk.count for chunk in seat.all(Chunk)) <= 1_000
        await seat.watcher.follow(Played(utterance=1, sample=800))
        await asyncio.sleep(1)
        assert 1_000 < sum(chunk.count for chunk in seat.all(Chunk)) <= 1_800


async def test_who_wants_it_as_fast_as_it_comes_gets_it() -> None:
    async with theatre(per_character=500) as shown:
        shown.speak(1, TEXT)
        await asyncio.sleep(40)
        seat = await shown.watch(from_=WatchFrom.START, flow=Flow(mode=FlowMode.OFF))
        await asyncio.sleep(0.1)
        assert seat.audio() == shown.audio()


async def test_an_observer_may_leave_and_others_stay() -> None:
    async with theatre() as shown:
        first, second = await shown.watch(), await shown.watch()
        await first.watcher.follow(Ping(stamp=7))
        assert first.one(Pong).stamp == 7
        await first.watcher.follow(Bye())
        await first.running
        shown.speak(1, "Hello.")
        await asyncio.sleep(5)
        assert first.all(Chunk) == []
        assert second.audio() == shown.audio()


async def test_when_nobody_watches_nothing_is_spoken_for_observers() -> None:
    async with theatre() as shown:
        (await shown.watch()).leave()
        await asyncio.sleep(1)
        shown.speak(1, "Hello.")
        await asyncio.sleep(5)
        assert len(shown.synthesis.jobs) == 1
        assert len(shown.host.watching) == 0


@pytest.mark.parametrize("message", [Speak(utterance=2, text="I."), Interrupt(), Pose(), Bye()])
async def test_an_observer_changes_nothing(message: ClientMessage) -> None:
    async with theatre() as shown:
        seat = await shown.watch()
        if isinstance(message, Bye):
            await seat.watcher.follow(message)
        else:
            with pytest.raises(LipwireError) as caught:
                await seat.watcher.follow(message)
            assert caught.value.code is ErrorCode.FORBIDDEN
        shown.speak(1, "Hello.")
        await asyncio.sleep(5)
        assert shown.audio() != b""


@pytest.mark.parametrize(
    "wrong",
    [
        {"watch_secret": "guessed"},
        {"session": str(UUID(int=99))},
        {"session": "nothing"},
        {"watch_secret": "guessed", "from_": WatchFrom.START},
    ],
)
async def test_nobody_watches_without_the_secret(wrong: dict[str, Any]) -> None:
    async with theatre() as shown:
        with pytest.raises(LipwireError) as caught:
            await shown.watch(**wrong)
        assert caught.value.code is ErrorCode.NOT_FOUND


async def test_the_secret_of_the_speaker_is_none_of_an_observer() -> None:
    async with theatre() as shown:
        ready = shown.sent[0]
        assert isinstance(ready, Ready)
        with pytest.raises(LipwireError):
            await shown.watch(watch_secret=ready.session.secret)


async def test_one_observer_too_many_is_told_when_to_come_back() -> None:
    async with theatre() as shown:
        shown.host = replace(shown.host, watching=Watching(observers=2, alone=1))
        await shown.watch()
        await shown.watch(from_=WatchFrom.START)
        with pytest.raises(LipwireError) as caught:
            await shown.watch()
        assert (caught.value.code, caught.value.retry_after_ms) == (ErrorCode.OVERLOADED, 10_000)


async def test_of_those_who_set_their_own_pace_there_are_few() -> None:
    async with theatre() as shown:
        shown.host = replace(shown.host, watching=Watching(observers=9, alone=1))
        await shown.watch(from_=WatchFrom.START)
        with pytest.raises(LipwireError, match="`paced` from `live`") as caught:
            await shown.watch(flow=Flow(mode=FlowMode.OFF))
        assert caught.value.code is ErrorCode.OVERLOADED
        await shown.watch()


async def test_one_session_is_watched_in_few_ways_by_however_many() -> None:
    async with theatre() as shown:
        shown.host = replace(shown.host, watching=Watching(ways=2))
        for lead_ms in (1_000, 2_000, 1_000):
            await shown.watch(flow=Flow(mode=FlowMode.PACED, lead_ms=lead_ms))
        with pytest.raises(LipwireError, match="in 2 ways already") as caught:
            await shown.watch(flow=Flow(mode=FlowMode.PACED, lead_ms=3_000))
        assert caught.value.code is ErrorCode.OVERLOADED


async def test_for_whom_there_is_no_room_nothing_is_read() -> None:
    async def recount(id: UUID, watch_secret: str) -> None:
        raise AssertionError("it was asked for")

    async with theatre() as shown:
        shown.host = replace(shown.host, watching=Watching(alone=0), recount=recount)
        with pytest.raises(LipwireError) as caught:
            await shown.watch(session=str(UUID(int=7)), from_=WatchFrom.START)
        assert caught.value.code is ErrorCode.OVERLOADED


async def test_too_long_a_lead_is_refused_and_a_shared_one_is_bounded() -> None:
    async with theatre() as shown:
        seat = await shown.watch(flow=Flow(mode=FlowMode.PACED, lead_ms=30_000))
        assert seat.one(Ready).flow.lead_ms == 5_000
        with pytest.raises(LipwireError) as caught:
            await shown.watch(flow=Flow(mode=FlowMode.PACED, lead_ms=30_001))
        assert caught.value.code is ErrorCode.BAD_MESSAGE


async def test_a_drain_ends_it_with_the_segment_that_is_spoken() -> None:
    async with theatre(per_character=500) as shown:
        seat = await shown.watch()
        shown.speak(1, TEXT)
        await asyncio.sleep(2)
        seat.watcher.drain()
        shown.session.conversation.drain()
        await seat.running
        assert len(seat.all(Segment)) == len(seat.all(SegmentEnded)) == 1
        assert seat.one(UtteranceEnded).reason is EndReason.ERROR

"""How a conversation ends: by `bye`, by a restart, or because its client is gone."""

import asyncio

import pytest

from lipwire_protocol import (
    Bye,
    EndReason,
    Error,
    ErrorCode,
    Hello,
    Interrupt,
    LipwireError,
    Played,
    Segment,
    SegmentEnded,
    UtteranceEnded,
    UtteranceStarted,
    Warning,
)
from tests.server.session.stage import OFF, PLAYED, stage

pytestmark = pytest.mark.virtual_time

TWO = "Hello there. Good bye."


async def test_bye_finishes_what_was_said() -> None:
    async with stage(plan_after=1) as on:
        on.say(1, "One", end=False)
        on.say(2, "Two", end=False)
        on.receive(Bye())
        await on.running
        assert [(m.utterance, m.reason) for m in on.all(UtteranceEnded)] == [
            (1, EndReason.DONE),
            (2, EndReason.DONE),
        ]
        assert [segment.text for segment in on.all(Segment)] == ["One", "Two"]


async def test_bye_with_nothing_to_say_ends_at_once() -> None:
    async with stage() as on:
        await asyncio.sleep(1)
        on.receive(Bye())
        await on.running


async def test_drain_ends_with_the_segment_that_is_being_spoken() -> None:
    async with stage(window_after=0.1) as on:
        on.say(1, TWO, end=False)
        await asyncio.sleep(0.15)
        on.conversation.drain()
        await on.running
        assert on.one(SegmentEnded).count == on.one(Segment).count == 1_200
        assert on.one(Error).code is ErrorCode.GOING_AWAY
        assert "rest of the text was not spoken" in on.one(Error).message
        assert on.one(UtteranceEnded).reason is EndReason.ERROR


async def test_drain_ends_every_utterance_that_waits() -> None:
    async with stage(window_after=0.1) as on:
        on.say(1, "Hello.")
        on.say(2, "Waits.")
        on.say(3, "Waits too.", end=False)
        await asyncio.sleep(0.05)
        on.conversation.drain()
        await on.running
        assert on.tags(3) == ["utterance_started", "error", "utterance_ended"]
        assert [(m.utterance, m.reason) for m in on.all(UtteranceEnded)] == [
            (1, EndReason.DONE),
            (2, EndReason.ERROR),
            (3, EndReason.ERROR),
        ]
        assert len(on.synthesis.jobs) == 1


async def test_a_server_that_drains_opens_no_utterance() -> None:
    async with stage(window_after=0.1) as on:
        on.say(1, "Hello.")
        await asyncio.sleep(0.05)
        on.conversation.drain()
        with pytest.raises(LipwireError, match="connect again") as caught:
            on.say(2, "Too late.")
        assert caught.value.code is ErrorCode.GOING_AWAY
        await on.running
        assert on.tags(2) == []


async def test_what_is_abandoned_ends_in_order_and_once() -> None:
    async with stage() as on:
        on.say(1, "Hello. ", end=False)
        on.say(2, " ", end=False)
        await asyncio.sleep(10)
        assert not on.conversation.busy
        on.conversation.abandon(EndReason.IDLE)
        await asyncio.sleep(10)
        assert [(m.utterance, m.reason) for m in on.all(UtteranceEnded)] == [
            (1, EndReason.IDLE),
            (2, EndReason.IDLE),
        ]
        assert on.tags(2) == ["utterance_started", "utterance_ended"]


async def test_a_conversation_is_busy_while_there_is_something_to_speak() -> None:
    async with stage(plan_after=1, window_after=1) as on:
        assert not on.conversation.busy
        on.say(1, "Hello. ", end=False)
        for _ in range(3):
            await asyncio.sleep(0.6)
            assert on.conversation.busy
        await asyncio.sleep(10)
        assert not on.conversation.busy
        assert on.conversation.waiting == 0


async def test_what_the_listener_heard_is_reported_for_the_utterance_and_those_before_it() -> None:
    async with stage(Hello(flow=OFF.flow)) as on:
        on.say(1, "Hello.")
        on.say(2, "There.")
        await asyncio.sleep(0.01)
        on.receive(Played(utterance=2, sample=100))
        on.receive(Interrupt(utterance=1))
        assert on.one(Warning).code is ErrorCode.NOTHING_SPEAKING


async def test_who_does_not_report_what_he_hears_is_not_busy() -> None:
    async with stage(PLAYED) as on:
        on.say(1, "A text that is much longer than the lead of this session, word by word.")
        await asyncio.sleep(1)
        assert on.samples(1) == 1_000
        assert not on.conversation.busy
        on.receive(Played(utterance=1, sample=1_000))
        await asyncio.sleep(0)
        assert on.conversation.busy


async def test_what_is_spoken_at_a_drain_leaves_at_once() -> None:
    text = "A text that is much longer than the lead of this session, word by word."
    async with stage(PLAYED) as on:
        on.say(1, text)
        await asyncio.sleep(1)
        on.conversation.drain()
        await on.running
        assert on.samples(1) == 100 * len(text)
        assert on.tags(1)[-2:] == ["segment_ended", "utterance_ended"]


async def test_what_is_cut_off_ends_in_order() -> None:
    async with stage(PLAYED) as on:
        on.say(1, "A text that is much longer than the lead of this session, word by word.")
        await asyncio.sleep(1)
        on.conversation.abandon(EndReason.ERROR)
        assert on.tags(1)[-3:] == ["error", "segment_ended", "utterance_ended"]
        assert on.one(SegmentEnded).count == on.one(UtteranceEnded).count == 1_000


async def test_what_had_no_room_to_begin_ends_in_order() -> None:
    async with stage() as on:
        on.sink.hold(room=0)
        on.say(1, "Hello.")
        await asyncio.sleep(1)
        on.conversation.abandon(EndReason.ERROR)
        on.sink.release()
        await asyncio.sleep(1)
        assert on.tags(1) == ["utterance_started", "utterance_ended"]


async def test_what_did_not_leave_ends_before_what_comes_after_it() -> None:
    async with stage(plan_after=1) as on:
        on.say(1, "Hello.")
        on.say(2, "Waits.")
        await asyncio.sleep(0.5)
        on.sink.hold()
        await asyncio.sleep(1)  # All of the first one is ready to leave, and the second begins.
        assert on.tags(1) == ["utterance_started"]
        on.conversation.abandon(EndReason.ERROR)
        ends = ["utterance_started", "utterance_ended"]
        assert [on.tags(1), on.tags(2)] == [ends, ends]
        assert on.sent.index(on.one(UtteranceEnded, 1)) < on.sent.index(on.all(UtteranceStarted)[1])


async def test_drain_does_not_call_white_space_unspoken() -> None:
    async with stage() as on:
        on.say(1, "Hello. ")
        on.say(2, "Hello. ", end=False)
        await asyncio.sleep(10)
        on.conversation.drain()
        await on.running
        assert not on.all(Error)
        assert [m.reason for m in on.all(UtteranceEnded)] == [EndReason.DONE] * 2

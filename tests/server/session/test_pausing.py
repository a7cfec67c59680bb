"""`pause` and `continue`: emission is held and released, and nothing is lost."""

import asyncio

import pytest

from lipwire_protocol import (
    Chunk,
    Continue,
    ErrorCode,
    Interrupt,
    Interrupted,
    Pause,
    Played,
    Segment,
    SegmentEnded,
    UtteranceEnded,
    UtteranceStarted,
    Warning,
)

from .stage import PLAYED, stage

pytestmark = pytest.mark.virtual_time

SENTENCE = "This is a sentence of some length."


async def test_nothing_is_sent_during_a_pause_and_everything_after_it() -> None:
    async with stage(window_after=0.1) as on:
        on.say(1, SENTENCE)
        await asyncio.sleep(0.25)
        on.receive(Pause())
        await asyncio.sleep(0.1)
        before = on.samples()
        assert 0 < before < len(SENTENCE) * 100
        await asyncio.sleep(60)
        assert on.samples() == before
        on.receive(Continue())
        await asyncio.sleep(10)
        assert on.samples() == len(SENTENCE) * 100
        assert on.one(UtteranceEnded).count == on.samples()


async def test_what_waited_for_credit_waits_for_the_end_of_a_pause_too() -> None:
    # In the middle of a window, which is made already.
    async with stage(PLAYED, window=2_000) as on:
        on.say(1, SENTENCE)
        await asyncio.sleep(5)
        before = on.samples()
        assert 0 < before < len(SENTENCE) * 100
        on.receive(Pause(), Played(utterance=1, sample=before))
        await asyncio.sleep(5)
        assert on.samples() == before
        on.receive(Continue())
        await asyncio.sleep(5)
        assert on.samples() > before


async def test_what_is_not_sent_is_not_made() -> None:
    async with stage() as on:
        on.receive(Pause())
        on.say(1, SENTENCE)
        await asyncio.sleep(5)
        assert not on.sent[1:]
        assert not on.synthesis.jobs


async def test_an_utterance_can_be_held_alone_and_those_behind_it_wait() -> None:
    async with stage() as on:
        on.say(1, "One.", end=False)
        on.receive(Pause(utterance=1))
        on.say(2, "Two.")
        await asyncio.sleep(5)
        assert not on.all(Chunk)
        on.receive(Continue(utterance=1))
        on.say(1, "", end=True)
        await asyncio.sleep(5)
        assert [ended.utterance for ended in on.all(UtteranceEnded)] == [1, 2]


async def test_one_that_is_held_later_lets_the_first_one_speak() -> None:
    async with stage() as on:
        on.say(1, "One.")
        on.say(2, "Two.")
        on.receive(Pause(utterance=2))
        await asyncio.sleep(5)
        assert [started.utterance for started in on.all(UtteranceStarted)] == [1]
        on.receive(Continue())
        await asyncio.sleep(5)
        assert on.samples(2) == 400


async def test_a_pause_that_is_not_held_ends_nothing() -> None:
    async with stage() as on:
        on.receive(Continue(), Continue(utterance=9))
        assert on.one(Warning).code is ErrorCode.UTTERANCE_CLOSED
        on.say(1, "One.")
        await asyncio.sleep(5)
        assert on.samples() == 400


async def test_what_is_held_can_be_interrupted() -> None:
    async with stage(PLAYED, window_after=0.1) as on:
        on.say(1, SENTENCE)
        await asyncio.sleep(0.35)
        on.receive(Pause())
        await asyncio.sleep(1)
        on.receive(Interrupt(heard=100))
        assert on.one(Interrupted).heard == 100
        on.receive(Continue())
        on.say(2, "Two.")
        await asyncio.sleep(5)
        assert on.samples(2) == 400


async def test_a_client_that_only_holds_is_not_busy() -> None:
    async with stage() as on:
        on.say(1, SENTENCE)
        on.receive(Pause())
        await asyncio.sleep(1)
        assert not on.conversation.busy
        on.receive(Continue())
        await asyncio.sleep(0)
        await asyncio.sleep(5)
        assert on.all(Segment)


async def test_a_restart_ends_a_pause() -> None:
    async with stage(window_after=0.1) as on:
        on.say(1, SENTENCE)
        await asyncio.sleep(0.25)
        on.receive(Pause())
        await asyncio.sleep(1)
        on.conversation.drain()
        await asyncio.sleep(10)
        assert on.one(SegmentEnded).count == len(SENTENCE) * 100

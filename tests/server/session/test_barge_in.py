"""Interrupting a conversation, whatever it does at that moment."""

import asyncio

import pytest

from lipwire_protocol import (
    Bye,
    EndReason,
    ErrorCode,
    Flow,
    FlowMode,
    Hello,
    Interrupt,
    Interrupted,
    Played,
    Segment,
    Speak,
    UtteranceEnded,
    UtteranceStarted,
    Warning,
)
from tests.server.session.stage import OFF, PLAYED, Stage, stage

pytestmark = pytest.mark.virtual_time

PACED = Hello(flow=Flow(mode=FlowMode.PACED, lead_ms=1_000))
TEXT = "One two three four five six."  # 2800 samples; "two" is 400..700, "three" 800..1300


def assert_ended(on: Stage, utterance: int) -> Interrupted:
    """It was interrupted, then ended, and nothing came after that."""
    interrupted = on.one(Interrupted, utterance)
    ended = on.one(UtteranceEnded, utterance)
    assert on.tags(utterance)[-2:] == ["interrupted", "utterance_ended"]
    assert ended.reason is EndReason.INTERRUPTED
    assert ended.count == interrupted.sent == on.samples(utterance)
    assert interrupted.text_spoken == interrupted_text(interrupted)[: interrupted.character]
    return interrupted


def interrupted_text(interrupted: Interrupted) -> str:
    return interrupted.text_spoken + interrupted.text_remaining


async def test_an_utterance_that_speaks_is_stopped_at_once() -> None:
    async with stage(PACED) as on:
        on.say(1, TEXT)
        await asyncio.sleep(0.1)
        sent = len(on.sent)
        on.receive(Interrupt(utterance=1, heard=700))
        assert len(on.sent) == sent + 2
        await asyncio.sleep(60)
        assert len(on.sent) == sent + 2
        interrupted = assert_ended(on, 1)
        assert (interrupted.heard, interrupted.sent) == (700, 1_000)
        assert (interrupted.text_spoken, interrupted.character) == ("One two", 7)
        assert not interrupted.estimated


@pytest.mark.parametrize(
    ("heard", "spoken"),
    [(0, ""), (149, ""), (150, "One"), (549, "One"), (550, "One two"), (10**9, "One two three")],
)
async def test_a_word_counts_as_spoken_when_half_of_it_was_heard(heard: int, spoken: str) -> None:
    async with stage(PACED) as on:
        on.say(1, TEXT)
        await asyncio.sleep(0.3)
        on.receive(Interrupt(utterance=1, heard=heard))
        interrupted = assert_ended(on, 1)
        assert interrupted.text_spoken == spoken
        assert interrupted_text(interrupted) == TEXT
        assert interrupted.heard <= interrupted.sent


async def test_without_a_report_the_server_estimates_what_was_heard() -> None:
    async with stage(PACED) as on:
        await asyncio.sleep(5)
        on.say(1, TEXT)
        await asyncio.sleep(0.75)
        on.receive(Interrupt())
        interrupted = assert_ended(on, 1)
        assert (interrupted.heard, interrupted.estimated) == (750, True)


async def test_an_estimate_goes_on_from_what_was_last_reported() -> None:
    async with stage(PLAYED) as on:
        on.say(1, TEXT)
        await asyncio.sleep(0.5)
        on.receive(Played(utterance=1, sample=200))
        await asyncio.sleep(0.1)
        on.receive(Interrupt(utterance=1))
        assert assert_ended(on, 1).heard == 300


async def test_an_interrupt_while_credit_is_awaited_lets_nothing_more_out() -> None:
    async with stage(PLAYED) as on:
        on.say(1, TEXT)
        await asyncio.sleep(5)
        assert on.samples(1) == 1_000
        on.receive(Interrupt(utterance=1, heard=900))
        on.receive(Played(utterance=1, sample=1_000))
        await asyncio.sleep(5)
        assert_ended(on, 1)
        assert on.samples(1) == 1_000


async def test_what_follows_an_interrupted_utterance_has_the_whole_lead() -> None:
    async with stage(PLAYED) as on:
        on.say(1, TEXT)
        await asyncio.sleep(1)
        on.receive(Interrupt(utterance=1, heard=300))
        on.say(2, TEXT)
        await asyncio.sleep(1)
        assert on.samples(2) == 1_000


async def test_what_was_taken_back_gives_its_credit_back() -> None:
    async with stage(PLAYED) as on:
        on.sink.hold()
        on.say(1, TEXT)
        await asyncio.sleep(1)
        on.receive(Interrupt(utterance=1))
        on.sink.release()
        on.say(2, TEXT)
        await asyncio.sleep(1)
        assert on.samples(1) == 0
        assert on.samples(2) == 1_000


async def test_an_interrupt_before_the_plan_is_known() -> None:
    async with stage(plan_after=1) as on:
        on.say(1, TEXT)
        await asyncio.sleep(0.5)
        on.receive(Interrupt(utterance=1))
        await asyncio.sleep(5)
        assert on.tags(1) == ["utterance_started", "interrupted", "utterance_ended"]
        assert assert_ended(on, 1).text_remaining == TEXT


async def test_synthesis_of_an_interrupted_utterance_is_closed_at_once() -> None:
    async with stage(window_after=1) as on:
        on.say(1, TEXT)
        await asyncio.sleep(0.5)
        assert not on.synthesis.cancelled
        on.receive(Interrupt(utterance=1))
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        assert on.synthesis.cancelled == on.synthesis.jobs


async def test_an_utterance_that_waits_is_taken_back() -> None:
    async with stage(window_after=0.1) as on:
        on.say(1, "Hello.")
        on.say(2, "Waits.")
        on.say(3, "Stays.")
        await asyncio.sleep(0.05)
        on.receive(Interrupt(utterance=2))
        await asyncio.sleep(10)
        assert on.tags(2) == ["interrupted", "utterance_ended"]
        assert assert_ended(on, 2).heard == 0
        assert [m.reason for m in on.all(UtteranceEnded, 1)] == [EndReason.DONE]
        assert [m.reason for m in on.all(UtteranceEnded, 3)] == [EndReason.DONE]
        assert "Waits." not in [job.text for job in on.synthesis.jobs]


async def test_without_a_name_everything_is_stopped() -> None:
    async with stage(PACED) as on:
        on.say(1, "Hello there, hello there.")
        on.say(2, "Waits.")
        on.say(3, "Waits too.")
        await asyncio.sleep(0.5)
        on.receive(Interrupt(heard=400))
        await asyncio.sleep(10)
        assert assert_ended(on, 1).heard == 400
        for utterance in (2, 3):
            assert assert_ended(on, utterance).heard == 0
            assert not on.all(UtteranceStarted, utterance)


async def test_an_utterance_between_its_creation_and_its_first_step_is_stopped() -> None:
    for steps in range(6):
        async with stage() as on:
            on.say(1, TEXT)
            for _ in range(steps):
                await asyncio.sleep(0)
            on.receive(Interrupt(utterance=1))
            on.say(2, "Next.")
            await asyncio.sleep(5)
            assert_ended(on, 1)
            assert on.one(UtteranceEnded, 2).reason is EndReason.DONE


async def test_an_utterance_of_which_the_end_waits_for_the_socket_is_stopped() -> None:
    async with stage() as on:
        for room in range(1, 13):
            on.sink.hold(room)
            on.say(room, TEXT)
            await asyncio.sleep(1)
            on.receive(Interrupt(utterance=room))
            await asyncio.sleep(1)
            on.sink.release()
            assert_ended(on, room)
        on.say(99, "Next.")
        await asyncio.sleep(1)
        assert on.one(UtteranceEnded, 99).reason is EndReason.DONE


async def test_what_has_not_left_is_taken_back_and_does_not_count_as_sent() -> None:
    async with stage() as on:
        on.say(1, "One. ", end=False)
        await asyncio.sleep(1)
        on.sink.hold()
        on.say(1, "Two. Three.")
        await asyncio.sleep(1)
        assert "utterance_ended" not in on.tags(1)
        on.receive(Interrupt(utterance=1, heard=10**6))
        on.sink.release()
        interrupted = assert_ended(on, 1)
        assert (interrupted.heard, interrupted.sent) == (400, 400)
        assert interrupted.text_spoken == "One"
        assert [segment.text for segment in on.all(Segment)] == ["One."]


async def test_an_utterance_that_was_sent_but_not_heard_is_interrupted_after_its_end() -> None:
    async with stage() as on:
        on.say(1, TEXT)
        await asyncio.sleep(0.75)
        assert on.one(UtteranceEnded, 1).reason is EndReason.DONE
        on.receive(Interrupt())
        await asyncio.sleep(5)
        assert on.tags(1)[-2:] == ["utterance_ended", "interrupted"]
        assert on.one(Interrupted).heard == 750
        assert on.one(Interrupted).text_spoken == "One two"


async def test_an_utterance_that_was_heard_is_not_interrupted() -> None:
    async with stage() as on:
        on.say(1, TEXT)
        await asyncio.sleep(3)
        on.receive(Interrupt())
        on.receive(Interrupt(utterance=1))
        warnings = on.all(Warning)
        assert [w.code for w in warnings] == [ErrorCode.NOTHING_SPEAKING] * 2
        assert [w.utterance for w in warnings] == [None, 1]
        assert not on.all(Interrupted)


async def test_the_listener_knows_better_than_the_clock_what_was_heard() -> None:
    async with stage() as on:
        on.say(1, TEXT)
        await asyncio.sleep(3)
        on.receive(Interrupt(utterance=1, heard=2_000))
        assert on.one(Interrupted).heard == 2_000
        assert on.one(Interrupted).text_spoken == "One two three four"
        on.receive(Interrupt(utterance=1, heard=2_000))
        assert on.one(Warning).code is ErrorCode.NOTHING_SPEAKING


async def test_what_was_reported_as_heard_to_its_end_is_over() -> None:
    async with stage() as on:
        on.say(1, TEXT)
        await asyncio.sleep(0.1)
        on.receive(Played(utterance=1, sample=2_800))
        on.receive(Interrupt(utterance=1, heard=2_000))
        assert on.one(Warning).code is ErrorCode.NOTHING_SPEAKING


async def test_the_listener_stops_one_utterance_and_the_next_goes_on() -> None:
    async with stage() as on:
        on.say(1, TEXT)
        on.say(2, TEXT)
        await asyncio.sleep(0.1)
        on.receive(Interrupt(utterance=1, heard=50))
        await asyncio.sleep(0.55)
        on.receive(Interrupt(utterance=2))
        assert on.one(Interrupted, 2).heard == 550


async def test_with_nothing_to_stop_there_is_a_warning() -> None:
    async with stage() as on:
        on.receive(Interrupt(), Interrupt(utterance=9, heard=3))
        assert [w.code for w in on.all(Warning)] == [ErrorCode.NOTHING_SPEAKING] * 2


async def test_two_interrupts_in_a_row_stop_it_once() -> None:
    async with stage(PACED) as on:
        on.say(1, TEXT)
        await asyncio.sleep(0.5)
        on.receive(Interrupt(utterance=1))
        assert_ended(on, 1)
        on.receive(Interrupt(utterance=1))
        assert len(on.all(Interrupted)) == len(on.all(UtteranceEnded)) == 1
        assert on.one(Warning).code is ErrorCode.NOTHING_SPEAKING


async def test_text_for_an_interrupted_utterance_is_late() -> None:
    async with stage(PACED) as on:
        on.say(1, TEXT, end=False)
        await asyncio.sleep(0.8)
        on.receive(Interrupt(utterance=1), Speak(utterance=1, text="More.", end=True))
        await asyncio.sleep(5)
        assert on.one(Warning).code is ErrorCode.UTTERANCE_CLOSED
        assert len(on.all(UtteranceEnded)) == 1


async def test_after_bye_what_is_being_said_can_still_be_interrupted() -> None:
    async with stage(PACED) as on:
        on.say(1, TEXT)
        on.receive(Bye())
        await asyncio.sleep(0.5)
        on.receive(Interrupt())
        await on.running
        assert_ended(on, 1)


async def test_an_utterance_that_was_never_interrupted_is_untouched_by_one_that_was() -> None:
    async with stage(OFF) as on:
        for number in range(1, 40, 2):
            on.say(number, TEXT)
            on.say(number + 1, "Next.")
            on.receive(Interrupt(utterance=number))
            await asyncio.sleep(0.01)
        await asyncio.sleep(60)
        whole = [on.audio(number) for number in range(2, 41, 2)]
        assert len(set(whole)) == 1
        assert len(whole[0]) == 2 * 500


async def test_stopping_what_comes_next_leaves_what_is_heard_now() -> None:
    async with stage(Hello(flow=Flow(mode=FlowMode.PACED, lead_ms=4_000))) as on:
        on.say(1, TEXT)
        on.say(2, TEXT)
        await asyncio.sleep(0.5)
        on.receive(Interrupt(utterance=2))
        assert on.one(Interrupted, 2).heard == 0
        await asyncio.sleep(0.25)
        on.receive(Interrupt(utterance=1))
        assert on.one(Interrupted, 1).heard == 750
        assert not on.all(Warning)


async def test_a_sentence_that_failed_was_not_spoken_to_anybody() -> None:
    async with stage(fail_middle=[0]) as on:
        on.say(1, "Alpha beta gamma delta. One two three four.")
        await asyncio.sleep(0.1)
        first, second = on.all(Segment)
        assert second.words
        one = second.words[0]
        on.receive(Interrupt(utterance=1, heard=one.start + one.count))
        spoken = on.one(Interrupted).text_spoken
        assert spoken.endswith("One")
        assert second.start < first.start + first.count

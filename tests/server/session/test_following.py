"""What those who watch a session hear of it."""

import asyncio

import pytest
from msgspec import UNSET

from lipwire_protocol import (
    AudioFormat,
    Bye,
    Chunk,
    Codec,
    Configure,
    Configured,
    Continue,
    EndReason,
    Error,
    ErrorCode,
    Flow,
    FlowMode,
    Hello,
    Interrupt,
    Interrupted,
    Pause,
    Ping,
    Pose,
    Posed,
    Ready,
    Resume,
    Segment,
    SegmentEnded,
    Timing,
    UtteranceEnded,
    UtteranceStarted,
    Warning,
    WatchFrom,
)
from tests.fakes import FakeSink
from tests.server.session.watchers import theatre

pytestmark = pytest.mark.virtual_time

TEXT = "Hello there. How are you? I am well."


async def test_who_watches_hears_the_same_bytes() -> None:
    async with theatre() as shown:
        seat = await shown.watch()
        shown.speak(1, TEXT)
        await asyncio.sleep(10)
        assert seat.audio() == shown.audio() != b""
        assert [m.text for m in seat.all(Segment)] == [
            m.text for m in shown.sent if isinstance(m, Segment)
        ]
        assert seat.one(UtteranceEnded).reason is EndReason.DONE


async def test_who_joins_in_the_middle_hears_what_the_others_hear_from_there_on() -> None:
    async with theatre(per_character=500) as shown:
        first = await shown.watch()
        shown.speak(1, TEXT)
        await asyncio.sleep(5)
        late = await shown.watch()
        assert late.tags()[:4] == ["ready", "utterance_started", "segment", "chunk"]
        started = late.one(UtteranceStarted)
        assert started.from_ == late.all(Chunk)[0].start
        # About a second runs ahead: what is heard now lies five seconds from the beginning.
        assert 4_000 <= started.from_ <= 5_000
        await asyncio.sleep(30)
        assert first.audio().endswith(late.audio())
        assert late.one(UtteranceEnded).count == first.one(UtteranceEnded).count


async def test_who_joins_between_utterances_hears_the_next_one_whole() -> None:
    async with theatre() as shown:
        shown.speak(1, "One.")
        await asyncio.sleep(5)
        seat = await shown.watch()
        shown.speak(2, "Two.")
        await asyncio.sleep(5)
        assert [m.utterance for m in seat.all(UtteranceStarted)] == [2]
        assert seat.audio(2) == shown.audio(2)


async def test_from_the_start_comes_everything_and_then_what_is_live() -> None:
    async with theatre() as shown:
        shown.speak(1, TEXT)
        await asyncio.sleep(10)
        shown.speak(2, "And you?")
        await asyncio.sleep(5)
        seat = await shown.watch(from_=WatchFrom.START)
        await asyncio.sleep(20)
        shown.speak(3, "Good bye.")
        await asyncio.sleep(5)
        assert [seat.audio(n) for n in (1, 2, 3)] == [shown.audio(n) for n in (1, 2, 3)]
        assert [m.utterance for m in seat.all(UtteranceEnded)] == [1, 2, 3]


async def test_text_that_is_flushed_is_cut_where_it_was_cut_for_the_speaker() -> None:
    async with theatre() as shown:
        seat = await shown.watch()
        shown.speak(1, "Hello there, I", end=False)
        await asyncio.sleep(5)  # It stands still, and is spoken.
        shown.speak(1, " am well.")
        await asyncio.sleep(5)
        late = await shown.watch(from_=WatchFrom.START)
        await asyncio.sleep(5)
        spans = [m.span for m in shown.sent if isinstance(m, Segment)]
        assert len(spans) == 2
        assert [m.span for m in seat.all(Segment)] == spans
        assert late.audio() == seat.audio() == shown.audio()


async def test_an_interrupt_is_told_as_the_speaker_was_told_it() -> None:
    async with theatre(per_character=500) as shown:
        seat = await shown.watch()
        shown.speak(1, TEXT)
        await asyncio.sleep(3)
        shown.say(Interrupt(utterance=1, heard=2_500))
        await asyncio.sleep(1)
        (told,) = (m for m in shown.sent if isinstance(m, Interrupted))
        seen = seat.one(Interrupted)
        assert (seen.heard, seen.text_spoken, seen.character) == (
            told.heard,
            told.text_spoken,
            told.character,
        )
        assert seat.tags()[-2:] == ["interrupted", "utterance_ended"]
        assert seat.one(UtteranceEnded).reason is EndReason.INTERRUPTED
        assert seen.sent == seat.one(UtteranceEnded).count == sum(c.count for c in seat.all(Chunk))


async def test_who_watches_an_interrupted_utterance_later_hears_what_was_heard() -> None:
    async with theatre(per_character=500) as shown:
        shown.speak(1, TEXT)
        await asyncio.sleep(3)
        shown.say(Interrupt(utterance=1, heard=2_600))
        shown.speak(2, "Yes?")
        await asyncio.sleep(5)
        seat = await shown.watch(from_=WatchFrom.START)
        await asyncio.sleep(20)
        assert 2_600 <= seat.one(Interrupted).sent <= 2_600 + 500
        assert seat.audio(2) == shown.audio(2)


async def test_an_utterance_that_was_sent_but_not_heard_is_interrupted_for_observers_too() -> None:
    async with theatre() as shown:
        seat = await shown.watch()
        shown.speak(1, "Hello.")
        await asyncio.sleep(0.1)
        assert seat.all(UtteranceEnded)
        shown.say(Interrupt(utterance=1, heard=100))
        await asyncio.sleep(1)
        assert seat.tags()[-2:] == ["utterance_ended", "interrupted"]


async def test_settings_that_change_are_told_before_the_segment_that_they_hold_for() -> None:
    async with theatre(per_character=500) as shown:
        seat = await shown.watch()
        shown.speak(1, "One two three. ", end=False)
        shown.speak(1, "Four five six. ", end=False)
        await asyncio.sleep(1)
        shown.say(Configure(rate_percent=150))
        shown.speak(1, "Seven eight.")
        await asyncio.sleep(30)
        (told,) = (m for m in shown.sent if isinstance(m, Configured))
        seen = seat.one(Configured)
        assert (seen.rate_percent, seen.from_) == (150, told.from_)
        segment = next(m for m in seat.all(Segment) if m.segment == told.from_[1])
        assert seat.heard.index(seen) == seat.heard.index(segment) - 1
        assert seat.audio() == shown.audio()


async def test_settings_that_change_in_silence_are_told_at_once() -> None:
    async with theatre() as shown:
        seat = await shown.watch()
        shown.say(Configure(rate_percent=150))
        await asyncio.sleep(0.1)
        assert seat.one(Configured).rate_percent == 150


async def test_what_only_the_speaker_sees_is_not_told() -> None:
    async with theatre() as shown:
        seat = await shown.watch()
        shown.say(Configure(timing=Timing(phonemes=True)), Ping())
        shown.speak(1, "Hello.")
        await asyncio.sleep(5)
        assert seat.tags() == [
            *("ready", "utterance_started", "segment", "chunk", "segment_ended"),
            "utterance_ended",
        ]
        assert seat.one(Segment).phonemes is UNSET


async def test_a_pause_holds_what_is_watched() -> None:
    async with theatre(per_character=500) as shown:
        seat = await shown.watch()
        shown.speak(1, TEXT)
        await asyncio.sleep(2)
        shown.say(Pause())
        await asyncio.sleep(10)
        before = len(seat.audio())
        await asyncio.sleep(10)
        assert len(seat.audio()) == before
        shown.say(Continue())
        await asyncio.sleep(30)
        assert seat.audio() == shown.audio()


async def test_a_pause_of_what_is_not_there_holds_nobody() -> None:
    async with theatre() as shown:
        seat = await shown.watch()
        shown.say(Pause(utterance=1))
        shown.speak(1, TEXT)
        await asyncio.sleep(30)
        assert seat.audio() == shown.audio() != b""


async def test_a_pose_is_seen_at_once() -> None:
    async with theatre() as shown:
        seat = await shown.watch()
        shown.say(Pose(emotion="happy"))
        assert seat.one(Posed).emotion == "happy"
        assert (await shown.watch()).one(Posed).emotion == "happy"


async def test_a_segment_that_fails_is_told_and_the_next_one_spoken() -> None:
    async with theatre(fail_plan={0}) as shown:
        seat = await shown.watch()
        shown.speak(1, "One. Two.")
        await asyncio.sleep(5)
        assert seat.one(Error).code is ErrorCode.SYNTHESIS_FAILED
        assert seat.audio() == shown.audio() != b""


async def test_text_without_a_sound_is_told_and_ends() -> None:
    async with theatre() as shown:
        seat = await shown.watch()
        shown.speak(1, "...")
        await asyncio.sleep(5)
        assert seat.one(Warning).code is ErrorCode.EMPTY_TEXT
        assert seat.one(UtteranceEnded).reason is EndReason.DONE


async def test_at_another_rate_it_is_the_same_speech() -> None:
    async with theatre() as shown:
        seat = await shown.watch(audio=AudioFormat(codec=Codec.MULAW, sample_rate=8_000))
        shown.speak(1, TEXT)
        await asyncio.sleep(20)
        samples = sum(m.count for m in shown.sent if isinstance(m, Segment))
        assert len(seat.audio()) == 8 * samples


async def test_when_the_session_ends_everything_is_delivered_and_the_observer_leaves() -> None:
    async with theatre() as shown:
        seat = await shown.watch()
        shown.speak(1, TEXT)
        shown.say(Bye())
        await shown.speaking
        shown.end()
        await seat.running
        assert seat.fault is None
        assert seat.audio() == shown.audio()


async def test_while_the_session_waits_for_its_speaker_observers_wait_too() -> None:
    async with theatre() as shown:
        seat = await shown.watch()
        shown.speak(1, "One.")
        await asyncio.sleep(5)
        shown.end(1006)
        await asyncio.sleep(60)
        assert not seat.running.done()
        await asyncio.sleep(61)  # Then it is given up.
        assert seat.running.done()
        assert seat.fault is None


async def test_what_is_spoken_again_on_another_connection_is_watched_once() -> None:
    async with theatre(per_character=500) as shown:
        seat = await shown.watch()
        shown.speak(1, TEXT)
        await asyncio.sleep(3)
        ready = shown.sent[0]
        assert isinstance(ready, Ready)
        shown.speaking.cancel()
        shown.end(1006)
        await asyncio.sleep(20)
        assert ready.session.secret is not None
        sink = FakeSink()
        again = Resume(id=ready.session.id, secret=ready.session.secret)
        shown.session = await shown.host.resume(again, sink)
        shown.speaking = shown.group.create_task(shown.session.conversation.run())
        await asyncio.sleep(40)
        spoken = b"".join(m.audio for m in sink.sent if isinstance(m, Chunk))  # type: ignore[misc]
        assert seat.audio() == spoken
        assert seat.one(UtteranceEnded).reason is EndReason.DONE


async def test_who_sets_his_own_pace_may_be_slow_whatever_is_said_meanwhile() -> None:
    async with theatre() as shown:
        seat = await shown.watch(flow=Flow(mode=FlowMode.OFF))
        seat.full = True
        seat.reads.clear()
        shown.speak(1, TEXT)
        await asyncio.sleep(10)
        shown.say(Pose(emotion="happy"))
        await asyncio.sleep(10)
        seat.reads.set()
        await asyncio.sleep(10)
        assert seat.fault is None
        assert seat.audio() == shown.audio() != b""
        assert seat.one(Posed).emotion == "happy"


async def test_an_interrupt_that_comes_while_the_end_is_waited_for_is_told() -> None:
    async with theatre(Hello(flow=Flow(mode=FlowMode.PACED, lead_ms=30_000))) as shown:
        seat = await shown.watch(flow=Flow(mode=FlowMode.OFF))
        seat.stops_at = UtteranceEnded
        seat.reads.clear()
        shown.speak(1, "Hello there.")
        await asyncio.sleep(0.5)
        assert seat.tags()[-1] == "segment_ended"
        shown.say(Interrupt(utterance=1, heard=100))
        seat.reads.set()
        await asyncio.sleep(1)
        assert seat.one(Interrupted).heard == 100


@pytest.mark.parametrize("begin", [WatchFrom.LIVE, WatchFrom.START])
async def test_the_ledger_of_who_watches_counts_from_the_first_segment(begin: WatchFrom) -> None:
    async with theatre() as shown:
        await asyncio.sleep(1_000)
        seat = await shown.watch(from_=begin)
        shown.speak(1, TEXT)
        await asyncio.sleep(10)
        first = seat.all(SegmentEnded)[0].ledger
        assert first.received == 0
        assert first.first_chunk is not None and first.first_chunk < 5_000

"""The order that protocol/README.md guarantees; `FakeSink` holds every stream here to it."""

import asyncio
import itertools

import pytest

from lipwire_protocol import (
    Chunk,
    EndReason,
    Error,
    ErrorCode,
    Flush,
    Flushed,
    Limits,
    LipwireError,
    Ping,
    Pong,
    Segment,
    SegmentEnded,
    Speak,
    UtteranceEnded,
    UtteranceStarted,
    Warning,
    Watch,
    tag,
)
from tests.fakes import plan_of
from tests.server.session.stage import stage

pytestmark = pytest.mark.virtual_time

TWO = "Hello there. Good bye."


async def test_an_utterance_is_its_start_its_segments_and_its_end() -> None:
    async with stage() as on:
        on.say(1, TWO)
        await asyncio.sleep(10)
        segment = ["segment", "chunk", "segment_ended"]
        assert on.tags(1) == ["utterance_started", *segment, *segment, "utterance_ended"]
        assert on.one(UtteranceEnded).reason is EndReason.DONE


async def test_the_timing_of_a_span_never_comes_after_its_audio() -> None:
    async with stage() as on:
        on.say(1, TWO)
        await asyncio.sleep(10)
        known = 0
        for message in on.sent:
            if isinstance(message, Segment):
                known = message.start + message.count
            elif isinstance(message, Chunk):
                assert message.start + message.count <= known


async def test_chunks_are_contiguous_and_make_up_the_count_of_their_segments() -> None:
    async with stage() as on:
        on.say(1, TWO)
        await asyncio.sleep(10)
        position = 0
        for chunk in on.all(Chunk):
            assert chunk.start == position
            position += chunk.count
        counts = [segment.count for segment in on.all(Segment)]
        assert counts == [ended.count for ended in on.all(SegmentEnded)] == [1_200, 900]
        assert on.one(UtteranceEnded).count == position == sum(counts)


async def test_a_chunk_has_two_bytes_for_each_of_its_samples() -> None:
    async with stage() as on:
        on.say(1, TWO)
        await asyncio.sleep(10)
        assert all(len(chunk.audio) == 2 * chunk.count for chunk in on.all(Chunk))


async def test_one_utterance_is_emitted_at_a_time_in_the_order_of_their_opening() -> None:
    async with stage(plan_after=0.1, window_after=0.1) as on:
        for number in (3, 5, 8):
            on.say(number, f"Number {number}.")
        await asyncio.sleep(30)
        numbers = [n for m in on.sent if (n := getattr(m, "utterance", None)) is not None]
        assert [number for number, _ in itertools.groupby(numbers)] == [3, 5, 8]
        assert [m.reason for m in on.all(UtteranceEnded)] == [EndReason.DONE] * 3


async def test_an_utterance_lies_on_the_session_clock_where_the_one_before_ended() -> None:
    async with stage() as on:
        on.say(1, "Hello.")
        on.say(2, "Again.")
        await asyncio.sleep(10)
        assert [started.at for started in on.all(UtteranceStarted)] == [0, 600]


async def test_late_text_is_ignored_with_a_warning() -> None:
    async with stage() as on:
        on.say(1, "Hello.")
        await asyncio.sleep(10)
        on.say(1, "More.")
        on.receive(Flush(utterance=1))
        await asyncio.sleep(10)
        warnings = on.all(Warning, 1)
        assert [warning.code for warning in warnings] == [ErrorCode.UTTERANCE_CLOSED] * 2
        assert "above 1" in warnings[0].message
        assert len(on.all(Segment)) == 1


async def test_text_for_a_closed_utterance_that_still_waits_is_late_too() -> None:
    async with stage(plan_after=1) as on:
        on.say(1, "Hello.")
        on.say(2, "Waits.")
        on.say(2, "Late.")
        await asyncio.sleep(10)
        assert on.one(Warning).code is ErrorCode.UTTERANCE_CLOSED
        assert [segment.text for segment in on.all(Segment)] == ["Hello.", "Waits."]


async def test_a_number_below_the_highest_opens_nothing() -> None:
    async with stage() as on:
        on.say(7, "Hello.")
        on.say(6, "Out of turn.")
        await asyncio.sleep(10)
        assert on.one(Warning, 6).code is ErrorCode.UTTERANCE_CLOSED
        assert on.tags(6) == ["warning"]


async def test_a_segment_that_fails_is_reported_and_the_next_one_follows() -> None:
    async with stage(fail_plan=[0]) as on:
        on.say(1, TWO)
        await asyncio.sleep(10)
        assert on.one(Error).code is ErrorCode.SYNTHESIS_FAILED
        assert not on.one(Error).fatal
        assert on.one(Segment).text == "Good bye."
        assert on.one(UtteranceEnded).reason is EndReason.DONE


async def test_a_segment_that_fails_in_the_middle_leaves_no_gap() -> None:
    async with stage(fail_middle=[0]) as on:
        on.say(1, TWO)
        await asyncio.sleep(10)
        segment = ["segment", "chunk", "segment_ended"]
        assert on.tags(1) == [
            *["utterance_started", "segment", "chunk", "error", "segment_ended"],
            *[*segment, "utterance_ended"],
        ]
        first, second = on.all(Segment)
        assert (first.start, second.start) == (0, 500)
        assert [first.segment, second.segment] == [0, 1]


@pytest.mark.parametrize("code", [ErrorCode.GOING_AWAY, ErrorCode.OVERLOADED])
async def test_what_breaks_a_segment_off_is_told_as_it_is(code: ErrorCode) -> None:
    error = LipwireError(code, "no", retry_after_ms=5)
    async with stage(fail_middle=[0], fail_plan=[1], error=error) as on:
        on.say(1, TWO)
        await asyncio.sleep(10)
        assert [e.code for e in on.all(Error)] == [code, code]
        assert [e.retry_after_ms for e in on.all(Error)] == [5, 5]
        assert on.one(SegmentEnded).count == on.one(Chunk).count


async def test_an_utterance_of_which_nothing_could_be_spoken_ends_with_an_error() -> None:
    async with stage(fail_plan=range(9)) as on:
        on.say(1, TWO)
        await asyncio.sleep(10)
        assert on.tags(1) == ["utterance_started", "error", "error", "utterance_ended"]
        assert on.one(UtteranceEnded).reason is EndReason.ERROR


@pytest.mark.parametrize("text", ["", " \n ", "... !?"])
async def test_text_without_a_word_is_a_warning(text: str) -> None:
    async with stage() as on:
        on.say(1, text)
        await asyncio.sleep(10)
        assert on.tags(1) == ["utterance_started", "warning", "utterance_ended"]
        assert on.one(Warning).code is ErrorCode.EMPTY_TEXT
        assert on.one(UtteranceEnded).reason is EndReason.DONE


async def test_an_exception_that_nobody_expects_ends_the_conversation() -> None:
    with pytest.raises(ExceptionGroup, match="unhandled"):
        async with stage(fail_plan=[0], error=ZeroDivisionError()) as on:
            on.say(1, TWO)
            await asyncio.sleep(10)


async def test_a_segment_has_the_timing_that_was_asked_for_on_the_utterances_timeline() -> None:
    async with stage() as on:
        on.say(1, TWO)
        await asyncio.sleep(10)
        second = on.all(Segment)[1]
        plan = plan_of("Good bye.", 100)
        assert second.span == (13, 22)
        assert isinstance(second.words, tuple)
        assert [word.text for word in second.words] == ["Good", "bye"]
        assert [(w.begin, w.end) for w in second.words] == [(13, 17), (18, 21)]
        assert [w.start for w in second.words] == [1_200 + w.start for w in plan.words]
        assert [tuple(second.visemes), second.visemes["oculus"][0].start] == [("oculus",), 1_200]


async def test_the_ledger_counts_from_the_first_text() -> None:
    async with stage(plan_after=0.25, window_after=0.1) as on:
        await asyncio.sleep(5)
        on.say(1, "Hello ", end=False)
        await asyncio.sleep(0.2)
        on.say(1, "there.")
        await asyncio.sleep(10)
        ledger = on.one(SegmentEnded).ledger
        assert (ledger.received, ledger.queued) == (200, 200)
        assert (ledger.phonemized, ledger.encoded) == (450, 450)
        assert (ledger.first_chunk, ledger.last_chunk) == (550, 750)


async def test_a_flush_speaks_what_waits_and_says_where_it_ends() -> None:
    async with stage() as on:
        on.say(1, "Hello there", end=False)
        on.receive(Flush(utterance=1))
        await asyncio.sleep(0.01)
        assert on.one(Segment).text == "Hello there"
        assert on.one(Flushed).sample == 1_100
        on.say(1, " again.")
        await asyncio.sleep(10)
        assert [segment.text for segment in on.all(Segment)] == ["Hello there", "again."]


async def test_a_flush_of_an_utterance_that_waits_its_turn_is_answered_in_its_turn() -> None:
    async with stage(plan_after=0.1) as on:
        on.say(1, "Hello.")
        on.say(2, "There", end=False)
        on.receive(Flush(utterance=2))
        on.say(2, " again.")
        await asyncio.sleep(10)
        segment = ["segment", "chunk", "segment_ended"]
        assert on.tags(2) == ["utterance_started", *segment, "flushed", *segment, "utterance_ended"]


async def test_text_that_stands_still_is_spoken_without_its_end() -> None:
    async with stage() as on:
        on.say(1, "Hello there", end=False)
        await asyncio.sleep(0.49)
        assert not on.all(Segment)
        await asyncio.sleep(0.02)
        assert on.one(Segment).text == "Hello there"
        assert not on.all(Flushed)


async def test_more_text_keeps_the_idle_flush_away() -> None:
    async with stage() as on:
        for piece in ("Hello ", "there ", "and ", "good ", "bye."):
            on.say(1, piece, end=False)
            await asyncio.sleep(0.4)
        on.say(1, "")
        await asyncio.sleep(10)
        assert on.one(Segment).text == "Hello there and good bye."


async def test_a_keepalive_opens_nothing_and_ends_nothing() -> None:
    async with stage() as on:
        on.receive(Speak(utterance=1))
        on.say(1, "Hello.", end=False)
        on.receive(Speak(utterance=1))
        await asyncio.sleep(10)
        assert "utterance_ended" not in on.tags(1)
        on.say(1, "")
        await asyncio.sleep(10)
        assert on.tags(1)[-1] == "utterance_ended"


async def test_a_keepalive_for_a_number_that_was_never_opened_leaves_it_free() -> None:
    async with stage() as on:
        on.receive(Speak(utterance=9))
        on.say(1, "Hello.")
        await asyncio.sleep(10)
        assert [tag(m) for m in on.sent if getattr(m, "utterance", 9) == 9] == ["ready"]


async def test_a_message_with_too_much_text_is_refused_as_a_whole() -> None:
    async with stage(limits=Limits(message_text=10)) as on:
        with pytest.raises(LipwireError, match="at most 10, send the text in pieces") as caught:
            on.say(1, "x" * 11)
        assert caught.value.code is ErrorCode.TEXT_LIMIT
        await asyncio.sleep(10)
        assert on.tags(1) == []
        on.say(1, "Hello.")
        await asyncio.sleep(10)
        assert on.one(Segment).text == "Hello."


async def test_text_that_waits_is_bounded_over_all_utterances_and_room_comes_back() -> None:
    async with stage(window_after=1, limits=Limits(waiting_text=34)) as on:
        on.say(1, "One is spoken at once. Two waits. ", end=False)
        await asyncio.sleep(0.1)
        on.say(2, "Three waits as well. ", end=False)
        with pytest.raises(LipwireError, match="characters wait to be spoken") as caught:
            on.say(2, "Four.", end=False)
        assert caught.value.code is ErrorCode.TEXT_LIMIT
        await asyncio.sleep(30)
        on.say(2, "Four.")


async def test_the_text_of_an_utterance_is_bounded_however_slowly_it_comes() -> None:
    async with stage(limits=Limits(utterance_text=12)) as on:
        on.say(1, "Hello. ", end=False)
        await asyncio.sleep(10)
        with pytest.raises(LipwireError, match="open another one"):
            on.say(1, "Good bye.", end=False)
        on.say(1, "Bye.")
        await asyncio.sleep(10)
        assert [segment.text for segment in on.all(Segment)] == ["Hello.", "Bye."]


async def test_a_refused_text_is_ignored_but_its_end_is_not() -> None:
    async with stage(limits=Limits(message_text=10)) as on:
        on.say(1, "Hello.", end=False)
        with pytest.raises(LipwireError):
            on.say(1, "x" * 11)
        on.say(2, "Bye.")
        await asyncio.sleep(10)
        assert [segment.text for segment in on.all(Segment)] == ["Hello.", "Bye."]


async def test_white_space_does_not_use_up_what_may_wait() -> None:
    async with stage(limits=Limits(waiting_text=10)) as on:
        for _ in range(9):
            on.say(1, " " * 10, end=False)
        on.say(1, "Hello.")
        await asyncio.sleep(10)
        assert on.one(Segment).text == "Hello."


async def test_a_keepalive_does_not_put_off_the_idle_flush() -> None:
    async with stage() as on:
        on.say(1, "Hello there", end=False)
        for _ in range(4):
            await asyncio.sleep(0.2)
            on.receive(Speak(utterance=1))
        assert on.one(Segment).text == "Hello there"


async def test_utterances_that_wait_are_bounded() -> None:
    async with stage(plan_after=1, limits=Limits(waiting_utterances=2)) as on:
        on.say(1, "One.")
        on.say(2, "Two.")
        with pytest.raises(LipwireError, match="wait for utterance_ended") as caught:
            on.say(3, "Three.")
        assert caught.value.code is ErrorCode.UTTERANCE_LIMIT
        await asyncio.sleep(10)
        on.say(3, "Three.")
        await asyncio.sleep(10)
        assert len(on.all(UtteranceEnded)) == 3


async def test_a_ping_is_answered_at_once() -> None:
    async with stage() as on:
        await asyncio.sleep(1.5)
        on.receive(Ping(stamp=42))
        assert on.one(Pong) == Pong(stamp=42, now_ms=1_500, seq=2)


async def test_what_this_server_does_not_do_is_said() -> None:
    async with stage() as on:
        with pytest.raises(LipwireError, match="does not do watch yet") as caught:
            on.receive(Watch(session="s", watch_secret="w"))
        assert caught.value.code is ErrorCode.UNSUPPORTED

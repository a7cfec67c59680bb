"""An utterance that is spoken again: the same bytes, under another number, from any sample on."""

import asyncio
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec import structs

from lipwire_protocol import (
    AudioFormat,
    Chunk,
    Codec,
    Configure,
    EndReason,
    Error,
    ErrorCode,
    Flow,
    FlowMode,
    Flush,
    Hello,
    Interrupt,
    Interrupted,
    Ledger,
    Limits,
    LipwireError,
    Segment,
    Speak,
    Split,
    TextOptions,
    Timing,
    Treatment,
    UtteranceEnded,
    UtteranceStarted,
    Warning,
)
from lipwire_server.session import memory
from lipwire_server.session.account import Line as NotedLine
from lipwire_server.store.records import UtteranceRecord
from tests.conftest import VirtualTimeLoop
from tests.fakes import VOICE
from tests.server.session.lines import Line, Lines, audio_of, lines

pytestmark = pytest.mark.virtual_time

TEXT = "Hello there. Good bye now, my friend. And more."
OFF = Hello(flow=Flow(mode=FlowMode.OFF))
SAME = pytest.mark.parametrize("killed", [False, True], ids=["same process", "another process"])
NOTHING = Ledger(received=0, queued=0, phonemized=0, encoded=0)


async def until_ended(line: Line, utterance: int) -> UtteranceEnded:
    while not (ended := line.of(UtteranceEnded, utterance)):  # noqa: ASYNC110
        await asyncio.sleep(0.01)
    return ended[0]


async def spoken(line: Line, text: str = TEXT, utterance: int = 1) -> None:
    line.speak(utterance, text)
    await until_ended(line, utterance)


def timing(line: Line, utterance: int) -> list[Segment]:
    """Of all that was told of it, what does not depend on the hour."""
    segments = line.of(Segment, utterance)
    return [structs.replace(s, seq=0, utterance=0, ledger=NOTHING) for s in segments]


async def test_it_has_the_same_bytes_and_the_same_timing_under_its_own_number() -> None:
    async with lines() as server:
        line = server.open()
        await spoken(line)
        await line.replay(2, of=1)
        ended = await until_ended(line, 2)
        assert audio_of(2, line.heard) == audio_of(1, line.heard)
        assert timing(line, 2) == timing(line, 1)
        (first,) = line.of(UtteranceEnded, 1)
        assert (ended.count, ended.reason) == (first.count, EndReason.DONE)
        (started,) = line.of(UtteranceStarted, 2)
        assert (started.at, started.from_) == (first.count, 0)


@pytest.mark.parametrize("begin", [1, 1_199, 1_200, 1_201, 3_000, 4_499])
async def test_it_begins_at_the_sample_that_is_asked_for(begin: int) -> None:
    async with lines() as server:
        line = server.open()
        await spoken(line)
        await line.replay(2, of=1, begin=begin)
        ended = await until_ended(line, 2)
        (started,) = line.of(UtteranceStarted, 2)
        assert started.from_ == begin
        assert line.of(Chunk, 2)[0].start == begin
        assert audio_of(2, line.heard) == audio_of(1, line.heard)[2 * begin :]
        # The segment that it begins in is told whole; those before it are not told.
        told = [s for s in timing(line, 1) if s.start + s.count > begin]
        assert timing(line, 2) == told
        assert ended.count == line.of(UtteranceEnded, 1)[0].count


async def test_what_comes_after_it_goes_on_the_clock() -> None:
    async with lines() as server:
        line = server.open()
        await spoken(line)
        await line.replay(2, of=1, begin=3_000)
        line.speak(3, "More.")
        await until_ended(line, 3)
        count = line.of(UtteranceEnded, 1)[0].count
        (second,), (third,) = line.of(UtteranceStarted, 2), line.of(UtteranceStarted, 3)
        assert (second.at, third.at) == (count, count + count - 3_000)


async def test_nothing_before_its_beginning_is_made() -> None:
    async with lines(window_after=1) as server:
        line = server.open()
        await spoken(line, "One two three. Four five six. Seven.")
        began = asyncio.get_running_loop().time()
        start = timing(line, 1)[2].start
        await line.replay(2, of=1, begin=start)
        await until_ended(line, 2)
        # A second for each window: there are two of the last segment.
        assert asyncio.get_running_loop().time() - began < 2.5


async def test_what_lies_before_its_beginning_is_not_even_planned() -> None:
    async with lines() as server:
        line = server.open()
        await spoken(line, "One two three. Four five six. Seven. Eight nine.")
        for number, of in ((2, 1), (3, 2)):
            planned = len(server.synthesis.jobs)
            begin = timing(line, 1)[2].start + 1
            await line.replay(number, of=of, begin=begin)
            await until_ended(line, number)
            assert [job.text for job in server.synthesis.jobs[planned:]] == [
                "Seven.",
                "Eight nine.",
            ]
            assert timing(line, number) == timing(line, 1)[2:]
            assert audio_of(number, line.heard) == audio_of(1, line.heard)[2 * begin :]


async def test_beyond_what_was_spoken_it_begins_where_the_plans_say() -> None:
    async with lines() as server:
        line = server.open()
        await spoken(line, TEXT)
        (ended,) = line.of(UtteranceEnded, 1)
        line.speak(2, TEXT)
        line.say(Interrupt(utterance=2, heard=0))
        await line.replay(3, of=2, begin=3_000)
        await until_ended(line, 3)
        assert audio_of(3, line.heard) == audio_of(1, line.heard)[2 * 3_000 :]
        assert line.of(UtteranceEnded, 3)[0].count == ended.count


async def test_where_the_text_does_not_come_to_what_was_noted_it_is_planned_from_its_start() -> (
    None
):
    async with lines() as server:
        line = server.open()
        await spoken(line)
        items = line.session.memory.account.passages[1].items
        last = items[2]
        assert isinstance(last, NotedLine)
        items[2] = replace(last, text=replace(last.text, begin=last.text.begin - 1))
        await line.replay(2, of=1, begin=last.start)
        await until_ended(line, 2)
        assert audio_of(2, line.heard) == audio_of(1, line.heard)[2 * last.start :]


async def test_it_is_cut_where_the_original_was() -> None:
    async with lines() as server:
        line = server.open()
        line.speak(1, "Well, this is what I wanted", end=False)
        await asyncio.sleep(1)  # It stands still, and is spoken.
        line.speak(1, " to say. And", end=False)
        line.say(Flush(utterance=1))
        line.speak(1, " here, there, everywhere and nowhere else, it goes", end=False)
        line.speak(1, " on and on. The end.")
        await until_ended(line, 1)
        assert len(timing(line, 1)) == 5
        await line.replay(2, of=1)
        await until_ended(line, 2)
        assert timing(line, 2) == timing(line, 1)
        assert audio_of(2, line.heard) == audio_of(1, line.heard)


async def test_it_sounds_as_the_original_did_and_is_told_as_everything_is_now() -> None:
    other = replace(VOICE, name="other")
    async with lines(plan_after=0.1, known=(VOICE, other)) as server:
        line = server.open(replace_hello(lexicon={"SQL": "sequel"}, seed=7))
        line.speak(1, "SQL one. Two. Three.", end=False)
        await asyncio.sleep(0.05)
        line.say(Configure(rate_percent=150))
        line.say(Speak(utterance=1, end=True))
        await until_ended(line, 1)
        later = Configure(
            voice="other", rate_percent=80, lexicon={}, timing=Timing(words=False, phonemes=True)
        )
        line.say(later)
        await line.replay(2, of=1)
        await until_ended(line, 2)
        jobs = server.synthesis.jobs
        assert jobs[3:] == jobs[:3]
        assert [job.rate_percent for job in jobs] == [100, 150, 150] * 2
        assert all(segment.phonemes for segment in line.of(Segment, 2))
        assert not any(segment.words for segment in line.of(Segment, 2))
        record = next(r for r in server.records if isinstance(r, UtteranceRecord) and r.number == 2)
        assert (record.voice, record.rate_percent, record.seed) == ("fake", 150, 7)


def replace_hello(**settings: Any) -> Hello:
    return structs.replace(OFF, **settings)


async def test_it_is_recorded_as_an_utterance_of_its_own() -> None:
    async with lines() as server:
        line = server.open()
        await spoken(line)
        await line.replay(2, of=1, begin=1_500)
        await until_ended(line, 2)
        first, second = [r for r in server.records if isinstance(r, UtteranceRecord)]
        assert (second.number, second.text, second.count) == (2, first.text, first.count)
        assert second.segments == first.segments[1:]
        assert first.id != second.id


async def test_a_replay_of_a_replay_is_one_of_the_original() -> None:
    async with lines() as server:
        line = server.open()
        await spoken(line)
        await line.replay(2, of=1, begin=3_000)
        await until_ended(line, 2)
        await line.replay(3, of=2, begin=200)
        await until_ended(line, 3)
        assert audio_of(3, line.heard) == audio_of(1, line.heard)[400:]


async def test_what_was_interrupted_is_said_again_to_its_end() -> None:
    async with lines(window_after=0.5) as server:
        line = server.open()
        line.speak(1, TEXT)
        await asyncio.sleep(1.2)
        line.say(Interrupt())
        await line.replay(2, of=1)
        await until_ended(line, 2)
        await spoken(line, TEXT, 3)
        assert audio_of(2, line.heard) == audio_of(3, line.heard)


async def test_it_waits_for_its_turn_and_others_wait_for_theirs() -> None:
    async with lines(window_after=0.5) as server:
        line = server.open()
        await spoken(line)
        line.speak(2, "One.")
        await line.replay(3, of=1)
        line.speak(4, "Two.")
        await until_ended(line, 4)
        assert [m.utterance for m in line.all(UtteranceStarted)] == [1, 2, 3, 4]


async def test_it_can_be_interrupted_and_its_positions_are_those_of_the_original() -> None:
    async with lines(window_after=0.5) as server:
        line = server.open()
        await spoken(line)
        await line.replay(2, of=1, begin=1_500)
        await asyncio.sleep(1.2)
        line.say(Interrupt(utterance=2, heard=1_800))
        (interrupted,) = line.all(Interrupted)
        assert interrupted.heard == 1_800
        assert (interrupted.text_spoken, interrupted.character) == ("Hello there. Good", 17)
        assert not interrupted.estimated


@pytest.mark.parametrize("heard", [None, 0, 700])
async def test_nothing_before_its_beginning_counts_as_unheard(heard: int | None) -> None:
    async with lines(window_after=0.5) as server:
        line = server.open()
        await spoken(line)
        await line.replay(2, of=1, begin=1_500)
        await asyncio.sleep(0.8)
        line.say(Interrupt(utterance=2, heard=heard))
        assert line.all(Interrupted)[0].heard >= 1_500


async def test_one_that_waits_is_stopped_like_any_other() -> None:
    async with lines(window_after=0.5) as server:
        line = server.open()
        await spoken(line)
        line.speak(2, "One.")
        await line.replay(3, of=1, begin=1_500)
        line.say(Interrupt(utterance=3))
        assert line.of(UtteranceEnded, 3)[0].count == 0


@SAME
@pytest.mark.parametrize("after", [0.0, 0.3, 1.1, 3.2])
async def test_a_connection_may_be_lost_in_the_middle_of_it(killed: bool, after: float) -> None:
    async with lines(window_after=0.5) as server:
        line = server.open()
        line.speak(1, "Yes, so it is that", end=False)
        await asyncio.sleep(2)
        line.speak(1, " we meet. Good bye now, my friend. And more.")
        await until_ended(line, 1)
        line.say(Configure(rate_percent=150, lexicon={"bye": "night"}))
        await line.replay(2, of=1, begin=1_900)
        await asyncio.sleep(after)
        server.killed() if killed else server.lose(line)
        assert not line.of(UtteranceEnded, 2)
        second = await server.resume(line.ready, line.heard)
        await until_ended(second, 2)
        whole = audio_of(1, line.heard)
        assert audio_of(2, line.heard, second.heard) == whole[2 * 1_900 :]
        told = timing(line, 2) + timing(second, 2)
        assert told == [s for s in timing(line, 1) if s.start + s.count > 1_900]


@SAME
async def test_one_that_had_not_begun_is_spoken_after_a_resume(killed: bool) -> None:
    async with lines(window_after=0.5) as server:
        line = server.open()
        await spoken(line)
        line.speak(2, TEXT)
        await line.replay(3, of=1, begin=1_900)
        await asyncio.sleep(1.1)
        server.killed() if killed else server.lose(line)
        second = await server.resume(line.ready, line.heard)
        await until_ended(second, 3)
        assert second.of(UtteranceStarted, 3)[0].from_ == 1_900
        assert audio_of(3, second.heard) == audio_of(1, line.heard)[2 * 1_900 :]


async def test_what_memory_has_let_go_is_read_from_the_database(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(memory, "_SCRIPTS", 2)
    async with lines() as server:
        line = server.open(replace_hello(lexicon={"friend": "foe"}))
        await spoken(line)
        line.say(Configure(lexicon={}))
        for number in range(2, 6):
            await spoken(line, "Meanwhile.", number)
        asked = server.log.asked
        await line.replay(7, of=1, begin=2_000)
        await until_ended(line, 7)
        assert server.log.asked == asked + 1
        assert audio_of(7, line.heard) == audio_of(1, line.heard)[4_000:]


async def test_another_process_says_again_what_it_never_said() -> None:
    async with lines() as server:
        line = server.open()
        await spoken(line)
        await spoken(line, "More.", 2)
        server.killed()
        second = await server.resume(line.ready, line.heard)
        await second.replay(3, of=1)
        await until_ended(second, 3)
        assert audio_of(3, second.heard) == audio_of(1, line.heard)


async def test_a_session_that_is_not_stored_says_again_what_it_remembers(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(memory, "_SCRIPTS", 2)
    async with lines() as server:
        line = server.open(replace_hello(persist=False))
        for number in range(1, 5):
            await spoken(line, TEXT, number)
        await line.replay(5, of=4)
        await until_ended(line, 5)
        assert audio_of(5, line.heard) == audio_of(4, line.heard)
        with pytest.raises(LipwireError, match="not kept any more"):
            await line.replay(6, of=1)
        assert not server.log.asked


@pytest.mark.parametrize("of", [0, 2, 9, 2**53 - 1])
async def test_what_nobody_said_is_not_found(of: int) -> None:
    async with lines() as server:
        line = server.open()
        await spoken(line)
        with pytest.raises(LipwireError) as refused:
            await line.replay(2, of=of)
        assert refused.value.code is ErrorCode.NOT_FOUND
        await spoken(line, TEXT, 2)


async def test_what_is_still_being_said_cannot_be_said_again() -> None:
    async with lines(window_after=0.5) as server:
        line = server.open()
        line.speak(1, TEXT)
        with pytest.raises(LipwireError, match="has not ended") as refused:
            await line.replay(2, of=1)
        assert refused.value.code is ErrorCode.BAD_STATE


async def test_its_number_must_be_a_new_one() -> None:
    async with lines() as server:
        line = server.open()
        await spoken(line)
        for number in (0, 1):
            await line.replay(number, of=1)
        assert [w.code for w in line.all(Warning)] == [ErrorCode.UTTERANCE_CLOSED] * 2
        await line.replay(2, of=1)
        line.speak(2, "More.")
        assert line.all(Warning)[2].utterance == 2


async def test_from_beyond_the_end_it_ends_at_once_and_says_why() -> None:
    async with lines() as server:
        line = server.open()
        await spoken(line)
        count = line.of(UtteranceEnded, 1)[0].count
        await line.replay(2, of=1, begin=count)
        ended = await until_ended(line, 2)
        assert (ended.reason, line.of(Chunk, 2), line.of(Segment, 2)) == (EndReason.ERROR, [], [])
        assert line.all(Error)[0].code is ErrorCode.NOT_FOUND
        await spoken(line, TEXT, 3)


async def test_replays_that_wait_are_bounded() -> None:
    limits = Limits(waiting_utterances=3, utterance_text=100)
    async with lines(window_after=1, limits=limits) as server:
        line = server.open()
        await spoken(line)
        await line.replay(2, of=1)
        await line.replay(3, of=1)
        with pytest.raises(LipwireError, match="wait to be spoken again") as refused:
            await line.replay(4, of=1)
        assert refused.value.code is ErrorCode.TEXT_LIMIT
        line.speak(4, "More.")
        with pytest.raises(LipwireError) as refused:
            line.speak(5, "More.")
        assert refused.value.code is ErrorCode.UTTERANCE_LIMIT


async def test_a_long_replay_leaves_room_for_text() -> None:
    limits = Limits(waiting_text=60, utterance_text=1_000)
    async with lines(window_after=0.01, limits=limits) as server:
        line = server.open()
        for index in range(5):
            while line.session.conversation.waiting:  # noqa: ASYNC110
                await asyncio.sleep(0.1)
            line.speak(1, f"{TEXT} ", end=index == 4)
        await until_ended(line, 1)
        await line.replay(2, of=1)
        line.speak(3, TEXT)
        await until_ended(line, 3)
        assert audio_of(2, line.heard) == audio_of(1, line.heard)


async def test_a_server_that_drains_says_nothing_again() -> None:
    async with lines() as server:
        line = server.open()
        await spoken(line)
        line.session.conversation.drain()
        with pytest.raises(LipwireError) as refused:
            await line.replay(2, of=1)
        assert refused.value.code is ErrorCode.GOING_AWAY


async def test_who_was_displaced_while_the_database_was_asked_says_nothing() -> None:
    async with lines() as server:
        line = server.open()
        for number in range(1, 300):
            await spoken(line, "Yes.", number)
        conversation = line.session.conversation
        asking = asyncio.create_task(line.replay(400, of=1))
        conversation.detach()
        await asking
        assert 400 not in [each.number for each in conversation.utterances]


CODECS = [AudioFormat(), AudioFormat(codec=Codec.MULAW, chunk_ms=70)]


@settings(max_examples=60, deadline=None)
@given(
    pieces=st.lists(
        st.sampled_from(["Oh, ", "yes. ", "and so it is ", "[[", "*b* ", "why? ", ", then ", "a"]),
        min_size=1,
        max_size=12,
    ),
    waits=st.lists(st.sampled_from([0.0, 0.2, 1.0]), min_size=12, max_size=12),
    begin=st.integers(0, 4_000),
    loss=st.one_of(st.none(), st.tuples(st.floats(0, 4), st.booleans())),
    split=st.sampled_from(Split),
    markdown=st.sampled_from(Treatment),
)
def test_whatever_was_said_and_however_it_is_said_again(
    pieces: list[str],
    waits: list[float],
    begin: int,
    loss: tuple[float, bool] | None,
    split: Split,
    markdown: Treatment,
) -> None:
    async def run() -> None:
        hello = replace_hello(text=TextOptions(split=split, markdown=markdown))
        async with lines(window_after=0.3) as server:
            line = server.open(hello)
            for piece, wait in zip(pieces, waits, strict=False):
                line.speak(1, piece, end=False)
                await asyncio.sleep(wait)
            line.say(Speak(utterance=1, end=True))
            ended = await until_ended(line, 1)
            await line.replay(2, of=1, begin=begin)
            heard, last = [line.heard], line
            if loss is not None:
                await asyncio.sleep(loss[0])
                await lost(server, line, killed=loss[1])
                heard = [line.heard]
                if not line.of(UtteranceEnded, 2):
                    last = await server.resume(line.ready, line.heard)
                    await until_ended(last, 2)
                    heard.append(last.heard)
            await until_ended(last, 2)
            assert audio_of(2, *heard) == audio_of(1, line.heard)[2 * begin :]
            assert bool(audio_of(2, *heard)) == (begin < ended.count)

    with asyncio.Runner(loop_factory=VirtualTimeLoop) as runner:
        runner.run(run())


async def lost(server: Lines, line: Line, *, killed: bool) -> None:
    if killed:
        server.killed()
    else:
        server.lose(line)

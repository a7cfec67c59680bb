"""What is recorded is what was sent."""

import asyncio
import hashlib
from dataclasses import replace
from typing import cast
from uuid import UUID

import msgspec
import numpy as np
import pytest
from numpy.typing import NDArray

from lipwire_protocol import (
    EndReason,
    ErrorCode,
    Hello,
    Interrupt,
    Interrupted,
    Oculus,
    Played,
    Segment,
    UtteranceEnded,
    UtteranceStarted,
    Warning,
)
from lipwire_server.store.keeping import AudioKeeper
from lipwire_server.store.records import (
    SegmentRecord,
    SessionEnded,
    SessionOpened,
    UtteranceHeard,
    UtteranceRecord,
)
from tests.fakes import BEGAN, SECRET, WATCH_SECRET
from tests.server.session.lines import Line, Lines, lines
from tests.server.session.stage import OFF, PLAYED, Stage, stage

pytestmark = pytest.mark.virtual_time

TEXT = "Hello there. Good bye."


def assert_recorded_as_sent(on: Stage, utterance: int) -> UtteranceRecord:
    (record,) = [record for record in on.spoken() if record.number == utterance]
    ended = on.all(UtteranceEnded, utterance)[-1]
    segments = on.all(Segment, utterance)
    assert record.count == ended.count == on.samples(utterance)
    assert record.reason == ended.reason
    assert [s.text for s in record.segments] == [s.text for s in segments]
    for kept, sent in zip(record.segments, segments, strict=True):
        assert (kept.number, kept.start, kept.count) == (sent.segment, sent.start, sent.count)
        assert (kept.begin, kept.end) == sent.span
        timing = msgspec.json.decode(kept.timing)
        assert timing["visemes"] == msgspec.json.decode(msgspec.json.encode(sent.visemes))
    return record


async def spoken_to(server: Lines) -> Line:
    """One to whom all of the text has been sent."""
    line = server.open(OFF)
    line.speak(1, TEXT)
    await asyncio.sleep(5)
    return line


async def test_a_session_is_recorded_without_its_secret() -> None:
    async with stage(Hello(rate_percent=120, seed=9)) as on:
        (opened,) = on.records
        assert isinstance(opened, SessionOpened)
        assert opened.secret_sha256 == hashlib.sha256(SECRET.encode()).digest()
        assert SECRET not in repr(opened)
        assert opened.watch_secret == WATCH_SECRET
        assert (opened.voice, opened.sample_rate, opened.opened_at) == ("fake", 1_000, BEGAN)
        settings = msgspec.json.decode(opened.settings)
        assert (settings["rate_percent"], settings["seed"]) == (120, 9)
        assert settings["flow"] == {"mode": "paced", "lead_ms": 3_000}
        on.opened.journal.closed(1000)
        assert on.records[-1] == SessionEnded(id=opened.id, close_code=1000, ended_at=BEGAN)


async def test_an_utterance_is_recorded_as_it_was_sent() -> None:
    async with stage(window_after=0.5) as on:
        on.say(1, TEXT)
        on.say(2, "Again.")
        await asyncio.sleep(10)
        first, second = (assert_recorded_as_sent(on, number) for number in (1, 2))
        assert (first.text, second.text) == (TEXT, "Again.")
        assert [first.at, second.at] == [m.at for m in on.all(UtteranceStarted)]
        assert first.id != second.id
        assert first.session_id == second.session_id == on.opened.id
        assert (first.ended_at - first.started_at).total_seconds() == 2.5
        assert second.started_at == first.ended_at


async def test_phonemes_are_recorded_with_their_mouths_though_nobody_asked_for_them() -> None:
    async with stage(OFF) as on:
        on.say(1, "Hi, yo.")
        await asyncio.sleep(1)
        (record,) = on.spoken()
        (segment,) = record.segments
        assert not on.one(Segment).phonemes
        assert "".join(p.symbol for p in segment.phonemes) == "Hi, yo."
        assert [p.viseme for p in segment.phonemes[:3]] == [Oculus.AA, Oculus.AA, Oculus.SIL]
        assert [p.word for p in segment.phonemes] == [0, 0, -1, -1, 1, 1, -1]
        assert [p.start for p in segment.phonemes] == list(range(0, 700, 100))


async def test_what_was_taken_back_after_the_end_is_not_recorded() -> None:
    async with stage() as on:
        on.say(1, "Hello there. ", end=False)
        await asyncio.sleep(1)
        on.sink.hold()
        on.say(1, "Good bye. And more.")
        await asyncio.sleep(1)
        on.receive(Interrupt(utterance=1))
        on.sink.release()
        await asyncio.sleep(1)
        assert_recorded_as_sent(on, 1)


async def test_an_utterance_that_was_interrupted_while_it_spoke_is_recorded_as_it_left() -> None:
    async with stage() as on:
        on.say(1, "Hello there. ", end=False)
        await asyncio.sleep(1)
        on.sink.hold(room=4)
        on.say(1, "Good bye. And more.")
        await asyncio.sleep(1)
        on.receive(Interrupt(utterance=1, heard=500))
        on.sink.release()
        record = assert_recorded_as_sent(on, 1)
        assert (record.reason, record.count, record.heard) == ("interrupted", 1_200, 500)
        assert record.text == "Hello there. Good bye. And more."
        assert len(record.segments) == 1


async def test_an_interrupt_in_the_middle_of_a_segment_is_recorded() -> None:
    async with stage(PLAYED) as on:
        on.say(1, TEXT)
        await asyncio.sleep(1)
        on.receive(Interrupt(utterance=1))
        record = assert_recorded_as_sent(on, 1)
        assert (record.count, record.heard) == (1_000, on.one(Interrupted).heard)
        assert isinstance(record.segments[0], SegmentRecord)
        assert record.segments[0].count == 1_200


async def test_an_utterance_that_never_had_its_turn_is_recorded_too() -> None:
    async with stage(plan_after=5) as on:
        on.say(1, TEXT)
        on.say(2, "Waits.")
        await asyncio.sleep(1)
        on.receive(Interrupt(utterance=2))
        record = assert_recorded_as_sent(on, 2)
        assert (record.count, record.heard, record.segments) == (0, 0, ())
        assert record.started_at == record.ended_at


async def test_how_far_it_was_heard_follows_when_it_is_known() -> None:
    async with stage(OFF) as on:
        on.say(1, TEXT)
        await asyncio.sleep(0.1)
        (record,) = on.spoken()
        assert record.heard is None
        on.receive(Played(utterance=1, sample=1_000))
        assert not [note for note in on.records if isinstance(note, UtteranceHeard)]
        on.receive(Played(utterance=1, sample=2_100))
        assert on.records[-1] == UtteranceHeard(id=record.id, heard=2_100, reason="done")
        on.receive(Played(utterance=1, sample=2_100))
        assert isinstance(on.records[-2], UtteranceRecord)


async def test_who_hears_the_next_utterance_has_heard_the_one_before() -> None:
    async with stage(OFF) as on:
        on.say(1, TEXT)
        on.say(2, TEXT)
        await asyncio.sleep(0.1)
        on.receive(Played(utterance=1, sample=2_000), Played(utterance=2, sample=1))
        first = on.spoken()[0]
        assert on.records[-1] == UtteranceHeard(id=first.id, heard=2_100, reason="done")


async def test_the_rest_that_was_thrown_away_is_recorded() -> None:
    async with stage(OFF) as on:
        on.say(1, TEXT)
        await asyncio.sleep(0.1)
        on.receive(Interrupt(utterance=1, heard=700))
        (record,) = on.spoken()
        assert on.records[-1] == UtteranceHeard(id=record.id, heard=700, reason="interrupted")


async def test_what_was_last_reported_is_recorded_when_the_connection_goes() -> None:
    async with stage(OFF) as on:
        on.say(1, TEXT)
        on.say(2, TEXT, end=False)
        await asyncio.sleep(5)
        on.receive(Played(utterance=1, sample=700))
        on.conversation.abandon(EndReason.ERROR)
        first, second = on.spoken()
        assert UtteranceHeard(id=first.id, heard=700, reason="done") in on.records
        assert (second.reason, second.text) == ("error", TEXT)


async def test_of_many_unheard_utterances_the_oldest_are_settled() -> None:
    async with stage(OFF) as on:
        for number in range(1, 12):
            on.say(number, TEXT)
        on.receive(Played(utterance=1, sample=5))
        await asyncio.sleep(0.1)
        on.receive(Played(utterance=4, sample=5))
        heard = [record for record in on.records if isinstance(record, UtteranceHeard)]
        assert len(on.spoken()) == 11
        assert heard == []


@pytest.mark.parametrize("killed", [False, True], ids=["same process", "another process"])
async def test_what_is_stopped_after_a_loss_in_the_middle_is_recorded_as_stopped(
    killed: bool,
) -> None:
    async with lines() as server:
        line = await spoken_to(server)
        server.lose(line)
        server = server.killed() if killed else server
        again = await server.resume(line.ready, line.heard[:4])  # The first chunk arrived.
        again.say(Interrupt(utterance=1, heard=300))
        await asyncio.sleep(5)
        first, second = (r for r in server.records if isinstance(r, UtteranceRecord))
        assert (first.reason, second.id) == ("done", first.id)
        assert UtteranceHeard(id=first.id, heard=300, reason="interrupted") in server.records


async def test_what_is_stopped_after_a_loss_and_its_end_is_recorded_as_stopped() -> None:
    async with lines() as server:
        line = await spoken_to(server)
        server.lose(line)
        again = await server.resume(line.ready, line.heard)
        again.say(Interrupt(utterance=1, heard=300))
        told = again.one(Interrupted)
        assert (told.heard, told.sent, told.text_spoken) == (300, 2_100, "Hello")
        (record,) = (r for r in server.records if isinstance(r, UtteranceRecord))
        note = UtteranceHeard(id=record.id, heard=300, reason="interrupted")
        assert server.records[-1] == note


@pytest.mark.parametrize(("heard", "is_noted"), [(300, True), (2_100, False)])
async def test_what_a_server_had_sent_that_is_no_more_is_recorded_as_stopped(
    heard: int, is_noted: bool
) -> None:
    """Its words are not known here, so that there is nothing to answer with."""
    async with lines() as server:
        line = await spoken_to(server)
        server = server.killed()
        again = await server.resume(line.ready, line.heard)
        for _ in range(2):
            again.say(Interrupt(utterance=1, heard=heard))
            assert again.all(Warning)[-1].code == ErrorCode.NOTHING_SPEAKING
        (record,) = (r for r in server.records if isinstance(r, UtteranceRecord))
        notes = [r for r in server.records if isinstance(r, UtteranceHeard)]
        note = UtteranceHeard(id=record.id, heard=heard, reason="interrupted")
        assert notes == [note] * is_noted


async def test_what_is_heard_to_its_end_after_a_loss_is_recorded_as_heard() -> None:
    async with lines() as server:
        line = await spoken_to(server)
        server.lose(line)
        again = await server.resume(line.ready, line.heard)
        again.say(Played(utterance=1, sample=2_100))
        (record,) = (r for r in server.records if isinstance(r, UtteranceRecord))
        assert server.records[-1] == UtteranceHeard(id=record.id, heard=2_100, reason="done")


@pytest.mark.parametrize("goes_on", [True, False], ids=["he goes on hearing it", "it was lost"])
async def test_who_hears_the_next_utterance_after_a_loss_may_have_lost_the_rest_of_one(
    goes_on: bool,
) -> None:
    async with lines() as server:
        line = await spoken_to(server)
        line.say(Played(utterance=1, sample=700))
        server.lose(line)
        again = await server.resume(line.ready, line.heard)
        again.speak(2, TEXT)
        await asyncio.sleep(5)
        again.say(*[Played(utterance=1, sample=2_000)] * goes_on, Played(utterance=2, sample=1))
        server.lose(again, 1000)
        record = next(r for r in server.records if isinstance(r, UtteranceRecord))
        heard = 2_100 if goes_on else 700
        assert UtteranceHeard(id=record.id, heard=heard, reason="done") in server.records


async def test_of_a_session_that_is_not_to_be_stored_nothing_is_recorded() -> None:
    async with stage(Hello(flow=OFF.flow, persist=False)) as on:
        on.say(1, TEXT)
        await asyncio.sleep(1)
        on.receive(Interrupt(utterance=1))
        on.conversation.abandon(EndReason.ERROR)
        on.opened.journal.closed(1000)
        assert on.samples() == 2_100
        assert on.records == []


class Kept:
    """Stands in for a keeper, and for what it keeps of each utterance."""

    def __init__(self) -> None:
        self.begun = 0
        self.dropped = 0
        self.finished: list[int] = []

    def begin(self, rate: int) -> "Kept":
        self.begun += 1
        return self

    def add(self, start: int, samples: NDArray[np.float32]) -> None:
        pass

    def finish(self, utterance: UUID, count: int) -> None:
        self.finished.append(count)

    def drop(self) -> None:
        self.dropped += 1


async def test_the_sound_of_what_is_spoken_a_second_time_is_kept_once() -> None:
    kept = Kept()
    async with lines() as server:
        server.host = replace(server.host, keeper=cast(AudioKeeper, kept))
        line = server.open()
        line.speak(1, TEXT)
        await asyncio.sleep(5)
        server.lose(line)
        again = await server.resume(line.ready, line.heard[:2])  # `ready` and its start.
        await asyncio.sleep(5)
        assert again.all(UtteranceEnded)
        assert len([r for r in server.records if isinstance(r, UtteranceRecord)]) == 2
        assert (kept.begun, kept.finished) == (1, [2_100])


async def test_the_sound_of_what_begins_in_the_middle_is_not_kept() -> None:
    kept = Kept()
    async with lines() as server:
        server.host = replace(server.host, keeper=cast(AudioKeeper, kept))
        line = server.open()
        line.speak(1, TEXT)
        await asyncio.sleep(5)
        for number, begin in ((2, 1_500), (3, 0)):
            await line.replay(number, of=1, begin=begin)
            await asyncio.sleep(5)
        assert (kept.begun, kept.finished) == (2, [2_100, 2_100])


async def test_of_a_session_that_is_deleted_no_sound_is_kept() -> None:
    kept = Kept()
    async with lines(window_after=0.5) as server:
        server.host = replace(server.host, keeper=cast(AudioKeeper, kept))
        line = server.open()
        line.speak(1, TEXT)
        await asyncio.sleep(0.7)
        server.host.ownership.delete(line.session.id)
        await asyncio.sleep(5)
        assert (kept.begun, kept.dropped, kept.finished) == (1, 1, [])

"""Sessions that this process does not have are watched out of what was recorded of them."""

import asyncio
from dataclasses import replace
from uuid import UUID

import pytest

from lipwire_protocol import (
    Chunk,
    Configure,
    EndReason,
    ErrorCode,
    Flush,
    Interrupt,
    Interrupted,
    LipwireError,
    Position,
    Replay,
    Resume,
    Segment,
    UtteranceEnded,
    WatchFrom,
)
from lipwire_server.session.host import Host
from lipwire_server.session.registry import Registry
from lipwire_server.session.watching import Watching
from lipwire_server.store.recollections import (
    EndedUtterance,
    LoggedSession,
    Recounted,
    SpokenSegment,
    SpokenUtterance,
)
from lipwire_server.store.records import (
    SessionOpened,
    SettingsRecord,
    SpeechRecord,
    UtteranceHeard,
    UtteranceRecord,
)
from tests.fakes import FakeSink
from tests.server.session.lines import audio_of
from tests.server.session.watchers import Seat, Theatre, theatre

pytestmark = pytest.mark.virtual_time

TEXT = "Hello there. How are you? I am well."


def recounted(shown: Theatre) -> Recounted:
    """What `store.recounting` reads, out of the records themselves."""
    opened = next(r for r in shown.records if isinstance(r, SessionOpened))
    entries = [r for r in shown.records if isinstance(r, SpeechRecord | SettingsRecord)]
    ended = {r.number: r for r in shown.records if isinstance(r, UtteranceRecord)}
    heard = {r.id: r for r in shown.records if isinstance(r, UtteranceHeard)}
    return Recounted(
        logged=LoggedSession(
            epoch=1,
            previous_sha256=b"",
            voice=opened.voice,
            settings=opened.settings,
            watch_secret=opened.watch_secret,
            entries=tuple(sorted(entries, key=lambda entry: entry.sequence)),
            ended={
                number: EndedUtterance(
                    id=each.id, count=each.count, reason=each.reason, heard=each.heard
                )
                for number, each in ended.items()
            },
            clock=0,
            sequence=max((entry.sequence for entry in entries), default=0),
        ),
        utterances=tuple(
            SpokenUtterance(
                number=number,
                reason=heard[record.id].reason if record.id in heard else record.reason,
                heard=heard[record.id].heard if record.id in heard else record.heard or 0,
                count=record.count,
                segments=tuple(
                    SpokenSegment(
                        number=s.number,
                        start=s.start,
                        count=s.count,
                        span=(s.begin, s.end),
                        timing=s.timing,
                    )
                    for s in record.segments
                ),
            )
            for number, record in sorted(ended.items())
        ),
    )


async def watch_later(shown: Theatre) -> Seat:
    """On another server, from the start."""
    found = recounted(shown)

    async def recount(id: UUID, watch_secret: str) -> Recounted | None:
        is_right = watch_secret == found.logged.watch_secret
        return found if id == shown.session.id and is_right else None

    shown.host = replace(another_host(shown), recount=recount)
    seat = await shown.watch(from_=WatchFrom.START)
    await seat.running
    return seat


def another_host(shown: Theatre) -> Host:
    """One that knows nothing of the session."""
    return replace(shown.host, registry=Registry(), watching=Watching())


async def test_what_was_spoken_is_spoken_again_cut_as_it_was() -> None:
    async with theatre() as shown:
        shown.speak(1, "Hello there, I", end=False)
        await asyncio.sleep(5)  # It stands still, and is spoken.
        shown.speak(1, " am well. And", end=False)
        shown.say(Flush(utterance=1))
        shown.speak(1, " you?")
        await asyncio.sleep(10)
        shown.say(Configure(rate_percent=200))
        shown.speak(2, TEXT)
        await asyncio.sleep(10)
        shown.end()
        seat = await watch_later(shown)
        assert seat.fault is None
        assert [seat.audio(n) for n in (1, 2)] == [shown.audio(n) for n in (1, 2)]
        spans = [(m.utterance, m.span) for m in shown.sent if isinstance(m, Segment)]
        assert [(m.utterance, m.span) for m in seat.all(Segment)] == spans


async def test_what_was_interrupted_is_told_as_it_was() -> None:
    async with theatre(per_character=500) as shown:
        shown.speak(1, TEXT)
        await asyncio.sleep(3)
        shown.say(Interrupt(utterance=1, heard=2_600))
        await asyncio.sleep(1)
        (told,) = (m for m in shown.sent if isinstance(m, Interrupted))
        shown.end()
        seen = (await watch_later(shown)).one(Interrupted)
        assert (seen.heard, seen.text_spoken) == (told.heard, told.text_spoken)
        assert 2_600 <= seen.sent < 3_500


async def test_what_lies_before_a_replay_that_was_interrupted_counts_as_spoken() -> None:
    async with theatre(per_character=500) as shown:
        shown.speak(1, TEXT)
        await asyncio.sleep(60)
        begin = [m.start for m in shown.sent if isinstance(m, Segment)][1]
        await shown.session.conversation.follow(Replay(utterance=2, of=1, from_=begin))
        await asyncio.sleep(1)
        shown.say(Interrupt(utterance=2, heard=begin))
        (told,) = (m for m in shown.sent if isinstance(m, Interrupted))
        shown.end()
        seen = (await watch_later(shown)).one(Interrupted)
        assert (seen.heard, seen.text_spoken) == (begin, told.text_spoken)
        assert told.text_spoken.startswith("Hello there.")


async def test_a_replay_begins_where_it_began() -> None:
    async with theatre() as shown:
        shown.speak(1, TEXT)
        await asyncio.sleep(10)
        await shown.session.conversation.follow(Replay(utterance=2, of=1, from_=1_500))
        await asyncio.sleep(10)
        shown.end()
        seat = await watch_later(shown)
        assert seat.audio(2) == shown.audio(2) == shown.audio(1)[2 * 1_500 :]


async def test_what_broke_off_is_spoken_as_far_as_it_was() -> None:
    async with theatre(per_character=500) as shown:
        shown.speak(1, TEXT)
        await asyncio.sleep(3)
        shown.end(1000)
        seat = await watch_later(shown)
        assert len(seat.all(Segment)) == 1
        assert seat.one(UtteranceEnded).reason is EndReason.ERROR


async def test_the_secret_is_asked_for() -> None:
    async with theatre() as shown:
        shown.speak(1, "Hello.")
        await asyncio.sleep(5)
        shown.end()
        await watch_later(shown)
        for wrong in ({"watch_secret": "guessed"}, {"from_": WatchFrom.LIVE}):
            with pytest.raises(LipwireError) as caught:
                await shown.watch(**{"from_": WatchFrom.START, **wrong})
            assert caught.value.code is ErrorCode.NOT_FOUND


async def test_what_came_before_a_session_was_taken_up_here_is_watched_with_what_comes() -> None:
    async with theatre() as shown:
        shown.speak(1, "One.")
        await asyncio.sleep(5)
        first, found = shown.audio(1), recounted(shown)
        shown.session.memory.watch_secret, secret = None, shown.session.memory.watch_secret
        sink = FakeSink()

        async def take_up(id: UUID, **asked: object) -> LoggedSession:
            return found.logged

        async def recount(id: UUID, watch_secret: str) -> Recounted:
            return found

        shown.speaking.cancel()
        shown.host = replace(another_host(shown), take_up=take_up, recount=recount)
        begin = Position(utterance=2, segment=0, span=(0, 0), start=0, sample=0)
        again = Resume(id=str(shown.session.id), secret="x", position=begin)
        shown.session = await shown.host.resume(again, sink)
        assert shown.session.memory.watch_secret == secret
        shown.speaking = shown.group.create_task(shown.session.conversation.run())
        seat = await shown.watch(from_=WatchFrom.START)
        shown.speak(2, "Two.")
        await asyncio.sleep(10)
        second = b"".join(m.audio for m in sink.sent if isinstance(m, Chunk))  # type: ignore[misc]
        assert (seat.audio(1), seat.audio(2)) == (first, second)


async def test_what_broke_off_there_and_is_still_to_be_spoken_here_is_watched_as_it_is_spoken() -> (
    None
):
    async with theatre(per_character=500) as shown:
        shown.speak(1, TEXT)
        shown.speak(2, "Two.")
        await asyncio.sleep(3)
        shown.speaking.cancel()
        shown.end(1012)
        shown.host.registry.close()  # That server ends: both are recorded as broken off.
        found, sink = recounted(shown), FakeSink()

        async def take_up(id: UUID, **asked: object) -> LoggedSession:
            return found.logged

        async def recount(id: UUID, watch_secret: str) -> Recounted:
            return found

        shown.host = replace(another_host(shown), take_up=take_up, recount=recount)
        begin = Position(utterance=1, segment=0, span=(0, 0), start=0, sample=0)
        again = Resume(id=str(shown.session.id), secret="x", position=begin)
        shown.session = await shown.host.resume(again, sink)
        shown.speaking = shown.group.create_task(shown.session.conversation.run())
        await asyncio.sleep(1)
        seat = await shown.watch(from_=WatchFrom.START)
        await asyncio.sleep(60)
        assert audio_of(2, seat.heard) == audio_of(2, sink.sent) != b""
        assert audio_of(1, seat.heard) == audio_of(1, sink.sent) != b""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from uuid import UUID

import pytest

from lipwire_protocol import (
    SETS,
    Accepted,
    Bye,
    EndReason,
    ErrorCode,
    FrameMode,
    Frames,
    Hello,
    Limits,
    LipwireError,
    Ready,
    Speak,
    Timing,
    Warning,
)
from lipwire_server.session.account import FREE
from lipwire_server.session.registry import sha256
from lipwire_server.session.terms import FEATURES
from lipwire_server.speech.text.segmenter import MAX_SEGMENT
from lipwire_server.stopping import stop
from lipwire_server.store.records import Record, SessionResumed
from tests.fakes import SECRET, FakeSink, FakeSynthesis, fake_host
from tests.server.session.lines import Line, Lines, lines

pytestmark = pytest.mark.virtual_time


def warnings(sink: FakeSink) -> list[Warning]:
    return [message for message in sink.sent if isinstance(message, Warning)]


async def test_ready_reads_the_terms_back() -> None:
    sink = FakeSink()
    session = fake_host(FakeSynthesis()).open(Hello(rate_percent=120, seed=5), sink)
    (ready,) = sink.sent
    assert isinstance(ready, Ready)
    assert session.id == UUID(int=1)
    assert (ready.session.id, ready.session.secret) == (str(session.id), SECRET)
    assert not ready.session.resumed
    assert (ready.voice.name, ready.voice.sample_rate) == ("fake", 1_000)
    assert (ready.rate_percent, ready.seed) == (120, 5)
    assert ready.sets == {"oculus": SETS["oculus"]}
    assert ready.limits == Limits()
    assert ready.features == FEATURES


class Payer:
    """One who shows a key."""

    def __init__(self, key: str) -> None:
        self.key = key

    def check_again(self) -> None:
        pass

    def owe_again(self, characters: int) -> None:
        pass


async def test_the_machine_is_shared_between_keys_and_not_between_their_sessions() -> None:
    synthesis, hello = FakeSynthesis(), Speak(utterance=1, text="Hello.", end=True)
    host = fake_host(synthesis)
    for payer in (Payer("theirs"), Payer("theirs"), Payer("ours"), FREE):
        session = host.open(Hello(), FakeSink(), payer=payer)
        async with asyncio.TaskGroup() as group:
            group.create_task(session.conversation.run())
            await session.conversation.follow(hello)
            await session.conversation.follow(Bye())
    shares = [listener.key for listener in synthesis.listeners]
    assert shares == ["theirs", "theirs", "ours", str(session.id)]


async def test_ready_names_only_the_sets_that_are_in_use() -> None:
    sink = FakeSink()
    fake_host(FakeSynthesis()).open(Hello(timing=Timing(visemes=())), sink)
    assert isinstance(sink.sent[0], Ready)
    assert sink.sent[0].sets == {}


async def test_what_cannot_be_done_is_said_after_ready() -> None:
    sink = FakeSink()
    gif = Frames(mode=FrameMode.FULL, mime="image/gif")
    hello = Hello(frames=gif, timing=Timing(visemes=("arkit",)))
    fake_host(FakeSynthesis()).open(hello, sink)
    assert isinstance(sink.sent[0], Ready)
    assert [w.code for w in warnings(sink)] == [ErrorCode.UNSUPPORTED] * 2
    assert all(w.message.startswith("this server does not do ") for w in warnings(sink))


async def test_a_client_learns_that_nothing_is_stored() -> None:
    sink = FakeSink()
    fake_host(FakeSynthesis(), fault="no disk").open(Hello(), sink)
    (warning,) = warnings(sink)
    assert warning.code is ErrorCode.STORAGE_UNAVAILABLE
    assert "no disk" in warning.message


async def test_who_does_not_want_to_be_stored_need_not_know() -> None:
    sink = FakeSink()
    fake_host(FakeSynthesis(), fault="no disk").open(Hello(persist=False), sink)
    assert warnings(sink) == []


async def test_a_refused_session_leaves_no_trace() -> None:
    sink, records = FakeSink(), list[Record]()
    with pytest.raises(LipwireError):
        fake_host(FakeSynthesis(), records).open(Hello(voice="nobody"), sink)
    assert (sink.sent, records) == ([], [])


async def test_sessions_have_their_own_ids() -> None:
    host = fake_host(FakeSynthesis())
    assert host.open(Hello(), FakeSink()).id != host.open(Hello(), FakeSink()).id


def test_the_segmenter_cuts_where_ready_says() -> None:
    assert Limits().segment_text == MAX_SEGMENT


async def test_a_session_that_ends_makes_room_for_whole_pictures_of_another() -> None:
    hello = Hello(frames=Frames(mode=FrameMode.FULL, size=64, fps=5))
    host = fake_host(FakeSynthesis(), full_frames=1)
    first = host.open(hello, FakeSink())
    told = FakeSink()
    host.open(hello, told)
    (warning,) = warnings(told)
    assert warning.code is ErrorCode.OVERLOADED
    assert isinstance(told.sent[0], Ready)
    assert told.sent[0].frames.mode is FrameMode.NONE
    first.conversation.abandon(EndReason.DONE)
    third = FakeSink()
    host.open(hello, third)
    assert warnings(third) == []


class SlowDatabase:
    """What is recorded is safe only once `write` is called."""

    def __init__(self, records: list[Record]) -> None:
        self._records = records
        self._unsafe: list[Callable[[], None]] = []

    def record(self, item: Record, settled: Callable[[], None] | None = None, /) -> None:
        self._records.append(item)
        if settled is not None:
            self._unsafe.append(settled)

    def write(self) -> None:
        while self._unsafe:
            self._unsafe.pop(0)()


@asynccontextmanager
async def lost() -> AsyncIterator[tuple[Lines, SlowDatabase, Line]]:
    """Somebody who said one thing, and whose connection is gone."""
    async with lines() as server:
        database = SlowDatabase(server.records)
        server.host = replace(server.host, record=database.record)
        first = server.open()
        first.speak(1, "Hello there.", number=1)
        server.lose(first)
        yield server, database, first


async def test_nobody_is_told_of_a_secret_that_a_crash_would_take() -> None:
    async with lost() as (server, database, first):
        coming = asyncio.create_task(server.resume(first.ready, first.heard))
        await asyncio.sleep(1)
        assert not coming.done()
        database.write()
        second = await coming
        assert second.ready.session.resumed
        (noted,) = [record for record in server.records if isinstance(record, SessionResumed)]
        assert noted.secret_sha256 == sha256(second.ready.session.secret or "")


async def test_ready_comes_first_and_names_the_texts_that_were_safe_by_then() -> None:
    async with lost() as (server, database, first):
        coming = asyncio.create_task(server.resume(first.ready, first.heard))
        await asyncio.sleep(1)
        database.write()
        second = await coming
        second.speak(2, "Good bye.", number=2)
        database.write()
        await asyncio.sleep(0.1)
        assert isinstance(second.heard[0], Ready)
        assert second.ready.session.received == (1,)
        assert [accepted.number for accepted in second.all(Accepted)] == [2]


async def test_who_resumes_waits_for_a_database_no_longer_than_two_seconds() -> None:
    async with lost() as (server, _, first):
        began = asyncio.get_running_loop().time()
        await server.resume(first.ready, first.heard)
        assert asyncio.get_running_loop().time() - began == 2


async def test_who_goes_while_his_secret_is_written_can_come_again() -> None:
    async with lost() as (server, _, first):
        coming = asyncio.create_task(server.resume(first.ready, first.heard))
        await asyncio.sleep(1)
        await stop(coming)
        assert server.host.registry.waiting == 1
        second = await server.resume(first.ready, first.heard)
        assert second.ready.session.resumed


async def test_of_two_whose_secrets_are_being_written_the_later_one_goes_on() -> None:
    async with lost() as (server, database, first):
        early = asyncio.create_task(server.resume(first.ready, first.heard))
        await asyncio.sleep(0.1)
        late = asyncio.create_task(server.resume(first.ready, first.heard))
        await asyncio.sleep(0.1)
        database.write()
        with pytest.raises(LipwireError) as refused:
            await early
        assert refused.value.code is ErrorCode.TAKEN_OVER
        assert (await late).session is server.host.registry.current(first.session.id)

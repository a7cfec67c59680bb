import asyncio
from uuid import UUID

import pytest

from lipwire_protocol import (
    SETS,
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
from lipwire_server.session.terms import FEATURES
from lipwire_server.speech.text.segmenter import MAX_SEGMENT
from lipwire_server.store.records import Record
from tests.fakes import SECRET, FakeSink, FakeSynthesis, fake_host

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

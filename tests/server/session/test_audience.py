"""What an audience is sent. With frames: threads draw them, so time is real here."""

import asyncio
from collections.abc import Callable
from typing import Any

import pytest
from msgspec import structs

from lipwire_client import OrderChecker
from lipwire_protocol import (
    JSON,
    MSGPACK,
    Chunk,
    Codec,
    EndReason,
    ErrorCode,
    Flow,
    FlowMode,
    FrameCounts,
    FrameMode,
    Frames,
    Hello,
    Idle,
    Interrupted,
    Ledger,
    LipwireError,
    Segment,
    SegmentEnded,
    ServerMessage,
    Sprites,
    UtteranceEnded,
    UtteranceStarted,
    WireFormat,
    tag,
)
from lipwire_server.session.audience import Audience, Shared
from tests.server.session.watchers import theatre

FRAMES = Frames(mode=FrameMode.SPRITES, size=64, fps=25)
OFF = Hello(flow=Flow(mode=FlowMode.OFF))
LEDGER = Ledger(received=0, queued=0, phonemized=0, encoded=0)


class Outlet:
    """Takes so many messages, as if nothing were read of them."""

    def __init__(self, room: int = 1_000) -> None:
        self.room = room
        self.congested = False
        self.got: list[ServerMessage] = []
        self.faults: list[LipwireError] = []
        self._order = OrderChecker()

    def offer(self, message: Shared) -> bool:
        if len(self.got) >= self.room:
            return False
        self._order.check(structs.replace(message.message, seq=len(self.got) + 1))
        self.got.append(message.message)
        return True

    def insist(self, message: Shared) -> bool:
        return self.offer(message)

    async def share(self, message: Shared) -> None:
        self.offer(message)

    def tags(self) -> list[str]:
        return [tag(message) for message in self.got]


class Clock:
    """Where the audience is."""

    def __init__(self) -> None:
        self.heard = 0

    def __call__(self) -> int:
        return self.heard


def segment(number: int, start: int, count: int, utterance: int = 1) -> Segment:
    return Segment(
        utterance=utterance,
        segment=number,
        start=start,
        count=count,
        text="a",
        span=(number, number + 1),
        visemes={},
        ledger=LEDGER,
    )


def chunk(number: int, start: int, count: int, utterance: int = 1) -> Chunk:
    audio = bytes(2 * count)
    return Chunk(utterance=utterance, segment=number, start=start, count=count, audio=audio)


def segment_ended(number: int, count: int, utterance: int = 1) -> SegmentEnded:
    counts = FrameCounts(sent=0, dropped=0)
    return SegmentEnded(
        utterance=utterance,
        segment=number,
        count=count,
        ledger=LEDGER,
        frames=counts,
        cached=False,
    )


def ended(count: int, utterance: int = 1) -> UtteranceEnded:
    return UtteranceEnded(utterance=utterance, count=count, reason=EndReason.DONE)


UTTERANCE: list[ServerMessage] = [
    UtteranceStarted(utterance=1, at=0),
    segment(0, 0, 30),
    chunk(0, 0, 10),
    chunk(0, 10, 10),
    chunk(0, 20, 10),
    segment_ended(0, 30),
    segment(1, 30, 20),
    chunk(1, 30, 10),
    chunk(1, 40, 10),
    segment_ended(1, 20),
    ended(50),
]


async def played(codec: Codec, sent: int, heard: int) -> tuple[Audience, Clock]:
    clock = Clock()
    audience = Audience(codec, clock)
    for message in UTTERANCE[:sent]:
        await audience.media(message)
    clock.heard = heard
    return audience, clock


def lose(outlet: Outlet) -> Callable[[LipwireError], None]:
    return outlet.faults.append


@pytest.mark.parametrize("heard", range(0, 51, 5))
@pytest.mark.parametrize("sent", range(len(UTTERANCE) + 1))
@pytest.mark.parametrize("codec", [Codec.PCM_S16LE, Codec.OPUS])
async def test_who_joins_at_any_time_gets_what_keeps_the_order(
    codec: Codec, sent: int, heard: int
) -> None:
    so_far = sum(m.count for m in UTTERANCE[:sent] if isinstance(m, Chunk))
    audience, _ = await played(codec, sent, min(heard, so_far))
    outlet = Outlet()  # It checks the order.
    audience.join(outlet, lose(outlet))
    for message in UTTERANCE[sent:]:
        await audience.media(message)
    if sent < len(UTTERANCE) or heard < so_far:
        assert outlet.tags()[-1] == "utterance_ended"
    chunks = [message for message in outlet.got if isinstance(message, Chunk)]
    if codec is Codec.PCM_S16LE and heard < 50:
        first = chunks[0] if chunks else None
        assert first is not None
        assert first.start <= max(heard, so_far if heard >= so_far else heard)
    if chunks and codec is Codec.OPUS:
        assert chunks[0].start in (0, 30)


async def test_of_what_was_interrupted_nobody_who_joins_hears() -> None:
    audience, _ = await played(Codec.PCM_S16LE, 5, 0)
    cut = Interrupted(
        utterance=1, heard=5, sent=30, text_spoken="", text_remaining="a", character=0
    )
    await audience.media(cut)
    late = Outlet()
    await audience.media(structs.replace(ended(30), reason=EndReason.INTERRUPTED))
    audience.join(late, lose(late))
    await audience.media(UtteranceStarted(utterance=2, at=30))
    assert late.tags() == ["utterance_started"]


async def test_an_earlier_utterance_that_is_interrupted_leaves_the_later_one_to_be_joined() -> None:
    audience, clock = await played(Codec.PCM_S16LE, len(UTTERANCE), 45)
    await audience.media(UtteranceStarted(utterance=2, at=50))
    await audience.media(segment(0, 0, 10, utterance=2))
    await audience.media(chunk(0, 0, 10, utterance=2))
    audience.control(
        Interrupted(utterance=1, heard=5, sent=50, text_spoken="", text_remaining="", character=0)
    )
    outlet = Outlet()
    audience.join(outlet, lose(outlet))
    assert outlet.tags() == ["utterance_started", "segment", "chunk"]
    assert clock.heard == 45


async def test_who_has_no_room_is_lost_and_the_others_are_not() -> None:
    audience = Audience(Codec.PCM_S16LE, Clock())
    small, large = Outlet(room=3), Outlet()
    audience.join(small, lose(small))
    audience.join(large, lose(large))
    for message in UTTERANCE:
        await audience.media(message)
    assert [fault.code for fault in small.faults] == [ErrorCode.SLOW_CONSUMER]
    assert (len(small.got), len(large.got), len(audience)) == (3, len(UTTERANCE), 1)


@pytest.mark.parametrize("format_", [MSGPACK, JSON], ids=["msgpack", "json"])
async def test_a_message_is_packed_once_for_all(format_: WireFormat) -> None:
    message = chunk(0, 0, 10)
    shared = Shared(message)
    for seq in (1, 70_000):
        assert shared.packed(format_).encode(seq) == format_.encode(
            structs.replace(message, seq=seq)
        )
    assert len(shared._packed) == 1


async def test_it_takes_nothing_back_and_counts_as_taken_at_once() -> None:
    audience = Audience(Codec.PCM_S16LE, Clock())
    left = list[str]()
    await audience.media(UTTERANCE[0], lambda: left.append("left"))
    assert left == ["left"]
    assert audience.withdraw(1) == []


async def until(condition: Callable[[], Any]) -> None:
    async with asyncio.timeout(60):
        while not condition():  # noqa: ASYNC110
            await asyncio.sleep(0.005)


async def test_frames_come_with_the_sprites_that_they_need_also_to_who_joins_late() -> None:
    async with theatre(OFF) as shown:
        first = await shown.watch(frames=FRAMES)
        await until(lambda: first.all(Idle))
        shown.speak(1, "Hello there.")
        await until(lambda: first.all(Chunk))
        late = await shown.watch(frames=FRAMES)  # Its order is checked: no sprite is missing.
        await until(lambda: late.all(UtteranceEnded))
        assert late.all(Sprites)
        assert late.all(Idle)
        assert any(message.frames for message in late.all(Chunk))
        assert len(shown.synthesis.listeners) == 2


async def test_who_reads_slowly_is_sent_no_frames_and_they_are_counted() -> None:
    async with theatre(OFF) as shown:
        slow, quick = await shown.watch(frames=FRAMES), await shown.watch(frames=FRAMES)
        slow.congested = True
        shown.speak(1, "Hello there.")
        await until(lambda: quick.all(UtteranceEnded))
        assert slow.audio() == quick.audio() != b""
        assert not any(message.frames for message in slow.all(Chunk))
        counts = slow.one(SegmentEnded).frames
        assert counts.sent == 0
        assert counts.dropped == quick.one(SegmentEnded).frames.sent > 0

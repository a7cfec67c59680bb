import asyncio

import pytest
from msgspec import structs

from lipwire_protocol import (
    Chunk,
    EndReason,
    Idle,
    Picture,
    Pong,
    ServerMessage,
    Sprite,
    Sprites,
    UtteranceEnded,
    UtteranceStarted,
)
from lipwire_server.session.audience import Shared
from lipwire_server.ws.outbox import Outbox

pytestmark = pytest.mark.virtual_time


def chunk(utterance: int, count: int, size: int = 0) -> Chunk:
    return Chunk(utterance=utterance, segment=0, start=0, count=count, audio=bytes(size))


def pong(stamp: int) -> Pong:
    return Pong(stamp=stamp, now_ms=0)


def ended(utterance: int) -> UtteranceEnded:
    return UtteranceEnded(utterance=utterance, count=0, reason=EndReason.DONE)


class Line:
    """Takes what is posted, while it is free."""

    def __init__(self) -> None:
        self.free = True
        self.posted: list[ServerMessage | Shared] = []

    def post(self, item: ServerMessage | Shared) -> bool:
        if self.free:
            self.posted.append(item)
        return self.free


async def everything(outbox: Outbox) -> list[ServerMessage]:
    outbox.finish()
    messages: list[ServerMessage] = []
    while (item := await outbox.next()) is not None:
        messages.append(item.message if isinstance(item, Shared) else item)
    return messages


async def test_media_keeps_its_order() -> None:
    outbox = Outbox(1_000)
    timeline: list[ServerMessage] = [UtteranceStarted(utterance=1, at=0), chunk(1, 10), ended(1)]
    for message in timeline:
        await outbox.media(message)
    assert await everything(outbox) == timeline


async def test_control_messages_go_before_media_in_their_own_order() -> None:
    outbox = Outbox(1_000)
    await outbox.media(chunk(1, 10))
    outbox.control(pong(1))
    outbox.control(pong(2))
    assert await everything(outbox) == [pong(1), pong(2), chunk(1, 10)]


async def test_next_waits_for_a_message() -> None:
    outbox = Outbox(1_000)
    waiting = asyncio.ensure_future(outbox.next())
    await asyncio.sleep(1)
    assert not waiting.done()
    outbox.control(pong(1))
    assert await waiting == pong(1)


@pytest.mark.parametrize(("count", "size"), [(100, 0), (0, 4_000)], ids=["samples", "bytes"])
async def test_media_waits_while_the_lane_is_full(count: int, size: int) -> None:
    outbox = Outbox(150, max_bytes=9_000)
    for _ in range(2):
        await outbox.media(chunk(1, count, size))
    adding = asyncio.ensure_future(outbox.media(chunk(2, count, size)))
    await asyncio.sleep(1)
    assert not adding.done()
    outbox.control(pong(1))
    await outbox.next()
    await asyncio.sleep(1)
    assert not adding.done()
    await outbox.next()
    await adding
    assert outbox.samples == 2 * count


async def test_messages_without_media_are_bounded_too() -> None:
    outbox = Outbox(150, max_bytes=4 * 1_024)
    adding = [asyncio.ensure_future(outbox.media(ended(n))) for n in range(9)]
    await asyncio.sleep(1)
    assert [task.done() for task in adding] == [True] * 5 + [False] * 4
    assert len(await everything(outbox)) == 5
    await asyncio.gather(*adding)


async def test_one_who_is_cancelled_while_waiting_adds_nothing() -> None:
    outbox = Outbox(10)
    await outbox.media(chunk(1, 100))
    adding = asyncio.ensure_future(outbox.media(chunk(2, 1)))
    await asyncio.sleep(0)
    adding.cancel()
    assert outbox.withdraw(1) == [chunk(1, 100)]
    await asyncio.sleep(1)
    assert adding.cancelled()
    assert outbox.samples == 0


async def test_what_waits_of_an_utterance_is_taken_back_and_makes_room() -> None:
    outbox = Outbox(100)
    for message in (chunk(1, 60), chunk(2, 50), ended(1)):
        if outbox.samples <= 100:
            await outbox.media(message)
    adding = asyncio.ensure_future(outbox.media(ended(1)))
    await asyncio.sleep(1)
    assert not adding.done()
    assert outbox.withdraw(1) == [chunk(1, 60)]
    await adding
    assert outbox.withdraw(9) == []
    assert outbox.samples == 50
    assert await everything(outbox) == [chunk(2, 50), ended(1)]


async def test_control_messages_are_never_refused_but_their_asker_waits() -> None:
    outbox = Outbox(100, max_control=3)
    for stamp in range(5):
        outbox.control(pong(stamp))
    room = asyncio.ensure_future(outbox.room())
    for _ in range(2):
        await asyncio.sleep(1)
        assert not room.done()
        await outbox.next()
    await outbox.next()
    await room


async def test_after_finish_what_waits_still_leaves() -> None:
    outbox = Outbox(100)
    await outbox.media(chunk(1, 10))
    outbox.finish()
    assert outbox.finished
    assert await outbox.next() == chunk(1, 10)
    assert await outbox.next() is None


async def test_finish_wakes_the_one_who_writes() -> None:
    outbox = Outbox(100)
    waiting = asyncio.ensure_future(outbox.next())
    await asyncio.sleep(1)
    outbox.finish()
    assert await waiting is None


async def test_what_is_discarded_never_leaves_and_nobody_waits_for_it() -> None:
    outbox = Outbox(10, max_control=1)
    await outbox.media(chunk(1, 100))
    adding = asyncio.ensure_future(outbox.media(chunk(1, 100)))
    outbox.control(pong(1))
    asking = asyncio.ensure_future(outbox.room())
    await asyncio.sleep(1)
    outbox.finish(discard=True)
    await asyncio.gather(adding, asking)
    await outbox.media(chunk(1, 100))
    assert outbox.samples == 0
    assert [await outbox.next(), await outbox.next()] == [pong(1), None]


async def test_what_is_seen_weighs_as_well() -> None:
    sprite = Sprite(
        id=0, key="", mime="image/webp", width=1, height=1, x=0, y=0, data=bytes(60_000)
    )
    picture = Picture(0, True, bytes(60_000))
    for message in (
        Sprites(sprites=(sprite,)),
        Idle(count=1, pictures=(picture,)),
        structs.replace(chunk(1, 1), pictures=(picture,)),
    ):
        outbox = Outbox(1_000, max_bytes=100_000)
        assert not outbox.congested
        await outbox.media(message)
        assert outbox.congested
        await outbox.next()
        assert not outbox.congested


async def test_half_of_what_may_wait_is_congestion() -> None:
    outbox = Outbox(1_000)
    await outbox.media(chunk(1, 500))
    assert not outbox.congested
    await outbox.media(chunk(1, 1))
    assert outbox.congested


async def test_what_others_are_sent_too_keeps_the_order_and_is_not_taken_back() -> None:
    outbox = Outbox(1_000)
    await outbox.media(chunk(1, 10))
    assert outbox.offer(Shared(chunk(1, 20)))
    await outbox.share(Shared(ended(1)))
    assert outbox.samples == 30
    assert outbox.withdraw(1) == [chunk(1, 10)]
    assert outbox.samples == 20
    assert await everything(outbox) == [chunk(1, 20), ended(1)]


async def test_what_is_offered_does_not_wait_for_room() -> None:
    outbox = Outbox(100)
    assert outbox.offer(Shared(chunk(1, 101)))
    assert not outbox.offer(Shared(chunk(1, 1)))
    await outbox.next()
    assert outbox.offer(Shared(chunk(1, 1)))
    outbox.finish(discard=True)
    assert outbox.offer(Shared(chunk(1, 1)))
    assert await everything(outbox) == []


async def test_what_is_insisted_on_needs_no_room_but_some_reader() -> None:
    outbox = Outbox(100)
    assert outbox.offer(Shared(chunk(1, 101)))
    while outbox.insist(Shared(ended(1))):
        pass
    messages = await everything(outbox)
    assert len(messages) == 4_096
    assert messages[1:3] == [ended(1), ended(1)]


async def test_what_is_shared_waits_for_room() -> None:
    outbox = Outbox(100)
    await outbox.share(Shared(chunk(1, 101)))
    waiting = asyncio.create_task(outbox.share(Shared(chunk(1, 1))))
    await asyncio.sleep(1)
    assert not waiting.done()
    await outbox.next()
    await waiting


async def test_sprites_that_are_offered_have_room_always_and_take_none() -> None:
    outbox = Outbox(100, max_bytes=10_000)
    sprite = Sprite(
        id=1, key="k", mime="image/webp", width=1, height=1, x=0, y=0, data=bytes(20_000)
    )
    for _ in range(3):
        assert outbox.offer(Shared(Sprites(sprites=(sprite,))))
    assert not outbox.congested
    assert outbox.offer(Shared(chunk(1, 101)))
    assert outbox.congested
    assert len(await everything(outbox)) == 4
    assert not outbox.congested


async def test_media_is_posted_when_everything_before_it_has_left() -> None:
    line, left = Line(), []
    outbox = Outbox(100, post=line.post)
    waiting = asyncio.ensure_future(outbox.next())
    await asyncio.sleep(0)
    for message in (chunk(1, 100), chunk(1, 50), chunk(1, 100)):
        await outbox.media(message, lambda: left.append(len(line.posted)))
    assert outbox.offer(shared := Shared(chunk(1, 10)))
    assert line.posted == [chunk(1, 100), chunk(1, 50), chunk(1, 100), shared]
    assert left == [1, 2, 3]
    assert not outbox.samples
    assert not waiting.done()
    assert not await everything(outbox)


async def test_nothing_is_posted_before_somebody_takes_messages() -> None:
    line = Line()
    outbox = Outbox(100, post=line.post)
    await outbox.media(chunk(1, 10))
    assert not line.posted
    assert await everything(outbox) == [chunk(1, 10)]


async def test_what_is_posted_overtakes_nothing() -> None:
    line = Line()
    outbox = Outbox(100, post=line.post)
    waiting = asyncio.ensure_future(outbox.next())
    await asyncio.sleep(0)
    line.free = False
    await outbox.media(chunk(1, 1))
    line.free = True
    await outbox.media(chunk(1, 2))
    assert await waiting == chunk(1, 1)
    await outbox.media(chunk(1, 3))
    assert not line.posted
    assert await everything(outbox) == [chunk(1, 2), chunk(1, 3)]


async def test_what_is_posted_does_not_overtake_an_answer() -> None:
    line = Line()
    outbox = Outbox(100, post=line.post)
    waiting = asyncio.ensure_future(outbox.next())
    await asyncio.sleep(0)
    outbox.control(pong(1))
    await outbox.media(chunk(1, 1))
    assert await waiting == pong(1)
    assert await everything(outbox) == [chunk(1, 1)]
    assert not line.posted


async def test_after_the_end_nothing_is_posted() -> None:
    line = Line()
    outbox = Outbox(100, post=line.post)
    waiting = asyncio.ensure_future(outbox.next())
    await asyncio.sleep(0)
    outbox.finish(discard=True)
    await outbox.media(chunk(1, 1))
    assert await waiting is None
    assert not line.posted

import asyncio
import socket
import time

import pytest

from lipwire_protocol import (
    Chunk,
    LipwireError,
    Segment,
    ServerMessage,
    Split,
    TextOptions,
    Timing,
    UtteranceStarted,
    UtteranceState,
)
from lipwire_server.edge.loop import new_event_loop
from lipwire_server.session.score import segment_message
from lipwire_server.session.utterance import FlushMark, Utterance
from lipwire_server.speech.text.reader import Reader
from lipwire_server.speech.text.segment import Segment as TextSegment
from tests.fakes import plan_of

pytestmark = pytest.mark.virtual_time


def utterance(**options: int) -> Utterance:
    read = TextOptions(**options)  # type: ignore[arg-type]
    return Utterance(1, Reader(read), read.idle_flush_ms)


async def everything(spoken: Utterance) -> list[str]:
    spoken.close()
    items = []
    while (item := await spoken.next()) is not None:
        items.append("|" if isinstance(item, FlushMark) else item.text)
    return items


async def test_text_becomes_segments_in_order() -> None:
    spoken = utterance()
    for piece in ("Hel", "lo. Good ", "bye."):
        spoken.append(piece, 0, last=False)
    assert spoken.text == "Hello. Good bye."
    assert await everything(spoken) == ["Hello.", "Good bye."]
    assert await spoken.next() is None


async def test_segments_lie_where_their_text_is() -> None:
    spoken = utterance()
    spoken.append("  Grüß Gott. \n 👋 Hello.  ", 0, last=False)
    spoken.close()
    while isinstance(item := await spoken.next(), TextSegment):
        assert spoken.text[item.begin : item.end] == item.text


async def test_a_mark_stands_where_the_flush_was_asked_for() -> None:
    spoken = utterance()
    spoken.append("Hello. Good", 0, last=False)
    spoken.flush(mark=True)
    spoken.append(" bye.", 0, last=False)
    spoken.flush(mark=True)
    assert await everything(spoken) == ["Hello.", "Good", "|", "bye.", "|"]


async def test_without_splitting_everything_is_one_segment() -> None:
    spoken = Utterance(1, Reader(TextOptions(split=Split.NONE)), 500)
    spoken.append("Hello. Good bye.", 0, last=False)
    assert await everything(spoken) == ["Hello. Good bye."]


async def test_text_that_stands_still_is_taken_for_complete() -> None:
    spoken = utterance(idle_flush_ms=200)
    spoken.append("Hello", 0, last=False)
    item = await spoken.next()
    assert isinstance(item, TextSegment)
    assert asyncio.get_running_loop().time() == pytest.approx(0.2)


@pytest.mark.parametrize("is_first", [False, True])
async def test_text_that_comes_when_the_time_is_up_is_not_cut_off(is_first: bool) -> None:
    loop, spoken = asyncio.get_running_loop(), utterance(idle_flush_ms=200)
    spoken.append("Hello the", 0, last=False)

    def come() -> None:
        spoken.append("re, I", 0, last=False)

    if is_first:
        loop.call_at(0.2, come)
    waiting = asyncio.ensure_future(spoken.next())
    await asyncio.sleep(0)  # It has set its own alarm.
    if not is_first:
        loop.call_at(0.2, come)
    item = await waiting
    assert isinstance(item, TextSegment) and item.text == "Hello there, I"
    assert loop.time() == pytest.approx(0.4)


def test_text_that_lies_in_a_socket_while_the_loop_is_held_up_has_come_in_time() -> None:
    async def listen(ours: socket.socket, theirs: socket.socket) -> str:
        reader, writer = await asyncio.open_connection(sock=ours)
        spoken = utterance(idle_flush_ms=50)
        spoken.append("Hello the", 0, last=False)
        waiting = asyncio.ensure_future(spoken.next())
        reading = asyncio.ensure_future(reader.readline())
        reading.add_done_callback(lambda _: spoken.append(reading.result().decode(), 0, last=True))
        await asyncio.sleep(0)
        theirs.sendall(b"re.\n")
        time.sleep(0.1)  # noqa: ASYNC251
        item = await waiting
        writer.close()
        assert isinstance(item, TextSegment)
        return item.text

    for _ in range(3):
        ours, theirs = socket.socketpair()
        with theirs, asyncio.Runner(loop_factory=new_event_loop) as runner:
            assert runner.run(listen(ours, theirs)) == "Hello there."


async def test_an_utterance_without_text_waits_for_it() -> None:
    spoken = utterance(idle_flush_ms=200)
    waiting = asyncio.ensure_future(spoken.next())
    await asyncio.sleep(60)
    assert not waiting.done()
    spoken.close()
    assert await waiting is None


async def test_what_waits_is_counted_until_it_is_taken() -> None:
    spoken = utterance()
    assert spoken.waiting == 0
    spoken.append("Hello. Good", 0, last=False)
    assert spoken.waiting == 10
    await spoken.next()
    assert spoken.waiting == 4
    spoken.close()
    await spoken.next()
    assert spoken.waiting == 0


async def test_white_space_is_nothing_to_wait_for() -> None:
    spoken = utterance()
    spoken.append(" \n ", 0, last=False)
    assert not spoken.waiting


async def test_times_of_the_first_and_the_last_text_are_kept() -> None:
    spoken = utterance()
    for at in (5, 6, 9):
        spoken.append("x", at, last=False)
    assert (spoken.stamps.first_text_ns, spoken.stamps.last_text_ns) == (5, 9)


async def test_a_message_out_of_order_is_a_bug_that_shows() -> None:
    spoken = utterance()
    spoken.advance(UtteranceStarted(utterance=1, at=0))
    assert spoken.state is UtteranceState.STARTED
    with pytest.raises(LipwireError):
        spoken.advance(UtteranceStarted(utterance=1, at=0))


async def test_what_did_not_leave_is_forgotten() -> None:
    spoken = utterance()
    segments = []
    for text in ("One.", "Two."):
        segment = segment_message(
            spoken,
            TextSegment(text, 0, 4),
            plan_of(text, 10),
            0,
            timing=Timing(),
            voice_rate=1_000,
            rate=1_000,
        )
        spoken.add(segment)
        spoken.sent += 40
        segments.append(segment)
    lost: list[ServerMessage] = [
        Chunk(utterance=1, segment=0, start=30, count=10, audio=b""),
        segments[1],
        Chunk(utterance=1, segment=1, start=40, count=40, audio=b""),
    ]
    spoken.withdraw(lost, 50)
    assert [segment.text for segment in spoken.segments] == ["One."]
    assert [word.text for word in spoken.words] == ["One"]
    assert spoken.sent == 30
    assert isinstance(segments[0], Segment)

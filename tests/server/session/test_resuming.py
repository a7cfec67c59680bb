"""Going on where a connection broke off, in the same process."""

import asyncio

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lipwire_protocol import (
    Chunk,
    EndReason,
    Flow,
    FlowMode,
    Hello,
    Segment,
    SegmentEnded,
    ServerMessage,
    UtteranceEnded,
)
from tests.conftest import VirtualTimeLoop
from tests.server.session.lines import audio_of, lines

pytestmark = pytest.mark.virtual_time

TEXT = "Hello there. Good bye now, my friend. And more."


async def undisturbed(*pieces: str, **hello: object) -> list[ServerMessage]:
    async with lines() as server:
        line = server.open(Hello(flow=Flow(mode=FlowMode.OFF), **hello))  # type: ignore[arg-type]
        for index, piece in enumerate(pieces):
            line.speak(1, piece, end=index == len(pieces) - 1)
        await asyncio.sleep(60)
        return line.heard


async def test_a_stream_goes_on_at_the_sample_at_which_it_broke_off() -> None:
    whole = await undisturbed(TEXT)
    async with lines(window_after=0.5) as server:
        first = server.open()
        first.speak(1, TEXT)
        await asyncio.sleep(1.2)
        server.lose(first)
        assert first.all(Chunk)
        assert not first.all(SegmentEnded)
        second = await server.resume(first.ready, first.heard)
        await asyncio.sleep(60)
        assert second.ready.session.resumed
        assert isinstance(second.heard[1], Chunk)
        assert second.heard[1].start == sum(chunk.count for chunk in first.all(Chunk))
        assert audio_of(1, first.heard, second.heard) == audio_of(1, whole)
        assert [s.span for s in first.all(Segment) + second.all(Segment)] == [
            s.span for s in whole if isinstance(s, Segment)
        ]
        assert second.one(UtteranceEnded).reason is EndReason.DONE


@settings(max_examples=60, deadline=None)
@given(data=st.data())
def test_wherever_it_is_cut_the_bytes_are_the_same(data: st.DataObject) -> None:
    async def run() -> None:
        text = data.draw(st.sampled_from([TEXT, "One two three.", "Yes. No. Why? Go on and on!"]))
        cuts = sorted(data.draw(st.lists(st.integers(0, len(text)), max_size=4)))
        pieces = [text[a:b] for a, b in zip([0, *cuts], [*cuts, len(text)], strict=True)]
        whole = await undisturbed(*pieces)
        async with lines(window_after=0.5) as server:
            line = server.open()
            for piece in pieces[:-1]:
                line.speak(1, piece, end=False)
            line.speak(1, pieces[-1], end=True)
            heard = [line.heard]
            for seconds in data.draw(st.lists(st.floats(0, 3), max_size=5)):
                await asyncio.sleep(seconds)
                server.lose(line)
                everything = [message for part in heard for message in part]
                line = await server.resume(line.ready, everything)
                heard.append(line.heard)
            await asyncio.sleep(60)
            assert audio_of(1, *heard) == audio_of(1, whole)
            ends = [m for part in heard for m in part if isinstance(m, UtteranceEnded)]
            assert len(ends) == 1

    with asyncio.Runner(loop_factory=VirtualTimeLoop) as runner:
        runner.run(run())

import asyncio
from typing import Any

import numpy as np
import pytest

from lipwire_protocol import Chunk, ErrorCode, Hello, Idle, LipwireError
from lipwire_server.session.host import Host
from lipwire_server.session.recital import Recital
from lipwire_server.store.records import Record, SessionEnded, UtteranceRecord
from tests.fakes import FakeSynthesis, fake_host
from tests.server.session.stage import OFF

TEXT = "Hello there. Good bye."
pytestmark = pytest.mark.virtual_time


class Taker:
    """Keeps what it is given."""

    def __init__(self) -> None:
        self.chunks: list[Chunk] = []
        self.idles: list[Idle] = []

    async def take(self, message: Chunk | Idle) -> None:
        if isinstance(message, Chunk):
            self.chunks.append(message)
        else:
            self.idles.append(message)


async def recite(
    host: Host, text: str = TEXT, hello: Hello = OFF, **how: Any
) -> tuple[Recital, Taker]:
    taker = Taker()
    async with asyncio.timeout(10_000):
        with Recital(host, hello, taker.take) as recital:
            await recital.speak(text, **how)
    return recital, taker


async def test_all_of_a_text_is_taken_in_its_order() -> None:
    recital, taker = await recite(fake_host(FakeSynthesis()))
    assert [segment.text for segment in recital.segments] == ["Hello there.", "Good bye."]
    assert recital.samples == sum(chunk.count for chunk in taker.chunks)
    ends = np.cumsum([chunk.count for chunk in taker.chunks]).tolist()
    assert [chunk.start for chunk in taker.chunks] == [0, *ends[:-1]]
    assert recital.fault() is None
    assert recital.ready.voice.name == "fake"


async def test_no_sentence_goes_on_from_one_part_into_the_next() -> None:
    with Recital(fake_host(FakeSynthesis()), OFF, Taker().take) as recital:
        await recital.speak("Hello the", "re my friend. Good", " bye.")
    assert [segment.text for segment in recital.segments] == [
        "Hello the",
        "re my friend.",
        "Good",
        "bye.",
    ]
    assert [segment.span for segment in recital.segments] == [(0, 9), (9, 22), (23, 27), (28, 32)]


async def test_a_whole_book_is_spoken_in_one_go() -> None:
    book = "Once upon a time there was a man. " * 2_000
    recital, _ = await recite(fake_host(FakeSynthesis(per_character=1, window=100)), book)
    assert len(recital.segments) == 2_000
    assert recital.samples == sum(segment.count for segment in recital.segments)
    assert not recital.errors


@pytest.mark.parametrize(
    ("text", "fail_plan", "code"),
    [
        ("... ! " * 6_000, (), ErrorCode.EMPTY_TEXT),
        ("Hello there. " * 3_000, range(10_000), ErrorCode.SYNTHESIS_FAILED),
        ("", (), ErrorCode.EMPTY_TEXT),
    ],
    ids=["unspeakable", "failing", "nothing"],
)
async def test_a_book_of_which_nothing_can_be_spoken_ends(
    text: str, fail_plan: range, code: ErrorCode
) -> None:
    recital, _ = await recite(fake_host(FakeSynthesis(fail_plan=fail_plan)), text)
    assert not recital.segments
    fault = recital.fault()
    assert fault is not None and fault.code is code


async def test_a_segment_that_fails_is_the_fault_and_the_others_are_spoken() -> None:
    recital, _ = await recite(fake_host(FakeSynthesis(fail_plan={0})))
    assert [segment.text for segment in recital.segments] == ["Good bye."]
    fault = recital.fault()
    assert fault is not None and fault.code is ErrorCode.SYNTHESIS_FAILED


async def test_when_to_come_back_is_part_of_the_fault() -> None:
    busy = LipwireError(ErrorCode.OVERLOADED, "too many", retry_after_ms=700)
    recital, _ = await recite(fake_host(FakeSynthesis(fail_plan={0}, error=busy)))
    fault = recital.fault()
    assert fault is not None and (fault.code, fault.retry_after_ms) == (busy.code, 700)


async def test_nothing_is_made_before_what_takes_it_is_ready() -> None:
    synthesis = FakeSynthesis()
    begun: list[int] = []

    async def first() -> None:
        await asyncio.sleep(5)
        begun.append(len(synthesis.jobs))

    await recite(fake_host(synthesis), first=first)
    assert begun == [0]


async def test_whoever_is_slow_to_take_is_not_overrun() -> None:
    synthesis = FakeSynthesis(window=100)
    ahead: list[int] = []

    async def take(message: Chunk | Idle) -> None:
        ahead.append(len(synthesis.jobs))
        await asyncio.sleep(60)

    with Recital(fake_host(synthesis), OFF, take) as recital:
        await recital.speak(TEXT)
    assert ahead[0] == 1
    assert len(synthesis.jobs) == 2


async def test_stopping_leaves_out_the_rest() -> None:
    synthesis, taken = FakeSynthesis(window=100), []

    async def take(message: Chunk | Idle) -> None:
        taken.append(message)
        if len(taken) == 3:
            recital.stop()

    async with asyncio.timeout(1_000):
        with Recital(fake_host(synthesis), OFF, take) as recital:
            await recital.speak(TEXT)
    assert len(taken) == 3
    assert recital.samples == 300
    assert len(synthesis.jobs) == 1


async def test_an_emotion_that_nobody_has_is_refused_before_anything_is_said() -> None:
    synthesis = FakeSynthesis()
    with pytest.raises(LipwireError, match="no emotion named 'hungry'; there is: "):
        await recite(fake_host(synthesis), emotion="hungry")
    assert not synthesis.jobs


async def test_it_is_recorded_as_a_session_of_one_utterance() -> None:
    records: list[Record] = []
    await recite(fake_host(FakeSynthesis(), records))
    (utterance,) = (record for record in records if isinstance(record, UtteranceRecord))
    assert (utterance.text, utterance.reason) == (TEXT, "done")
    assert isinstance(records[-1], SessionEnded)
    assert records[-1].close_code == 1_000


async def test_what_is_broken_off_is_recorded_and_leaves_no_session_behind() -> None:
    records: list[Record] = []
    host = fake_host(FakeSynthesis(window_after=10), records)
    task = asyncio.ensure_future(recite(host))
    await asyncio.sleep(15)
    task.cancel()
    await asyncio.wait([task])
    assert task.cancelled()
    (utterance,) = (record for record in records if isinstance(record, UtteranceRecord))
    assert utterance.reason == "error"
    assert 0 < utterance.count < 2_200
    assert isinstance(records[-1], SessionEnded)
    assert host.registry.current(utterance.session_id) is None


async def test_why_it_could_not_be_taken_is_raised() -> None:
    async def take(message: Chunk | Idle) -> None:
        raise OSError("no room")

    with (
        pytest.raises(ExceptionGroup) as caught,
        Recital(fake_host(FakeSynthesis()), OFF, take) as recital,
    ):
        await recital.speak(TEXT)
    assert caught.group_contains(OSError, match="no room")

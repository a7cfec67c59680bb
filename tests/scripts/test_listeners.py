import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager

import pytest

from benches.workers.listeners import Hearing, Talk, hear_lipwire, hear_peer
from lipwire_protocol import (
    AudioGrant,
    Chunk,
    ClientMessage,
    Codec,
    EndReason,
    Error,
    ErrorCode,
    Interrupt,
    LipwireError,
    Played,
    ServerMessage,
    Speak,
    UtteranceEnded,
)

RATE = 8_000
pytestmark = pytest.mark.virtual_time


def chunk(seconds: float) -> Chunk:
    return Chunk(utterance=1, segment=0, start=0, count=round(seconds * RATE), audio=b"")


ENDED = UtteranceEnded(utterance=1, count=0, reason=EndReason.DONE)


class FakeReady:
    audio = AudioGrant(codec=Codec.PCM_S16LE, sample_rate=RATE)


class FakeTalk:
    """A server that sends each message so many seconds after the one before."""

    def __init__(self, script: list[tuple[float, ServerMessage]]) -> None:
        self.ready = FakeReady()
        self.sent: list[ClientMessage] = []
        self._script = iter(script)

    async def send(self, message: ClientMessage) -> None:
        self.sent.append(message)

    async def receive(self) -> ServerMessage:
        wait, message = next(self._script, (1e9, ENDED))
        await asyncio.sleep(wait)
        return message


def opener(talk: FakeTalk) -> Callable[[], AbstractAsyncContextManager[Talk]]:
    @asynccontextmanager
    async def opened() -> AsyncIterator[Talk]:
        yield talk

    return opened


async def hear(script: list[tuple[float, ServerMessage]], seconds: float = 10.0) -> Hearing:
    talk = FakeTalk(script)
    return await hear_lipwire(
        opener(talk),
        "A text.",
        seconds,
        asyncio.get_running_loop().time,
    )


async def test_a_listener_who_is_fed_in_time_has_no_underrun() -> None:
    hearing = await hear([(0.25, chunk(1.0)), *[(0.9, chunk(1.0))] * 11])
    assert hearing.first_ms == pytest.approx(250)
    assert (hearing.underruns, hearing.silent_s, hearing.failed) == (0, 0.0, None)
    assert hearing.played_s == pytest.approx(10 - 0.25 - 0.1)


async def test_a_gap_is_an_underrun() -> None:
    hearing = await hear([(0.0, chunk(1.0)), (2.0, chunk(20.0))])
    assert hearing.underruns == 1
    assert hearing.silent_s == pytest.approx(0.9)


async def test_a_server_that_falls_silent_for_good_is_an_underrun() -> None:
    hearing = await hear([(0.0, chunk(1.0))])
    assert hearing.underruns == 1
    assert hearing.silent_s == pytest.approx(10 - 1.1)


async def test_an_utterance_that_ends_is_no_underrun() -> None:
    hearing = await hear([(0.0, chunk(1.0)), (0.0, ENDED)])
    assert hearing.underruns == 0
    assert hearing.played_s == pytest.approx(1.0)


async def test_it_reports_five_times_a_second_and_says_when_it_goes() -> None:
    talk = FakeTalk([(0.0, chunk(30.0))])
    loop = asyncio.get_running_loop()
    await hear_lipwire(opener(talk), "A text.", 2.05, loop.time)
    assert isinstance(talk.sent[0], Speak) and talk.sent[0].end
    reports = [message for message in talk.sent if isinstance(message, Played)]
    assert len(reports) == 10
    assert [report.sample for report in reports[:3]] == [800, 2_400, 4_000]
    assert isinstance(talk.sent[-1], Interrupt)


async def test_a_refusal_is_no_failure_and_keeps_the_time_to_come_back() -> None:
    error = Error(code=ErrorCode.OVERLOADED, message="later", utterance=1, retry_after_ms=700)
    hearing = await hear([(0.1, error)])
    assert (hearing.refused, hearing.retry_after_ms) == ("overloaded", 700)
    assert (hearing.failed, hearing.first_ms) == (None, None)


async def test_a_refusal_at_the_door_is_one_too() -> None:
    @asynccontextmanager
    async def closed() -> AsyncIterator[Talk]:
        raise LipwireError(ErrorCode.OVERLOADED, "later", retry_after_ms=900)
        yield

    hearing = await hear_lipwire(closed, "A text.", 5.0, asyncio.get_running_loop().time)
    assert (hearing.refused, hearing.retry_after_ms) == ("overloaded", 900)


async def test_another_error_is_a_failure() -> None:
    hearing = await hear([(0.1, Error(code=ErrorCode.INTERNAL, message="a bug"))])
    assert (hearing.refused, hearing.failed) == (None, "internal")


async def test_a_peers_listener_asks_for_the_next_sentence_in_time() -> None:
    loop = asyncio.get_running_loop()
    asked: list[float] = []

    async def fetch(sentence: str) -> AsyncIterator[int]:
        asked.append(loop.time())
        await asyncio.sleep(0.5)
        yield 5 * 22_050

    hearing = await hear_peer(fetch, ["One.", "Two."], 20.0, 3.0, loop.time)
    assert hearing.underruns == 0
    assert hearing.first_ms == pytest.approx(500)
    # Five seconds each, and the next one when three are left; at first the clock stands still.
    assert asked == pytest.approx([0.0, 2.5, 7.6, 12.6, 17.6])


async def test_a_peer_that_is_slower_than_speech_underruns() -> None:
    async def fetch(sentence: str) -> AsyncIterator[int]:
        await asyncio.sleep(3.0)
        yield 22_050

    now = asyncio.get_running_loop().time
    hearing = await hear_peer(fetch, ["One."], 20.0, 3.0, now)
    assert hearing.underruns > 3
    assert hearing.silent_s > 8


async def test_a_peer_that_breaks_off_is_a_failure() -> None:
    async def fetch(sentence: str) -> AsyncIterator[int]:
        yield 1
        raise ConnectionResetError("gone")

    hearing = await hear_peer(fetch, ["One."], 20.0, 3.0, asyncio.get_running_loop().time)
    assert hearing.failed == "ConnectionResetError: gone"

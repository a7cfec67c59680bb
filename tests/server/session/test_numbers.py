"""Text that is numbered, and when its client may forget it."""

import asyncio
from collections.abc import Callable
from dataclasses import replace

import pytest

from lipwire_protocol import Accepted, Hello, Limits, LipwireError, Speak, UtteranceEnded, Warning
from lipwire_server.store.records import Record, SpeechRecord
from tests.server.session.lines import Lines, lines
from tests.server.session.stage import OFF, stage

pytestmark = pytest.mark.virtual_time


class SlowRecorder:
    """Nothing is durable before it is told to be."""

    def __init__(self) -> None:
        self.waiting: list[Callable[[], None]] = []

    def record(self, item: Record, settled: Callable[[], None] | None = None, /) -> None:
        if settled is not None:
            self.waiting.append(settled)

    def settle(self) -> None:
        for settled in self.waiting:
            settled()
        self.waiting.clear()


def slowly(server: Lines) -> SlowRecorder:
    recorder = SlowRecorder()
    server.host = replace(server.host, record=recorder.record)
    return recorder


async def test_text_is_accepted_when_it_is_safe_and_not_before() -> None:
    async with lines() as server:
        recorder = slowly(server)
        line = server.open()
        line.speak(1, "Hello.", number=1)
        await asyncio.sleep(60)
        assert line.all(UtteranceEnded)
        assert not line.all(Accepted)
        recorder.settle()
        assert line.one(Accepted).number == 1


async def test_text_without_a_number_is_recorded_and_not_answered() -> None:
    async with stage(OFF) as on:
        on.say(1, "Hello.", end=False)
        on.say(1, "", end=True)
        await asyncio.sleep(1)
        said = [record for record in on.records if isinstance(record, SpeechRecord)]
        assert [(r.sequence, r.number, r.text, r.is_last) for r in said] == [
            (1, None, "Hello.", False),
            (2, None, "", True),
        ]
        assert not on.all(Accepted)
        assert not on.all(Warning)


async def test_text_that_comes_twice_is_spoken_once_and_accepted_again() -> None:
    async with stage(OFF) as on:
        speak = Speak(utterance=1, text="Hello. ", number=1)
        on.receive(speak, speak, Speak(utterance=1, text="Bye.", end=True, number=2), speak)
        await asyncio.sleep(1)
        assert on.one(UtteranceEnded).count == 1_000
        assert [m.number for m in on.all(Accepted)] == [1, 1, 2, 1]
        assert len([r for r in on.records if isinstance(r, SpeechRecord)]) == 2


async def test_text_that_came_but_is_not_safe_is_not_accepted_for_coming_again() -> None:
    async with lines() as server:
        recorder = slowly(server)
        line = server.open()
        speak = Speak(utterance=1, text="Hello.", end=True, number=1)
        line.say(speak, speak)
        assert not line.all(Accepted)
        recorder.settle()
        assert line.one(Accepted).number == 1


async def test_what_becomes_safe_later_is_told_to_the_connection_that_there_is() -> None:
    async with lines() as server:
        recorder = slowly(server)
        first = server.open()
        first.speak(1, "Hello.", number=1)
        await asyncio.sleep(1)
        server.lose(first)
        second = await server.resume(first.ready, first.heard)
        assert second.ready.session.received == ()
        recorder.settle()
        assert second.one(Accepted).number == 1
        assert not first.all(Accepted)


async def test_a_keepalive_has_nothing_that_could_be_lost() -> None:
    async with stage(OFF) as on:
        on.receive(Speak(utterance=1, number=7))
        assert on.one(Accepted).number == 7
        assert not [r for r in on.records if isinstance(r, SpeechRecord)]


async def test_text_that_is_refused_is_not_accepted_but_its_end_is_kept() -> None:
    async with stage(OFF, limits=Limits(message_text=10)) as on:
        on.receive(Speak(utterance=1, text="Hello. ", number=1))
        with pytest.raises(LipwireError):
            on.receive(Speak(utterance=1, text="x" * 11, end=True, number=2))
        await asyncio.sleep(1)
        assert [m.number for m in on.all(Accepted)] == [1]
        said = [record for record in on.records if isinstance(record, SpeechRecord)]
        assert [(r.number, r.text, r.is_last) for r in said] == [
            (1, "Hello. ", False),
            (None, "", True),
        ]


async def test_what_is_not_to_be_stored_is_accepted_at_once() -> None:
    async with stage(Hello(flow=OFF.flow, persist=False)) as on:
        on.receive(Speak(utterance=1, text="Hello.", end=True, number=1))
        assert on.one(Accepted).number == 1
        assert on.records == []

"""What goes wrong while speech is made, in virtual time: it is done again, once."""

import asyncio
from collections.abc import Iterator

import pytest

from lipwire_protocol import ErrorCode
from tests.server.speech.scheduling.simulation import Fault, SimulatedListener, job, machine

pytestmark = pytest.mark.virtual_time


def _each(fault: Fault, times: int) -> Iterator[Fault | None]:
    return iter([fault] * times)


@pytest.mark.parametrize("fault", [Fault.THROWS, Fault.HANGS])
async def test_what_goes_wrong_once_is_done_again(fault: Fault) -> None:
    async with machine(patience_s=2) as on:
        on.voice.faults = _each(fault, 1)
        listener = SimulatedListener(scheduler=on.scheduler, jobs=[job(3)])
        await listener.listen()
        assert listener.error is None
        assert sum(window.samples.size for window in listener.windows) == 3_000
        assert on.scheduler.counts.retried == 1


@pytest.mark.parametrize("fault", [Fault.THROWS, Fault.HANGS])
async def test_what_goes_wrong_twice_fails_and_the_next_job_works(fault: Fault) -> None:
    async with machine(patience_s=2) as on:
        on.voice.faults = _each(fault, 2)
        listener = SimulatedListener(scheduler=on.scheduler, jobs=[job(3)])
        await listener.listen()
        assert listener.error is not None
        assert listener.error.code is ErrorCode.SYNTHESIS_FAILED
        assert on.leftovers() == {}
        await listener.listen()
        assert listener.error is None
        assert len(on.voice.made) == 2 + 1 + len(listener.windows)


async def test_what_is_wrong_with_a_text_is_not_tried_again() -> None:
    async with machine() as on:
        on.voice.faults = _each(Fault.REFUSES, 1)
        listener = SimulatedListener(scheduler=on.scheduler, jobs=[job(3)])
        await listener.listen()
        assert listener.error is not None
        assert listener.error.code is ErrorCode.EMPTY_TEXT
        assert len(on.voice.made) == 1


async def test_a_hang_is_noticed_soon_after_its_time_and_the_crew_is_whole_again() -> None:
    async with machine(size=2, patience_s=2) as on:
        on.voice.faults = _each(Fault.HANGS, 2)
        crowd = [
            SimulatedListener(scheduler=on.scheduler, key=str(at), jobs=[job(3, at)])
            for at in range(4)
        ]
        await asyncio.gather(*(listener.listen() for listener in crowd))
        assert [listener.error for listener in crowd] == [None] * 4
        assert on.crew.abandoned == 2
        assert all(2 < listener.first_audio_s[0] < 2.9 for listener in crowd)


@pytest.mark.parametrize("fault", [Fault.THROWS, Fault.HANGS])
async def test_for_nobody_nothing_is_tried_again(fault: Fault) -> None:
    async with machine(patience_s=2) as on:
        on.voice.faults = _each(fault, 1)
        gone = SimulatedListener(scheduler=on.scheduler, jobs=[job(3)], interrupts_after_s=0.01)
        await gone.listen()
        await asyncio.sleep(10)
        assert len(on.voice.made) == 1
        assert on.leftovers() == {}

import asyncio
import itertools

import pytest

from lipwire_protocol import Flow, FlowMode
from lipwire_server.session.credit import Credit
from tests.fakes import now_ns

pytestmark = pytest.mark.virtual_time

RATE = 1_000


def credit(mode: FlowMode) -> Credit:
    return Credit(Flow(mode=mode, lead_ms=1_000), RATE, now_ns)


def seconds() -> float:
    return asyncio.get_running_loop().time()


async def test_off_never_waits() -> None:
    unbounded = credit(FlowMode.OFF)
    for _ in range(10):
        await unbounded.wait(10**9)
        unbounded.send(10**9)
    assert seconds() == 0


async def test_paced_waits_for_the_clock() -> None:
    paced = credit(FlowMode.PACED)
    for _ in range(4):
        await paced.wait(500)
        paced.send(500)
    assert seconds() == pytest.approx(1, abs=0.01)
    assert paced.heard == pytest.approx(1_000, abs=10)


async def test_a_report_wakes_the_one_who_waits() -> None:
    played = credit(FlowMode.PLAYED)
    played.send(1_000)
    waiting = asyncio.ensure_future(played.wait(300))
    await asyncio.sleep(100)
    played.report(200)
    await asyncio.sleep(100)
    assert not waiting.done()
    played.report(300)
    await asyncio.sleep(0.001)
    assert waiting.done()
    await waiting


async def test_what_was_heard_is_worked_out_from_what_was_sent() -> None:
    paced = credit(FlowMode.PACED)
    assert (paced.sent, paced.heard) == (0, 0)
    paced.send(600)
    await asyncio.sleep(0.25)
    assert (paced.sent, paced.heard) == (600, 250)
    await asyncio.sleep(60)
    assert (paced.sent, paced.heard) == (600, 600)


@pytest.mark.parametrize("tick_ms", range(60, 130, 10))
async def test_nobody_is_in_the_middle_of_what_he_threw_away_however_the_clock_goes_on(
    tick_ms: int,
) -> None:
    times = itertools.count(step=tick_ms * 1_000_000)
    paced = Credit(Flow(mode=FlowMode.PACED, lead_ms=1_000), RATE, lambda: next(times))
    paced.send(2_000)
    paced.discard(500, 1_500)
    heard = [paced.heard for _ in range(20)]
    assert not [position for position in heard if 500 < position < 1_500]
    assert heard[-1] > 1_500


async def test_a_timer_that_fires_early_does_not_make_it_spin() -> None:
    steps = 0

    def slow_clock() -> int:
        nonlocal steps
        steps += 1
        return round(now_ns() * 0.999_999)

    paced = Credit(Flow(mode=FlowMode.PACED, lead_ms=1_000), RATE, slow_clock)
    paced.send(1_000)
    await paced.wait(1_000)
    assert steps < 10

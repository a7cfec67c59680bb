"""Thousands of listeners on a small machine, in virtual time.

Each promise is held against a machine that cannot keep it, so that no simulation is too easy.
"""

import asyncio
import random
from collections import Counter

import pytest

from lipwire_protocol import ErrorCode
from lipwire_server.speech.scheduling.agenda import Agenda, Due, Unit
from tests.server.speech.scheduling.simulation import (
    FakeVoice,
    Machine,
    SimulatedListener,
    job,
    machine,
    percentile,
)

pytestmark = pytest.mark.virtual_time


class FirstComeFirstServed(Agenda):
    """A machine that knows no deadlines."""

    def add(self, unit: Unit) -> None:
        unit.due = Due(0)
        super().add(unit)

    def hasten(self, unit: Unit, due: Due) -> None:
        pass


async def _crowd(
    on: Machine, *, load: float, count: int = 600, together: int = 1, retries: int = 0
) -> list[SimulatedListener]:
    """So many listeners of some sentences each, who need `load` of the machine's seats."""
    chance = random.Random(1)
    seats = on.scheduler.capacity()
    mean_s = 10.0
    crowd = []
    async with asyncio.TaskGroup() as listening:
        for number in range(count):
            lengths = [round(chance.uniform(2, 6), 2) for _ in range(chance.randint(1, 4))]
            listener = SimulatedListener(
                scheduler=on.scheduler,
                key=str(number),
                jobs=[job(length, (number, at)) for at, length in enumerate(lengths)],
                retries=retries,
            )
            crowd.append(listener)
            listening.create_task(listener.listen())
            if number % together == together - 1:
                await asyncio.sleep(chance.expovariate(load * seats / mean_s / together))
    return crowd


def _underruns(crowd: list[SimulatedListener]) -> list[float]:
    return [seconds for listener in crowd for seconds in listener.underruns]


def _first_audio(crowd: list[SimulatedListener]) -> list[float]:
    return [seconds for listener in crowd for seconds in listener.first_audio_s]


def _refusals(crowd: list[SimulatedListener]) -> list[float]:
    return [seconds for listener in crowd for seconds in listener.refusals]


async def _until_all_is_heard() -> None:
    await asyncio.sleep(10)


async def test_a_house_that_is_almost_full_starts_soon_and_never_stutters() -> None:
    async with machine(size=16, load_percent=100) as on:
        crowd = await _crowd(on, load=0.85)
    assert _refusals(crowd) == []
    assert _underruns(crowd) == []
    assert percentile(_first_audio(crowd), 95) < 0.2
    assert max(_first_audio(crowd)) < 1


async def test_crowds_that_come_at_once_do_not_make_others_stutter() -> None:
    async with machine() as on:
        crowd = await _crowd(on, load=0.7, count=400, together=20)
    assert _underruns(crowd) == []


async def test_without_deadlines_the_same_crowds_stutter() -> None:
    async with machine(agenda=FirstComeFirstServed()) as on:
        crowd = await _crowd(on, load=0.7, count=400, together=20)
    assert len(_underruns(crowd)) > 50


async def test_of_too_many_those_who_are_let_in_never_stutter() -> None:
    async with machine() as on:
        crowd = await _crowd(on, load=1.5)
    refused = [listener for listener in crowd if listener.refusals]
    assert 100 < len(refused) < 400
    for listener in refused:
        assert listener.error is not None
        assert listener.error.code is ErrorCode.OVERLOADED
        assert listener.plans == []
    assert _underruns(crowd) == []
    assert max(_refusals(crowd)) < 2.001
    assert max(_first_audio(crowd)) < 3.5


async def test_if_nobody_is_refused_everybody_waits_or_stutters() -> None:
    async with machine(load_percent=10_000) as on:
        crowd = await _crowd(on, load=1.5 * 90 / 10_000)
    assert _refusals(crowd) == []
    assert percentile(_first_audio(crowd), 50) > 3
    async with machine(load_percent=10_000, agenda=FirstComeFirstServed()) as on:
        crowd = await _crowd(on, load=1.5 * 90 / 10_000)
    assert len(_underruns(crowd)) > 1_000


@pytest.mark.parametrize("wait_s", [0.0, 0.5, 5.0])
async def test_nobody_waits_longer_than_he_has_to(wait_s: float) -> None:
    async with machine(seats=2, wait_s=wait_s) as on:
        crowd = await _crowd(on, load=0.2, count=60)
    assert len(_refusals(crowd)) > 5
    assert max(_refusals(crowd)) <= wait_s + 0.001


async def test_who_comes_back_when_he_was_told_to_gets_in() -> None:
    async with machine() as on:
        seats = on.scheduler.admission.seats
        crowd = [
            SimulatedListener(
                scheduler=on.scheduler, key=str(number), jobs=[job(12, number)], retries=4
            )
            for number in range(seats * 3 // 2)
        ]
        async with asyncio.TaskGroup() as listening:
            for listener in crowd:
                listening.create_task(listener.listen())
    assert all(len(listener.plans) == 1 for listener in crowd)
    again = [len(listener.refusals) for listener in crowd if listener.refusals]
    assert len(again) >= seats // 3
    assert sum(times == 1 for times in again) > 0.7 * len(again)


LONGEST_UNIT_S = 128 * 0.012 * 0.1
"""A window is not interrupted: whoever comes may have to wait for one that is being made."""


async def _modest_first_audio(
    *, size: int, greedy: int, burst: int = 64, share: str = "m"
) -> float:
    """How long one waits for a word while another key asks for a lot, in bursts of some."""
    async with machine(size=size) as on:
        crowd = [
            SimulatedListener(
                scheduler=on.scheduler, key="greedy", jobs=[job(60, ("g", at))], retries=99
            )
            for at in range(greedy)
        ]
        modest = [
            SimulatedListener(scheduler=on.scheduler, key=share, jobs=[job(2, ("m", at))])
            for at in range(12)
        ]
        tasks = []
        for at, listener in enumerate(modest):
            if at % 3 == 0:
                tasks += [asyncio.ensure_future(one.listen()) for one in crowd[:burst]]
                del crowd[:burst]
            await asyncio.sleep(0.01)
            await listener.listen()
            await asyncio.sleep(2)
        for task in tasks:
            task.cancel()
        await asyncio.sleep(0)
        return percentile([first for one in modest for first in one.first_audio_s], 90)


async def test_of_a_greedy_crowd_a_modest_one_notices_little() -> None:
    alone = await _modest_first_audio(size=16, greedy=0)
    assert await _modest_first_audio(size=16, greedy=64) <= 2.1 * alone


@pytest.mark.parametrize("burst", [16, 64])
async def test_on_a_small_machine_he_waits_for_what_is_being_made_and_not_more(burst: int) -> None:
    alone = await _modest_first_audio(size=4, greedy=0)
    among = await _modest_first_audio(size=4, greedy=64, burst=burst)
    assert among <= alone + 2 * LONGEST_UNIT_S


async def test_one_of_the_greedy_waits_longer_than_the_modest() -> None:
    modest = await _modest_first_audio(size=4, greedy=64, burst=16)
    assert await _modest_first_audio(size=4, greedy=64, burst=16, share="greedy") > 1.5 * modest


async def _listen_to_one(
    on: Machine, count: int = 200, *, first_leaves_s: float | None = None
) -> list[SimulatedListener]:
    crowd = [
        SimulatedListener(
            scheduler=on.scheduler,
            key=str(number),
            jobs=[job(20, "the same")],
            interrupts_after_s=first_leaves_s if number == 0 else None,
        )
        for number in range(count)
    ]
    async with asyncio.TaskGroup() as listening:
        for listener in crowd:
            listening.create_task(listener.listen())
            await asyncio.sleep(0.001)
    return crowd


@pytest.mark.parametrize("first_leaves_s", [None, 0.01, 0.1, 4.0])
async def test_many_listeners_of_one_content_cost_one(first_leaves_s: float | None) -> None:
    async with machine(seats=20) as on:
        crowd = await _listen_to_one(on, first_leaves_s=first_leaves_s)
        assert _refusals(crowd) == []
        assert _underruns(crowd) == []
        counts = on.scheduler.counts
        assert counts.plans == 1
        assert counts.windows == len(crowd[-1].windows) == 16
        assert Counter(on.voice.made).most_common(1)[0][1] == 1
        await _until_all_is_heard()
        assert on.leftovers() == {}


async def test_contents_that_differ_cost_one_each() -> None:
    async with machine(seats=200) as on:
        await _crowd(on, load=0.5, count=20)
        assert on.scheduler.counts.plans > 20


async def test_who_needs_what_one_made_who_leaves_gets_his_seat_before_all_others() -> None:
    async with machine(seats=1, wait_s=5) as on:
        first, follower = (
            SimulatedListener(
                scheduler=on.scheduler,
                key=key,
                jobs=[job(20, "the same")],
                interrupts_after_s=leaves_s,
            )
            for key, leaves_s in (("first", 3.0), ("follower", None))
        )
        stranger = SimulatedListener(scheduler=on.scheduler, key="other", jobs=[job(5, "else")])
        async with asyncio.TaskGroup() as listening:
            for listener in (first, follower, stranger):
                listening.create_task(listener.listen())
                await asyncio.sleep(0.01)
        assert follower.underruns == []
        assert len(follower.windows) == 16
        assert len(stranger.refusals) == 1


async def test_after_a_storm_of_interrupts_nothing_is_left() -> None:
    chance = random.Random(2)
    async with machine(seats=20) as on:
        crowd = [
            SimulatedListener(
                scheduler=on.scheduler,
                key=str(number % 50),
                # Some say the same.
                jobs=[job(9, number % 120), job(3, number)],
                interrupts_after_s=chance.uniform(0, 6),
            )
            for number in range(200)
        ]
        async with asyncio.TaskGroup() as listening:
            for listener in crowd:
                listening.create_task(listener.listen())
                await asyncio.sleep(chance.uniform(0, 0.05))
        await _until_all_is_heard()
        assert on.leftovers() == {}
        wasted = len(on.voice.made) - len(
            {id(part) for listener in crowd for part in (*listener.windows, *listener.plans)}
        )
        assert wasted <= len(crowd)
        assert len(set(on.voice.made)) == len(on.voice.made)
        # And the machine is as good as new.
        last = SimulatedListener(scheduler=on.scheduler, jobs=[job(3, "last")])
        await last.listen()
        assert last.error is None
        assert last.first_audio_s[0] < 0.1


async def test_nothing_is_made_ahead_of_what_was_asked_for() -> None:
    async with machine() as on:
        listener = SimulatedListener(scheduler=on.scheduler, jobs=[job(60)])
        listening = asyncio.ensure_future(listener.listen())
        loop = asyncio.get_running_loop()
        for _ in range(100):
            await asyncio.sleep(0.5)
            made = [index for _, index in on.voice.made if index >= 0]
            assert len(made) <= len(listener.windows) + 1
            heard_s = loop.time() - listener.first_audio_s[0]
            given_s = sum(window.samples.size for window in listener.windows) / 1_000
            assert given_s < heard_s + 3 + 1.6
        await listening


async def test_gaps_between_sentences_cost_nobody_his_place_while_there_is_room() -> None:
    async with machine(seats=20) as on:
        crowd = [
            SimulatedListener(
                scheduler=on.scheduler,
                key=str(at),
                jobs=[job(2, (at, sentence)) for sentence in range(5)],
                gap_s=4,
            )
            for at in range(20)
        ]
        await asyncio.gather(*(listener.listen() for listener in crowd))
    assert all(len(listener.plans) == 5 for listener in crowd)
    assert _underruns(crowd) == []


async def test_seats_of_the_silent_are_given_away_and_got_back() -> None:
    async with machine(seats=2) as on:
        silent = [
            SimulatedListener(
                scheduler=on.scheduler, key=f"s{at}", jobs=[job(2, at), job(2, ("b", at))], gap_s=8
            )
            for at in range(2)
        ]
        other = SimulatedListener(scheduler=on.scheduler, key="o", jobs=[job(3, "other")])
        listening = [asyncio.ensure_future(listener.listen()) for listener in silent]
        await asyncio.sleep(4)
        assert on.scheduler.admission.seated == 2
        await other.listen()
        assert other.first_audio_s[0] < 0.1
        await asyncio.gather(*listening)
    assert all(len(listener.plans) == 2 for listener in silent)
    assert all(listener.first_audio_s[1] < 0.5 for listener in silent)


async def test_one_who_is_about_to_go_on_keeps_his_seat() -> None:
    """Between two parts nothing is made for him, and at the start he has heard nothing either."""
    async with machine(seats=1, wait_s=1) as on:
        crowd = [
            SimulatedListener(
                scheduler=on.scheduler, key=str(at), jobs=[job(4, at)], prebuffer_s=0.5
            )
            for at in range(3)
        ]
        await asyncio.gather(*(listener.listen() for listener in crowd))
        assert len(_refusals(crowd)) == 2
        assert _underruns(crowd) == []
        assert on.scheduler.counts.plans == 1


async def test_interrupts_do_not_make_speech_seem_dear() -> None:
    async with machine(seats=None) as on:
        before = on.scheduler.capacity()
        steady = SimulatedListener(scheduler=on.scheduler, key="s", jobs=[job(30, "steady")])
        async with asyncio.TaskGroup() as listening:
            listening.create_task(steady.listen())
            for number in range(300):
                hasty = SimulatedListener(
                    scheduler=on.scheduler,
                    key="h",
                    jobs=[job(4, number)],
                    interrupts_after_s=0.04,
                )
                await hasty.listen()
                await asyncio.sleep(0.05)
        assert on.scheduler.capacity() > before / 2
        assert steady.underruns == []


async def test_closing_ends_everybody_at_once() -> None:
    voice = FakeVoice(plan_s=0.5)
    async with machine(size=1, seats=3, voice=voice, wait_s=60) as on:
        crowd = [
            SimulatedListener(scheduler=on.scheduler, key=str(at), jobs=[job(4, at)])
            for at in range(6)
        ]
        listening = [asyncio.ensure_future(listener.listen()) for listener in crowd]
        await asyncio.sleep(0.6)
        await on.scheduler.close()
        await asyncio.sleep(0.001)
        assert all(task.done() for task in listening)
        codes = {listener.error.code for listener in crowd if listener.error is not None}
        assert codes == {ErrorCode.GOING_AWAY}
        assert on.scheduler.admission.waiting == 0
        await on.scheduler.close()

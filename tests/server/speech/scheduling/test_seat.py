import asyncio
from contextlib import aclosing

import pytest

from lipwire_protocol.errors import ErrorCode, LipwireError
from lipwire_server.speech.port import Job, Listener, Plan, Window
from lipwire_server.speech.scheduling.seat import Seat
from tests.fakes import now_ns
from tests.server.speech.scheduling.simulation import Machine, job, machine

pytestmark = pytest.mark.virtual_time

SECOND = 1_000_000_000


class Ears:
    """A listener whose buffer the test sets."""

    def __init__(self, key: str = "") -> None:
        self.dry = 0
        self.listener = Listener(key=key, dry_ns=lambda: self.dry)


def _seat(on: Machine, ears: Ears) -> Seat:
    return Seat(on.scheduler._desk, ears.listener)


async def _all(seat: Seat, wanted: Job) -> list[Plan | Window]:
    async with aclosing(seat.speak(wanted)) as parts:
        return [part async for part in parts]


async def test_a_seat_is_taken_when_there_is_work_and_not_before() -> None:
    async with machine() as on:
        with on.scheduler.seat(Ears().listener) as seat:
            assert on.scheduler.admission.seated == 0
            async with aclosing(seat.speak(job(3))) as parts:
                await anext(parts)
                assert on.scheduler.admission.seated == 1
        assert on.scheduler.admission.seated == 0


async def test_what_was_made_before_needs_no_seat_and_is_said_to_be_cached() -> None:
    async with machine(seats=1, wait_s=0) as on:
        await _all(_seat(on, Ears("a")), job(3))
        assert on.scheduler.admission.seated == 1
        plan, *windows = await _all(_seat(on, Ears("b")), job(3))
        assert isinstance(plan, Plan)
        assert plan.cached
        assert plan.encoded_ns == now_ns()
        assert len(windows) == 4
        assert on.scheduler.counts.hits == 1
        with pytest.raises(LipwireError):
            await _all(_seat(on, Ears("c")), job(4))
        assert on.scheduler.counts.refused == 1


async def test_a_job_can_be_taken_up_at_a_later_window() -> None:
    async with machine() as on:
        seat = _seat(on, Ears())
        _, *windows = await _all(seat, job(3))
        late = Job(text=job(3).text, voice="fake", first_window=2)
        _, *rest = await _all(seat, late)
        assert rest == windows[2:]
        for first_window, count in ((99, 0), (-5, 4)):
            odd = Job(text=job(3).text, voice="fake", first_window=first_window)
            assert len(await _all(seat, odd)) == 1 + count


async def test_an_unknown_voice_is_an_error_and_no_seat() -> None:
    async with machine() as on:
        with pytest.raises(LipwireError, match="take 'fake'") as caught:
            await _all(_seat(on, Ears()), Job(text="1", voice="nobody"))
        assert caught.value.code is ErrorCode.NOT_FOUND
        assert on.scheduler.admission.seated == 0


async def test_it_is_idle_a_second_after_there_was_nothing_to_hear_and_to_make() -> None:
    async with machine() as on:
        ears = Ears()
        await asyncio.sleep(100)
        seat = _seat(on, ears)
        async with aclosing(seat.speak(job(9))) as parts:
            await anext(parts)
            assert not seat.idle  # Though he has heard nothing yet.
            await anext(parts)
            ears.dry = now_ns() + 2 * SECOND
            await asyncio.sleep(2.5)
            assert not seat.idle
            await asyncio.sleep(0.6)
            assert seat.idle
            making = asyncio.ensure_future(anext(parts))
            await asyncio.sleep(0)
            assert not seat.idle
            await making


async def test_whoever_has_the_seat_for_others_is_not_idle_before_they_are() -> None:
    async with machine() as on:
        silent, listening = Ears("a"), Ears("b")
        carrier, follower = _seat(on, silent), _seat(on, listening)
        async with aclosing(carrier.speak(job(9))) as a, aclosing(follower.speak(job(9))) as b:
            await anext(a)
            await anext(b)
            await asyncio.sleep(1.5)
            assert carrier.idle
            await anext(b)
            assert not carrier.idle
            assert on.scheduler.admission.seated == 1


async def test_who_says_that_he_heard_everything_at_once_gets_it_no_sooner_than_others() -> None:
    async with machine(size=1) as on:
        liar = _seat(on, Ears("liar"))
        async with aclosing(liar.speak(job(30))) as parts:
            await anext(parts)
            began = now_ns()
            for _ in range(8):
                await anext(parts)
            asked = asyncio.ensure_future(anext(parts))
            blocked = asyncio.ensure_future(anext(liar_free := _seat(on, Ears("x")).speak(job(1))))
            await asyncio.sleep(0)
            deadlines = [entry[2].ns for entry in on.crew.agenda._going_on]
            taken = [unit.due.ns for unit in on.crew.at_work]
            # The eight windows are 7.6 s of speech.
            assert min(deadlines + taken) > began + 6 * SECOND
            await asyncio.gather(asked, blocked)
            await liar_free.aclose()


async def test_a_claim_that_is_cancelled_is_made_by_another_who_waits_for_the_same() -> None:
    async with machine(seats=1, wait_s=2) as on:
        await _all(_seat(on, Ears("sitting")), job(1, "other"))
        holder = next(iter(on.scheduler.admission._seated))
        holder._busy = True  # type: ignore[attr-defined]
        speaking = [asyncio.ensure_future(_all(_seat(on, Ears(k)), job(3))) for k in "abc"]
        await asyncio.sleep(1.5)
        assert on.scheduler.admission.waiting == 1
        speaking[0].cancel()
        await asyncio.sleep(0.01)
        assert on.scheduler.admission.waiting == 1
        on.scheduler.admission.release(holder)
        assert [len(parts) for parts in await asyncio.gather(*speaking[1:])] == [5, 5]
        assert on.scheduler.counts.plans == 2


async def test_they_are_refused_together_and_nobody_waits_longer_because_others_gave_up() -> None:
    async with machine(seats=1, wait_s=2) as on:
        await _all(_seat(on, Ears("sitting")), job(1, "other"))
        next(iter(on.scheduler.admission._seated))._busy = True  # type: ignore[attr-defined]
        speaking = [asyncio.ensure_future(_all(_seat(on, Ears(k)), job(3))) for k in "abc"]
        await asyncio.sleep(1.5)
        speaking[0].cancel()
        await asyncio.sleep(0.51)
        outcomes = await asyncio.gather(*speaking, return_exceptions=True)
        assert now_ns() < 2.6 * SECOND
        assert [type(outcome) for outcome in outcomes[1:]] == [LipwireError] * 2
        assert on.scheduler.counts.refused == 2

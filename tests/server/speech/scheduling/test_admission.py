import asyncio
import itertools
from dataclasses import dataclass, field

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from lipwire_protocol.errors import ErrorCode, LipwireError
from lipwire_server.speech.port import Listener
from lipwire_server.speech.scheduling.admission import Admission
from tests.conftest import VirtualTimeLoop
from tests.fakes import now_ns

pytestmark = pytest.mark.virtual_time


@dataclass(eq=False)
class Someone:
    key: str = ""
    idle: bool = False
    listener: Listener = field(default_factory=lambda: Listener(key="", dry_ns=lambda: 0))

    def __post_init__(self) -> None:
        # Everybody is another one.
        self.listener = Listener(key=self.key, dry_ns=lambda: 0)


def _admission(seats: float, *, patience_s: float = 2.0, longest_line: int = 100) -> Admission:
    return Admission(lambda: seats, now_ns, patience_s=patience_s, longest_line=longest_line)


async def _claimed(admission: Admission, *claimants: Someone) -> list["asyncio.Task[None]"]:
    """The claims, in this order; those who could have a seat have it."""
    claims = []
    for claimant in claimants:
        claims.append(asyncio.ensure_future(admission.claim(claimant)))
        await asyncio.sleep(0)
    return claims


def _seated(admission: Admission, *claimants: Someone) -> list[bool]:
    return [admission.holds(claimant) for claimant in claimants]


async def _end(*claims: "asyncio.Task[None]") -> None:
    for claim in claims:
        claim.cancel()
    await asyncio.gather(*claims, return_exceptions=True)


async def test_who_finds_a_seat_has_it_at_once_and_once() -> None:
    admission, one = _admission(2), Someone()
    await admission.claim(one)
    await admission.claim(one)
    assert (admission.seated, admission.waiting) == (1, 0)
    admission.release(one)
    admission.release(one)
    assert admission.seated == 0


async def test_there_is_always_one_seat() -> None:
    admission = _admission(0.2)
    assert admission.seats == 1
    await admission.claim(Someone())


async def test_who_waits_gets_the_seat_that_becomes_free() -> None:
    admission = _admission(1)
    first, second = Someone("a"), Someone("b")
    claims = await _claimed(admission, first, second)
    await asyncio.sleep(1.5)
    assert not claims[1].done()
    admission.release(first)
    await claims[1]
    assert admission.holds(second)


async def test_who_waited_long_enough_is_told_when_to_come_back() -> None:
    admission = _admission(1)
    await admission.claim(Someone("a"))
    began = asyncio.get_running_loop().time()
    with pytest.raises(LipwireError, match="try again in") as caught:
        await admission.claim(Someone("b"))
    assert asyncio.get_running_loop().time() - began == pytest.approx(2.0)
    assert caught.value.code is ErrorCode.OVERLOADED
    assert caught.value.retry_after_ms is not None
    assert 500 <= caught.value.retry_after_ms <= 30_000
    assert admission.waiting == 0


async def test_who_began_to_wait_earlier_waits_shorter() -> None:
    admission = _admission(1)
    await admission.claim(Someone("a"))
    await asyncio.sleep(10)
    began_ns = now_ns()
    with pytest.raises(LipwireError):
        await admission.claim(Someone("b"), since_ns=began_ns - 1_500_000_000)
    assert now_ns() - began_ns == pytest.approx(500_000_000, abs=1_000)


async def test_a_line_that_is_full_refuses_at_once() -> None:
    admission = _admission(1, longest_line=2)
    _, *claims = await _claimed(admission, Someone("a"), Someone("b"), Someone("c"))
    with pytest.raises(LipwireError):
        async with asyncio.timeout(0.001):
            await admission.claim(Someone("d"))
    await _end(*claims)


async def test_keys_take_turns() -> None:
    admission = _admission(1)
    first = Someone("first")
    await admission.claim(first)
    greedy = [Someone("greedy") for _ in range(3)]
    modest = Someone("modest")
    claims = await _claimed(admission, *greedy, modest)
    order = []
    sitting = first
    for _ in range(4):
        admission.release(sitting)
        await asyncio.sleep(0)
        sitting = next(one for one in [*greedy, modest] if admission.holds(one))
        order.append(sitting.key)
    assert order == ["greedy", "modest", "greedy", "greedy"]
    await asyncio.gather(*claims)


async def test_one_key_never_has_all_the_seats() -> None:
    admission = _admission(10)
    greedy = [Someone("greedy") for _ in range(12)]
    claims = await _claimed(admission, *greedy)
    assert sum(_seated(admission, *greedy)) == 8
    await admission.claim(Someone("modest"))
    await _end(*claims)
    assert admission.waiting == 0


async def test_at_its_share_a_key_may_still_use_the_seats_that_it_leaves_idle() -> None:
    admission = _admission(10)
    greedy = [Someone("greedy") for _ in range(8)]
    await _claimed(admission, *greedy)
    greedy[3].idle = True
    late = Someone("greedy")
    await admission.claim(late)
    assert _seated(admission, greedy[3], late) == [False, True]


async def test_only_as_many_of_the_silent_get_up_as_have_to() -> None:
    admission = _admission(2)
    silent = [Someone("a", idle=True), Someone("b", idle=True)]
    await _claimed(admission, *silent)
    await admission.claim(Someone("c"))
    assert _seated(admission, *silent) == [False, True]


async def test_nobody_gets_up_for_one_who_may_not_sit_down() -> None:
    admission = _admission(10)
    silent = Someone("silent", idle=True)
    await _claimed(admission, silent, *(Someone("greedy") for _ in range(8)))
    claims = await _claimed(admission, Someone("greedy"))
    assert admission.holds(silent)
    await _end(*claims)


async def test_somebody_who_falls_silent_is_noticed_soon() -> None:
    admission = _admission(1)
    talker, other = Someone("a"), Someone("b")
    claims = await _claimed(admission, talker, other)
    await asyncio.sleep(0.1)
    talker.idle = True
    await asyncio.sleep(0.3)
    assert claims[1].done()
    assert _seated(admission, talker, other) == [False, True]


async def test_who_goes_on_is_served_before_all_who_are_new_and_in_order() -> None:
    admission = _admission(1)
    first = Someone("first")
    await admission.claim(first)
    new, returning = Someone("new"), [Someone("r"), Someone("r")]
    claims = await _claimed(admission, new)
    for one in returning:
        claims.append(asyncio.ensure_future(admission.claim(one, again=True)))
        await asyncio.sleep(0)
    order = [first, *returning, new]
    for sitting, expected in itertools.pairwise(order):
        admission.release(sitting)
        assert admission.holds(expected)
    await asyncio.gather(*claims)


async def test_a_claim_that_is_cancelled_leaves_the_line() -> None:
    admission = _admission(1)
    first, gone, last = Someone("a"), Someone("b"), Someone("b")
    claims = await _claimed(admission, first, gone, last)
    await _end(claims[1])
    admission.release(first)
    await claims[2]
    assert (admission.seated, admission.waiting) == (1, 0)


async def test_a_claim_that_is_cancelled_in_the_moment_of_its_turn_gives_the_seat_on() -> None:
    admission = _admission(1)
    first, gone, last = Someone("a"), Someone("b"), Someone("c")
    claims = await _claimed(admission, first, gone, last)
    admission.release(first)
    assert admission.holds(gone)
    await _end(claims[1])
    await claims[2]
    assert _seated(admission, first, gone, last) == [False, False, True]


async def test_when_the_capacity_shrinks_nobody_is_sent_away_and_nobody_let_in() -> None:
    seats = [4]
    admission = Admission(lambda: seats[0], now_ns, patience_s=2)
    sitting = [Someone(str(at)) for at in range(4)]
    await _claimed(admission, *sitting)
    seats[0] = 2
    new = Someone("new")
    claims = await _claimed(admission, new)
    for let_in in (False, False, True):
        admission.release(sitting.pop())
        assert admission.holds(new) == let_in
    await claims[0]


async def test_a_silent_one_does_not_get_up_while_too_many_sit_anyway() -> None:
    seats = [4]
    admission = Admission(lambda: seats[0], now_ns, patience_s=2)
    sitting = [Someone(str(at)) for at in range(4)]
    await _claimed(admission, *sitting)
    seats[0] = 2
    sitting[0].idle = True
    claims = await _claimed(admission, Someone("new"))
    assert admission.holds(sitting[0])
    await _end(*claims)


async def test_when_the_capacity_grows_it_is_noticed_soon() -> None:
    seats = [1]
    admission = Admission(lambda: seats[0], now_ns, patience_s=2)
    claims = await _claimed(admission, Someone("a"), Someone("b"))
    seats[0] = 2
    await asyncio.sleep(0.3)
    assert claims[1].done()


async def test_who_leaves_keeps_his_seat_until_he_has_heard_all_and_may_come_back_to_it() -> None:
    admission = _admission(1)
    first, other = Someone("a"), Someone("b")
    await admission.claim(first)
    admission.leave(first, now_ns() + 1_000_000_000)
    claims = await _claimed(admission, other)
    assert not claims[0].done()
    again = Someone("a")
    again.listener = first.listener
    await admission.claim(again)
    assert _seated(admission, first, again) == [False, True]
    admission.leave(again, now_ns() + 1_000_000_000)
    await asyncio.sleep(1.1)
    assert claims[0].done()
    assert admission.holds(other)


async def test_who_leaves_twice_at_once_has_one_seat_left() -> None:
    admission = _admission(5)
    one, two = Someone("a"), Someone("a")
    two.listener = one.listener
    for claimant in (one, two):
        await admission.claim(claimant)
    for claimant in (one, two):
        admission.leave(claimant, now_ns() + 1_000_000_000)
    assert admission.seated == 1
    await asyncio.sleep(2)
    assert admission.seated == 0


async def test_a_seat_can_be_handed_over_past_those_who_wait() -> None:
    admission = _admission(1)
    giver, heir = Someone("a"), Someone("b")
    _, *claims = await _claimed(admission, giver, Someone("c"))
    admission.hand_over(giver, heir)
    assert _seated(admission, giver, heir) == [False, True]
    assert not claims[0].done()
    await _end(*claims)


async def test_who_has_no_seat_hands_none_over() -> None:
    admission, heir = _admission(2), Someone()
    admission.hand_over(Someone(), heir)
    assert admission.seated == 0


async def test_the_retry_time_follows_how_fast_seats_become_free() -> None:
    async def told(between_s: float, pause_s: float = 0.0) -> int:
        admission = _admission(1, patience_s=0)
        for _ in range(30):
            one = Someone("a")
            await admission.claim(one)
            await asyncio.sleep(between_s)
            admission.release(one)
            await asyncio.sleep(pause_s)
        await admission.claim(Someone("a"))
        with pytest.raises(LipwireError) as caught:
            await admission.claim(Someone("b"))
        assert caught.value.retry_after_ms is not None
        return caught.value.retry_after_ms

    assert await told(0.01) == 500
    assert 5_000 < await told(3) < 7_000
    assert await told(500) == 30_000
    # How long nobody wanted a seat says nothing.
    assert await told(3, pause_s=3_600) == await told(3)


async def test_closing_refuses_all_who_wait_and_all_who_come() -> None:
    admission, gone = _admission(1), LipwireError(ErrorCode.GOING_AWAY, "bye")
    sitting = Someone("a")
    _, *claims = await _claimed(admission, sitting, Someone("b"), Someone("b"), Someone("c"))
    admission.close(gone)
    assert await asyncio.gather(*claims, return_exceptions=True) == [gone] * 3
    with pytest.raises(LipwireError, match="bye"):
        await admission.claim(Someone("d"))
    assert admission.waiting == 0
    admission.leave(sitting, now_ns() + 10**9)
    assert admission.seated == 0


class AdmissionMachine(RuleBasedStateMachine):
    """Whatever happens: no more sit than there are seats, and who waits has a reason to."""

    def __init__(self) -> None:
        super().__init__()
        self.runner = asyncio.Runner(loop_factory=VirtualTimeLoop)
        self.seats = 3
        self.most = 3
        self.claims: dict[Someone, asyncio.Task[None]] = {}
        self.admission = Admission(
            lambda: self.seats, lambda: round(self.runner.get_loop().time() * 1e9), patience_s=2
        )

    def teardown(self) -> None:
        self.pass_time(10)
        for someone in list(self.claims):
            self.admission.release(someone)
        self.pass_time(10)
        assert (self.admission.seated, self.admission.waiting) == (0, 0)
        assert not self.admission._held
        assert not self.admission._lines
        self.runner.close()

    @rule(key=st.sampled_from("abc"), again=st.booleans())
    def claim(self, key: str, again: bool) -> None:
        someone = Someone(key)

        async def claim() -> None:
            self.claims[someone] = asyncio.ensure_future(self.admission.claim(someone, again=again))

        self.runner.run(claim())
        self.pass_time(0)

    @precondition(lambda self: self.claims)
    @rule(data=st.data(), how=st.sampled_from(["release", "cancel", "idle", "busy", "leave"]))
    def change(self, data: st.DataObject, how: str) -> None:
        someone = data.draw(st.sampled_from(list(self.claims)))

        async def change() -> None:
            match how:
                case "cancel":
                    self.claims[someone].cancel()
                case "leave" if self.claims[someone].done():
                    self.admission.leave(someone, self.admission._now_ns() + 1_000_000_000)
                case "release" if self.claims[someone].done():
                    self.admission.release(someone)
                case "idle" | "busy":
                    someone.idle = how == "idle"

        self.runner.run(change())
        self.pass_time(0)

    @rule(seats=st.integers(1, 6))
    def resize(self, seats: int) -> None:
        self.seats = seats
        self.most = max(seats, self.admission.seated)

    @rule(seconds=st.floats(0, 3))
    def pass_time(self, seconds: float) -> None:
        async def wait() -> None:
            await asyncio.sleep(seconds)
            await asyncio.sleep(0)
            for claim in self.claims.values():
                if claim.done() and not claim.cancelled():
                    claim.exception()

        self.runner.run(wait())

    @invariant()
    def counts_are_right(self) -> None:
        admission = self.admission
        assert admission.seated <= self.most
        assert sum(admission._held.values()) == admission.seated
        assert admission.waiting == sum(not claim.done() for claim in self.claims.values())


TestAdmissionMachine = AdmissionMachine.TestCase

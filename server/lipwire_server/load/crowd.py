"""A load test: a crowd comes, stays, and is measured."""

import asyncio
import ssl
import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from lipwire_protocol import ErrorCode, Hello, LipwireError

from .people import Person, World
from .performer import Performer, greet
from .roles import USUAL, Role, in_turn
from .tally import Tally

__all__ = ["LINES", "Moment", "Plan", "Result", "run"]

LINES: Final = (
    "Good morning, and thank you for coming in today.",
    "Could you tell me a little about what you did last?",
    "That is interesting. What was the hardest part of it, and how did you get through?",
    "Let us look at another example, one in which things went differently.",
    "I see. Take your time, there is no hurry at all.",
    "Before we finish, is there anything that you would like to ask?",
)
"""What is said where no script is given."""

_TICK_S: Final = 0.5
_PULSE_S: Final = 0.05
_MOMENTS: Final = 600
"""How many are kept of a long test, at most."""
_LATE_S: Final = 40.0
"""How long after the end the last ones are waited for."""
_MEASURED: Final = {ErrorCode.OVERLOADED, ErrorCode.RATE_LIMITED}
"""To be refused with these is a result, and no reason not to begin."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What is to be done."""

    url: str
    """Of the stream: ws://host:port/v1/stream."""
    sockets: int = 100
    ramp_s: float = 10.0
    """Within which all of them come."""
    duration_s: float = 60.0
    """From the first that comes until everybody has gone."""
    ramp_down_s: float = 0.0
    """Within which all of them go, at the end of that."""
    mix: Mapping[Role, int] = field(default_factory=lambda: dict(USUAL))
    lines: Sequence[str] = LINES
    is_same: bool = False
    """They all say the first line, so that the server makes it once."""
    token: str | None = None
    voice: str | None = None
    seed: int = 0
    tls: ssl.SSLContext | None = None
    """Whom to trust; those whom this machine trusts without it."""

    @property
    def roles(self) -> Sequence[Role]:
        """Of everybody, in the order in which they come."""
        return in_turn(self.mix, self.sockets)

    @property
    def people(self) -> Mapping[Role, int]:
        """How many there are of each role."""
        here = Counter(self.roles)
        return {role: here[role] for role in self.mix if here[role]}

    @property
    def said(self) -> Sequence[str]:
        return self.lines[:1] if self.is_same else self.lines


@dataclass(frozen=True, slots=True)
class Moment:
    """How it was, so long after the beginning."""

    seconds: float
    here: int
    figures: Mapping[str, float | None]


@dataclass(frozen=True, slots=True)
class Result:
    plan: Plan
    tally: Tally
    moments: Sequence[Moment]
    cpu_s: float
    """Of one core, that the load test itself took."""
    began: float = 0.0
    """On the clock by which the tally was taken."""
    is_stopped: bool = False
    """Before its time was over."""

    @property
    def seconds(self) -> float:
        return self.moments[-1].seconds


def _nobody(moment: Moment) -> None:
    pass


async def run(
    plan: Plan,
    show: Callable[[Moment], None] = _nobody,
    *,
    stop: asyncio.Event | None = None,
    now: Callable[[], float] = time.perf_counter,
    cpu: Callable[[], float] = time.process_time,
) -> Result:
    """Runs it to its end; `show` is told how it goes, twice a second. After `stop` everybody goes
    at once. `now` is the clock, and `cpu` tells the seconds of a core that this process has taken.

    Raises LipwireError where nobody is there, or does not let us in for a reason that is not load.
    """
    tally = Tally()
    stop = stop or asyncio.Event()
    await _knock(plan)
    performer = None
    if Role.LISTENER in plan.people:
        performer = await Performer.come(
            plan.url, plan.said, tally, plan.token, plan.voice, plan.tls
        )
    cpu_before, began = cpu(), now()
    try:
        moments = await _run(plan, performer, tally, show, now, stop)
    finally:
        if performer is not None:
            performer.go()
    return Result(plan, tally, moments, cpu() - cpu_before, began, stop.is_set())


async def _run(
    plan: Plan,
    performer: Performer | None,
    tally: Tally,
    show: Callable[[Moment], None],
    now: Callable[[], float],
    stop: asyncio.Event,
) -> list[Moment]:
    began = now()
    world = World(
        url=plan.url,
        lines=plan.said,
        token=plan.token,
        voice=plan.voice,
        tally=tally,
        until=began + plan.duration_s,
        now=now,
        seed=plan.seed,
        tls=plan.tls,
    )
    stage = None if performer is None else performer.stage
    people = [
        Person(number, role, world, stage, early_s=plan.ramp_down_s * (1 - number / plan.sockets))
        for number, role in enumerate(plan.roles)
    ]
    album = _Album(plan.duration_s)

    def look() -> None:
        here = sum(person.is_here for person in people)
        moment = Moment(round(now() - began, 3), here, tally.glance())
        album.keep(moment)
        show(moment)

    async with asyncio.TaskGroup() as group:
        others: list[asyncio.Task[Any]] = [group.create_task(_feel_pulse(tally, now))]
        if performer is not None:
            others.append(group.create_task(performer.perform()))
        coming = group.create_task(_all_come(people, plan.ramp_s, now))
        stopping = group.create_task(stop.wait())
        others.append(stopping)
        while not (coming.done() or stopping.done()) and now() < world.until + _LATE_S:
            look()
            both: list[asyncio.Task[Any]] = [coming, stopping]
            await asyncio.wait(both, timeout=_TICK_S, return_when=asyncio.FIRST_COMPLETED)
        for task in (coming, *others):
            task.cancel()
    look()
    return album.moments


class _Album:
    """Of a long test not every moment, but its last one."""

    def __init__(self, duration_s: float) -> None:
        self.moments: list[Moment] = []
        self._every = max(1, round(duration_s / _TICK_S / _MOMENTS))
        self._seen = 0

    def keep(self, moment: Moment) -> None:
        if self._seen % self._every and self.moments:
            self.moments[-1] = moment
        else:
            self.moments.append(moment)
        self._seen += 1


async def _all_come(people: Sequence[Person], ramp_s: float, now: Callable[[], float]) -> None:
    began = now()
    async with asyncio.TaskGroup() as group:
        for number, person in enumerate(people):
            # Those who are due by now come together, so that a slow loop makes the ramp no longer.
            await asyncio.sleep(max(0.0, began + number * ramp_s / len(people) - now()))
            group.create_task(person.live())


async def _feel_pulse(tally: Tally, now: Callable[[], float]) -> None:
    """How late this process itself is, all the time: who was late for a second was so for each
    beat that was due in it."""
    due = now() + _PULSE_S
    while True:
        await asyncio.sleep(due - now())
        tally.beat = now()
        late = tally.beat - due
        while late >= 0:
            tally.own_delay_ms.add(late * 1000)
            due, late = due + _PULSE_S, late - _PULSE_S


async def _knock(plan: Plan) -> None:
    """Raises LipwireError where nobody opens, or lets nobody in."""
    try:
        socket, _ = await greet(
            plan.url,
            Hello(token=plan.token, voice=plan.voice, persist=False),
            lambda message: None,
            plan.tls,
        )
    except LipwireError as error:
        if error.code in _MEASURED:
            return
        raise
    socket.cut()

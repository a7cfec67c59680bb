"""A speech machine without speech: what it costs to make is given, and time is the loop's own.

For loops with the mark `virtual_time`, where an hour of a thousand listeners takes seconds. The
agenda, admission and all else are the real ones; only the voice and the threads are not. To extend
it, give `FakeVoice` another cost or fault, or `SimulatedListener` another habit.
"""

import asyncio
import math
from collections.abc import AsyncIterator, Iterable, Iterator, Sequence
from contextlib import aclosing, asynccontextmanager
from dataclasses import dataclass, field
from enum import Enum, auto

import numpy as np
from numpy.typing import NDArray

from lipwire_protocol import ErrorCode, LipwireError, PlayoutClock
from lipwire_server.speech.port import Job, Listener, Plan, Seat, VoiceInfo, Window
from lipwire_server.speech.scheduling.agenda import Agenda, Due, Unit
from lipwire_server.speech.scheduling.scheduler import Scheduler
from lipwire_server.speech.synthesizer import Prepared
from lipwire_server.speech.voices.reading import Span, window_plan
from tests.fakes import FakeMouth, now_ns

__all__ = [
    "RATE",
    "FakeCrew",
    "FakeLibrary",
    "FakeVoice",
    "Fault",
    "Machine",
    "SimulatedListener",
    "job",
    "machine",
    "percentile",
]

RATE = 1_000
"""One sample is one millisecond."""
_HOP_MS = 12
"""About that of a voice of 22,050 Hz, so windows last as long as real ones."""
_NAME = "fake"


def job(seconds: float, content: object = "") -> Job:
    """So many seconds of speech; equal contents are equal jobs."""
    return Job(text=f"{seconds} {content}", voice=_NAME)


class Fault(Enum):
    THROWS = auto()
    HANGS = auto()
    REFUSES = auto()
    """Fails as it does when something is wrong with the text."""


class _Hops:
    def __init__(self, hops: int) -> None:
        self.frames = np.array([hops], np.int64)
        self.windows: tuple[Span, ...] = window_plan(hops)

    def window(self, index: int) -> NDArray[np.float32]:
        begin, end = self.windows[index]
        return np.zeros((end - begin) * _HOP_MS, np.float32)


class FakeVoice:
    """Each unit leaves in `cost_s` how long it takes, and takes its fault from `faults`."""

    sample_rate = RATE

    def __init__(self, *, plan_s: float = 0.05, per_second: float = 0.1) -> None:
        self.plan_s = plan_s
        self.per_second = per_second
        """Seconds of work for a second of speech."""
        self.cost_s = 0.0
        self.faults: Iterator[Fault | None] = iter(())
        self.made: list[tuple[str, int]] = []
        """Text and index of what was begun; the index of a plan is -1."""

    def key(self, job: Job) -> bytes:
        return job.text.encode()

    def plan(self, job: Job) -> Prepared:
        self._begin(job.text, -1, self.plan_s)
        seconds = float(job.text.split()[0])
        hops = round(seconds * 1_000 / _HOP_MS)
        plan = Plan(
            count=hops * _HOP_MS,
            words=(),
            phonemes=(),
            mouth=FakeMouth({job.text: ()}),
            phonemized_ns=0,
            encoded_ns=0,
        )
        return Prepared(plan, _Hops(hops))

    def window(self, prepared: Prepared, index: int) -> Window:
        begin, end = prepared.reading.windows[index]
        seconds = (end - begin) * _HOP_MS / RATE
        self._begin(next(iter(prepared.plan.mouth.sets)), index, seconds * self.per_second)
        return Window(index=index, start=begin * _HOP_MS, samples=prepared.reading.window(index))

    def _begin(self, text: str, index: int, cost_s: float) -> None:
        self.made.append((text, index))
        self.cost_s = cost_s
        match next(self.faults, None):
            case Fault.THROWS:
                raise RuntimeError("out of memory")
            case Fault.HANGS:
                self.cost_s = math.inf
            case Fault.REFUSES:
                raise LipwireError(ErrorCode.EMPTY_TEXT, "there is nothing to say")


class FakeLibrary:
    def __init__(self, voice: FakeVoice) -> None:
        self._voice = voice

    def voices(self) -> tuple[VoiceInfo, ...]:
        return (VoiceInfo(name=_NAME, language="en-US", sample_rate=RATE),)

    async def voice(self, name: str) -> FakeVoice:
        if name != _NAME:
            raise LipwireError(ErrorCode.NOT_FOUND, f"there is no voice {name!r}: take {_NAME!r}")
        return self._voice


class FakeCrew:
    """Members that are busy with a unit for its cost, on the clock of the loop."""

    def __init__(self, size: int, voice: FakeVoice, agenda: Agenda | None = None) -> None:
        self.size = size
        self.agenda = Agenda() if agenda is None else agenda
        self.at_work: dict[Unit, asyncio.TimerHandle | None] = {}
        self.abandoned = 0
        self.busy_s = 0.0
        self._voice = voice
        self._closed = False

    def add(self, unit: Unit) -> None:
        self.agenda.add(unit)
        self._go_on()

    def drop(self, unit: Unit) -> bool:
        return self.agenda.drop(unit)

    def hasten(self, unit: Unit, due: Due) -> None:
        self.agenda.hasten(unit, due)

    def abandon(self, unit: Unit) -> bool:
        if unit not in self.at_work:
            return False
        del self.at_work[unit]
        self.abandoned += 1
        self._go_on()
        return True

    def close(self) -> None:
        self._closed = True
        while self.agenda.take(0) is not None:
            pass

    def join(self, patience_s: float) -> int:
        """Called in a thread, which has no part in the time of the loop."""
        return list(self.at_work.values()).count(None)

    def _go_on(self) -> None:
        while len(self.at_work) < self.size and (unit := self.agenda.take(now_ns())):
            result: object = None
            error: Exception | None = None
            try:
                result = unit.work()
            except Exception as failed:
                error = failed
            cost_s = self._voice.cost_s
            self.at_work[unit] = None
            if cost_s < math.inf:
                loop = asyncio.get_running_loop()
                self.at_work[unit] = loop.call_later(cost_s, self._done, unit, result, error)
                self.busy_s += cost_s

    def _done(self, unit: Unit, result: object, error: Exception | None) -> None:
        if self.at_work.pop(unit, None) is not None:
            unit.settle(unit, result, error)
            self._go_on()


@dataclass(frozen=True, slots=True, kw_only=True)
class Machine:
    """Everything that a simulation has to look at."""

    scheduler: Scheduler
    crew: FakeCrew
    voice: FakeVoice

    def leftovers(self) -> dict[str, int]:
        """What should be nothing once nobody is spoken to."""
        scheduler = self.scheduler
        left = {
            "errands": len(scheduler._errands),
            "queued": len(self.crew.agenda),
            "at work": len(self.crew.at_work),
            "seated": scheduler.admission.seated,
            "waiting": scheduler.admission.waiting,
            "lines": len(scheduler.admission._lines) + len(scheduler.admission._returning),
        }
        for rendition in scheduler._desk.shelf._renditions.values():
            for name, there in (
                ("users", rendition.users),
                ("carriers", rendition.carrier),
                ("claims", rendition.claim),
                ("parts on their way", rendition._errands),
                ("waiters for parts", rendition._waiting),
            ):
                left[name] = left.get(name, 0) + bool(there)
        return {name: count for name, count in left.items() if count}


@asynccontextmanager
async def machine(
    *,
    size: int = 4,
    voice: FakeVoice | None = None,
    agenda: Agenda | None = None,
    load_percent: int = 90,
    wait_s: float = 2.0,
    patience_s: float = 20.0,
    cache_bytes: int = 128 << 20,
    seats: int | None = None,
) -> AsyncIterator[Machine]:
    """`seats` instead of as many as the pace of the voice allows."""
    voice = voice or FakeVoice()
    crew = FakeCrew(size, voice, agenda)
    scheduler = Scheduler(
        FakeLibrary(voice),
        crew,
        now_ns,
        load_percent=load_percent,
        wait_s=wait_s,
        patience_s=patience_s,
        cache_bytes=cache_bytes,
    )
    if seats is not None:
        scheduler.admission._capacity = lambda: seats
    async with scheduler:
        yield Machine(scheduler=scheduler, crew=crew, voice=voice)


@dataclass(slots=True, kw_only=True)
class SimulatedListener:
    """Plays in real time what he is given, and asks for more when the lead allows it.

    - `interrupts_after_s`: then he hears no more.
    - `gap_s`: so long after he has heard one job the next one comes.
    - `retries`: so often he comes back when he was told to.
    """

    scheduler: Scheduler
    jobs: Iterable[Job]
    key: str = ""
    lead_s: float = 3.0
    gap_s: float = 0.0
    interrupts_after_s: float | None = None
    retries: int = 0
    prebuffer_s: float = 0.0
    """So long he waits after the first sound before he plays it."""

    windows: list[Window] = field(default_factory=list)
    plans: list[Plan] = field(default_factory=list)
    first_audio_s: list[float] = field(default_factory=list)
    """Of each job that he had to wait for."""
    underruns: list[float] = field(default_factory=list)
    """Seconds that each of them lasted."""
    refusals: list[float] = field(default_factory=list)
    """Seconds that he had waited when he was refused."""
    error: LipwireError | None = None
    _clock: PlayoutClock = field(default_factory=lambda: PlayoutClock(RATE))

    async def listen(self) -> None:
        listening = asyncio.ensure_future(self._listen())
        try:
            async with asyncio.timeout(self.interrupts_after_s):
                await listening
        except TimeoutError:
            pass

    async def _listen(self) -> None:
        while True:
            began = _now_s()
            self.error = None
            try:
                with self.scheduler.seat(Listener(key=self.key, dry_ns=self._clock.dry_ns)) as seat:
                    for number, wanted in enumerate(self.jobs):
                        if number and self.gap_s:
                            await asyncio.sleep(self._ahead_s() + self.gap_s)
                        await self._hear(seat, wanted)
                return
            except LipwireError as error:
                self.error = error
                if error.code is not ErrorCode.OVERLOADED:
                    return
                self.refusals.append(_now_s() - began)
                if len(self.refusals) > self.retries:
                    return
                assert error.retry_after_ms is not None
                await asyncio.sleep(error.retry_after_ms / 1_000)

    async def _hear(self, seat: Seat, wanted: Job) -> None:
        asked_s, dry_before = _now_s(), self._ahead_s() <= 0
        async with aclosing(seat.speak(wanted)) as parts:
            plan = await anext(parts)
            assert isinstance(plan, Plan)
            self.plans.append(plan)
            first = True
            while True:
                await self._credit()
                window = await anext(parts, None)
                if window is None:
                    return
                assert isinstance(window, Window)
                if first and dry_before:
                    self.first_audio_s.append(_now_s() - asked_s)
                    await asyncio.sleep(self.prebuffer_s)
                elif self._ahead_s() < 0:
                    self.underruns.append(-self._ahead_s())
                first = False
                self.windows.append(window)
                self._clock.send(window.samples.size, now_ns())

    def _ahead_s(self) -> float:
        return (self._clock.dry_ns() - now_ns()) / 1e9

    async def _credit(self) -> None:
        # As the speaker does: there must be credit for a chunk.
        over_s = self._ahead_s() - (self.lead_s - 0.75)
        if over_s > 0:
            await asyncio.sleep(over_s)


def percentile(values: Sequence[float], percent: float) -> float:
    return sorted(values)[math.ceil(len(values) * percent / 100) - 1]


def _now_s() -> float:
    return asyncio.get_running_loop().time()

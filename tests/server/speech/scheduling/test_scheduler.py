"""The whole scheduler with real threads and a tiny voice."""

import asyncio
import itertools
import threading
import time
from collections.abc import AsyncIterator, Callable
from contextlib import aclosing
from dataclasses import replace
from pathlib import Path

import pytest

from lipwire_protocol.errors import ErrorCode, LipwireError
from lipwire_server.speech.audio.pcm import pcm_s16le
from lipwire_server.speech.port import NOBODY, Job, Listener, Plan, Seat, Window
from lipwire_server.speech.scheduling.crew import ThreadCrew
from lipwire_server.speech.scheduling.scheduler import Scheduler
from lipwire_server.speech.synthesizer import Prepared
from lipwire_server.speech.voices.library import Library
from tests.fakes import FakeMouth
from tests.server.speech.scheduling.simulation import FakeLibrary, FakeVoice, job
from tests.tiny_voice import NAME, write_tiny_voice

JOB = Job(
    text="Hello there, my friend. How are you today, on this fine and sunny day of the month"
    " of May, when all the birds are singing in all the trees of the old garden?",
    voice=NAME,
)


LONG = 60.0
"""Seconds; only a test that fails lasts so long."""


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_tiny_voice(tmp_path_factory.mktemp("voice"))


def _scheduler(
    model: Path,
    *,
    size: int = 1,
    cache_bytes: int = 0,
    now_ns: Callable[[], int] = time.monotonic_ns,
) -> Scheduler:
    library = Library({NAME: model}, lambda phonemes, rate: FakeMouth(), now_ns)
    crew = ThreadCrew(size, now_ns)
    return Scheduler(library, crew, now_ns, cache_bytes=cache_bytes, wait_s=60)


@pytest.fixture
async def scheduler(model: Path) -> AsyncIterator[Scheduler]:
    async with _scheduler(model) as scheduler:
        yield scheduler


async def _speak(scheduler: Scheduler, job: Job, key: str = "") -> tuple[Plan, list[Window]]:
    with scheduler.seat(Listener(key=key, dry_ns=lambda: 0)) as seat:
        return await _parts(seat, job)


async def _parts(seat: Seat, job: Job) -> tuple[Plan, list[Window]]:
    plan, *windows = [part async for part in seat.speak(job)]
    assert isinstance(plan, Plan)
    return plan, [window for window in windows if isinstance(window, Window)]


def _bytes(windows: list[Window]) -> bytes:
    return b"".join(window.samples.tobytes() for window in windows)


async def test_it_tells_its_voices(scheduler: Scheduler) -> None:
    assert [voice.name for voice in scheduler.voices()] == [NAME]


async def test_the_plan_comes_first_then_all_windows_in_order(scheduler: Scheduler) -> None:
    plan, windows = await _speak(scheduler, JOB)
    assert [window.index for window in windows] == list(range(len(windows)))
    assert len(windows) > 3
    assert sum(window.samples.size for window in windows) == plan.count
    assert not plan.cached


async def test_the_bytes_of_a_job_are_the_same_on_an_idle_and_on_a_full_machine(
    model: Path,
) -> None:
    jobs = [replace(JOB, seed=seed) for seed in range(12)]
    async with _scheduler(model) as idle:
        alone = [_bytes((await _speak(idle, job))[1]) for job in jobs]
    async with _scheduler(model, size=3) as full:
        together = await asyncio.gather(
            *(_speak(full, job, str(at)) for at, job in enumerate(jobs))
        )
    assert [_bytes(windows) for _, windows in together] == alone
    assert len(set(alone)) == len(alone)


async def test_from_the_shelf_come_the_same_bytes(model: Path) -> None:
    async with _scheduler(model, cache_bytes=2 << 20) as scheduler:
        _, made = await _speak(scheduler, JOB)
        plan, found = await _speak(scheduler, JOB)
        assert plan.cached
        assert _bytes(found) == _bytes(made)
        assert [window.pcm for window in found] == [pcm_s16le(window.samples) for window in made]
        kept = sum(window.samples.nbytes + len(window.pcm or b"") for window in made)
        assert kept < scheduler.stats().kept_bytes < kept + 100_000
        assert scheduler.counts.plans == 1
        assert scheduler.counts.windows == len(made)


async def test_a_job_taken_up_later_has_the_same_bytes(scheduler: Scheduler) -> None:
    _, windows = await _speak(scheduler, JOB)
    _, rest = await _speak(scheduler, replace(JOB, first_window=2))
    assert _bytes(rest) == _bytes(windows[2:])


async def test_many_who_hear_the_same_and_some_who_leave(model: Path) -> None:
    async with _scheduler(model, size=2, cache_bytes=1 << 20) as scheduler:
        _, expected = await _speak(scheduler, replace(JOB, seed=7))
        listening = [
            asyncio.ensure_future(_speak(scheduler, replace(JOB, seed=at % 4), str(at)))
            for at in range(40)
        ]
        for at in range(0, 40, 3):
            await asyncio.sleep(0)
            listening[at].cancel()
        outcomes = await asyncio.gather(*listening, return_exceptions=True)
        heard = [outcome for outcome in outcomes if not isinstance(outcome, BaseException)]
        assert len(heard) == 26
        assert scheduler.counts.plans <= 5
        assert {len(windows) for _, windows in heard} <= {len(expected), len(expected) + 1}
        assert scheduler.admission.seated == scheduler.admission.waiting == 0


@pytest.mark.parametrize(("glance_ns", "is_fast"), [(1_000, True), (10**9, False)])
async def test_it_measures_its_pace(model: Path, glance_ns: int, is_fast: bool) -> None:
    # A clock that goes on by so much whenever somebody looks at it.
    glances = itertools.count(step=glance_ns)
    async with _scheduler(model, now_ns=lambda: next(glances)) as scheduler:
        before = scheduler.capacity()
        await _speak(scheduler, JOB)
        assert (scheduler.capacity() > before) is is_fast


async def test_an_unknown_voice_is_answered_with_those_that_exist(scheduler: Scheduler) -> None:
    with pytest.raises(LipwireError, match=NAME) as caught:
        await _speak(scheduler, replace(JOB, voice="nobody"))
    assert caught.value.code is ErrorCode.NOT_FOUND


async def test_an_empty_text_is_refused_and_the_next_job_is_spoken(scheduler: Scheduler) -> None:
    with pytest.raises(LipwireError) as caught:
        await _speak(scheduler, replace(JOB, text="..."))
    assert caught.value.code is ErrorCode.EMPTY_TEXT
    assert scheduler.counts.retried == 0
    await _speak(scheduler, JOB)


async def test_after_closing_jobs_are_refused(model: Path) -> None:
    async with _scheduler(model) as scheduler:
        pass
    with pytest.raises(LipwireError) as caught:
        await _speak(scheduler, JOB)
    assert caught.value.code is ErrorCode.GOING_AWAY
    await scheduler.close()


class Gated(FakeVoice):
    """Its plans wait in their threads for the gate."""

    def __init__(self) -> None:
        super().__init__()
        self.gate = threading.Event()
        self.begun = threading.Semaphore(0)

    def plan(self, job: Job) -> Prepared:
        self.begun.release()
        self.gate.wait(LONG)
        return super().plan(job)


class Clock:
    """Stands still until the test moves it: however busy a machine is, nothing takes any time."""

    def __init__(self) -> None:
        self.ns = 0

    def __call__(self) -> int:
        return self.ns


def _gated(voice: Gated, clock: Clock | None = None, *, patience_s: float = 20.0) -> Scheduler:
    clock = clock or Clock()
    return Scheduler(FakeLibrary(voice), ThreadCrew(1, clock), clock, patience_s=patience_s)


async def _until_one_hangs(voice: Gated, clock: Clock) -> None:
    """Until somebody has begun a plan, and then for longer than anybody has patience."""
    assert await asyncio.to_thread(voice.begun.acquire, timeout=LONG)
    clock.ns += 60_000_000_000


async def test_the_loop_goes_on_while_a_thread_is_busy() -> None:
    voice = Gated()
    async with _gated(voice) as scheduler:
        speaking = asyncio.ensure_future(_speak(scheduler, job(1)))
        assert await asyncio.to_thread(voice.begun.acquire, timeout=LONG)
        for _ in range(100):
            await asyncio.sleep(0)
        assert not speaking.done()
        voice.gate.set()
        await speaking


async def test_closing_ends_all_jobs_and_waits_for_the_unit_that_is_being_made() -> None:
    voice = Gated()
    scheduler = _gated(voice)
    speaking = [asyncio.ensure_future(_speak(scheduler, job(1, at), str(at))) for at in range(4)]
    assert await asyncio.to_thread(voice.begun.acquire, timeout=LONG)
    closing = asyncio.ensure_future(scheduler.close())
    for outcome in await asyncio.gather(*speaking, return_exceptions=True):
        assert isinstance(outcome, LipwireError)
        assert outcome.code is ErrorCode.GOING_AWAY
    assert not closing.done()
    voice.gate.set()
    await closing
    assert len(voice.made) == 1


async def test_closing_does_not_wait_for_ever_for_what_hangs(
    caplog: pytest.LogCaptureFixture,
) -> None:
    voice = Gated()
    scheduler = _gated(voice, patience_s=0.01)
    with scheduler.seat(NOBODY) as seat:
        async with aclosing(seat.speak(job(1))) as parts:
            asking = asyncio.ensure_future(anext(parts))
            assert await asyncio.to_thread(voice.begun.acquire, timeout=LONG)
            await scheduler.close()
            with pytest.raises(LipwireError):
                await asking
    assert "1 threads were left behind" in caplog.text
    voice.gate.set()


async def test_a_hang_is_given_up_and_done_again_by_somebody_else() -> None:
    voice, clock = Gated(), Clock()
    async with _gated(voice, clock, patience_s=0.2) as scheduler:
        speaking = asyncio.ensure_future(_speak(scheduler, job(1)))
        for _ in range(2):
            await _until_one_hangs(voice, clock)
        with pytest.raises(LipwireError) as caught:
            await speaking
        assert caught.value.code is ErrorCode.SYNTHESIS_FAILED
        voice.gate.set()
        plan, _ = await _speak(scheduler, job(1))
        assert plan.count > 0


async def test_a_voice_that_always_hangs_is_soon_refused() -> None:
    voice, clock = Gated(), Clock()
    async with _gated(voice, clock, patience_s=0.02) as scheduler:
        for at in range(6):
            speaking = asyncio.ensure_future(_speak(scheduler, job(1, at)))
            for _ in range(2 if at < 2 else 0):
                await _until_one_hangs(voice, clock)
            with pytest.raises(LipwireError) as caught:
                await speaking
            assert caught.value.code is ErrorCode.SYNTHESIS_FAILED
        assert not voice.begun.acquire(blocking=False)
        voice.gate.set()

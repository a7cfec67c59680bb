import asyncio
import threading
from collections.abc import AsyncIterator
from contextlib import aclosing
from dataclasses import replace

import numpy as np
import pytest

from lipwire_protocol.errors import ErrorCode, LipwireError
from lipwire_server.speech.port import Job, Plan, Synthesis, VoiceInfo, Window
from lipwire_server.speech.scheduler import Scheduler
from lipwire_server.speech.synthesizer import Prepared, Synthesizer
from lipwire_server.speech.voices.voice import Voice
from tests.tiny_voice import NAME, write_tiny_voice

JOB = Job(
    text="Hello there, my friend. How are you today, on this fine and sunny day of the month"
    " of May, when all the birds are singing in all the trees of the old garden?",
    voice=NAME,
)


@pytest.fixture(scope="module")
def voice(tmp_path_factory: pytest.TempPathFactory) -> Voice:
    return Voice.load(write_tiny_voice(tmp_path_factory.mktemp("voice")))


@pytest.fixture
async def scheduler(voice: Voice) -> AsyncIterator[Scheduler]:
    async with Scheduler([voice], lambda phonemes, rate: {}, lambda: 0, workers=1) as scheduler:
        yield scheduler


class Gate:
    """Holds every unit of work in its worker thread until it is let through."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.begun: list[str] = []
        self._permits = threading.Semaphore(0)
        self._changed = threading.Condition()
        plan, window = Synthesizer.plan, Synthesizer.window

        def gated_plan(synthesizer: Synthesizer, job: Job) -> Prepared:
            self._pass(f"plan {job.seed}")
            return plan(synthesizer, job)

        def gated_window(synthesizer: Synthesizer, prepared: Prepared, index: int) -> Window:
            self._pass(f"window {index}")
            return window(synthesizer, prepared, index)

        monkeypatch.setattr(Synthesizer, "plan", gated_plan)
        monkeypatch.setattr(Synthesizer, "window", gated_window)

    def _pass(self, unit: str) -> None:
        with self._changed:
            self.begun.append(unit)
            self._changed.notify_all()
        if not self._permits.acquire(timeout=30):
            raise TimeoutError

    def let(self, units: int) -> None:
        self._permits.release(units)

    async def until_begun(self, count: int) -> None:
        await asyncio.to_thread(self._wait, count)
        # What the loop was told by the worker threads meanwhile comes first.
        await asyncio.sleep(0)

    def _wait(self, count: int) -> None:
        with self._changed:
            if not self._changed.wait_for(lambda: len(self.begun) >= count, timeout=30):
                raise TimeoutError


@pytest.fixture
def gate(monkeypatch: pytest.MonkeyPatch) -> Gate:
    return Gate(monkeypatch)


async def _speak(synthesis: Synthesis, job: Job) -> tuple[Plan, list[Window]]:
    parts = [part async for part in synthesis.speak(job)]
    plan, windows = parts[0], parts[1:]
    assert isinstance(plan, Plan)
    return plan, [window for window in windows if isinstance(window, Window)]


def test_it_tells_its_voices(voice: Voice) -> None:
    scheduler = Scheduler([voice], lambda phonemes, rate: {}, lambda: 0)
    assert scheduler.voices() == (
        VoiceInfo(name=NAME, language="en-US", sample_rate=16000, speakers=1),
    )


async def test_the_plan_comes_first_then_all_windows_in_order(scheduler: Scheduler) -> None:
    plan, windows = await _speak(scheduler, JOB)
    assert [window.index for window in windows] == list(range(len(windows)))
    assert len(windows) > 3
    assert sum(window.samples.size for window in windows) == plan.count


async def test_a_job_can_be_taken_up_at_a_later_window(scheduler: Scheduler) -> None:
    plan, windows = await _speak(scheduler, JOB)
    same_plan, rest = await _speak(scheduler, replace(JOB, first_window=2))
    assert same_plan == plan
    assert [window.index for window in rest] == [window.index for window in windows[2:]]
    assert np.array_equal(rest[0].samples, windows[2].samples)


async def test_a_job_taken_up_after_its_end_has_no_windows(scheduler: Scheduler) -> None:
    _, windows = await _speak(scheduler, replace(JOB, first_window=99))
    assert windows == []


async def test_many_jobs_at_once_get_the_bytes_they_get_alone(scheduler: Scheduler) -> None:
    jobs = [replace(JOB, seed=seed) for seed in range(6)]
    alone = [await _speak(scheduler, job) for job in jobs]
    together = await asyncio.gather(*(_speak(scheduler, job) for job in jobs))
    for (_, expected), (_, windows) in zip(alone, together, strict=True):
        assert [w.samples.tobytes() for w in windows] == [w.samples.tobytes() for w in expected]


async def test_speakers_take_turns_window_by_window(scheduler: Scheduler, gate: Gate) -> None:
    async with asyncio.TaskGroup() as speakers:
        speakers.create_task(_speak(scheduler, replace(JOB, seed=1)))
        speakers.create_task(_speak(scheduler, replace(JOB, seed=2)))
        for permitted in range(1, 7):
            await gate.until_begun(permitted)
            gate.let(1)
        gate.let(1000)
    assert gate.begun[:6] == ["plan 1", "plan 2", "window 0", "window 0", "window 1", "window 1"]


async def test_only_one_window_is_made_ahead_of_the_listener(
    scheduler: Scheduler, gate: Gate
) -> None:
    gate.let(1000)
    async with aclosing(scheduler.speak(JOB)) as parts:
        await anext(parts)
        await anext(parts)
        await gate.until_begun(3)
        # There is one worker: whatever the first job had queued would run before this.
        with pytest.raises(LipwireError):
            await _speak(scheduler, replace(JOB, text="...", seed=2))
        assert gate.begun == ["plan 0", "window 0", "window 1", "plan 2"]


async def test_closing_the_iterator_drops_what_is_queued(scheduler: Scheduler, gate: Gate) -> None:
    first = scheduler.speak(replace(JOB, seed=1))
    second = scheduler.speak(replace(JOB, seed=2))
    gate.let(1)
    await anext(first)
    await gate.until_begun(2)
    waiting = asyncio.ensure_future(anext(second))
    await asyncio.sleep(0)
    waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiting
    await first.aclose()
    gate.let(1000)
    await _speak(scheduler, replace(JOB, seed=3))
    assert gate.begun[:3] == ["plan 1", "window 0", "plan 3"]


async def test_closing_while_jobs_are_queued_ends_them_and_the_threads(
    voice: Voice, gate: Gate
) -> None:
    before = set(threading.enumerate())
    scheduler = Scheduler([voice], lambda phonemes, rate: {}, lambda: 0, workers=2)
    speakers = [
        asyncio.ensure_future(_speak(scheduler, replace(JOB, seed=seed))) for seed in range(5)
    ]
    await gate.until_begun(2)
    closing = asyncio.ensure_future(scheduler.close())
    await asyncio.sleep(0)
    gate.let(1000)
    await closing
    for outcome in await asyncio.gather(*speakers, return_exceptions=True):
        assert isinstance(outcome, LipwireError)
        assert outcome.code is ErrorCode.GOING_AWAY
    left = [t for t in set(threading.enumerate()) - before if "lipwire" in t.name]
    assert left == []


async def test_after_closing_jobs_are_refused(voice: Voice) -> None:
    async with Scheduler([voice], lambda phonemes, rate: {}, lambda: 0) as scheduler:
        pass
    with pytest.raises(LipwireError) as caught:
        await _speak(scheduler, JOB)
    assert caught.value.code is ErrorCode.GOING_AWAY


async def test_it_can_be_closed_twice(scheduler: Scheduler) -> None:
    await scheduler.close()
    await scheduler.close()


async def test_an_unknown_voice_is_answered_with_those_that_exist(scheduler: Scheduler) -> None:
    with pytest.raises(LipwireError, match=NAME) as caught:
        await _speak(scheduler, replace(JOB, voice="nobody"))
    assert caught.value.code is ErrorCode.NOT_FOUND


async def test_an_empty_text_is_refused_and_the_next_job_is_spoken(scheduler: Scheduler) -> None:
    with pytest.raises(LipwireError) as caught:
        await _speak(scheduler, replace(JOB, text="..."))
    assert caught.value.code is ErrorCode.EMPTY_TEXT
    await _speak(scheduler, JOB)


async def test_what_a_model_does_wrong_becomes_one_error(
    scheduler: Scheduler, monkeypatch: pytest.MonkeyPatch
) -> None:
    cause = RuntimeError("out of memory")

    def fail(*_: object) -> Window:
        raise cause

    monkeypatch.setattr(Synthesizer, "window", fail)
    with pytest.raises(LipwireError) as caught:
        await _speak(scheduler, JOB)
    assert caught.value.code is ErrorCode.SYNTHESIS_FAILED
    assert caught.value.__cause__ is cause


async def test_a_window_that_fails_unseen_is_not_reported(
    scheduler: Scheduler, monkeypatch: pytest.MonkeyPatch
) -> None:
    reports: list[dict[str, object]] = []
    asyncio.get_running_loop().set_exception_handler(lambda _, report: reports.append(report))

    failed = threading.Event()

    def fail(*_: object) -> Window:
        failed.set()
        raise RuntimeError

    monkeypatch.setattr(Synthesizer, "window", fail)
    parts = scheduler.speak(JOB)
    await anext(parts)
    await asyncio.to_thread(failed.wait, 30)
    await parts.aclose()
    assert reports == []


async def test_the_loop_goes_on_while_a_worker_is_busy(scheduler: Scheduler, gate: Gate) -> None:
    speaking = asyncio.ensure_future(_speak(scheduler, JOB))
    await gate.until_begun(1)
    for _ in range(100):
        await asyncio.sleep(0)
    assert not speaking.done()
    gate.let(1000)
    await speaking

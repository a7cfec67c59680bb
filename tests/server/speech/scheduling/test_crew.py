"""The real threads. Nothing here depends on how fast they are."""

import functools
import gc
import logging
import threading
import weakref
from collections.abc import Callable, Iterator

import pytest

from lipwire_protocol.errors import ErrorCode, LipwireError
from lipwire_server.speech.scheduling.agenda import Due, Unit
from lipwire_server.speech.scheduling.crew import _MOST_HANGING, ThreadCrew, failure_of

LONG = 30.0
"""Seconds; only a test that fails lasts so long."""


class Bench:
    """Collects what was settled, and has a gate at which units can be held."""

    def __init__(self) -> None:
        self.settled: list[tuple[object, Exception | None]] = []
        self.begun = threading.Semaphore(0)
        self.gate = threading.Event()
        self.held_up: list[threading.Thread] = []
        self._changed = threading.Condition()

    def unit(self, work: Callable[[], object], due: int = 0, voice: str = "") -> Unit:
        return Unit(work, Due(due), self._settle, voice)

    def held(self, name: str = "held", voice: str = "") -> Unit:
        """A unit that is held until the gate is open."""

        def work() -> object:
            self.held_up.append(threading.current_thread())
            self.begun.release()
            if not self.gate.wait(LONG):
                raise TimeoutError
            return name

        return self.unit(work, voice=voice)

    def until_settled(self, count: int) -> list[object]:
        with self._changed:
            assert self._changed.wait_for(lambda: len(self.settled) >= count, LONG)
        return [result for result, _ in self.settled]

    def _settle(self, unit: Unit, result: object, error: Exception | None) -> None:
        with self._changed:
            self.settled.append((result, error))
            self._changed.notify_all()


@pytest.fixture
def bench() -> Iterator[Bench]:
    bench = Bench()
    yield bench
    bench.gate.set()


def _crew(size: int = 1) -> ThreadCrew:
    return ThreadCrew(size, lambda: 7)


def _itself(value: object) -> object:
    return value


def _alive() -> set[threading.Thread]:
    return {thread for thread in threading.enumerate() if "lipwire-speech" in thread.name}


def _wait_for_one_at_work(bench: Bench) -> None:
    assert bench.begun.acquire(timeout=LONG)


def test_units_are_done_in_the_order_of_their_deadlines(bench: Bench) -> None:
    crew = _crew()
    crew.add(bench.held())
    _wait_for_one_at_work(bench)
    slow = bench.unit(lambda: "slow", 50)
    crew.add(slow)
    crew.add(bench.unit(lambda: "middle", 20))
    crew.add(bench.unit(lambda: "soon", 10))
    crew.hasten(slow, Due(15))
    bench.gate.set()
    assert bench.until_settled(4) == ["held", "soon", "slow", "middle"]
    crew.close()
    assert crew.join(LONG) == 0


def test_every_member_works_at_once(bench: Bench) -> None:
    crew = _crew(4)
    meeting = threading.Barrier(4)
    for _ in range(4):
        crew.add(bench.unit(lambda: meeting.wait(LONG)))
    assert sorted(str(result) for result in bench.until_settled(4)) == ["0", "1", "2", "3"]
    crew.close()
    assert crew.join(LONG) == 0


def test_a_dropped_unit_is_never_done_and_one_that_is_being_done_is_not_dropped(
    bench: Bench,
) -> None:
    crew = _crew()
    held, dropped = bench.held(), bench.unit(lambda: "dropped", 1)
    crew.add(held)
    _wait_for_one_at_work(bench)
    crew.add(dropped)
    crew.add(bench.unit(lambda: "last", 2))
    assert crew.drop(dropped)
    assert not crew.drop(held)
    bench.gate.set()
    assert bench.until_settled(2) == ["held", "last"]
    crew.close()
    assert crew.join(LONG) == 0


def test_what_is_thrown_is_settled_and_the_thread_goes_on(bench: Bench) -> None:
    crew = _crew()
    cause = RuntimeError("no")

    def fail() -> object:
        raise cause

    crew.add(bench.unit(fail))
    crew.add(bench.unit(lambda: "next", 1))
    assert bench.until_settled(2) == [None, "next"]
    assert bench.settled[0][1] is cause
    crew.close()
    assert crew.join(LONG) == 0


def test_who_is_given_up_is_replaced_and_not_heard_any_more(bench: Bench) -> None:
    crew = _crew()
    hanging = bench.held()
    crew.add(hanging)
    _wait_for_one_at_work(bench)
    assert crew.abandon(hanging)
    assert not crew.abandon(hanging)
    crew.add(bench.unit(lambda: "next"))
    assert bench.until_settled(1) == ["next"]
    bench.gate.set()
    crew.close()
    assert crew.join(LONG) == 0
    for thread in _alive():
        thread.join(LONG)
    assert bench.until_settled(1) == ["next"]


def test_a_voice_that_always_hangs_leaves_a_few_threads_behind_and_no_more(bench: Bench) -> None:
    before = _alive()
    crew = _crew(2)
    for _ in range(_MOST_HANGING):
        hanging = bench.held(voice="bad")
        crew.add(hanging)
        _wait_for_one_at_work(bench)
        assert crew.abandon(hanging)
    for _ in range(50):
        crew.add(bench.held(voice="bad"))
    bench.until_settled(50)
    for result, error in bench.settled:
        assert result is None
        assert isinstance(error, LipwireError)
        assert error.code is ErrorCode.SYNTHESIS_FAILED
    assert len(_alive() - before) == _MOST_HANGING + 2
    crew.add(bench.unit(lambda: "another voice", voice="good"))
    assert bench.until_settled(51)[50] == "another voice"
    crew.close()
    assert crew.join(LONG) == 0


def test_a_voice_that_comes_back_is_asked_again(bench: Bench) -> None:
    crew = _crew()
    for _ in range(_MOST_HANGING):
        hanging = bench.held(voice="slow")
        crew.add(hanging)
        _wait_for_one_at_work(bench)
        crew.abandon(hanging)
    bench.gate.set()
    for thread in bench.held_up:
        thread.join(LONG)
    crew.add(bench.unit(lambda: "well again", voice="slow"))
    assert bench.until_settled(1) == ["well again"]
    crew.close()
    assert crew.join(LONG) == 0


def test_what_has_ended_or_not_begun_cannot_be_given_up(bench: Bench) -> None:
    crew = _crew()
    ended, waiting = bench.unit(lambda: "ended"), bench.unit(lambda: "waiting", 1)
    crew.add(ended)
    bench.until_settled(1)
    assert not crew.abandon(ended)
    crew.add(bench.held())
    _wait_for_one_at_work(bench)
    crew.add(waiting)
    assert not crew.abandon(waiting)
    bench.gate.set()
    bench.until_settled(3)
    crew.close()
    assert crew.join(LONG) == 0


def test_closing_drops_what_is_queued_and_lets_finish_what_is_begun(bench: Bench) -> None:
    before = _alive()
    crew = _crew(2)
    for _ in range(2):
        crew.add(bench.held())
        _wait_for_one_at_work(bench)
    crew.add(bench.unit(lambda: "queued"))
    crew.close()
    bench.gate.set()
    assert crew.join(LONG) == 0
    assert bench.until_settled(2) == ["held", "held"]
    assert _alive() <= before


def test_nobody_waits_for_ever_for_one_that_hangs(bench: Bench) -> None:
    before = _alive()
    crew = _crew(2)
    crew.add(bench.held())
    _wait_for_one_at_work(bench)
    (idle,) = _alive() - before - set(bench.held_up)
    crew.close()
    idle.join(LONG)
    assert crew.join(0.01) == 1


def test_one_that_was_given_up_is_not_waited_for(bench: Bench) -> None:
    crew = _crew()
    hanging = bench.held()
    crew.add(hanging)
    _wait_for_one_at_work(bench)
    crew.abandon(hanging)
    crew.close()
    assert crew.join(LONG) == 0
    assert not bench.gate.is_set()


def test_a_thread_that_waits_keeps_nothing_of_its_last_unit(bench: Bench) -> None:
    class Large:
        pass

    crew = _crew()
    large = Large()
    seen = weakref.ref(large)
    crew.add(bench.unit(functools.partial(_itself, large)))
    bench.until_settled(1)
    crew.add(bench.unit(lambda: "another"))
    bench.until_settled(2)
    bench.settled.clear()
    del large
    gc.collect()
    assert seen() is None
    crew.close()
    assert crew.join(LONG) == 0


def test_the_log_is_told_where_a_voice_failed_and_nothing_of_what_was_said(
    caplog: pytest.LogCaptureFixture,
) -> None:
    def work() -> None:
        raise RuntimeError("my secret")

    with caplog.at_level(logging.ERROR):
        try:
            work()
        except RuntimeError as error:
            failure = failure_of(error)
    assert failure.code is ErrorCode.SYNTHESIS_FAILED
    assert "RuntimeError in work" in caplog.text
    assert "secret" not in caplog.text + str(failure)


def test_an_error_that_has_a_code_stays_what_it_is() -> None:
    error = LipwireError(ErrorCode.EMPTY_TEXT, "nothing")
    assert failure_of(error) is error

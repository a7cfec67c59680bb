import asyncio
import gc
import weakref
from collections.abc import Callable

import pytest

from lipwire_protocol.errors import ErrorCode, LipwireError
from lipwire_server.speech.scheduling.agenda import Agenda, Due, Unit
from lipwire_server.speech.scheduling.errand import Errand

PATIENCE = 100


class Crew:
    """Does what the test tells it to."""

    size = 1

    def __init__(self) -> None:
        self.agenda = Agenda()
        self.working: list[Unit] = []
        self.abandoned: list[Unit] = []
        self.now = 1_000

    def add(self, unit: Unit) -> None:
        self.agenda.add(unit)

    def drop(self, unit: Unit) -> bool:
        return self.agenda.drop(unit)

    def hasten(self, unit: Unit, due: Due) -> None:
        self.agenda.hasten(unit, due)

    def abandon(self, unit: Unit) -> bool:
        if unit not in self.working:
            return False
        self.working.remove(unit)
        self.abandoned.append(unit)
        return True

    def close(self) -> None: ...

    def join(self, patience_s: float) -> int:
        return 0

    def begin(self) -> Unit:
        unit = self.agenda.take(self.now)
        assert unit is not None
        self.working.append(unit)
        return unit

    async def end(self, unit: Unit, error: Exception | None = None) -> None:
        if unit in self.working:
            self.working.remove(unit)
        unit.settle(unit, unit.work() if error is None else None, error)
        await asyncio.sleep(0)


@pytest.fixture
def crew() -> Crew:
    return Crew()


async def _errand(crew: Crew, work: Callable[[], object] = lambda: "done") -> Errand:
    errand = Errand(crew, work, Due(5), lambda: crew.now)
    errand.go()
    return errand


async def test_it_brings_the_result_and_how_long_it_took(crew: Crew) -> None:
    errand = await _errand(crew)
    unit = crew.begin()
    crew.now += 7
    await crew.end(unit)
    assert await errand.future == "done"
    assert (errand.took_ns, errand.retried) == (7, False)


async def test_what_is_queued_can_be_dropped_and_what_is_begun_cannot(crew: Crew) -> None:
    queued, begun = await _errand(crew), await _errand(crew)
    assert queued.drop()
    assert queued.future.cancelled()
    unit = crew.begin()
    assert not begun.drop()
    await crew.end(unit)
    assert await begun.future == "done"


@pytest.mark.parametrize("dropped", [False, True])
async def test_what_it_made_and_what_of_is_free_without_a_collection(
    crew: Crew, dropped: bool
) -> None:
    class Sound:
        pass

    def send(sound: Sound) -> tuple[weakref.ref[Sound], asyncio.Task[Errand]]:
        return weakref.ref(sound), asyncio.create_task(_errand(crew, lambda: sound))

    gc.disable()
    try:
        made, sending = send(Sound())
        errand = await sending
        del sending
        if dropped:
            assert errand.drop()
        else:
            await crew.end(crew.begin())
        await asyncio.wait([errand.future])
        await asyncio.sleep(0)
        del errand
        assert made() is None
    finally:
        gc.enable()


async def test_it_tries_again_once_and_at_the_same_deadline(crew: Crew) -> None:
    errand = await _errand(crew)
    await crew.end(crew.begin(), RuntimeError("no"))
    again = crew.begin()
    assert again.due == Due(5)
    await crew.end(again)
    assert await errand.future == "done"
    assert errand.retried


async def test_every_attempt_says_whose_voice_it_is(crew: Crew) -> None:
    errand = Errand(crew, lambda: "done", Due(5), lambda: crew.now, "joe")
    errand.go()
    first = crew.begin()
    await crew.end(first, RuntimeError("no"))
    second = crew.begin()
    assert (first.voice, second.voice) == ("joe", "joe")
    await crew.end(second)
    assert await errand.future == "done"


async def test_the_second_failure_is_the_last(crew: Crew) -> None:
    errand = await _errand(crew)
    for _ in range(2):
        await crew.end(crew.begin(), RuntimeError("no"))
    with pytest.raises(LipwireError) as caught:
        await errand.future
    assert caught.value.code is ErrorCode.SYNTHESIS_FAILED
    assert len(crew.agenda) == 0


async def test_what_was_forsaken_is_not_tried_again_unless_somebody_else_came(crew: Crew) -> None:
    forsaken, wanted = await _errand(crew), await _errand(crew)
    for errand in (forsaken, wanted):
        unit = crew.begin()
        assert not errand.drop()
        if errand is wanted:
            errand.hasten(Due(3))
        await crew.end(unit, RuntimeError("no"))
    assert forsaken.future.exception() is not None
    assert not wanted.future.done()
    await crew.end(crew.begin())
    assert await wanted.future == "done"


async def test_only_what_hangs_is_given_up(crew: Crew) -> None:
    errand = await _errand(crew)
    errand.give_up_before(crew.now + 1)
    unit = crew.begin()
    errand.give_up_before(unit.taken_ns)
    assert crew.abandoned == []
    errand.give_up_before(unit.taken_ns + 1)
    assert crew.abandoned == [unit]
    await crew.end(unit)
    assert not errand.future.done()
    await crew.end(crew.begin())
    assert await errand.future == "done"


async def test_what_ended_in_the_moment_of_giving_up_is_not_done_again(crew: Crew) -> None:
    errand = await _errand(crew)
    unit = crew.begin()
    crew.working.clear()
    errand.give_up_before(crew.now + PATIENCE)
    await crew.end(unit)
    assert await errand.future == "done"
    assert not errand.retried


async def test_after_it_failed_nothing_changes_it(crew: Crew) -> None:
    errand = await _errand(crew)
    unit = crew.begin()
    errand.fail(LipwireError(ErrorCode.GOING_AWAY, "bye"))
    errand.fail(LipwireError(ErrorCode.INTERNAL, "again"))
    errand.give_up_before(crew.now + PATIENCE)
    await crew.end(unit)
    with pytest.raises(LipwireError, match="bye"):
        await errand.future
    assert crew.abandoned == []


def test_an_end_that_comes_after_the_loop_is_no_error(crew: Crew) -> None:
    with asyncio.Runner() as runner:
        runner.run(_errand(crew))
    unit = crew.begin()
    unit.settle(unit, "late", None)

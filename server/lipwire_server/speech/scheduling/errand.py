"""A unit of work on its way through the crew and, if need be, through it again."""

import asyncio
import logging
from collections.abc import Callable
from contextlib import suppress

from lipwire_protocol.errors import ErrorCode, LipwireError

from .agenda import Due, Unit, UnitState
from .crew import Crew, failure_of

__all__ = ["Errand"]

_log = logging.getLogger(__name__)


class Errand:
    """Its future has the result, or the error of the second attempt.

    Tried again is what a model does wrong, not what is wrong with the text; and only for somebody
    who waits for it.
    """

    def __init__(
        self,
        crew: Crew,
        work: Callable[[], object],
        due: Due,
        now_ns: Callable[[], int],
        voice: str = "",
    ) -> None:
        self._loop = asyncio.get_running_loop()
        self.future: asyncio.Future[object] = self._loop.create_future()
        self.took_ns = 0
        self.retried = False
        self._forsaken = False
        """Nobody waits for it any more, and it could not be dropped."""
        self._crew = crew
        self._now_ns = now_ns
        self._unit = Unit(work, due, self._settle, voice)
        # Until a collection, the two would keep the sound and what it was made of.
        self.future.add_done_callback(lambda _: self._unit.let_go())

    def go(self) -> None:
        self._crew.add(self._unit)

    def hasten(self, due: Due) -> None:
        self._forsaken = False
        self._crew.hasten(self._unit, due)

    def drop(self) -> bool:
        dropped = self._crew.drop(self._unit)
        if dropped:
            self.future.cancel()
        self._forsaken = True
        return dropped

    def fail(self, error: LipwireError) -> None:
        if not self.future.done():
            self.future.set_exception(error)
            self.future.exception()  # Whether anybody waits for it or not.

    def give_up_before(self, then_ns: int) -> None:
        """Gives up a unit that somebody has been at since before `then_ns`."""
        unit = self._unit
        if unit.state is UnitState.TAKEN and unit.taken_ns < then_ns and not self.future.done():
            if not self._crew.abandon(unit):
                return  # It ended in this moment; the loop is about to hear of it.
            _log.error("synthesis hangs: a unit was given up after its time")
            self._once_more(LipwireError(ErrorCode.SYNTHESIS_FAILED, "the voice does not answer"))

    def _settle(self, unit: Unit, result: object, error: Exception | None) -> None:
        """Called in the crew."""
        took_ns = self._now_ns() - unit.taken_ns
        with suppress(RuntimeError):  # The loop has ended; there is nobody to be told.
            self._loop.call_soon_threadsafe(self._finish, unit, took_ns, result, error)

    def _finish(self, unit: Unit, took_ns: int, result: object, error: Exception | None) -> None:
        if self.future.done() or unit is not self._unit:
            return
        self.took_ns = took_ns
        if error is None:
            self.future.set_result(result)
        elif isinstance(error, LipwireError):
            self.fail(error)
        else:
            self._once_more(failure_of(error))

    def _once_more(self, failure: LipwireError) -> None:
        if self.retried or self._forsaken:
            self.fail(failure)
        else:
            self.retried = True
            unit = self._unit
            self._unit = Unit(unit.work, unit.due, self._settle, unit.voice)
            self.go()

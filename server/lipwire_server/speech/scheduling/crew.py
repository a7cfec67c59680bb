"""The threads that do the work, one for each core."""

import logging
import threading
import traceback
from collections.abc import Callable
from typing import Final, Protocol

from lipwire_protocol.errors import ErrorCode, LipwireError

from .agenda import Agenda, Due, Unit

__all__ = ["Crew", "ThreadCrew", "failure_of"]

_log = logging.getLogger(__name__)

_MOST_HANGING: Final = 4
"""Threads that hang in one voice until it is refused: two for every job that never ends."""


class Crew(Protocol):
    """Takes units from an agenda, as many at once as it has members."""

    size: int

    def add(self, unit: Unit) -> None: ...

    def drop(self, unit: Unit) -> bool:
        """Forgets a unit; false when somebody is at it already."""

    def hasten(self, unit: Unit, due: Due) -> None: ...

    def abandon(self, unit: Unit) -> bool:
        """Gives up a unit that hangs: its member is replaced, and it is never settled.

        False when nobody is at it: then it has been settled, or will be in a moment. A voice in
        which too many hang is refused, `synthesis_failed`, until one of them comes back.
        """

    def close(self) -> None:
        """Drops what is queued. Who is at work finishes and goes."""

    def join(self, patience_s: float) -> int:
        """Waits until everybody has gone, except those who were abandoned.

        No longer than its patience lasts; returns how many are still at work then.
        """


class ThreadCrew:
    """Threads that pick their work themselves: the event loop is not on the way."""

    def __init__(self, size: int, now_ns: Callable[[], int]) -> None:
        self.size = size
        self._now_ns = now_ns
        self._agenda = Agenda()
        self._changed = threading.Condition()
        self._closed = False
        self._at_work: dict[threading.Thread, Unit] = {}
        self._members: set[threading.Thread] = set()
        self._hanging: dict[threading.Thread, str] = {}
        """Who was given up and has not come back, and the voice that he is in."""
        self._names = 0
        with self._changed:
            for _ in range(size):
                self._hire()

    def add(self, unit: Unit) -> None:
        with self._changed:
            self._agenda.add(unit)
            self._changed.notify()

    def drop(self, unit: Unit) -> bool:
        with self._changed:
            return self._agenda.drop(unit)

    def hasten(self, unit: Unit, due: Due) -> None:
        with self._changed:
            self._agenda.hasten(unit, due)

    def abandon(self, unit: Unit) -> bool:
        with self._changed:
            member = next((who for who, doing in self._at_work.items() if doing is unit), None)
            if member is None:
                return False
            del self._at_work[member]
            self._members.discard(member)
            self._hanging[member] = unit.voice
            self._hire()
            return True

    def close(self) -> None:
        with self._changed:
            self._closed = True
            while self._agenda.take(0) is not None:
                pass
            self._changed.notify_all()

    def join(self, patience_s: float) -> int:
        with self._changed:
            members = set(self._members)
            self._changed.wait_for(lambda: not self._members, patience_s)
            left = set(self._members)
        for member in members - left:
            member.join()
        return len(left)

    def _hire(self) -> None:
        self._names += 1
        # A daemon: one that hangs must not keep the process from ending.
        member = threading.Thread(
            target=self._work, name=f"lipwire-speech-{self._names}", daemon=True
        )
        self._members.add(member)
        member.start()

    def _work(self) -> None:
        me = threading.current_thread()
        try:
            while self._do_next(me):
                pass
        finally:
            with self._changed:
                self._members.discard(me)
                self._hanging.pop(me, None)
                self._changed.notify_all()

    # One call for each unit: who waits for the next one keeps nothing of the last one alive.
    def _do_next(self, me: threading.Thread) -> bool:
        """False when there is nothing to do for this member any more."""
        unit = self._take(me)
        if unit is None:
            return False
        result, error = None, None
        try:
            self._refuse_what_hangs(unit.voice)
            result = unit.work()
        except Exception as failed:
            error = failed
        with self._changed:
            if self._at_work.pop(me, None) is not unit:
                return False  # Given up meanwhile, and replaced.
        unit.settle(unit, result, error)
        return True

    def _refuse_what_hangs(self, voice: str) -> None:
        with self._changed:
            hanging = sum(other == voice for other in self._hanging.values())
        if hanging >= _MOST_HANGING:
            text = "the voice does not answer any more; take another one"
            raise LipwireError(ErrorCode.SYNTHESIS_FAILED, text)

    def _take(self, me: threading.Thread) -> Unit | None:
        with self._changed:
            while (unit := self._agenda.take(self._now_ns())) is None:
                if self._closed:
                    return None
                self._changed.wait()
            self._at_work[me] = unit
            return unit


def failure_of(error: Exception) -> LipwireError:
    """Whatever a model does wrong becomes one error. The log is told where, never the text."""
    if isinstance(error, LipwireError):
        return error
    trace = traceback.extract_tb(error.__traceback__)
    where = f" in {trace[-1].name}" if trace else ""
    _log.error("synthesis failed: %s%s", type(error).__name__, where)
    return LipwireError(ErrorCode.SYNTHESIS_FAILED, "the voice failed to speak a segment")

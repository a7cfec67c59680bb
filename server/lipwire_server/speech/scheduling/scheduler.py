"""The synthesis port in this process: many listeners on a fixed set of worker threads."""

import asyncio
import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import TracebackType
from typing import Self

from lipwire_protocol.errors import ErrorCode, LipwireError

from ..port import Listener, SpeechStats, VoiceInfo, Window
from ..synthesizer import Prepared
from .admission import Admission
from .agenda import Due
from .crew import Crew
from .errand import Errand
from .pace import Pace
from .seat import Counts, Desk, Library, Seat
from .shares import Shares
from .shelf import Shelf

__all__ = ["Scheduler"]

_log = logging.getLogger(__name__)


class Scheduler:
    """Speaks many jobs at once; an async context manager that owns its crew.

    The unit of work is one plan or one window, made when a listener asks for it and not before. The
    crew does the one whose listener runs dry first. A listener asks for one unit at a time, so
    there are never more units than listeners. Closing the iterator of a job drops its unit unless
    it is being made.

    A unit that throws, or takes longer than `patience_s`, is done again once, with the same seed.
    """

    def __init__(
        self,
        library: Library,
        crew: Crew,
        now_ns: Callable[[], int],
        *,
        load_percent: int = 95,
        wait_s: float = 2.0,
        cache_bytes: int = 128 << 20,
        patience_s: float = 20.0,
    ) -> None:
        """Listeners may need `load_percent` of what the crew can make; others wait for `wait_s`."""
        self.pace = Pace()
        self.counts = Counts()
        self.admission = Admission(self.capacity, now_ns, patience_s=wait_s)
        self._desk = Desk(
            library=library,
            admission=self.admission,
            shares=Shares(),
            shelf=Shelf(cache_bytes),
            pace=self.pace,
            counts=self.counts,
            send=self._send,
            now_ns=now_ns,
            crew_size=crew.size,
        )
        self._library = library
        self._crew = crew
        self._now_ns = now_ns
        self._load = load_percent / 100
        self._patience_ns = int(patience_s * 1e9)
        self._errands: set[Errand] = set()
        self._watch: asyncio.TimerHandle | None = None
        self._closed = False

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self.close()

    def voices(self) -> tuple[VoiceInfo, ...]:
        return self._library.voices()

    def capacity(self) -> float:
        """Listeners that can be spoken to at once, in real time."""
        return self._load * self._crew.size / self.pace.work_per_second

    def stats(self) -> SpeechStats:
        counts, shelf = self.counts, self._desk.shelf
        return SpeechStats(
            seats=self.admission.seats,
            seated=self.admission.seated,
            waiting=self.admission.waiting,
            work_ms_per_second=round(1000 * self.pace.work_per_second),
            segments=counts.segments,
            cached=counts.hits,
            plans=counts.plans,
            windows=counts.windows,
            retried=counts.retried,
            refused=counts.refused,
            kept_segments=len(shelf),
            kept_bytes=shelf.nbytes,
        )

    @contextmanager
    def seat(self, listener: Listener) -> Iterator[Seat]:
        seat = Seat(self._desk, listener)
        try:
            yield seat
        finally:
            seat.leave()

    async def close(self) -> None:
        """Drops what is queued, waits for the units that are being made, ends the crew.

        Jobs that are still being spoken end with `going_away`. A unit that hangs is left alone.
        """
        self._closed = True
        self._crew.close()
        self.admission.close(_going_away())
        if self._watch is not None:
            self._watch.cancel()
        for errand in list(self._errands):
            errand.fail(_going_away())
        hanging = await asyncio.to_thread(self._crew.join, self._patience_ns / 1e9)
        if hanging:
            _log.error("synthesis hangs: %d threads were left behind", hanging)

    def _send(self, work: Callable[[], object], due: Due, voice: str, rate: int) -> Errand:
        if self._closed:
            raise _going_away()
        errand = Errand(self._crew, work, due, self._now_ns, voice)
        self._errands.add(errand)
        errand.future.add_done_callback(lambda _: self._settled(errand, rate))
        errand.go()
        if self._watch is None:
            self._watch_over()
        return errand

    def _settled(self, errand: Errand, rate: int) -> None:
        self._errands.discard(errand)
        self.counts.retried += errand.retried
        if errand.future.cancelled() or errand.future.exception() is not None:
            return
        result = errand.future.result()
        if isinstance(result, Prepared):
            self.counts.plans += 1
            self.pace.planned(errand.took_ns)
        elif isinstance(result, Window):
            self.counts.windows += 1
            speech_s = result.samples.size / rate
            self.pace.spoke(errand.took_ns, speech_s, first=result.index == 0)

    def _watch_over(self) -> None:
        """Gives up units that hang, as long as there are errands."""
        self._watch = None
        if self._errands and not self._closed:
            loop = asyncio.get_running_loop()
            self._watch = loop.call_later(self._patience_ns / 4e9, self._watch_over)
        for errand in list(self._errands):
            errand.give_up_before(self._now_ns() - self._patience_ns)


def _going_away() -> LipwireError:
    return LipwireError(ErrorCode.GOING_AWAY, "the server is shutting down; connect again")

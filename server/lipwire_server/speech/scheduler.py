"""The synthesis port in this process: voices on a fixed set of worker threads."""

import asyncio
import logging
import os
import traceback
from collections.abc import AsyncGenerator, Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from types import TracebackType
from typing import Self, TypeVar

from lipwire_protocol.errors import ErrorCode, LipwireError

from .port import Job, Plan, VoiceInfo, Window
from .synthesizer import Lips, Synthesizer
from .voices.finding import unknown_voice
from .voices.voice import Voice

__all__ = ["Scheduler"]

_log = logging.getLogger(__name__)

T = TypeVar("T")


class Scheduler:
    """Speaks many jobs at once; an async context manager that owns its threads.

    The unit of work is one plan or one window. A job has at most one unit queued or running, the
    next window ahead of its consumer, so units of all jobs take turns, first come first served,
    and the queue is no longer than there are jobs. Closing the iterator of a job drops its queued
    unit at once.
    """

    def __init__(
        self,
        voices: Iterable[Voice],
        lips: Lips,
        now_ns: Callable[[], int],
        *,
        workers: int | None = None,
    ) -> None:
        """Without `workers` there is one thread per core: more would make everyone late."""
        self._synthesizers = {voice.name: Synthesizer(voice, lips, now_ns) for voice in voices}
        self._threads = ThreadPoolExecutor(workers or _cores(), "lipwire-speech")
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
        return tuple(synthesizer.voice.info for synthesizer in self._synthesizers.values())

    async def speak(self, job: Job) -> AsyncGenerator[Plan | Window, None]:
        """The plan of a job, then its windows from `job.first_window` on.

        Raises `LipwireError`: `not_found`, `empty_text`, `text_limit`, `synthesis_failed`,
        and `going_away` when the scheduler is closed meanwhile.
        """
        synthesizer = self._synthesizers.get(job.voice)
        if synthesizer is None:
            raise unknown_voice(job.voice, self._synthesizers)
        ahead: asyncio.Future[Window] | None = None
        try:
            prepared = await self._result(self._submit(lambda: synthesizer.plan(job)))
            indices = range(max(0, job.first_window), len(prepared.windows))

            def window(index: int) -> asyncio.Future[Window] | None:
                if index not in indices:
                    return None
                return self._submit(lambda: synthesizer.window(prepared, index))

            ahead = window(indices.start)
            yield prepared.plan
            while ahead is not None:
                made = await self._result(ahead)
                ahead = window(made.index + 1)
                yield made
        finally:
            if ahead is not None:
                _drop(ahead)

    async def close(self) -> None:
        """Drops what is queued, waits for the units that run, ends the threads.

        Jobs that are still being spoken end with `going_away`.
        """
        self._closed = True
        self._threads.shutdown(wait=False, cancel_futures=True)
        await asyncio.to_thread(self._threads.shutdown)

    def _submit(self, work: Callable[[], T]) -> asyncio.Future[T]:
        if self._closed:
            raise _going_away()
        return asyncio.get_running_loop().run_in_executor(self._threads, _unit, work)

    async def _result(self, unit: asyncio.Future[T]) -> T:
        try:
            return await unit
        except asyncio.CancelledError:
            task = asyncio.current_task()
            if self._closed and task is not None and not task.cancelling():
                raise _going_away() from None
            raise


def _unit(work: Callable[[], T]) -> T:
    """The border of a worker thread: whatever a model does wrong becomes one error."""
    try:
        return work()
    except LipwireError:
        raise
    except Exception as error:
        where = traceback.extract_tb(error.__traceback__)[-1]
        # Without the message: it can quote what was to be spoken.
        _log.error("synthesis failed: %s in %s", type(error).__name__, where.name)
        raise LipwireError(
            ErrorCode.SYNTHESIS_FAILED, "the voice failed to speak a segment"
        ) from error


def _drop(unit: asyncio.Future[Window]) -> None:
    """Cancels a unit; the error of one that failed unseen is nobody's business any more."""
    if not unit.cancel() and not unit.cancelled():
        unit.exception()


def _going_away() -> LipwireError:
    return LipwireError(ErrorCode.GOING_AWAY, "the server is shutting down; connect again")


def _cores() -> int:
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1

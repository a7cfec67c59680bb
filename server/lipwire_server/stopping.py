"""Tasks that are stopped, and errors that are kept: both leave nothing else behind."""

import asyncio
from typing import Any

from lipwire_protocol import LipwireError

__all__ = ["free", "stop", "without_frames"]


async def stop(*tasks: asyncio.Task[Any]) -> None:
    """Cancels them; returns when they are over, each with whatever it had in hand, also where
    whoever waits for that is stopped meanwhile: nobody may close what they still use."""
    is_stopped = False
    for task in tasks:
        task.cancel()
    while not all(task.done() for task in tasks):
        try:
            await asyncio.wait(tasks)
        except asyncio.CancelledError:
            is_stopped = True
    for task in tasks:
        free(task)
    if is_stopped:
        raise asyncio.CancelledError


def free(task: asyncio.Task[Any]) -> None:
    """Lets go of what a task was in the middle of when it was cancelled.

    It has the error that ended it, the error has its frames, and in one of those is a group or a
    time limit that has the task: a ring, which only a collection of garbage would find.
    """
    if not task.cancelled():
        return
    try:
        task.result()
    except asyncio.CancelledError as error:
        last: BaseException | None = error
        while last is not None:
            last.__traceback__, last = None, last.__context__


def without_frames(error: LipwireError) -> LipwireError:
    """The same, to be kept: who raised it left frames on it, with all that was in hand there."""
    return LipwireError(error.code, str(error), retry_after_ms=error.retry_after_ms)

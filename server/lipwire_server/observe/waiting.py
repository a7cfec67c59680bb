"""A line in a terminal that lives while what is done once takes its time."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TextIO

from rich.console import Console
from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from .once import ONCE

__all__ = ["waiting"]

_WIDE = 1_000
"""Columns: lines of the log are the terminal's to break."""


@contextmanager
def waiting(err: TextIO, *, logged: bool = False) -> Iterator[None]:
    """Meanwhile a terminal sees what is done once, and for how long; nothing else does.

    Where it is `logged` on the same terminal, the line below has the time alone.
    """
    if not err.isatty():
        yield
        return
    log = logging.getLogger(ONCE)
    before = log.level, log.propagate
    shown = _Shown(err, logged)
    log.addHandler(shown)
    if not logged:
        log.setLevel(logging.INFO)
        log.propagate = False
    try:
        yield
    finally:
        log.removeHandler(shown)
        log.level, log.propagate = before
        shown.close()


class _Shown(logging.Handler):
    """Lives from the first thing that is told on."""

    def __init__(self, err: TextIO, logged: bool) -> None:
        super().__init__()
        self._logged = logged
        self._bar = Progress(
            SpinnerColumn("line"),
            TextColumn("{task.description}", markup=False),
            TimeElapsedColumn(),
            console=Console(file=err, width=_WIDE if logged else None),
            transient=True,
            redirect_stdout=False,
            redirect_stderr=logged,
        )
        self._task = self._bar.add_task("", start=False)

    def emit(self, record: logging.LogRecord) -> None:
        self._bar.update(self._task, description="" if self._logged else record.getMessage())
        if not self._bar.live.is_started:
            self._bar.start_task(self._task)
            self._bar.start()

    def close(self) -> None:
        self._bar.stop()
        super().close()

"""Log lines for people, or for programs. Ids and counts are in them, what is spoken never is."""

import json
import logging
import logging.config
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from queue import Full, Queue
from threading import Thread
from typing import Any, Final, TextIO

__all__ = ["Json", "configure_logging", "logging_aside"]

_MOST_LINES: Final = 10_000
_PATIENCE_S: Final = 2.0
"""Where there is too much to do, a thread may stand still for a second; the last lines, which tell
why a server ends, are the ones to wait for."""

_USUAL: Final = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime", "taskName"}
"""What every record has; the rest is what somebody wanted to tell."""


class Json(logging.Formatter):
    """One object a line: `time`, `level`, `logger`, `message`, and whatever else is known, as
    `session` and `utterance`. Values are text and numbers."""

    def format(self, record: logging.LogRecord) -> str:
        told: dict[str, Any] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
        }
        told |= {name: value for name, value in vars(record).items() if name not in _USUAL}
        if record.exc_info:
            told["exception"] = self.formatException(record.exc_info)
        return json.dumps(told, default=str, ensure_ascii=False)


class Stderr(logging.StreamHandler[TextIO]):
    """Writes to what standard error is now: lines go above one that lives in a terminal."""

    def emit(self, record: logging.LogRecord) -> None:
        self.stream = sys.stderr
        super().emit(record)


class _Aside(logging.Handler):
    """Hands its lines to a thread, which writes them.

    At most `most` of them wait: who logs is never held up, and what finds no room is left out and
    counted. The next line that finds some tells how many those were.
    """

    def __init__(self, direct: logging.Handler, most: int) -> None:
        super().__init__(direct.level)
        self.setFormatter(direct.formatter)
        self.filters = direct.filters
        self._lines: Queue[str | None] = Queue(most)
        self._lost = 0
        # It may be writing to somebody who never reads again.
        self._thread = Thread(target=self._write, name="log", daemon=True)
        self._thread.start()

    def emit(self, record: logging.LogRecord) -> None:
        try:
            line = self.format(record)
        except Exception:
            self.handleError(record)
            return
        try:
            self._tell_losses()
            self._lines.put_nowait(line)
        except Full:
            self._lost += 1

    def finish(self, patience_s: float) -> None:
        """Waits for what is not written yet, and for no longer than twice that."""
        with suppress(Full):
            self._tell_losses(patience_s)
            self._lines.put(None, timeout=patience_s)
            self._thread.join(patience_s)

    def _tell_losses(self, patience_s: float = 0.0) -> None:
        """Raises Full."""
        if not self._lost:
            return
        about = {
            "levelno": logging.WARNING,
            "levelname": "WARNING",
            "name": __name__,
            "msg": "%d lines of the log were left out here: nobody read them in time",
            "args": (self._lost,),
        }
        line = self.format(logging.makeLogRecord(about))
        self._lines.put(line, block=patience_s > 0, timeout=patience_s)
        self._lost = 0

    def _write(self) -> None:
        is_over = False
        while not is_over:
            # All that is there at once: the interpreter lets a thread in a few times in a blink.
            lines = [self._lines.get()]
            lines += [self._lines.get_nowait() for _ in range(self._lines.qsize())]
            is_over = None in lines
            with suppress(OSError, ValueError):
                # To what it is now: something that lives in the terminal puts lines above itself.
                sys.stderr.write("".join(f"{line}\n" for line in lines if line is not None))
                sys.stderr.flush()


@contextmanager
def logging_aside(most: int = _MOST_LINES, patience_s: float = _PATIENCE_S) -> Iterator[None]:
    """Meanwhile nobody waits for standard error, be it a pipe that is full or a terminal that was
    stopped with Ctrl-S. After `configure_logging`."""
    root = logging.getLogger()
    direct = next(handler for handler in root.handlers if isinstance(handler, Stderr))
    aside = _Aside(direct, most)
    root.addHandler(aside)
    root.removeHandler(direct)
    try:
        yield
    finally:
        root.removeHandler(aside)
        aside.finish(patience_s)
        root.addHandler(direct)


def configure_logging(level: str, form: str = "text") -> None:
    """Everything goes to standard error at `level`; libraries only from a warning on.

    `form` is `text` for people, or `json` for programs.
    """
    logging.config.dictConfig(
        {
            "version": 1,
            "disable_existing_loggers": False,
            "formatters": {
                "text": {"format": "%(asctime)s %(levelname)-7s %(message)s"},
                "json": {"()": "lipwire_server.observe.logging.Json"},
            },
            "filters": {"whose": {"()": "lipwire_server.observe.context.Whose"}},
            "handlers": {
                "stderr": {
                    "class": "lipwire_server.observe.logging.Stderr",
                    "formatter": form,
                    "filters": ["whose"],
                }
            },
            "root": {"level": "WARNING", "handlers": ["stderr"]},
            "loggers": {
                "lipwire_server": {"level": level.upper()},
                # It warns of every migration that it applies.
                "pogo_core": {"level": "ERROR"},
            },
        }
    )

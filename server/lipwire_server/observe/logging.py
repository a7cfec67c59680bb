"""Log lines for people, or for programs. Ids and counts are in them, what is spoken never is."""

import json
import logging
import logging.config
import sys
from datetime import UTC, datetime
from typing import Any, Final, TextIO

__all__ = ["Json", "configure_logging"]

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

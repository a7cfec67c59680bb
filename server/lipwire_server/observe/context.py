"""Whose work is being done: every line of the log tells it, and no call has to hand it down.

A task that is started has what was set where it was started.
"""

import logging
from contextvars import ContextVar
from typing import Final

__all__ = ["SESSION", "UTTERANCE", "Whose"]

SESSION: Final[ContextVar[str | None]] = ContextVar("session", default=None)
UTTERANCE: Final[ContextVar[int | None]] = ContextVar("utterance", default=None)


class Whose(logging.Filter):
    """Adds `session` and `utterance` to a record, unless its line has named them itself."""

    def filter(self, record: logging.LogRecord) -> bool:
        for name, variable in (("session", SESSION), ("utterance", UTTERANCE)):
            value = variable.get()
            if value is not None and not hasattr(record, name):
                setattr(record, name, value)
        return True

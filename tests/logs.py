"""The log as it was: the command line sets it for the whole process."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager

__all__ = ["logging_kept"]


@contextmanager
def logging_kept() -> Iterator[None]:
    """No levels and handlers outlive it."""
    loggers = [logging.getLogger(), *map(logging.getLogger, ("lipwire_server", "pogo_core"))]
    before = [(logger.handlers[:], logger.level) for logger in loggers]
    try:
        yield
    finally:
        for logger, (handlers, level) in zip(loggers, before, strict=True):
            logger.handlers[:] = handlers
            logger.setLevel(level)

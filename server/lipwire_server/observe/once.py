"""What takes long and is done once, such as making the database: told when it begins."""

import logging

__all__ = ["ONCE", "tell_once"]

ONCE = __name__
"""The logger that tells it; `waiting.py` shows a terminal that it goes on."""

_log = logging.getLogger(ONCE)


def tell_once(what: str) -> None:
    """`what` is done from now on, and not again at the next start."""
    _log.info("%s (once, it takes some seconds)", what)

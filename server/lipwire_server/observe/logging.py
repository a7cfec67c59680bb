"""Log lines for people. Ids and counts are in them, what is spoken never is."""

import logging
import logging.config

__all__ = ["configure_logging"]


def configure_logging(level: str) -> None:
    """Everything goes to standard error at `level`; libraries only from a warning on."""
    logging.config.dictConfig(
        {
            "version": 1,
            "disable_existing_loggers": False,
            "formatters": {"line": {"format": "%(asctime)s %(levelname)-7s %(message)s"}},
            "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "line"}},
            "root": {"level": "WARNING", "handlers": ["stderr"]},
            "loggers": {
                "lipwire_server": {"level": level.upper()},
                # It warns of every migration that it applies.
                "pogo_core": {"level": "ERROR"},
            },
        }
    )

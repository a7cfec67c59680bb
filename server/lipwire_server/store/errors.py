"""What can go wrong between the server and its database."""

from lipwire_protocol.errors import ErrorCode, LipwireError

__all__ = [
    "DatabaseAwayError",
    "DatabaseSetupError",
    "UnrecordableError",
    "missing",
    "storage_away",
]

_COME_BACK_MS = 2_000
"""By then it has been probed again."""


class DatabaseSetupError(LipwireError):
    """The database cannot be used until a person does something; the message says what."""

    def __init__(self, message: str) -> None:
        super().__init__(ErrorCode.STORAGE_UNAVAILABLE, message)


class DatabaseAwayError(Exception):
    """The database did not do it now; the same thing may work later.

    The text names the error's class, never its message: that can quote what was spoken.
    """


class UnrecordableError(Exception):
    """The database will never take this record. The text quotes nothing of the record."""


def storage_away(reason: str) -> LipwireError:
    """What somebody is told who asks for what is stored while nothing is there to answer.

    `reason` is a sentence.
    """
    return LipwireError(
        ErrorCode.STORAGE_UNAVAILABLE,
        f"{reason}; ask again in a moment",
        retry_after_ms=_COME_BACK_MS,
    )


def missing(kind: str) -> LipwireError:
    """What somebody is told who asks for what is not there, or not any more."""
    return LipwireError(ErrorCode.NOT_FOUND, f"there is no such {kind}")

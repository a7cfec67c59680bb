"""What can go wrong between the server and its database."""

from lipwire_protocol.errors import ErrorCode, LipwireError

__all__ = ["DatabaseAwayError", "DatabaseSetupError", "UnrecordableError"]


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

"""What a key may be good for."""

from enum import StrEnum

__all__ = ["Scope"]


class Scope(StrEnum):
    SPEAK = "speak"
    """Sessions, and whatever makes speech, its timing or a movie."""
    READ = "read"
    """What is stored: of everybody."""
    WRITE = "write"
    """Changing what is stored."""

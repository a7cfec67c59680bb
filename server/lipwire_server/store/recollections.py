"""What the store gives back of a session: values, as `records` are what it is given.

Whoever speaks knows these, and nothing of a database.
"""

from dataclasses import dataclass
from typing import Final
from uuid import UUID

from lipwire_protocol.errors import CloseCode

from .records import SettingsRecord, SpeechRecord

__all__ = [
    "OVER",
    "EndedUtterance",
    "LoggedSession",
    "Recounted",
    "SpokenSegment",
    "SpokenUtterance",
    "Standing",
]

OVER: Final = (CloseCode.NORMAL, CloseCode.INTERNAL)
"""Who closes like that does not come back, or had better not."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EndedUtterance:
    id: UUID
    """Of its record."""
    count: int
    """Samples that were sent."""
    reason: str
    heard: int | None
    """Samples that the listener heard, where it was reported."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LoggedSession:
    epoch: int
    """Of the one who takes it up now."""
    previous_sha256: bytes
    """Of the secret that was shown."""
    voice: str
    settings: bytes
    """When it was opened, as JSON."""
    entries: tuple[SpeechRecord | SettingsRecord, ...]
    """In the order in which they came; settings from the first on."""
    watch_secret: str | None = None
    """Opens it to those who only watch."""
    pose: bytes | None = None
    """How its face was told to look, as JSON."""
    ended: dict[int, EndedUtterance]
    """Those that have ended, of the utterances that are here."""
    clock: int
    """Samples of the session before the first utterance that is here and has not ended, or that is
    wanted."""
    sequence: int
    """Of the last entry that there is, whether it is here or not: what is logged comes after it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SpokenSegment:
    number: int
    start: int
    count: int
    span: tuple[int, int]
    timing: bytes
    """As JSON; empty where nobody has to know."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SpokenUtterance:
    """One that has ended."""

    number: int
    reason: str
    heard: int
    count: int
    segments: tuple[SpokenSegment, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Recounted:
    logged: LoggedSession
    utterances: tuple[SpokenUtterance, ...]
    """Of those that are in the log, those that have ended."""


@dataclass(frozen=True, slots=True)
class Standing:
    id: UUID
    epoch: int
    """How often it was taken up."""
    is_deleted: bool

"""What the recorder is given: values, complete when they are handed over."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

__all__ = [
    "PhonemeRecord",
    "Record",
    "SegmentRecord",
    "SessionEnded",
    "SessionOpened",
    "UtteranceHeard",
    "UtteranceRecord",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionOpened:
    id: UUID
    secret_sha256: bytes
    """Only the hash of the secret is kept."""
    voice: str
    sample_rate: int
    settings: bytes
    """The effective settings, as JSON."""
    opened_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionEnded:
    id: UUID
    close_code: int
    ended_at: datetime


@dataclass(frozen=True, slots=True)
class PhonemeRecord:
    symbol: str
    viseme: int
    """Number in the Oculus set of the mouth shape at the phoneme's start."""
    start: int
    """Samples from the start of the utterance."""
    count: int
    word: int


@dataclass(frozen=True, slots=True, kw_only=True)
class SegmentRecord:
    number: int
    start: int
    """Samples from the start of the utterance."""
    count: int
    text: str
    begin: int
    """Code points into the utterance's text."""
    end: int
    timing: bytes
    """Words and visemes as they were sent, as JSON."""
    phonemes: tuple[PhonemeRecord, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class UtteranceRecord:
    """One utterance, recorded when it has ended."""

    id: UUID
    session_id: UUID
    number: int
    """The client's own number of it."""
    at: int
    """Offset on the session clock, in samples."""
    count: int
    """Samples that were sent."""
    heard: int | None
    """Samples that the listener heard, where it was reported."""
    text: str
    voice: str
    rate_percent: int
    seed: int
    reason: str
    """`done`, `interrupted`, `error`, `limit` or `idle`."""
    started_at: datetime
    ended_at: datetime
    segments: tuple[SegmentRecord, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class UtteranceHeard:
    """How far an utterance was heard that had been sent to its end before."""

    id: UUID
    heard: int
    reason: str
    """That of its record, or `interrupted` where the listener threw the rest away."""


Record = SessionOpened | SessionEnded | UtteranceRecord | UtteranceHeard

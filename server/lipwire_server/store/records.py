"""What the recorder is given: values, complete when they are handed over."""

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from uuid import UUID

from .files import Content

__all__ = [
    "AudioRecord",
    "PhonemeRecord",
    "Record",
    "SegmentRecord",
    "SessionEnded",
    "SessionOpened",
    "SessionPosed",
    "SessionResumed",
    "SettingsRecord",
    "SpeechRecord",
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
    watch_secret: str | None = None
    """Opens it to those who only watch; nobody may without one. Kept as it is: whoever can read it
    here can read here what was said."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionEnded:
    id: UUID
    close_code: int
    ended_at: datetime
    epoch: int = 0
    """Whose end it is: that of an earlier connection does not end a later one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionResumed:
    """A session was taken up again by the process that had it."""

    id: UUID
    epoch: int
    """How often it was taken up by now."""
    secret_sha256: bytes
    previous_sha256: bytes
    """Of the secret that holds until the new one was used."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionPosed:
    """How the face of a session was told to look; the last one counts."""

    id: UUID
    epoch: int
    """Of the connection that said so: what an earlier one says does not change it any more."""
    pose: bytes
    """All of it, as JSON."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SpeechRecord:
    """What a `speak` added to an utterance, or that it was flushed, or what it is a replay of."""

    id: UUID
    """Of the session."""
    sequence: int
    """Counts these and `SettingsRecord` together, in the order in which they came."""
    number: int | None = None
    """The client's own count; None where it does not count."""
    utterance: int
    text: str = ""
    is_last: bool = False
    flushes: bool = False
    """What had come by then was spoken without waiting for more."""
    replays: int | None = None
    """The utterance that is spoken again."""
    from_sample: int = 0
    """First sample of it that is."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SettingsRecord:
    """Settings that hold from a segment on."""

    id: UUID
    """Of the session."""
    sequence: int
    utterance: int
    segment: int
    voice: str
    settings: bytes
    """The effective settings, as JSON."""


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


@dataclass(frozen=True, slots=True, kw_only=True)
class AudioRecord:
    """How an utterance sounded; recorded after the utterance, or together with it."""

    id: UUID
    utterance_id: UUID
    draft: Path
    """A whole WAV file, measured, which is given away with the record."""
    content: Content
    codec: str
    sample_rate: int
    sample_count: int


Record = (
    SessionOpened
    | SessionResumed
    | SessionPosed
    | SessionEnded
    | SpeechRecord
    | SettingsRecord
    | UtteranceRecord
    | UtteranceHeard
    | AudioRecord
)

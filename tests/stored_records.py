"""Records of a session, of each kind one."""

from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID

from lipwire_server.store.files import Content
from lipwire_server.store.records import (
    AudioRecord,
    PhonemeRecord,
    Record,
    SegmentRecord,
    SessionEnded,
    SessionOpened,
    SessionPosed,
    SessionResumed,
    SettingsRecord,
    SpeechRecord,
    UtteranceHeard,
    UtteranceRecord,
)

__all__ = ["NOW", "SESSION", "every_kind", "opened", "said", "spoken"]

NOW = datetime(2026, 1, 1, 12, 30, 15, 123456, tzinfo=UTC)
SESSION = UUID(int=1)


def opened() -> SessionOpened:
    return SessionOpened(
        id=SESSION,
        secret_sha256=bytes(range(32)),
        voice="joe",
        sample_rate=22050,
        settings=b'{"rate_percent":100}',
        opened_at=NOW,
    )


def said(sequence: int, text: str = "a secret") -> SpeechRecord:
    return SpeechRecord(
        id=SESSION, sequence=sequence, number=None, utterance=0, text=text, is_last=False
    )


def spoken(number: int = 0, text: str = "a secret") -> UtteranceRecord:
    return UtteranceRecord(
        id=UUID(int=1000 + number),
        session_id=SESSION,
        number=number,
        at=3_000_000_000,
        count=44100,
        heard=None,
        text=text,
        voice="joe",
        rate_percent=100,
        seed=-(2**63),
        reason="done",
        started_at=NOW,
        ended_at=NOW,
        segments=(
            SegmentRecord(
                number=0,
                start=0,
                count=22050,
                text="Grüße, 世界",
                begin=0,
                end=9,
                timing=b'{"words": []}',
                phonemes=(PhonemeRecord("ɡʁ", 3, 0, 256, -1),),
            ),
        ),
    )


def every_kind() -> list[Record]:
    return [
        opened(),
        SessionPosed(id=SESSION, epoch=1, pose=b'{"emotion": "happy"}'),
        SessionResumed(id=SESSION, epoch=1, secret_sha256=bytes(32), previous_sha256=b"p" * 32),
        said(0, "a\0b \N{GRINNING FACE}"),
        SettingsRecord(id=SESSION, sequence=1, utterance=0, segment=2, voice="x", settings=b"{}"),
        spoken(),
        UtteranceHeard(id=UUID(int=1000), heard=2**40, reason="done"),
        AudioRecord(
            id=UUID(int=3),
            utterance_id=UUID(int=1000),
            draft=Path("/drafts/1"),
            content=Content(bytes(range(32)), 2**33),
            codec="pcm_s16le",
            sample_rate=22050,
            sample_count=44100,
        ),
        SessionEnded(id=SESSION, close_code=1000, ended_at=NOW, epoch=1),
    ]

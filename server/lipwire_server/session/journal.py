"""What a session leaves behind: turns its course into records."""

import hashlib
from bisect import bisect
from collections.abc import Callable
from datetime import datetime
from uuid import UUID

import msgspec

from lipwire_protocol import EndReason, Segment

from ..store.records import (
    PhonemeRecord,
    Record,
    SegmentRecord,
    SessionEnded,
    SessionOpened,
    UtteranceHeard,
    UtteranceRecord,
)
from .terms import Terms
from .utterance import Utterance

__all__ = ["Journal"]


class Journal:
    """Writes a session down through `record`, which must neither block nor raise."""

    def __init__(
        self,
        session: UUID,
        terms: Terms,
        *,
        record: Callable[[Record], object],
        new_id: Callable[[], UUID],
        wall: Callable[[], datetime],
    ) -> None:
        self._session = session
        self._terms = terms
        self._record = record if terms.persist else _forget
        self._new_id = new_id
        self._wall = wall
        self._started: dict[int, datetime] = {}
        self._unheard: dict[int, tuple[UUID, EndReason]] = {}
        """Utterances that were recorded before they were heard."""

    def configure(self, terms: Terms) -> None:
        """What is spoken from now on is recorded under these terms."""
        self._terms = terms

    def opened(self, secret: str) -> None:
        terms = self._terms
        settings = {
            "audio": terms.audio,
            "timing": terms.timing,
            "flow": terms.flow,
            "text": terms.text,
            "frames": terms.frames,
            "avatar": terms.avatar,
            "speaker": terms.speaker,
            "rate_percent": terms.rate_percent,
            "volume_percent": terms.volume_percent,
            "noise_percent": terms.noise_percent,
            "lexicon": terms.lexicon,
            "seed": terms.seed,
            "meta": terms.meta,
        }
        self._record(
            SessionOpened(
                id=self._session,
                secret_sha256=hashlib.sha256(secret.encode()).digest(),
                voice=terms.voice.name,
                sample_rate=terms.rate,
                settings=msgspec.json.encode(settings),
                opened_at=self._wall(),
            )
        )

    def started(self, utterance: Utterance) -> None:
        self._started[utterance.number] = self._wall()

    def ended(self, utterance: Utterance, reason: EndReason, *, heard_later: bool) -> None:
        """`heard_later` announces a call of `heard` for the same utterance."""
        now = self._wall()
        identifier = self._new_id()
        if heard_later:
            self._unheard[utterance.number] = identifier, reason
        self._record(
            UtteranceRecord(
                id=identifier,
                session_id=self._session,
                number=utterance.number,
                at=utterance.at,
                count=utterance.sent,
                heard=utterance.heard,
                text=utterance.text,
                voice=self._terms.voice.name,
                rate_percent=self._terms.rate_percent,
                seed=self._terms.seed,
                reason=reason,
                started_at=self._started.pop(utterance.number, now),
                ended_at=now,
                segments=tuple(_segment(segment) for segment in utterance.segments),
            )
        )

    def heard(self, utterance: Utterance, *, interrupted: bool = False) -> None:
        """How far an utterance that had ended was heard in the end."""
        recorded = self._unheard.pop(utterance.number, None)
        if recorded is not None and utterance.heard is not None:
            identifier, reason = recorded
            reason = EndReason.INTERRUPTED if interrupted else reason
            self._record(UtteranceHeard(id=identifier, heard=utterance.heard, reason=reason))

    def closed(self, close_code: int) -> None:
        self._record(SessionEnded(id=self._session, close_code=close_code, ended_at=self._wall()))


def _forget(record: Record) -> None:
    """The client asked for `persist: false`."""


def _segment(segment: Segment) -> SegmentRecord:
    phonemes = segment.phonemes or ()
    visemes = segment.visemes.get("oculus", ())
    starts = [viseme.start for viseme in visemes]
    return SegmentRecord(
        number=segment.segment,
        start=segment.start,
        count=segment.count,
        text=segment.text,
        begin=segment.span[0],
        end=segment.span[1],
        timing=msgspec.json.encode({"words": segment.words or (), "visemes": segment.visemes}),
        phonemes=tuple(
            PhonemeRecord(
                p.symbol, visemes[bisect(starts, p.start) - 1].viseme, p.start, p.count, p.word
            )
            for p in phonemes
        ),
    )

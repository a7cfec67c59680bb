"""What a session leaves behind: turns its course into records."""

import asyncio
from bisect import bisect
from collections.abc import Callable, Mapping
from contextlib import suppress
from datetime import datetime
from typing import Final, Protocol
from uuid import UUID

import msgspec
import numpy as np
from numpy.typing import NDArray

from lipwire_protocol import EndReason, Posed, Segment, Speak

from ..store.keeping import AudioKeeper, KeptAudio
from ..store.recollections import EndedUtterance
from ..store.records import (
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
from .settings import stored
from .terms import Terms
from .utterance import Utterance

__all__ = ["Journal", "Recording"]

_SAFE_S: Final = 2.0
"""A record goes to disk when the database has not taken it for a second."""


class Recording(Protocol):
    def __call__(self, item: Record, settled: Callable[[], None] | None = None, /) -> object:
        """Takes a record, and calls `settled` once it is durable; neither blocks nor raises."""


class Journal:
    """Writes a session down, from its first connection to its last."""

    def __init__(
        self,
        session: UUID,
        terms: Terms,
        *,
        record: Recording,
        new_id: Callable[[], UUID],
        wall: Callable[[], datetime],
        keeper: AudioKeeper | None = None,
        epoch: int = 0,
        ended: Mapping[int, EndedUtterance] | None = None,
    ) -> None:
        """`keeper` is given how utterances sound; `epoch`: how often the session was taken up by
        now; `ended`: what another process has recorded."""
        self._session = session
        self.epoch = epoch
        self._terms = terms
        self._record = record if terms.persist else _forget
        self._new_id = new_id
        self._wall = wall
        self._keeper = keeper if terms.persist else None
        self._sounds: dict[int, KeptAudio] = {}
        """Of the utterances that have not ended."""
        self._started: dict[int, datetime] = {}
        self._sent_elsewhere = {
            number: each for number, each in (ended or {}).items() if each.reason == EndReason.DONE
        }
        """To their end, by another process, and nothing was noted of them since."""
        self._unheard = {
            number: (each.id, EndReason.DONE) for number, each in self._sent_elsewhere.items()
        }
        """Utterances that were recorded before they were heard."""

    def configure(self, terms: Terms) -> None:
        """What is spoken from now on is recorded under these terms."""
        self._terms = terms

    def opened(self, secret_sha256: bytes, watch_secret: str | None = None) -> None:
        terms = self._terms
        self._record(
            SessionOpened(
                id=self._session,
                secret_sha256=secret_sha256,
                watch_secret=watch_secret,
                voice=terms.voice.name,
                sample_rate=terms.rate,
                settings=stored(terms),
                opened_at=self._wall(),
            )
        )

    async def resumed(self, secret_sha256: bytes, previous_sha256: bytes) -> None:
        """Another connection has taken the session up. Returns once that is safe, or after two
        seconds: who is told of the new secret forgets the one that can be read there."""
        self.epoch += 1
        settled = asyncio.Event()
        self._record(
            SessionResumed(
                id=self._session,
                epoch=self.epoch,
                secret_sha256=secret_sha256,
                previous_sha256=previous_sha256,
            ),
            settled.set,
        )
        with suppress(TimeoutError):
            async with asyncio.timeout(_SAFE_S):
                await settled.wait()

    def said(self, message: Speak, sequence: int, settled: Callable[[], None]) -> None:
        """`settled` is called once the text is safe: at once, where it is not to be stored."""
        self._record(
            SpeechRecord(
                id=self._session,
                sequence=sequence,
                number=message.number,
                utterance=message.utterance,
                text=message.text,
                is_last=message.end,
            ),
            settled,
        )

    def flushed(self, utterance: int, sequence: int) -> None:
        """What had come of an utterance was spoken without waiting for more."""
        self._record(
            SpeechRecord(id=self._session, sequence=sequence, utterance=utterance, flushes=True)
        )

    def replayed(self, utterance: int, of: int, begin: int, sequence: int) -> None:
        """An utterance says another one again, from a sample on."""
        self._record(
            SpeechRecord(
                id=self._session,
                sequence=sequence,
                utterance=utterance,
                is_last=True,
                replays=of,
                from_sample=begin,
            )
        )

    def changed(self, terms: Terms, sequence: int, utterance: int, segment: int) -> None:
        """These terms hold from that segment on."""
        self._record(
            SettingsRecord(
                id=self._session,
                sequence=sequence,
                utterance=utterance,
                segment=segment,
                voice=terms.voice.name,
                settings=stored(terms),
            )
        )

    def posed(self, posed: Posed) -> None:
        """How the face was told to look."""
        pose = msgspec.json.encode(posed)
        self._record(SessionPosed(id=self._session, epoch=self.epoch, pose=pose))

    def started(self, utterance: Utterance) -> None:
        self._started[utterance.number] = self._wall()

    def sounded(self, utterance: Utterance, start: int, samples: NDArray[np.float32]) -> None:
        """These samples of it were sent, from `start` on."""
        if self._keeper is None:
            return
        if utterance.number not in self._sounds:
            if start or utterance.number in self._unheard:
                return  # Kept is what begins at the beginning, and that once.
            self._sounds[utterance.number] = self._keeper.begin(self._terms.rate)
        self._sounds[utterance.number].add(start, samples)

    def ended(
        self,
        utterance: Utterance,
        reason: EndReason,
        *,
        heard_later: bool,
        terms: Terms | None = None,
    ) -> None:
        """`heard_later` announces a call of `heard` for the same utterance; `terms` are those that
        it was spoken under, where they are not the present ones."""
        terms = terms or self._terms
        now = self._wall()
        # Of what is spoken a second time, since the end of it did not arrive, there is one record,
        # but one that broke off gives way to what is spoken on.
        before = self._unheard.pop(utterance.number, None)
        is_again = before is not None and before[1] is not EndReason.ERROR
        identifier, first = before if before and is_again else (self._new_id(), reason)
        if heard_later or is_again:
            self._unheard[utterance.number] = identifier, first
        self._record(
            UtteranceRecord(
                id=identifier,
                session_id=self._session,
                number=utterance.number,
                at=max(0, utterance.at),
                count=utterance.sent,
                heard=utterance.heard,
                text=utterance.text,
                voice=terms.voice.name,
                rate_percent=terms.rate_percent,
                seed=terms.seed,
                reason=reason,
                started_at=self._started.pop(utterance.number, now),
                ended_at=now,
                segments=tuple(_segment(segment) for segment in utterance.segments),
            )
        )
        if is_again and not heard_later:
            self.heard(utterance, interrupted=reason is EndReason.INTERRUPTED)
        sound = self._sounds.pop(utterance.number, None)
        if sound is not None:
            sound.finish(identifier, utterance.sent)

    def heard(self, utterance: Utterance, *, interrupted: bool = False) -> None:
        """How far an utterance that had ended was heard in the end."""
        recorded = self._unheard.pop(utterance.number, None)
        if recorded is not None and utterance.heard is not None:
            identifier, reason = recorded
            reason = EndReason.INTERRUPTED if interrupted else reason
            self._record(UtteranceHeard(id=identifier, heard=utterance.heard, reason=reason))

    def cut_short(self, number: int, heard: int) -> None:
        """What another process had sent of an utterance was thrown away from there on."""
        recorded = self._sent_elsewhere.get(number)
        if recorded is not None and number in self._unheard and heard < recorded.count:
            reason = EndReason.INTERRUPTED
            self._record(UtteranceHeard(id=recorded.id, heard=heard, reason=reason))
            del self._unheard[number], self._sent_elsewhere[number]

    def let_go(self) -> None:
        """What is spoken is another one's to write down, or nobody's: no sound of it is kept."""
        for sound in self._sounds.values():
            sound.drop()
        self._sounds.clear()

    def closed(self, close_code: int) -> None:
        self._record(
            SessionEnded(
                id=self._session, close_code=close_code, ended_at=self._wall(), epoch=self.epoch
            )
        )


def _forget(record: Record, settled: Callable[[], None] | None = None, /) -> None:
    """The client asked for `persist: false`."""
    if settled is not None:
        settled()


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

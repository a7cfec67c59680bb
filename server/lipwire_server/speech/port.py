"""The port for synthesis: everything that the rest of the server knows about making speech.

Whoever wants to speak takes a seat. A job goes in; its plan (the exact timing of the whole segment)
comes out first, then its windows of samples, each made when it is asked for. Closing the iterator
cancels the job. A job carries all that its result depends on, so it can be done again, from any
window, by any other adapter of this port.
"""

from collections.abc import AsyncGenerator, Callable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Final, Protocol

import numpy as np
from numpy.typing import NDArray

from lipwire_protocol.visemes import SETS, WEIGHT_SETS

__all__ = [
    "NOBODY",
    "Job",
    "Listener",
    "Mouth",
    "PhonemeSpan",
    "Plan",
    "Seat",
    "SpeechStats",
    "Synthesis",
    "VisemeSpan",
    "VoiceInfo",
    "Window",
    "WordSpan",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """One segment to synthesize. Equal jobs give equal samples."""

    text: str
    """What is said; phonemes in `[[...]]`."""
    voice: str
    silence_ms: int = 0
    """Instead of any text: so much silence."""
    speaker: str | None = None
    """None is the first of the voice's speakers."""
    rate_percent: int = 100
    noise_percent: int = 100
    """Of the voice's own noise scales."""
    seed: int = 0
    first_window: int = 0
    """Index of the first window wanted: 0 except when a stream is taken up again."""


@dataclass(frozen=True, slots=True)
class WordSpan:
    """A word of the job's text and when it is heard."""

    text: str
    begin: int
    """Offset of the first code point in the job's text."""
    end: int
    """Offset after the last code point."""
    start: int
    """Samples from the start of the segment, at the voice's rate."""
    count: int
    spoken: int = 1
    """Words that are heard of it: several of "1984", none of "the" in "of the" where both are heard
    as one."""


@dataclass(frozen=True, slots=True)
class PhonemeSpan:
    symbol: str
    start: int
    """Samples from the start of the segment, at the voice's rate."""
    count: int
    word: int
    """Index into the plan's words; -1 for a pause."""


@dataclass(frozen=True, slots=True)
class VisemeSpan:
    viseme: int
    """Number of the mouth shape in its set (`lipwire_protocol.visemes`)."""
    start: int
    """Samples from the start of the segment, at the voice's rate."""
    count: int
    weight: int
    """0..255."""


class Mouth(Protocol):
    """What the mouth does during a segment; worked out when it is asked for."""

    @property
    def sets(self) -> Mapping[str, tuple[VisemeSpan, ...]]:
        """For each viseme set, mouth shapes that are contiguous from 0 to the end."""

    def weights(self, name: str, times: NDArray[np.int64]) -> NDArray[np.uint8]:
        """Blend weights of a set at samples of the segment, shape (times, shapes of the set)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """The exact timing of a segment, known before any of its samples."""

    count: int
    """Samples of the whole segment, at the voice's rate."""
    words: tuple[WordSpan, ...]
    phonemes: tuple[PhonemeSpan, ...]
    """Contiguous from 0 to `count`, pauses included."""
    mouth: Mouth
    phonemized_ns: int
    """When the phonemes were known, on the clock that the adapter was given."""
    encoded_ns: int
    cached: bool = False
    """Nothing had to be computed for it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """A span of samples; the windows of a job are contiguous and add up to the plan's count."""

    index: int
    start: int
    """Samples from the start of the segment."""
    samples: NDArray[np.float32]
    """Shape (count,), mono, -1..1."""
    pcm: bytes | None = None
    """The same as 16-bit little-endian PCM, where that was made with it: most listeners ask for
    nothing else, and a thousand may hear the same window."""


@dataclass(frozen=True, slots=True, kw_only=True)
class VoiceInfo:
    """What a client is told about a voice."""

    name: str
    language: str
    """BCP 47, for example `en-US`."""
    sample_rate: int
    speakers: tuple[str, ...] = ()
    """Names; empty when there is one."""
    sets: tuple[str, ...] = tuple(SETS)
    """Viseme sets that its mouth is told in."""
    weight_sets: tuple[str, ...] = tuple(WEIGHT_SETS)


@dataclass(frozen=True, slots=True, kw_only=True)
class Listener:
    """Whom speech is made for: it decides when, never what."""

    key: str
    """Whose share of the machine it is."""
    dry_ns: Callable[[], int]
    """When what was sent will have been heard, on the clock of the adapter; in the past when there
    is nothing left to hear."""


NOBODY: Final = Listener(key="", dry_ns=lambda: 0)
"""When nobody listens and nobody waits."""


class Seat(Protocol):
    """The place of one listener. It is taken when there is work, and kept while he is spoken to."""

    def speak(self, job: Job) -> AsyncGenerator[Plan | Window, None]:
        """The plan of a job, then its windows from `job.first_window` on.

        Raises `LipwireError`: `not_found` for an unknown voice or speaker, `empty_text` for a text
        in which there is nothing to say, `synthesis_failed` when the model fails, `overloaded` when
        too many are spoken to.
        """


@dataclass(frozen=True, slots=True, kw_only=True)
class SpeechStats:
    """How much is going on, and what was done since the start."""

    seats: int
    """Listeners that the machine can carry at the moment."""
    seated: int
    waiting: int
    work_ms_per_second: int
    """Time of one worker for a second of speech, lately."""
    segments: int
    """That were asked for; those that were cached among them."""
    cached: int
    plans: int
    """Segments that were made."""
    windows: int
    retried: int
    refused: int
    """Listeners who were told to come back."""
    kept_segments: int
    kept_bytes: int


class Synthesis(Protocol):
    def voices(self) -> tuple[VoiceInfo, ...]: ...

    def stats(self) -> SpeechStats: ...

    def seat(self, listener: Listener) -> AbstractContextManager[Seat]:
        """A seat for the time of the context."""

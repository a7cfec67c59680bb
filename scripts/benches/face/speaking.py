"""What a face moves to: lines as the segments and chunks that a listener gets."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Final, Protocol

import numpy as np
from numpy.typing import NDArray

from lipwire_protocol.timeline import HOP
from lipwire_server.lipsync.mouth import mouth
from lipwire_server.speech.audio.pcm import pcm_s16le
from lipwire_server.speech.port import Job, Mouth, Plan, VisemeSpan, VoiceInfo
from lipwire_server.speech.synthesizer import Synthesizer
from lipwire_server.speech.voices.finding import survey
from lipwire_server.speech.voices.reading import Span
from lipwire_server.speech.voices.voice import Voice, voice_info

__all__ = ["DefaultVoice", "Line", "MouthWatched", "Source", "chunk_spans", "unseen"]

_VOICE: Final = "en_US-joe-medium"
_CHUNK_MS: Final = 750
"""What the server cuts longer windows into."""


@dataclass(frozen=True, slots=True)
class Line:
    """A segment."""

    plan: Plan
    chunks: tuple[tuple[int, bytes], ...]
    """Samples and audio of each; no audio where nobody listens to it."""


class Source(Protocol):
    """Whoever speaks; a test's does it without a model."""

    @property
    def info(self) -> VoiceInfo: ...

    def line(self, text: str, *, aloud: bool) -> Line: ...


class DefaultVoice:
    def __init__(self) -> None:
        voice = Voice.load(survey().voices[_VOICE].model)
        self._synthesizer = Synthesizer(voice, mouth, lambda: 0)
        self.info = voice_info(_VOICE, voice.config)

    def line(self, text: str, *, aloud: bool) -> Line:
        prepared = self._synthesizer.plan(Job(text=text, voice=_VOICE))
        spans = chunk_spans(prepared.reading.windows, self.info.sample_rate)
        if not aloud:
            return Line(prepared.plan, tuple((end - begin, b"") for begin, end in spans))
        windows = range(prepared.windows)
        parts = [self._synthesizer.window(prepared, index).samples for index in windows]
        samples = np.concatenate([np.zeros(0, np.float32), *parts])
        return Line(
            prepared.plan,
            tuple((end - begin, pcm_s16le(samples[begin:end])) for begin, end in spans),
        )


def chunk_spans(windows: Iterable[Span], rate: int) -> Iterator[Span]:
    """The samples of each chunk: a window, or a part of a long one."""
    longest = _CHUNK_MS * rate // 1000
    for begin, end in windows:
        for start in range(begin * HOP, end * HOP, longest):
            yield start, min(start + longest, end * HOP)


def unseen(plan: Plan, rate: int) -> Plan:
    """The same, of whose mouth only that was worked out which every plan brings along."""
    moving = mouth(plan.phonemes, rate)
    moving.sets.get("oculus")
    return replace(plan, mouth=moving)


class MouthWatched:
    """A mouth that remembers for which samples it was asked."""

    def __init__(self, of: Mouth) -> None:
        self._mouth = of
        self.sets: Mapping[str, tuple[VisemeSpan, ...]] = of.sets
        self.asked: list[int] = []

    def weights(self, name: str, times: NDArray[np.int64]) -> NDArray[np.uint8]:
        self.asked += times.tolist()
        return self._mouth.weights(name, times)

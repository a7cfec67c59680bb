"""What was said and when, as plain data: what all files of timing are written from."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from msgspec import UNSET
from numpy.typing import NDArray

from lipwire_protocol.errors import ErrorCode, LipwireError
from lipwire_protocol.server_messages import Segment
from lipwire_protocol.visemes import SETS

from ...speech.port import PhonemeSpan, VisemeSpan, WordSpan

__all__ = ["Cue", "Sentence", "Track", "Transcript", "Weights", "transcript_of"]


@dataclass(frozen=True, slots=True)
class Sentence:
    """A segment. Its words are those whose offsets are between its own."""

    text: str
    """As people read it, without markup."""
    begin: int
    """Offset of the first code point in the transcript's text."""
    end: int
    start: int
    """Samples from the start of the transcript."""
    count: int


@dataclass(frozen=True, slots=True)
class Cue:
    """A mouth shape by name, in samples."""

    shape: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Track:
    """The mouth shapes of one set."""

    names: Sequence[str]
    """Of the shapes, by number."""
    spans: tuple[VisemeSpan, ...]

    def cues(self) -> Iterator[Cue]:
        """Shapes by name; neighbours that are alike are one."""
        last: Cue | None = None
        for span in self.spans:
            cue = Cue(self.names[span.viseme], span.start, span.start + span.count)
            if last is not None and last.shape == cue.shape and last.end == cue.start:
                last = Cue(last.shape, last.start, cue.end)
                continue
            if last is not None:
                yield last
            last = cue
        if last is not None:
            yield last


@dataclass(frozen=True, slots=True)
class Weights:
    """Blend weights at a steady rate; the first frame is at sample 0."""

    names: Sequence[str]
    fps: int
    values: NDArray[np.uint8]
    """Shape (frames, names)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Transcript:
    """All spans are in samples from its start and in order; `begin` and `end` are code points."""

    text: str
    sample_rate: int
    count: int
    """Samples."""
    sentences: tuple[Sentence, ...] = ()
    words: tuple[WordSpan, ...] = ()
    phonemes: tuple[PhonemeSpan, ...] = ()
    """Their `word` is an index into `words`."""
    visemes: Mapping[str, Track] = field(default_factory=dict)
    """By the name of the set."""
    weights: Mapping[str, Weights] = field(default_factory=dict)
    sound_file: str = ""
    """Where the sound is, for the formats that tell."""

    def track(self, name: str) -> Track:
        """Raises `LipwireError` (`unsupported`) when there is no such set in it."""
        if name not in self.visemes:
            raise LipwireError(
                ErrorCode.UNSUPPORTED,
                f"there are no mouth shapes of the set {name!r} to write:"
                f" ask for it in `timing.visemes` (there is {', '.join(self.visemes) or 'none'})",
            )
        return self.visemes[name]


def transcript_of(
    segments: Iterable[Segment],
    text: str,
    sample_rate: int,
    *,
    sets: Mapping[str, Sequence[str]] = SETS,
    weights: Mapping[str, Weights] | None = None,
    sound_file: str = "",
) -> Transcript:
    """Of the `segment` messages of one utterance, in order.

    `text` is the utterance's as it was sent, for their offsets point into it. `sets` are the names
    of shapes that `ready` told; a viseme set without names is left out.
    """
    sentences: list[Sentence] = []
    words: list[WordSpan] = []
    phonemes: list[PhonemeSpan] = []
    spans: dict[str, list[VisemeSpan]] = {}
    count = 0
    for segment in segments:
        sentences.append(Sentence(segment.text, *segment.span, segment.start, segment.count))
        first_word = len(words)
        if segment.words is not UNSET:
            words += [
                WordSpan(w.text, w.begin, w.end, w.start, w.count, w.spoken) for w in segment.words
            ]
        if segment.phonemes is not UNSET:
            phonemes += [
                PhonemeSpan(p.symbol, p.start, p.count, p.word + first_word if p.word >= 0 else -1)
                for p in segment.phonemes
            ]
        for name, track in segment.visemes.items():
            spans.setdefault(name, []).extend(
                VisemeSpan(v.viseme, v.start, v.count, v.weight) for v in track
            )
        count = segment.start + segment.count
    return Transcript(
        text=text,
        sample_rate=sample_rate,
        count=count,
        sentences=tuple(sentences),
        words=tuple(words),
        phonemes=tuple(phonemes),
        visemes={
            name: Track(sets[name], tuple(track)) for name, track in spans.items() if name in sets
        },
        weights=weights or {},
        sound_file=sound_file,
    )

"""From the record of an utterance to the transcript that files of timing are written from.

Words and phonemes are stored; mouth shapes are worked out of the phonemes where they are not.
"""

from collections.abc import Iterator

import msgspec
import numpy as np
from msgspec import Struct
from numpy.typing import NDArray

from lipwire_protocol import SETS, WEIGHT_SETS, VisemeTiming, WordTiming

from ..lipsync.exports.formats import Format
from ..lipsync.exports.transcript import Sentence, Track, Transcript, Weights
from ..lipsync.mouth import Mouth
from ..speech.port import PhonemeSpan, VisemeSpan, WordSpan
from ..store.records import SegmentRecord, UtteranceRecord

__all__ = ["stored_transcript"]


class _Timing(Struct):
    words: tuple[WordTiming, ...] = ()
    visemes: dict[str, tuple[VisemeTiming, ...]] = {}


_timing = msgspec.json.Decoder(_Timing)


def stored_transcript(utterance: UtteranceRecord, sample_rate: int, form: Format) -> Transcript:
    """With the sets that `form` needs; with every set of events where it needs none."""
    segments = [_Segment(segment, sample_rate) for segment in utterance.segments]
    words: list[WordSpan] = []
    phonemes: list[PhonemeSpan] = []
    for segment in segments:
        phonemes += segment.phonemes(len(words))
        words += segment.words()
    return Transcript(
        text=utterance.text,
        sample_rate=sample_rate,
        count=max((segment.end for segment in segments), default=0),
        sentences=tuple(segment.sentence() for segment in segments),
        words=tuple(words),
        phonemes=tuple(phonemes),
        visemes={
            name: Track(
                SETS[name], tuple(span for segment in segments for span in segment.events(name))
            )
            for name in form.visemes or SETS
        },
        weights={name: _weights(segments, name, fps, sample_rate) for name, fps in _wanted(form)},
    )


def _wanted(form: Format) -> Iterator[tuple[str, int]]:
    if form.weights is not None:
        yield form.weights


class _Segment:
    def __init__(self, record: SegmentRecord, sample_rate: int) -> None:
        self._record = record
        self._timing = _timing.decode(record.timing)
        self.start = record.start
        self.end = record.start + record.count
        self.mouth = Mouth(
            [PhonemeSpan(p.symbol, p.start - self.start, p.count, p.word) for p in record.phonemes],
            sample_rate,
        )

    def sentence(self) -> Sentence:
        record = self._record
        return Sentence(record.text, record.begin, record.end, record.start, record.count)

    def words(self) -> Iterator[WordSpan]:
        for w in self._timing.words:
            yield WordSpan(w.text, w.begin, w.end, w.start, w.count, w.spoken)

    def phonemes(self, first_word: int) -> Iterator[PhonemeSpan]:
        for p in self._record.phonemes:
            word = p.word + first_word if p.word >= 0 else -1
            yield PhonemeSpan(p.symbol, p.start, p.count, word)

    def events(self, name: str) -> Iterator[VisemeSpan]:
        """As they were sent, if they were."""
        sent = self._timing.visemes.get(name)
        if sent is not None:
            for v in sent:
                yield VisemeSpan(v.viseme, v.start, v.count, v.weight)
            return
        for span in self.mouth.sets[name]:
            yield VisemeSpan(span.viseme, span.start + self.start, span.count, span.weight)


def _weights(segments: list[_Segment], name: str, fps: int, sample_rate: int) -> Weights:
    count = max((segment.end for segment in segments), default=0)
    frames = -(-count * fps // sample_rate)
    times = np.arange(frames, dtype=np.int64) * sample_rate // fps
    values: NDArray[np.uint8] = np.zeros((frames, len(WEIGHT_SETS[name])), np.uint8)
    for segment in segments:
        within = (times >= segment.start) & (times < segment.end)
        values[within] = segment.mouth.weights(name, times[within] - segment.start)
    return Weights(WEIGHT_SETS[name], fps, values)

"""When each phoneme of a text is said in a recording that Lipwire did not speak.

This is no forced aligner: nothing listens to the phonemes. The pauses are found by their energy and
matched with the text's punctuation by dynamic programming; between two pauses every phoneme gets
time in proportion to how long its kind usually is. `expected_error_ms` says how far off that is.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import accumulate, groupby, pairwise
from typing import Final

import numpy as np
from numpy.typing import NDArray

from lipwire_protocol.errors import ErrorCode, LipwireError
from lipwire_protocol.timeline import HOP

from ..speech.port import PhonemeSpan, WordSpan
from ..speech.text.segmenter import Segmenter
from ..speech.timing.alignment import Unit, units_in_time
from ..speech.timing.phonemizer import Phonemizer
from ..speech.timing.symbols import MODIFIERS, STRESS, VOWELS
from ..speech.timing.words import place_words
from ..speech.voices.config import BOS, EOS, PAD

__all__ = ["EXPECTED_ERROR_MS", "METHOD", "MOST_ERRORS_MS", "Recording", "time_recording"]

METHOD: Final = "pauses and typical durations"

EXPECTED_ERROR_MS: Final = 40
MOST_ERRORS_MS: Final = 120
"""Measured on the bundled voice's own speech, 1402 phonemes: half of them begin nearer than 33 ms
to the truth and nine tenths nearer than 101 ms; with noise 20 dB below the speech, 37 and 112 ms.
The typical durations are of the same voice: other speakers are farther off."""

FASTEST: Final = 0.35
SLOWEST: Final = 5.0
"""Speech that takes more or less than this of the typical time is not of the text."""

_FRAMES_A_SECOND = 100
_QUIETEST_DB = -100.0
_SILENT_DB = -60.0
"""Below full scale; what is never louder is silence."""
_LEAST_RANGE_DB = 6.0
"""Between what is loud and what is quiet; noise alone has less."""
_PAUSE_RANGE_DB = 35.0
_PAUSE_SHARE = 0.15
_SHORTEST_PAUSE = 16
"""Frames. The closure of a stop is shorter."""
_SHORTEST_SPEECH = 4
"""Frames; a click is shorter."""

_TYPICAL_MS: Final = {
    "diphthong": 114, "long vowel": 95, "vowel": 63, "reduced vowel": 62, "affricate": 108,
    "flap": 44, "voiced fricative": 53, "voiceless fricative": 67, "glide": 52, "liquid": 54,
    "nasal": 53, "voiced stop": 60, "voiceless stop": 66,
}  # fmt: skip
"""Means over 127 s of the bundled voice's own durations (en_US-joe-medium, 48 texts)."""
_STRESSED_MS: Final = {"diphthong": 153, "long vowel": 148, "vowel": 115}
_LAST_FACTOR = 1.5
"""How much longer the last phonemes before a pause are; with it phonemes there start nearest."""
_LAST = 2

_KINDS: Final = {
    symbol: kind
    for kind, symbols in {
        "flap": "ɾ",
        "voiced fricative": "vzʒðɣʁʐʑβʕɦ",
        "voiceless fricative": "fsʃθxhχɕʂçħɸ",
        "glide": "jwɥɰ",
        "liquid": "lɹrɫɭʎʀɻʟ",
        "nasal": "mnŋɲɳɱɴ",
        "voiced stop": "bdɡɟɖɢɓɗɠ",
    }.items()
    for symbol in symbols
}

# What the dynamic programming pays.
_NO_PUNCTUATION = 3.0
_PUNCTUATION = {",": 0.5, ";": 1.0, ":": 1.0, ".": 2.0, "!": 2.0, "?": 2.0}
"""When no pause is where it stands."""
_NO_WORDS = 4.0
_NO_WORDS_A_SECOND = 12.0
"""For a stretch of sound that is taken for noise."""
_SPREAD_MS = 70.0
_SPREAD = 0.15
"""Standard deviation of how long a stretch is: so much, and so much of itself."""
_SHORTEST_SHARE, _LONGEST_SHARE = 0.4, 2.5
"""Of a stretch's length, what words that are said in it usually take."""
_BEAM = 128
"""Positions in the text that are followed at once."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Recording:
    """The timing of a recording, in samples, and how far it can be trusted."""

    count: int
    words: tuple[WordSpan, ...]
    phonemes: tuple[PhonemeSpan, ...]
    """Contiguous from 0 to `count`, pauses included."""
    method: str = METHOD
    expected_error_ms: int = EXPECTED_ERROR_MS
    """Half of the phonemes of the bundled voice begin nearer than that to where it was measured."""
    most_errors_ms: int = MOST_ERRORS_MS
    """Nine tenths of them do. Other speakers, noise and slips of the tongue make it worse."""


@dataclass(frozen=True, slots=True)
class _Stretch:
    """Sound between two pauses, in frames."""

    start: int
    end: int


@dataclass(slots=True)
class _Word:
    """What espeak separated by spaces."""

    sentence: int
    units: list[Unit]
    pause: str
    """Punctuation after it; empty for none."""
    typical_ms: float


def time_recording(
    samples: NDArray[np.float32], sample_rate: int, text: str, phonemizer: Phonemizer
) -> Recording:
    """The phonemes and words of `text` in a recording, shape (count,), mono, -1..1.

    Raises `LipwireError`: `empty_text` when there is nothing to say in the text, `bad_message` when
    nothing is said in the recording, or when it is much too short or too long for the text.
    """
    levels = _levels(samples, sample_rate)
    sentences = Segmenter().push(text, last=True)
    words = [
        word
        for index, sentence in enumerate(sentences)
        for word in _words(index, sentence.text, phonemizer)
    ]
    if not words:
        raise LipwireError(
            ErrorCode.EMPTY_TEXT,
            "there is nothing to say in the text: send the words that are said",
        )
    stretches = _stretches(levels)
    if not stretches:
        raise LipwireError(
            ErrorCode.BAD_MESSAGE, "nothing is said in the recording: it is silence or noise"
        )
    tempo = _tempo(stretches, words)
    divided = _divide(_joined(stretches, len(words)), words, tempo)
    placed: list[WordSpan] = []
    phonemes: list[PhonemeSpan] = []
    timed = _timed(divided, words, len(samples), sample_rate)
    for index, group in groupby(timed, key=lambda pair: pair[0]):
        units = [unit for _, unit in group]
        found, word_of_unit = place_words(sentences[index].text, units, phonemizer.token_phonemes)
        for unit, word in zip(units, word_of_unit, strict=True):
            own = word + len(placed) if word >= 0 else -1
            phonemes.append(PhonemeSpan(unit.symbol, unit.start, unit.end - unit.start, own))
        placed += [_in_recording(word, sentences[index].begin) for word in found]
    return Recording(count=len(samples), words=tuple(placed), phonemes=tuple(phonemes))


def _levels(samples: NDArray[np.float32], sample_rate: int) -> NDArray[np.float64]:
    """Loudness of each frame of 10 ms, in dB below full scale."""
    if samples.ndim != 1 or sample_rate < 8000 or not np.isfinite(samples).all():
        raise LipwireError(
            ErrorCode.BAD_MESSAGE,
            "the recording is no sound: send one channel of finite samples at 8000 Hz or more",
        )
    edges = np.arange(len(samples) * _FRAMES_A_SECOND // sample_rate + 1) * sample_rate
    edges //= _FRAMES_A_SECOND
    energy = np.concatenate([[0.0], np.cumsum(np.square(samples, dtype=np.float64))])
    mean = np.diff(energy[edges]) / np.maximum(np.diff(edges), 1)
    return 10 * np.log10(np.maximum(mean, 10 ** (_QUIETEST_DB / 10)))


def _stretches(levels: NDArray[np.float64]) -> list[_Stretch]:
    """Where there is sound, between pauses; empty where nothing stands out of the noise."""
    if not len(levels):
        return []
    floor, loud = np.percentile(levels, [10, 95])
    if loud < _SILENT_DB or loud - floor < _LEAST_RANGE_DB:
        return []
    threshold = max(floor + _PAUSE_SHARE * (loud - floor), loud - _PAUSE_RANGE_DB)
    edges = np.flatnonzero(np.diff(np.concatenate([[0], levels > threshold, [0]]).astype(np.int8)))
    found: list[_Stretch] = []
    for start, end in edges.reshape(-1, 2).tolist():
        if found and start - found[-1].end < _SHORTEST_PAUSE:
            found[-1] = _Stretch(found[-1].start, end)
        else:
            found.append(_Stretch(start, end))
    return [stretch for stretch in found if stretch.end - stretch.start >= _SHORTEST_SPEECH]


def _joined(stretches: list[_Stretch], most: int) -> list[_Stretch]:
    """No more stretches than `most`: those with the shortest pauses between them become one."""
    gaps = [after.start - before.end for before, after in pairwise(stretches)]
    surplus = max(0, len(stretches) - most)
    closed = set(sorted(range(len(gaps)), key=gaps.__getitem__)[:surplus])
    joined = stretches[:1]
    for index, stretch in enumerate(stretches[1:]):
        if index in closed:
            joined[-1] = _Stretch(joined[-1].start, stretch.end)
        else:
            joined.append(stretch)
    return joined


def _words(sentence: int, text: str, phonemizer: Phonemizer) -> list[_Word]:
    ids = phonemizer.ids(phonemizer.phonemes(text))
    words: list[_Word] = []
    for word, group in groupby(units_in_time(ids, [1] * len(ids.ids)), key=lambda unit: unit.word):
        units = list(group)
        if word >= 0:
            typical = sum(_typical_ms(unit.symbol) for unit in units)
            words.append(_Word(sentence, units, "", typical))
        elif words and units[-1].symbol != EOS:
            words[-1].pause = units[-1].symbol
    return words


def _typical_ms(symbol: str) -> int:
    core = [s for s in symbol if s not in STRESS and s not in MODIFIERS] or [symbol[-1]]
    vowels = [s for s in core if s in VOWELS]
    if not vowels:
        return _TYPICAL_MS["affricate" if len(core) > 1 else _KINDS.get(core[0], "voiceless stop")]
    stressed = symbol[0] in STRESS
    if len(vowels) > 1:
        kind = "diphthong"
    elif "ː" in symbol:
        kind = "long vowel"
    else:
        kind = "reduced vowel" if core[0] in "əɐᵻɪʊ" and not stressed else "vowel"
    return _STRESSED_MS[kind] if stressed else _TYPICAL_MS[kind]


def _tempo(stretches: Sequence[_Stretch], words: Sequence[_Word]) -> float:
    """How much slower than usual is spoken. Refuses what cannot be this text."""
    heard_ms = 10.0 * sum(stretch.end - stretch.start for stretch in stretches)
    typical_ms = sum(word.typical_ms for word in words)
    tempo = heard_ms / typical_ms
    if not FASTEST <= tempo <= SLOWEST:
        much = "long" if tempo < FASTEST else "short"
        raise LipwireError(
            ErrorCode.BAD_MESSAGE,
            f"the text is much too {much} for the recording: {heard_ms / 1000:.1f} s of it are"
            f" speech, and the text would take about {typical_ms / 1000:.1f} s",
        )
    return tempo


def _divide(
    stretches: Sequence[_Stretch], words: Sequence[_Word], tempo: float
) -> list[tuple[_Stretch, int, int]]:
    """Which words are said in which stretch: the cheapest of all ways in which all are said.

    After each stretch only the cheapest `_BEAM` positions in the text are gone on from, so time
    is in proportion to the recording's. Should none of them reach the end of the text, its rest
    is said in the last stretch.
    """
    # What words and punctuation up to each position come to, from the start of the text.
    ends_ms = np.array([0.0, *accumulate(tempo * word.typical_ms for word in words)])
    missed = np.array([0.0, *accumulate(_PUNCTUATION.get(word.pause, 0.0) for word in words)])
    after = np.array([0.0] + [0.0 if word.pause else _NO_PUNCTUATION for word in words])
    own = np.array([0.0] + [_PUNCTUATION.get(word.pause, 0.0) for word in words])
    costs = {0: 0.0}
    steps: list[dict[int, int]] = []
    for stretch in stretches:
        heard_ms = 10.0 * (stretch.end - stretch.start)
        noise = _NO_WORDS + heard_ms * _NO_WORDS_A_SECOND / 1000
        reached = {begin: cost + noise for begin, cost in costs.items()}
        came_from = {i: i for i in costs}
        for begin, cost in costs.items():
            shortest, longest = heard_ms * _SHORTEST_SHARE, heard_ms * _LONGEST_SHARE
            low = bisect_left(ends_ms, ends_ms[begin] + shortest - 2 * _SPREAD_MS, begin + 1)
            high = bisect_right(ends_ms, ends_ms[begin] + longest + 2 * _SPREAD_MS, low)
            said_ms = ends_ms[low:high] - ends_ms[begin]
            variance = _SPREAD_MS**2 + (_SPREAD * said_ms) ** 2
            totals = cost + (heard_ms - said_ms) ** 2 / (2 * variance)
            totals += missed[low:high] - own[low:high] - missed[begin] + after[low:high]
            for end, total in enumerate(totals.tolist(), low):
                if total < reached.get(end, np.inf):
                    reached[end], came_from[end] = total, begin
        kept = sorted(reached, key=reached.__getitem__)[:_BEAM]
        costs = {end: reached[end] for end in kept}
        steps.append({end: came_from[end] for end in kept})
    end = len(words) if len(words) in costs else max(costs)
    divided: list[tuple[_Stretch, int, int]] = []
    for stretch, came_from in zip(reversed(stretches), reversed(steps), strict=True):
        begin = came_from[end]
        if begin < end:
            divided.append((stretch, begin, end))
        end = begin
    divided.reverse()
    if not divided:
        return [(_Stretch(stretches[0].start, stretches[-1].end), 0, len(words))]
    last, begin, _ = divided[-1]
    divided[-1] = (last, begin, len(words))
    return divided


def _timed(
    divided: Sequence[tuple[_Stretch, int, int]],
    words: Sequence[_Word],
    count: int,
    sample_rate: int,
) -> Iterator[tuple[int, Unit]]:
    """Units from 0 to `count`, in samples, each with its sentence; a pause with that before it."""
    position = 0
    sentence, pause = words[0].sentence, BOS
    for stretch, begin, end in divided:
        start = max(position, min(count, stretch.start * sample_rate // _FRAMES_A_SECOND))
        stop = max(start, min(count, stretch.end * sample_rate // _FRAMES_A_SECOND))
        if start > position:
            yield sentence, Unit(pause or PAD, position, start, -1)
        said = [(word.sentence, unit) for word in words[begin:end] for unit in word.units]
        shares = [float(_typical_ms(unit.symbol)) for _, unit in said]
        shares[-_LAST:] = [share * _LAST_FACTOR for share in shares[-_LAST:]]
        passed, total = 0.0, sum(shares)
        position = start
        for (sentence, unit), share in zip(said, shares, strict=True):
            passed += share
            edge = start + round((stop - start) * passed / total)
            if edge > position:
                yield sentence, replace(unit, start=position, end=edge)
            position = edge
        pause = words[end - 1].pause
    if count > position:
        yield sentence, Unit(pause or EOS, position, count, -1)


def _in_recording(word: WordSpan, begin: int) -> WordSpan:
    """`place_words` was told samples for decoder steps, and a sentence for the text."""
    start, end = word.start // HOP, (word.start + word.count) // HOP
    return replace(
        word, begin=word.begin + begin, end=word.end + begin, start=start, count=end - start
    )

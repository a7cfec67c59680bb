"""One voice that makes speech out of jobs: a pure function of each job, without asyncio."""

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final, TypeAlias

import numpy as np
from numpy.typing import NDArray

from lipwire_protocol.errors import ErrorCode, LipwireError
from lipwire_protocol.timeline import HOP, rescale

from .audio.pcm import pcm_s16le
from .port import Job, Mouth, PhonemeSpan, Plan, Window
from .timing.alignment import Unit, has_sound, units_in_time
from .timing.kinds import phonemizer_for
from .timing.parting import parted
from .timing.phonemizer import PhonemeIds
from .timing.words import place_words
from .voices.config import PAD
from .voices.reading import Joined, Noise, Reading, Silence
from .voices.voice import Voice

__all__ = ["Lips", "Prepared", "Synthesizer", "content_key"]

Lips: TypeAlias = Callable[[Sequence[PhonemeSpan], int], Mouth]
"""Phonemes and the voice's sample rate to what the mouth does."""

_USUAL_SET: Final = "oculus"
"""Worked out here, in a worker thread, because nearly everybody asks for it."""

MAX_PHONEMES: Final = 700
"""That are read in one go. Attention needs time and memory in proportion to the square of it."""

_PART: Final = MAX_PHONEMES // 2
"""Phonemes of a part of what has more: two of them are read sooner than one of twice as many."""


@dataclass(frozen=True, slots=True)
class Prepared:
    """A segment whose windows can be made, in any order."""

    plan: Plan
    reading: Reading

    @property
    def windows(self) -> int:
        """How many there are."""
        return len(self.reading.windows)


class Synthesizer:
    """Speaks with one voice. May be used from any number of threads at once."""

    def __init__(self, voice: Voice, lips: Lips, now_ns: Callable[[], int]) -> None:
        """`now_ns` is the clock of the times in a plan; nothing else depends on it."""
        self.voice = voice
        self._lips = lips
        self._now_ns = now_ns
        config = voice.config
        self._phonemizer = phonemizer_for(
            config.phoneme_type, config.espeak_voice, config.phoneme_ids
        )

    def plan(self, job: Job) -> Prepared:
        """Everything about a segment except its samples.

        Raises `LipwireError`: `empty_text` when there is nothing to say, `not_found` for an unknown
        speaker.
        """
        if not job.text:
            return self._silence(job)
        parts = self._phonemes(job.text)
        phonemized_ns = self._now_ns()
        readings = self._readings(parts, job)
        reading = readings[0] if len(readings) == 1 else Joined(readings)
        encoded_ns = self._now_ns()
        units = _units(parts, readings)
        words, word_of_unit = place_words(job.text, units, self._phonemizer.token_phonemes)
        spans = _phoneme_spans(units, word_of_unit)
        plan = Plan(
            count=int(reading.frames.sum()) * HOP,
            words=words,
            phonemes=spans,
            mouth=self._mouth(spans),
            phonemized_ns=phonemized_ns,
            encoded_ns=encoded_ns,
        )
        return Prepared(plan, reading)

    def _silence(self, job: Job) -> Prepared:
        rate = self.voice.config.sample_rate
        reading = Silence(-(-rescale(job.silence_ms, 1000, rate) // HOP))
        now_ns = self._now_ns()
        count = int(reading.frames.sum()) * HOP
        spans = (PhonemeSpan(PAD, 0, count, -1),) if count else ()
        plan = Plan(
            count=count,
            words=(),
            phonemes=spans,
            mouth=self._mouth(spans),
            phonemized_ns=now_ns,
            encoded_ns=now_ns,
        )
        return Prepared(plan, reading)

    def _mouth(self, phonemes: Sequence[PhonemeSpan]) -> Mouth:
        mouth = self._lips(phonemes, self.voice.config.sample_rate)
        mouth.sets.get(_USUAL_SET)
        return mouth

    def window(self, prepared: Prepared, index: int) -> Window:
        """One window of the samples; it does not matter which were made before."""
        begin, _ = prepared.reading.windows[index]
        samples = prepared.reading.window(index)
        return Window(index=index, start=begin * HOP, samples=samples, pcm=pcm_s16le(samples))

    def _phonemes(self, text: str) -> list[PhonemeIds]:
        """What is read in one go: one, but where letters are read by their names, or a text is
        spelt, there are too many phonemes for that."""
        known = self.voice.config.phoneme_ids
        phonemes = [symbol for symbol in self._phonemizer.phonemes(text) if symbol in known]
        whole = self._phonemizer.ids(phonemes)
        if not has_sound(whole.symbols):
            raise LipwireError(
                ErrorCode.EMPTY_TEXT, "there is nothing to say in the text: send some words"
            )
        if len(phonemes) <= MAX_PHONEMES:
            return [whole]
        return [self._phonemizer.ids(part) for part in parted(phonemes, _PART)]

    def _readings(self, parts: Sequence[PhonemeIds], job: Job) -> list[Reading]:
        key = content_key(self.voice, job)
        return [
            self.voice.read(np.array(part.ids, np.int64), job, _chance(key, index))
            for index, part in enumerate(parts)
        ]


def content_key(voice: Voice, job: Job) -> bytes:
    """A hash of all that the samples of a job depend on: equal keys, equal samples."""
    key = hashlib.blake2b(digest_size=16)
    for part in (
        voice.fingerprint,
        voice.config.noise,
        job.text,
        job.silence_ms,
        voice.config.speaker_number(job.speaker),
        job.rate_percent,
        job.noise_percent,
        job.seed,
    ):
        field = str(part).encode("utf-8", "surrogatepass")
        key.update(len(field).to_bytes(8, "big") + field)
    return key.digest()


def _chance(key: bytes, part: int) -> Noise:
    """What chance there is in a part of a segment."""
    prefix = f"{part} " if part else ""
    return lambda name, shape: _noise(key, prefix + name, shape)


def _noise(key: bytes, name: str, shape: tuple[int, ...]) -> NDArray[np.float32]:
    """Standard normal numbers, for the same key and name the same on every machine.

    Of the counter-based generator Philox (Salmon et al. 2011), so that nothing depends on what was
    drawn before.
    """
    digest = hashlib.blake2b(name.encode(), key=key, digest_size=16).digest()
    generator = np.random.Generator(np.random.Philox(key=int.from_bytes(digest, "big")))
    return generator.standard_normal(shape, dtype=np.float32)


def _units(parts: Sequence[PhonemeIds], readings: Sequence[Reading]) -> list[Unit]:
    """The phonemes of all parts, in the time of the segment."""
    units: list[Unit] = []
    hops = words = 0
    for part, reading in zip(parts, readings, strict=True):
        frames = reading.frames.tolist()
        for unit in units_in_time(part, frames):
            word = unit.word + words if unit.word >= 0 else unit.word
            units.append(Unit(unit.symbol, unit.start + hops, unit.end + hops, word))
        hops += sum(frames)
        words = max((unit.word + 1 for unit in units), default=0)
    return units


def _phoneme_spans(units: Sequence[Unit], word_of_unit: Sequence[int]) -> tuple[PhonemeSpan, ...]:
    return tuple(
        PhonemeSpan(unit.symbol, unit.start * HOP, (unit.end - unit.start) * HOP, word)
        for unit, word in zip(units, word_of_unit, strict=True)
    )

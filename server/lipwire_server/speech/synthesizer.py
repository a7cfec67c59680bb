"""One voice that makes speech out of jobs: a pure function of each job, without asyncio."""

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, TypeAlias

import numpy as np
from numpy.typing import NDArray

from lipwire_protocol.errors import ErrorCode, LipwireError
from lipwire_protocol.timeline import HOP

from .port import Job, PhonemeSpan, Plan, VisemeSpan, Window
from .timing.alignment import Unit, has_sound, units_in_time
from .timing.phonemizer import Phonemizer
from .timing.words import place_words
from .voices.voice import Encoded, Voice

__all__ = ["Lips", "Prepared", "Synthesizer", "window_plan"]

Lips: TypeAlias = Callable[[Sequence[PhonemeSpan], int], Mapping[str, tuple[VisemeSpan, ...]]]
"""Phonemes and the voice's sample rate to mouth shapes, by the name of their set."""

FIRST_WINDOWS: Final = (16, 32, 64)
LATER_WINDOWS: Final = 128
SMALLEST_WINDOW: Final = 16
CONTEXT: Final = 28
"""Decoder steps on each side that a window is decoded with and that are cut off again.

The decoder's receptive field is finite: 28 steps make the windows equal to the whole to 110 dB.
"""

MAX_PHONEMES: Final = 1000
"""Of one segment. Attention needs time and memory in proportion to the square of it."""


@dataclass(frozen=True, slots=True)
class Prepared:
    """A segment whose windows can be made, in any order."""

    plan: Plan
    latent: NDArray[np.float32]
    """z_p, shape (channels, hops)."""
    windows: tuple[tuple[int, int], ...]
    """Begin and end of each window, in hops."""


def window_plan(hops: int) -> tuple[tuple[int, int], ...]:
    """Begin and end of each window, in hops: a small one first, so that sound begins soon.

    It depends on nothing but the length, so a job has the same windows, and the same bytes,
    whenever it is done.
    """
    windows: list[tuple[int, int]] = []
    begin = 0
    while begin < hops:
        index = len(windows)
        size = FIRST_WINDOWS[index] if index < len(FIRST_WINDOWS) else LATER_WINDOWS
        end = begin + size
        if hops - end < SMALLEST_WINDOW:
            end = hops
        windows.append((begin, end))
        begin = end
    return tuple(windows)


class Synthesizer:
    """Speaks with one voice. May be used from any number of threads at once."""

    def __init__(self, voice: Voice, lips: Lips, now_ns: Callable[[], int]) -> None:
        """`now_ns` is the clock of the times in a plan; nothing else depends on it."""
        self.voice = voice
        self._lips = lips
        self._now_ns = now_ns
        self._phonemizer = Phonemizer(voice.config.espeak_voice, voice.config.phoneme_ids)

    def plan(self, job: Job) -> Prepared:
        """Everything about a segment except its samples.

        Raises `LipwireError`: `empty_text` when there is nothing to say, `synthesis_failed` when
        it has too many phonemes.
        """
        phonemes = self._phonemizer.ids(self._phonemes(job.text))
        phonemized_ns = self._now_ns()
        ids = np.array(phonemes.ids, np.int64)
        noise = self._noise(job, "durations").standard_normal((2, ids.size), dtype=np.float32)
        encoded = self.voice.encode(ids, noise, job.rate_percent)
        encoded_ns = self._now_ns()
        units = units_in_time(phonemes, encoded.frames.tolist())
        words, word_of_unit = place_words(job.text, units, self._phonemizer.token_phonemes)
        spans = _phoneme_spans(units, word_of_unit)
        plan = Plan(
            count=int(encoded.frames.sum()) * HOP,
            words=words,
            phonemes=spans,
            visemes=self._lips(spans, self.voice.config.sample_rate),
            phonemized_ns=phonemized_ns,
            encoded_ns=encoded_ns,
        )
        latent = self._sample(job, encoded)
        return Prepared(plan, latent, window_plan(latent.shape[1]))

    def window(self, prepared: Prepared, index: int) -> Window:
        """One window of the samples; it does not matter which were made before."""
        begin, end = prepared.windows[index]
        from_hop = max(0, begin - CONTEXT)
        to_hop = min(prepared.latent.shape[1], end + CONTEXT)
        samples = self.voice.decode(prepared.latent[:, from_hop:to_hop])
        cut = samples[(begin - from_hop) * HOP : (end - from_hop) * HOP]
        return Window(index=index, start=begin * HOP, samples=cut)

    def _phonemes(self, text: str) -> list[str]:
        known = self.voice.config.phoneme_ids
        phonemes = [symbol for symbol in self._phonemizer.phonemes(text) if symbol in known]
        if not has_sound(phonemes):
            raise LipwireError(
                ErrorCode.EMPTY_TEXT, "there is nothing to say in the text: send some words"
            )
        if len(phonemes) > MAX_PHONEMES:
            raise LipwireError(
                ErrorCode.SYNTHESIS_FAILED,
                f"a sentence has {len(phonemes)} phonemes and may have {MAX_PHONEMES}:"
                " send it in parts",
            )
        return phonemes

    def _sample(self, job: Job, encoded: Encoded) -> NDArray[np.float32]:
        """z_p = mean + noise * exp(logs) * noise_scale, each token repeated for its frames.

        Shape (channels, hops).
        """
        mean = np.repeat(encoded.mean, encoded.frames, axis=1)
        scale = self.voice.config.noise.prior
        if scale == 0:
            return mean
        # One row per hop: the noise of a hop does not depend on how many come after it.
        shape = (mean.shape[1], mean.shape[0])
        noise = self._noise(job, "prior").standard_normal(shape, dtype=np.float32).T
        deviation = np.repeat(np.exp(encoded.logs) * np.float32(scale), encoded.frames, axis=1)
        latent: NDArray[np.float32] = mean + noise * deviation
        return latent

    def _noise(self, job: Job, stream: str) -> np.random.Generator:
        """Random numbers that depend on the voice and the job alone."""
        key = hashlib.blake2b(digest_size=16)
        for part in (self.voice.fingerprint, job.text, job.rate_percent, job.seed, stream):
            field = str(part).encode("utf-8", "surrogatepass")
            key.update(len(field).to_bytes(8, "big") + field)
        return np.random.Generator(np.random.Philox(key=int.from_bytes(key.digest(), "big")))


def _phoneme_spans(units: Sequence[Unit], word_of_unit: Sequence[int]) -> tuple[PhonemeSpan, ...]:
    return tuple(
        PhonemeSpan(unit.symbol, unit.start * HOP, (unit.end - unit.start) * HOP, word)
        for unit, word in zip(units, word_of_unit, strict=True)
    )

"""The default voice of Lipwire without a server: durations and sound of a sentence."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Protocol

import numpy as np
from numpy.typing import NDArray

from lipwire_server.lipsync.mouth import mouth
from lipwire_server.speech.port import Job, Plan
from lipwire_server.speech.synthesizer import Synthesizer
from lipwire_server.speech.timing.alignment import Unit, units_in_time
from lipwire_server.speech.timing.phonemizer import PhonemeIds, Phonemizer
from lipwire_server.speech.voices.config import BOS, EOS, PAD
from lipwire_server.speech.voices.finding import survey
from lipwire_server.speech.voices.voice import Voice

__all__ = ["VOICE", "Speaker", "Speaking", "Speech", "in_time"]

VOICE: Final = "en_US-joe-medium"


@dataclass(frozen=True, slots=True)
class Speech:
    phonemes: str
    """One code point for each of the voice's symbols, without padding."""
    frames: tuple[int, ...]
    plan: Plan
    samples: NDArray[np.float32]
    """None at all when only durations were asked for."""


class Speaking(Protocol):
    """What a voice must be able to do here; a test's does it without a model."""

    @property
    def sample_rate(self) -> int: ...

    def speak(self, text: str) -> Speech: ...


class Speaker:
    def __init__(self, seed: int) -> None:
        self.seed = seed
        self._voice = Voice.load(survey().voices[VOICE].model)
        self._synthesizer = Synthesizer(self._voice, mouth, lambda: 0)
        self.phonemizer = Phonemizer(
            self._voice.config.espeak_voice, self._voice.config.phoneme_ids
        )

    @property
    def fingerprint(self) -> str:
        return self._voice.fingerprint

    @property
    def sample_rate(self) -> int:
        return self._voice.config.sample_rate

    def speak(self, text: str, *, aloud: bool = True) -> Speech:
        """A sentence; without samples it takes a tenth of the time."""
        prepared = self._synthesizer.plan(Job(text=text, voice=VOICE, seed=self.seed))
        windows = prepared.windows if aloud else 0
        parts = [self._synthesizer.window(prepared, index).samples for index in range(windows)]
        known = self._voice.config.phoneme_ids
        phonemes = [one for one in self.phonemizer.phonemes(text) if one in known]
        return Speech(
            "".join(phonemes),
            tuple(prepared.reading.frames.tolist()),
            prepared.plan,
            np.concatenate([np.zeros(0, np.float32), *parts]),
        )


def in_time(phonemes: Sequence[str], frames: Sequence[int]) -> list[Unit]:
    """Lipwire's own idea of when each phoneme is heard, in hops."""
    symbols = (BOS, PAD, *(part for symbol in phonemes for part in (symbol, PAD)), EOS)
    return units_in_time(PhonemeIds((0,) * len(symbols), symbols), frames)

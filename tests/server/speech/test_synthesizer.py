from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lipwire_protocol.errors import ErrorCode, LipwireError
from lipwire_protocol.timeline import HOP
from lipwire_server.speech import synthesizer as module
from lipwire_server.speech.port import Job, PhonemeSpan, VisemeSpan
from lipwire_server.speech.synthesizer import Prepared, Synthesizer, window_plan
from lipwire_server.speech.voices.config import NoiseScales
from lipwire_server.speech.voices.voice import Voice
from tests.tiny_voice import NAME, write_tiny_voice

JOB = Job(text="Hello there, my friend. How are you today, on this fine day of May?", voice=NAME)


def _lips(phonemes: Sequence[PhonemeSpan], rate: int) -> dict[str, tuple[VisemeSpan, ...]]:
    return {"one": (VisemeSpan(rate % 7, 0, sum(span.count for span in phonemes), 9),)}


@pytest.fixture(scope="module")
def voice(tmp_path_factory: pytest.TempPathFactory) -> Voice:
    return Voice.load(write_tiny_voice(tmp_path_factory.mktemp("voice")))


@pytest.fixture
def synthesizer(voice: Voice) -> Synthesizer:
    times = iter(range(100, 10_000))
    return Synthesizer(voice, _lips, lambda: next(times))


def _samples(synthesizer: Synthesizer, prepared: Prepared) -> bytes:
    windows = range(len(prepared.windows))
    return b"".join(synthesizer.window(prepared, index).samples.tobytes() for index in windows)


def test_phonemes_words_and_windows_cover_the_plan(synthesizer: Synthesizer) -> None:
    prepared = synthesizer.plan(JOB)
    plan = prepared.plan
    assert plan.count == prepared.latent.shape[1] * HOP
    assert sum(span.count for span in plan.phonemes) == plan.count
    assert [word.text for word in plan.words][:4] == ["Hello", "there", "my", "friend"]
    position = 0
    for index in range(len(prepared.windows)):
        window = synthesizer.window(prepared, index)
        assert (window.index, window.start) == (index, position)
        position += window.samples.size
    assert position == plan.count


def test_the_plan_tells_when_its_steps_were_done(synthesizer: Synthesizer) -> None:
    plan = synthesizer.plan(JOB).plan
    assert (plan.phonemized_ns, plan.encoded_ns) == (100, 101)


def test_mouth_shapes_come_from_the_phonemes(synthesizer: Synthesizer) -> None:
    plan = synthesizer.plan(JOB).plan
    assert plan.visemes == {"one": (VisemeSpan(16000 % 7, 0, plan.count, 9),)}


def test_the_same_job_gives_the_same_bytes_whatever_ran_before(
    voice: Voice, synthesizer: Synthesizer
) -> None:
    first = _samples(synthesizer, synthesizer.plan(JOB))
    synthesizer.plan(replace(JOB, text="Something else."))
    fresh = Synthesizer(voice, _lips, lambda: 0)
    prepared = fresh.plan(JOB)
    backwards = [fresh.window(prepared, i) for i in reversed(range(len(prepared.windows)))]
    assert b"".join(window.samples.tobytes() for window in reversed(backwards)) == first


@pytest.mark.parametrize(
    "other",
    [replace(JOB, seed=1), replace(JOB, rate_percent=110), replace(JOB, text=JOB.text + "!")],
)
def test_another_job_sounds_different(synthesizer: Synthesizer, other: Job) -> None:
    prepared, different = synthesizer.plan(JOB), synthesizer.plan(other)
    size = min(prepared.latent.shape[1], different.latent.shape[1])
    assert not np.allclose(prepared.latent[:, :size], different.latent[:, :size])


def test_windows_give_the_samples_of_the_whole(synthesizer: Synthesizer, voice: Voice) -> None:
    prepared = synthesizer.plan(JOB)
    whole = voice.decode(prepared.latent)
    joined = np.frombuffer(_samples(synthesizer, prepared), np.float32)
    assert np.abs(joined - whole).max() < 1e-6


def test_without_noise_the_latent_is_the_mean_of_each_token(tmp_path: Path) -> None:
    noise = NoiseScales(prior=0, duration=0)
    quiet = Synthesizer(Voice.load(write_tiny_voice(tmp_path), noise=noise), _lips, lambda: 0)
    first, second = quiet.plan(JOB), quiet.plan(replace(JOB, seed=5))
    assert np.array_equal(first.latent, second.latent)


@pytest.mark.parametrize("text", ["", "  \n", "...", "—", "?!", "[[ˈ]]"])
def test_a_text_in_which_nothing_is_said_is_refused(synthesizer: Synthesizer, text: str) -> None:
    with pytest.raises(LipwireError) as caught:
        synthesizer.plan(replace(JOB, text=text))
    assert caught.value.code is ErrorCode.EMPTY_TEXT


def test_a_text_of_too_many_phonemes_is_refused(
    synthesizer: Synthesizer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "MAX_PHONEMES", 10)
    with pytest.raises(LipwireError, match="may have 10") as caught:
        synthesizer.plan(JOB)
    assert caught.value.code is ErrorCode.SYNTHESIS_FAILED


@pytest.mark.parametrize(
    ("hops", "sizes"),
    [
        (1, [1]),
        (16, [16]),
        (31, [31]),
        (32, [16, 16]),
        (63, [16, 47]),
        (64, [16, 32, 16]),
        (400, [16, 32, 64, 128, 128, 32]),
        (383, [16, 32, 64, 128, 143]),
    ],
)
def test_windows_grow_and_the_last_takes_what_is_left(hops: int, sizes: list[int]) -> None:
    assert [end - begin for begin, end in window_plan(hops)] == sizes


@given(st.integers(1, 5000))
def test_windows_are_contiguous_and_none_is_tiny(hops: int) -> None:
    windows = window_plan(hops)
    edges = [0, *(end for _, end in windows)]
    assert [begin for begin, _ in windows] == edges[:-1]
    assert edges[-1] == hops
    assert all(end - begin >= min(hops, 16) for begin, end in windows)

import json
import logging
from dataclasses import replace
from pathlib import Path

import numpy as np
import onnx
import pytest
from numpy.typing import NDArray

from lipwire_protocol.errors import ErrorCode, LipwireError
from lipwire_server.speech.port import Job
from lipwire_server.speech.voices import voice as module
from lipwire_server.speech.voices.config import NoiseScales
from lipwire_server.speech.voices.parts import Parts
from lipwire_server.speech.voices.voice import Voice
from tests.noises import noise_of, samples_of
from tests.odd_voices import no_voice, reading_the_text, telling_durations
from tests.tiny_voice import (
    NAME,
    SPEAKERS,
    Anatomy,
    tiny_config,
    tiny_model,
    write_tiny_voice,
)

IDS = np.array([1, 0, 20, 0, 59, 0, 24, 0, 100, 0, 2], np.int64)
JOB = Job(text="as the ids say", voice=NAME)
SEVERAL = Anatomy(speakers=3)


def _write_config(model: Path, **changes: object) -> None:
    path = model.with_name(model.name + ".json")
    path.write_text(json.dumps(tiny_config() | changes), "utf-8")


def _sound(voice: Voice, job: Job = JOB, seed: int = 1) -> NDArray[np.float32]:
    return samples_of(voice.read(IDS, job, noise_of(seed)))


def _differ(first: NDArray[np.float32], second: NDArray[np.float32]) -> bool:
    size = min(first.size, second.size)
    return not np.allclose(first[:size], second[:size])


def test_a_voice_tells_what_it_is(tmp_path: Path) -> None:
    info = Voice.load(write_tiny_voice(tmp_path)).info
    assert (info.name, info.language, info.sample_rate) == (NAME, "en-US", 16000)
    assert info.speakers == ()


def test_a_voice_of_several_tells_their_names(tmp_path: Path) -> None:
    anatomy = Anatomy(speakers=3, rate=22050)
    info = Voice.load(write_tiny_voice(tmp_path, anatomy=anatomy)).info
    assert info.sample_rate == 22050
    assert info.speakers == SPEAKERS


def test_another_speaker_sounds_different_and_the_first_needs_no_name(tmp_path: Path) -> None:
    voice = Voice.load(write_tiny_voice(tmp_path, anatomy=SEVERAL))
    nobody, ann, bob, cid = (
        _sound(voice, replace(JOB, speaker=name)) for name in (None, *SPEAKERS)
    )
    assert np.array_equal(nobody, ann)
    assert _differ(ann, bob)
    assert _differ(ann, cid)
    assert _differ(bob, cid)


def test_an_unknown_speaker_is_not_found(tmp_path: Path) -> None:
    voice = Voice.load(write_tiny_voice(tmp_path, anatomy=SEVERAL))
    with pytest.raises(LipwireError, match="ann, bob, cid") as caught:
        _sound(voice, replace(JOB, speaker="eve"))
    assert caught.value.code is ErrorCode.NOT_FOUND


def test_a_higher_rate_is_faster(tmp_path: Path) -> None:
    voice = Voice.load(write_tiny_voice(tmp_path))
    sizes = [_sound(voice, replace(JOB, rate_percent=rate)).size for rate in (50, 100, 200)]
    assert sizes[0] > sizes[1] > sizes[2]


def test_the_voices_own_pace_counts_too(tmp_path: Path) -> None:
    path = write_tiny_voice(tmp_path)
    usual = _sound(Voice.load(path))
    _write_config(path, inference={"length_scale": 2})
    slow = Voice.load(path)
    assert _sound(slow).size > usual.size
    assert np.array_equal(_sound(slow, replace(JOB, rate_percent=200)), usual)


def test_without_noise_chance_is_not_heard(tmp_path: Path) -> None:
    voice = Voice.load(write_tiny_voice(tmp_path))
    still = replace(JOB, noise_percent=0)
    assert np.array_equal(_sound(voice, still, seed=1), _sound(voice, still, seed=2))
    assert _differ(_sound(voice, seed=1), _sound(voice, seed=2))


def test_noise_is_in_proportion_to_what_is_asked_for(tmp_path: Path) -> None:
    path = write_tiny_voice(tmp_path)
    half = replace(JOB, noise_percent=50)
    quieter = Voice.load(path, noise=NoiseScales(prior=0.3335, duration=0.4))
    assert np.array_equal(_sound(Voice.load(path), half), _sound(quieter))
    still = Voice.load(path, noise=NoiseScales(prior=0, duration=0))
    assert np.array_equal(_sound(Voice.load(path), replace(JOB, noise_percent=0)), _sound(still))


def test_the_fingerprint_changes_with_either_file(tmp_path: Path) -> None:
    path = write_tiny_voice(tmp_path)
    first = Voice.load(path).fingerprint
    assert Voice.load(path).fingerprint == first
    _write_config(path, inference={"noise_w": 0.5})
    second = Voice.load(path).fingerprint
    path.write_bytes(tiny_model(Anatomy(flow_reach=3)).SerializeToString())
    assert len({first, second, Voice.load(path).fingerprint}) == 3


def test_a_voice_that_tells_its_durations_is_cut_like_any_other(tmp_path: Path) -> None:
    path = write_tiny_voice(tmp_path)
    expected = _sound(Voice.load(path))
    path.write_bytes(telling_durations(tiny_model()).SerializeToString())
    voice = Voice.load(path)
    assert isinstance(voice.engine, Parts)
    assert np.array_equal(_sound(voice), expected)


# Whole


def test_a_voice_that_can_be_cut_is_not_worth_a_word(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    assert Voice.load(write_tiny_voice(tmp_path)).why_whole == ""
    assert not caplog.records


def test_a_voice_that_cannot_be_cut_says_so_each_time_it_is_loaded(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    path = write_tiny_voice(tmp_path, model=reading_the_text(tiny_model()))
    for _ in range(2):
        caplog.clear()
        voice = Voice.load(path, cache=tmp_path / "cache")
        assert "2 tensors besides the latent" in voice.why_whole
        (record,) = caplog.records
        assert record.levelno == logging.WARNING
        assert record.getMessage().startswith(f"{NAME} is spoken sentence by sentence")
        assert voice.why_whole in record.getMessage()


# Keeping


def _never(model: bytes, ids: NDArray[np.int64]) -> None:
    raise AssertionError("it was prepared again")


def test_a_voice_is_prepared_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO")
    path, cache = write_tiny_voice(tmp_path), tmp_path / "cache"
    first = Voice.load(path, cache=cache)
    monkeypatch.setattr(module, "prepare", _never)
    again = Voice.load(path, cache=cache)
    assert np.array_equal(_sound(again), _sound(first))
    _write_config(path, inference={"noise_w": 0.5}, language={"code": "en_GB"})
    Voice.load(path, cache=cache)
    assert [text for text in caplog.messages if f"preparing the voice {path.stem}" in text] == [
        caplog.messages[0]
    ]


def test_another_model_of_the_same_name_is_prepared_again(tmp_path: Path) -> None:
    path, cache = write_tiny_voice(tmp_path), tmp_path / "cache"
    first = Voice.load(path, cache=cache)
    path.write_bytes(tiny_model(Anatomy(flow_reach=3)).SerializeToString())
    assert _differ(_sound(Voice.load(path, cache=cache)), _sound(first))


def test_what_a_wrong_configuration_led_to_is_forgotten_with_it(tmp_path: Path) -> None:
    path, cache = write_tiny_voice(tmp_path), tmp_path / "cache"
    _write_config(path, phoneme_id_map={"_": [0], "^": [1], "$": [2], "a": [100_000]})
    with pytest.raises(LipwireError, match="does not speak"):
        Voice.load(path, cache=cache)
    _write_config(path)
    assert isinstance(Voice.load(path, cache=cache).engine, Parts)


# Files


@pytest.mark.parametrize("suffix", ["", ".json"])
def test_a_missing_file_is_named(tmp_path: Path, suffix: str) -> None:
    path = write_tiny_voice(tmp_path)
    missing = path.with_name(path.name + suffix)
    missing.unlink()
    with pytest.raises(LipwireError) as caught:
        Voice.load(path)
    assert caught.value.code is ErrorCode.NOT_FOUND
    assert str(missing) in str(caught.value)


@pytest.mark.parametrize("cached", [False, True])
@pytest.mark.parametrize("cut_off", [16, 100, 6, 5, 1, 0.7, 0.5, 1.0])
def test_a_truncated_model_is_named(tmp_path: Path, cut_off: float, cached: bool) -> None:
    path = write_tiny_voice(tmp_path)
    content = path.read_bytes()
    missing = cut_off if isinstance(cut_off, int) else int(len(content) * cut_off)
    path.write_bytes(content[: len(content) - missing])
    with pytest.raises(LipwireError) as caught:
        Voice.load(path, cache=tmp_path / "cache" if cached else None)
    assert caught.value.code is ErrorCode.UNSUPPORTED
    assert str(path) in str(caught.value)


@pytest.mark.parametrize(
    ("content", "what"),
    [
        (no_voice().SerializeToString(), "no Piper voice"),
        (onnx.ModelProto().SerializeToString(), "no Piper voice"),
        (b"<!DOCTYPE html><title>404</title>", "not a whole ONNX model"),
    ],
)
def test_a_model_that_is_no_voice_is_named(tmp_path: Path, content: bytes, what: str) -> None:
    path = write_tiny_voice(tmp_path)
    path.write_bytes(content)
    with pytest.raises(LipwireError, match=what) as caught:
        Voice.load(path)
    assert caught.value.code is ErrorCode.UNSUPPORTED
    assert str(path) in str(caught.value)


def test_a_folder_in_place_of_the_model_is_named(tmp_path: Path) -> None:
    path = write_tiny_voice(tmp_path)
    path.unlink()
    path.mkdir()
    with pytest.raises(LipwireError, match="cannot be read"):
        Voice.load(path)

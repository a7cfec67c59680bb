import json
from pathlib import Path

import numpy as np
import onnxruntime
import pytest

from lipwire_protocol.errors import ErrorCode, LipwireError
from lipwire_protocol.timeline import HOP
from lipwire_server.speech.voices.config import NoiseScales
from lipwire_server.speech.voices.voice import Voice
from tests.tiny_voice import CHANNELS, NAME, tiny_config, write_tiny_voice

IDS = np.array([1, 0, 20, 0, 59, 0, 24, 0, 100, 0, 2], np.int64)


def _zeros() -> np.ndarray[tuple[int, ...], np.dtype[np.float32]]:
    return np.zeros((2, IDS.size), np.float32)


def test_a_voice_tells_what_it_is(tmp_path: Path) -> None:
    info = Voice.load(write_tiny_voice(tmp_path)).info
    assert (info.name, info.language, info.sample_rate, info.speakers) == (NAME, "en-US", 16000, 1)


def test_encode_gives_priors_and_whole_frames_for_every_id(tmp_path: Path) -> None:
    encoded = Voice.load(write_tiny_voice(tmp_path)).encode(IDS, _zeros(), 100)
    assert encoded.mean.shape == encoded.logs.shape == (CHANNELS, IDS.size)
    assert encoded.frames.shape == IDS.shape
    assert encoded.frames.dtype == np.int64
    assert encoded.frames.min() >= 1


def test_a_higher_rate_makes_durations_shorter(tmp_path: Path) -> None:
    voice = Voice.load(write_tiny_voice(tmp_path))
    frames = {rate: voice.encode(IDS, _zeros(), rate).frames.sum() for rate in (50, 100, 200)}
    assert frames[50] > frames[100] > frames[200]


def test_decode_makes_a_hop_of_samples_of_every_frame(tmp_path: Path) -> None:
    voice = Voice.load(write_tiny_voice(tmp_path))
    samples = voice.decode(np.zeros((CHANNELS, 5), np.float32))
    assert samples.shape == (5 * HOP,)
    assert samples.dtype == np.float32


def test_without_noise_the_parts_give_the_bits_of_the_whole_model(tmp_path: Path) -> None:
    path = write_tiny_voice(tmp_path)
    voice = Voice.load(path, noise=NoiseScales(prior=0, duration=0))
    encoded = voice.encode(IDS, _zeros(), 100)
    parts = voice.decode(np.repeat(encoded.mean, encoded.frames, axis=1))
    whole = onnxruntime.InferenceSession(path, providers=["CPUExecutionProvider"]).run(
        None,
        {
            "input": IDS[np.newaxis],
            "input_lengths": np.array([IDS.size]),
            "scales": np.array([0, 1, 0], np.float32),
        },
    )[0]
    assert np.array_equal(parts, whole.ravel())


def test_the_fingerprint_changes_with_either_file(tmp_path: Path) -> None:
    path = write_tiny_voice(tmp_path)
    first = Voice.load(path).fingerprint
    assert Voice.load(path).fingerprint == first
    config = tiny_config() | {"inference": {"noise_w": 0.5}}
    path.with_name(path.name + ".json").write_text(json.dumps(config), "utf-8")
    assert Voice.load(path).fingerprint != first


@pytest.mark.parametrize("suffix", ["", ".json"])
def test_a_missing_file_is_named(tmp_path: Path, suffix: str) -> None:
    path = write_tiny_voice(tmp_path)
    missing = path.with_name(path.name + suffix)
    missing.unlink()
    with pytest.raises(LipwireError) as caught:
        Voice.load(path)
    assert caught.value.code is ErrorCode.NOT_FOUND
    assert str(missing) in str(caught.value)


@pytest.mark.parametrize("share", [0.0, 0.3, 0.5, 0.9, 0.999])
def test_a_truncated_model_is_named(tmp_path: Path, share: float) -> None:
    path = write_tiny_voice(tmp_path)
    content = path.read_bytes()
    path.write_bytes(content[: int(len(content) * share)])
    with pytest.raises(LipwireError) as caught:
        Voice.load(path)
    assert caught.value.code is ErrorCode.UNSUPPORTED
    assert str(path) in str(caught.value)


def test_a_folder_in_place_of_the_model_is_named(tmp_path: Path) -> None:
    path = write_tiny_voice(tmp_path)
    path.unlink()
    path.mkdir()
    with pytest.raises(LipwireError, match="cannot be read"):
        Voice.load(path)

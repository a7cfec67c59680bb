import json
from pathlib import Path
from typing import Any

import pytest

from lipwire_protocol.errors import ErrorCode, LipwireError
from lipwire_server.speech.voices.config import NoiseScales, VoiceConfig, read_config
from tests.tiny_voice import tiny_config

PATH = Path("voices/some.onnx.json")


def _read(raw: Any) -> VoiceConfig:
    return read_config(json.dumps(raw).encode(), PATH)


def test_scales_and_ids_are_read() -> None:
    config = _read(tiny_config())
    assert config.noise == NoiseScales(prior=0.667, duration=0.8)
    assert config.phoneme_ids["_"] == (0,)
    assert config.language == "en-US"


def test_the_noise_can_be_replaced() -> None:
    noise = NoiseScales(prior=0, duration=0)
    content = json.dumps(tiny_config()).encode()
    assert read_config(content, PATH, noise=noise).noise == noise


def test_the_language_is_that_of_espeak_where_none_is_told() -> None:
    raw = tiny_config()
    del raw["language"]
    assert _read(raw).language == "en-us"


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"audio": {}}, "sample_rate"),
        ({"espeak": {"voice": []}, "audio": None}, "wrong type"),
        ({"audio": {"sample_rate": "fast"}}, "wrong type"),
        ({"audio": {"sample_rate": 0}}, "above 0"),
        ({"num_speakers": 4}, "4 speakers"),
        ({"phoneme_type": "pinyin"}, "pinyin"),
        ({"hop_length": 512}, "512"),
        ({"phoneme_id_map": {"_": [0], "^": [1]}}, "no id for \\$"),
    ],
)
def test_what_cannot_be_spoken_is_refused_with_a_reason(
    change: dict[str, Any], reason: str
) -> None:
    with pytest.raises(LipwireError, match=reason) as caught:
        _read(tiny_config() | change)
    assert caught.value.code is ErrorCode.UNSUPPORTED
    assert str(PATH) in str(caught.value)


@pytest.mark.parametrize("key", ["audio", "espeak", "phoneme_id_map"])
def test_a_missing_key_is_named(key: str) -> None:
    raw = tiny_config()
    del raw[key]
    with pytest.raises(LipwireError, match=f"the key '{key}' is missing"):
        _read(raw)


@pytest.mark.parametrize("content", [b"", b"{", b"[1]", b"\xff\xfe"])
def test_broken_json_is_refused(content: bytes) -> None:
    with pytest.raises(LipwireError, match="JSON"):
        read_config(content, PATH)

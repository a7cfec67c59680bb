import json
from pathlib import Path
from typing import Any

import pytest

from lipwire_protocol.errors import ErrorCode, LipwireError
from lipwire_server.speech.voices.config import NoiseScales, VoiceConfig, read_config
from tests.tiny_voice import SPEAKERS, Anatomy, tiny_config

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


def test_a_voice_has_its_own_pace_and_the_usual_one_where_it_tells_none() -> None:
    assert _read(tiny_config() | {"inference": {"length_scale": 1.2}}).length_scale == 1.2
    assert _read(tiny_config() | {"inference": {}}).length_scale == 1


def test_a_voice_of_one_speaker_has_no_names() -> None:
    config = _read(tiny_config())
    assert config.speakers == {}
    assert config.speaker_number(None) == 0


def test_speakers_have_numbers_and_the_first_needs_no_name() -> None:
    config = _read(tiny_config(Anatomy(speakers=3)))
    assert tuple(config.speakers) == SPEAKERS
    assert [config.speaker_number(name) for name in (None, *SPEAKERS)] == [0, 0, 1, 2]


def test_the_first_speaker_is_the_one_with_the_lowest_number() -> None:
    config = _read(tiny_config() | {"num_speakers": 3, "speaker_id_map": {"z": 2, "a": 0}})
    assert config.speaker_number(None) == 0


@pytest.mark.parametrize("names", [{}, None])
def test_speakers_without_names_are_called_by_their_numbers(names: Any) -> None:
    config = _read(tiny_config() | {"num_speakers": 3, "speaker_id_map": names})
    assert config.speakers == {"0": 0, "1": 1, "2": 2}


@pytest.mark.parametrize("name", ["eve", "", "0"])
def test_an_unknown_speaker_is_not_found_and_the_known_ones_are_told(name: str) -> None:
    config = _read(tiny_config(Anatomy(speakers=3)))
    with pytest.raises(LipwireError, match="ann, bob, cid") as caught:
        config.speaker_number(name)
    assert caught.value.code is ErrorCode.NOT_FOUND


def test_a_name_is_not_found_in_a_voice_of_one() -> None:
    with pytest.raises(LipwireError, match="one, who needs no name") as caught:
        _read(tiny_config()).speaker_number("ann")
    assert caught.value.code is ErrorCode.NOT_FOUND


def test_only_some_of_many_speakers_are_told() -> None:
    config = _read(tiny_config() | {"num_speakers": 904, "speaker_id_map": {}})
    with pytest.raises(LipwireError) as caught:
        config.speaker_number("eve")
    assert len(str(caught.value)) < 200


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"audio": {}}, "sample_rate"),
        ({"espeak": {"voice": []}, "audio": None}, "wrong type"),
        ({"audio": {"sample_rate": "fast"}}, "wrong type"),
        ({"audio": {"sample_rate": 0}}, "above 0"),
        ({"inference": {"length_scale": 0}}, "above 0"),
        ({"num_speakers": 2, "speaker_id_map": {"a": 0, "b": 2}}, "not below 2"),
        ({"num_speakers": 2, "speaker_id_map": {"a": -1}}, "not below 2"),
        ({"num_speakers": 2, "speaker_id_map": ["a", "b"]}, "wrong type"),
        ({"phoneme_type": "morse"}, "morse"),
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

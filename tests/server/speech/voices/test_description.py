import json
from pathlib import Path
from typing import Any

import pytest

from lipwire_server.speech.voices.description import Description, describe, licence
from lipwire_server.speech.voices.finding import FoundVoice, Origin, survey
from tests.tiny_voice import NAME, tiny_config, write_tiny_voice


def found(model: Path) -> FoundVoice:
    return FoundVoice(name=model.stem, model=model, origin=Origin.FOLDER)


def described(tmp_path: Path, content: bytes) -> Description:
    model = write_tiny_voice(tmp_path)
    voice = found(model)
    voice.config.write_bytes(content)
    return describe(voice)


def test_a_voice_is_described(tmp_path: Path) -> None:
    model = write_tiny_voice(tmp_path)
    (tmp_path / "MODEL_CARD").write_text(
        "# Model card\n\n * Licence : CC-BY 4.0 \n* License: other"
    )
    size = sum(path.stat().st_size for path in tmp_path.glob(f"{NAME}.onnx*"))
    assert describe(found(model)) == Description(
        language="en-US",
        quality="low",
        sample_rate=16_000,
        speakers=1,
        size=size,
        licence="CC-BY 4.0",
        problem="",
    )


def test_the_bundled_voice_is_described() -> None:
    bundled = survey().voices["en_US-joe-medium"]
    about = describe(bundled)
    assert (about.language, about.quality, about.licence) == ("en-US", "medium", "CC0")
    assert about.problem == ""


def test_the_configuration_goes_before_the_name(tmp_path: Path) -> None:
    raw = tiny_config() | {"audio": {"sample_rate": 22_050, "quality": "high"}}
    assert described(tmp_path, json.dumps(raw).encode()).quality == "high"


@pytest.mark.parametrize(
    "content", [b"", b"\xff", b"[]", b"1", b"{}", b'{"audio": [], "language": 1}']
)
def test_a_configuration_that_is_none_is_a_problem(tmp_path: Path, content: bytes) -> None:
    about = described(tmp_path, content)
    assert f"{NAME}.onnx.json cannot be used" in about.problem
    assert (about.language, about.sample_rate, about.speakers) == ("", 0, 0)


@pytest.mark.parametrize("wrong", ["22050", True, None, -1.5])
def test_numbers_that_are_none_are_not_told(tmp_path: Path, wrong: Any) -> None:
    raw = tiny_config() | {"num_speakers": wrong}
    assert described(tmp_path, json.dumps(raw).encode()).speakers == 0


def test_files_that_went_are_a_problem(tmp_path: Path) -> None:
    about = describe(found(tmp_path / "nowhere.onnx"))
    assert "nowhere.onnx.json cannot be read: No such file" in about.problem
    assert about.size == 0


def test_the_card_of_the_voice_goes_before_that_of_its_folder(tmp_path: Path) -> None:
    (tmp_path / "MODEL_CARD").write_text("* License: MIT\n")
    (tmp_path / "a.MODEL_CARD").write_text("* License: CC0\n")
    (tmp_path / "b.MODEL_CARD").write_text("no word of it")
    assert [licence(tmp_path / f"{name}.onnx") for name in "abc"] == ["CC0", "MIT", "MIT"]


@pytest.mark.parametrize(
    "content", [b"", b"\xff* License:", b"License:\n\nMIT", b"\x00" * 1_000_000]
)
def test_a_card_without_a_licence_tells_none(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "MODEL_CARD").write_bytes(content)
    assert licence(tmp_path / "a.onnx") == ""

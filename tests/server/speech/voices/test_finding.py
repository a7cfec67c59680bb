from pathlib import Path

import pytest

from lipwire_protocol.errors import ErrorCode, LipwireError
from lipwire_server.speech.voices.finding import find_voices, load_voice
from tests.tiny_voice import NAME, write_tiny_voice

BUNDLED = "en_US-joe-medium"


def test_the_bundled_voice_is_always_there() -> None:
    assert find_voices()[BUNDLED].is_file()


def test_voices_in_a_folder_are_added(tmp_path: Path) -> None:
    path = write_tiny_voice(tmp_path)
    assert find_voices(tmp_path) == find_voices() | {NAME: path}


def test_a_voice_in_the_folder_replaces_the_bundled_one(tmp_path: Path) -> None:
    path = write_tiny_voice(tmp_path, BUNDLED)
    assert find_voices(tmp_path) == {BUNDLED: path}


def test_a_folder_that_does_not_exist_is_named(tmp_path: Path) -> None:
    with pytest.raises(LipwireError, match="nowhere") as caught:
        find_voices(tmp_path / "nowhere")
    assert caught.value.code is ErrorCode.NOT_FOUND


def test_a_voice_is_loaded_by_name(tmp_path: Path) -> None:
    write_tiny_voice(tmp_path)
    assert load_voice(NAME, find_voices(tmp_path)).name == NAME


def test_an_unknown_voice_is_answered_with_those_that_exist() -> None:
    with pytest.raises(LipwireError, match=BUNDLED) as caught:
        load_voice("nobody", find_voices())
    assert caught.value.code is ErrorCode.NOT_FOUND

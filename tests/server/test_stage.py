import time
from pathlib import Path

import pytest

from lipwire_protocol import LipwireError
from lipwire_server.speech.port import NOBODY, Job, Plan
from lipwire_server.stage import find_faces, new_id, open_scheduler
from tests.server.voices import tiny_settings
from tests.tiny_voice import NAME, write_tiny_voice


def test_ids_that_are_made_later_sort_later() -> None:
    ids = [new_id() for _ in range(1_000)]
    assert ids == sorted(ids)
    assert len(set(ids)) == 1_000
    assert {made.version for made in ids} == {7}


async def test_every_voice_that_is_found_can_speak(tmp_path: Path) -> None:
    write_tiny_voice(tmp_path, "another")
    async with open_scheduler(tiny_settings(tmp_path), time.monotonic_ns) as scheduler:
        known = {voice.name for voice in scheduler.voices()}
        assert known == {NAME, "another", "en_US-joe-medium"}
        with scheduler.seat(NOBODY) as seat:
            for name in (NAME, "another"):
                parts = [part async for part in seat.speak(Job(text="Hello.", voice=name))]
                assert isinstance(parts[0], Plan)


async def test_a_voice_that_is_damaged_does_not_stop_the_others(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "half.onnx").write_bytes(b"no model")
    (tmp_path / "broken.onnx").write_bytes(b"no model")
    (tmp_path / "broken.onnx.json").write_text("{}")
    async with open_scheduler(tiny_settings(tmp_path), time.monotonic_ns) as scheduler:
        names = {voice.name for voice in scheduler.voices()}
    assert names == {NAME, "en_US-joe-medium"}
    assert "half.onnx has no half.onnx.json beside it" in caplog.text
    assert "going on without the voice broken" in caplog.text


async def test_without_its_default_voice_nothing_starts(tmp_path: Path) -> None:
    settings = tiny_settings(tmp_path, voice="nobody")
    with pytest.raises(LipwireError, match="there is no voice 'nobody'"):
        async with open_scheduler(settings, time.monotonic_ns):
            pass


def test_the_faces_are_those_that_are_asked_for(tmp_path: Path) -> None:
    _, cast = find_faces(tiny_settings(tmp_path))
    assert cast.default == "joe"
    with pytest.raises(LipwireError, match="nobody"):
        find_faces(tiny_settings(tmp_path, avatar="nobody"))

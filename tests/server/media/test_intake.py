import asyncio
from pathlib import Path

import pytest
from PIL import Image

from lipwire_protocol import ErrorCode, LipwireError
from lipwire_server.media import intake
from lipwire_server.media.intake import Intake, Medium
from lipwire_server.media.kinds import Kind
from lipwire_server.media.redrawing import Picture
from lipwire_server.media.wav import pcm_header


async def test_a_picture_says_how_large_it_is(tmp_path: Path) -> None:
    Image.new("RGB", (3, 2)).save(tmp_path / "in", "JPEG")
    medium = await Intake().take(Kind.JPEG, tmp_path / "in", tmp_path / "out")
    assert medium == Medium(kind="image", media_type="image/jpeg", meta={"width": 3, "height": 2})


async def test_a_sound_says_how_long_it_is(tmp_path: Path) -> None:
    (tmp_path / "in").write_bytes(pcm_header(8_000, 20) + bytes(20))
    medium = await Intake().take(Kind.WAV, tmp_path / "in", tmp_path / "out")
    assert (medium.kind, medium.media_type) == ("audio", "audio/wav")
    assert medium.meta == {
        "codec": "pcm_s16le",
        "channels": 1,
        "sample_rate": 8_000,
        "sample_count": 10,
    }


async def test_two_at_once_and_the_others_wait(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    inside = most = 0

    async def slow(source: Path, target: Path) -> Picture:
        nonlocal inside, most
        inside += 1
        most = max(most, inside)
        await asyncio.sleep(0)
        inside -= 1
        if source.name == "1":
            raise LipwireError(ErrorCode.UNREADABLE, "damaged")
        return Picture(media_type="image/png", width=1, height=1)

    monkeypatch.setattr(intake, "redraw", slow)
    door = Intake()
    jobs = [door.take(Kind.PNG, tmp_path / str(n), tmp_path / "out") for n in range(6)]
    results = await asyncio.gather(*jobs, return_exceptions=True)
    assert most == 2
    assert [isinstance(result, LipwireError) for result in results] == [False, True, *[False] * 4]

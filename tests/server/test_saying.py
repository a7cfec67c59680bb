import asyncio
import json
import wave
from pathlib import Path
from typing import Any

import pytest

from lipwire_protocol import SETS, ErrorCode, Hello, LipwireError
from lipwire_server.config import Settings
from lipwire_server.saying import _converse, _File, say
from lipwire_server.speech.voices.finding import find_voices
from tests.fakes import FakeSynthesis, fake_host
from tests.server.session.stage import OFF
from tests.server.voices import tiny_settings
from tests.tiny_voice import NAME, RATE

TEXT = "Hello there. Good bye."


@pytest.fixture(scope="module")
def settings(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    return tiny_settings(tmp_path_factory.mktemp("voices"))


def spoken(settings: Settings, text: str, folder: Path, **more: int) -> tuple[bytes, Any]:
    out, timing = folder / "out.wav", folder / "timing.json"
    options = {"rate_percent": 100, "seed": 0, **more}
    asyncio.run(say(settings, text, out=out, timing=timing, **options))
    with wave.open(str(out)) as wav:
        assert (wav.getnchannels(), wav.getsampwidth(), wav.getframerate()) == (1, 2, RATE)
        audio = wav.readframes(wav.getnframes())
    return audio, json.loads(timing.read_text("utf-8"))


def test_the_timing_file_fits_the_sound_file(settings: Settings, tmp_path: Path) -> None:
    audio, timing = spoken(settings, TEXT, tmp_path)
    assert (timing["voice"], timing["sample_rate"], timing["text"]) == (NAME, RATE, TEXT)
    assert len(audio) == 2 * timing["samples"] > 0
    assert [w["text"] for w in timing["words"]] == ["Hello", "there", "Good", "bye"]
    for word in timing["words"]:
        assert TEXT[word["begin"] : word["end"]] == word["text"]
        assert word["start"] + word["count"] <= timing["samples"]
    for kind in ("phonemes", "visemes"):
        position = 0
        for span in timing[kind]:
            assert span["start"] == position
            position += span["count"]
        assert position == timing["samples"]
    assert {v["viseme"] for v in timing["visemes"]} <= set(SETS["oculus"])


def test_equal_seeds_give_equal_bytes(settings: Settings, tmp_path: Path) -> None:
    first = spoken(settings, TEXT, tmp_path, seed=1)
    assert spoken(settings, TEXT, tmp_path, seed=1) == first
    assert spoken(settings, TEXT, tmp_path, seed=2)[0] != first[0]


def test_a_higher_rate_takes_less_time(settings: Settings, tmp_path: Path) -> None:
    slow, fast = (spoken(settings, TEXT, tmp_path, rate_percent=r)[0] for r in (50, 200))
    assert len(fast) < len(slow)


def test_without_files_it_says_so(settings: Settings) -> None:
    line = asyncio.run(say(settings, TEXT, out=None, timing=None, rate_percent=100, seed=0))
    assert line.endswith("not kept, see --out")


@pytest.mark.parametrize("text", ["", "   \n", " " * 30_000, "..."])
def test_with_nothing_to_say_there_is_an_error(settings: Settings, text: str) -> None:
    with pytest.raises(LipwireError, match="nothing to say") as caught:
        asyncio.run(say(settings, text, out=None, timing=None, rate_percent=100, seed=0))
    assert caught.value.code is ErrorCode.EMPTY_TEXT


@pytest.mark.parametrize("rate", [49, 201])
def test_a_rate_out_of_bounds_is_refused(settings: Settings, rate: int) -> None:
    with pytest.raises(LipwireError, match=r"50\.\.200"):
        asyncio.run(say(settings, TEXT, out=None, timing=None, rate_percent=rate, seed=0))


@pytest.mark.parametrize("option", ["out", "timing"])
def test_a_file_that_cannot_be_written_is_named(
    settings: Settings, tmp_path: Path, option: str
) -> None:
    files: dict[str, Path | None] = {"out": None, "timing": None}
    files[option] = tmp_path / "no such folder" / "file"
    with pytest.raises(LipwireError, match=r"cannot write .*no such folder"):
        asyncio.run(say(settings, TEXT, rate_percent=100, seed=0, **files))


def test_an_unknown_voice_is_refused_with_the_known_ones(tmp_path: Path) -> None:
    settings = Settings(data=tmp_path, voice="nobody")
    with pytest.raises(LipwireError) as caught:
        asyncio.run(say(settings, TEXT, out=None, timing=None, rate_percent=100, seed=0))
    assert caught.value.code is ErrorCode.NOT_FOUND
    assert all(name in str(caught.value) for name in find_voices())


async def file_of(text: str, synthesis: FakeSynthesis, hello: Hello = OFF) -> _File:
    file = _File(len(text), None)
    async with asyncio.timeout(10_000):
        await _converse(fake_host(synthesis), hello, text, file)
    return file


@pytest.mark.virtual_time
async def test_a_whole_book_is_spoken_in_one_go() -> None:
    book = "Once upon a time there was a man. " * 2_000
    file = await file_of(book, FakeSynthesis(per_character=1, window=100))
    assert len(file.segments) == 2_000
    assert file.samples == sum(segment.count for segment in file.segments)
    assert not file.errors


@pytest.mark.virtual_time
@pytest.mark.parametrize(
    ("text", "fail_plan"),
    [("... ! " * 6_000, ()), ("Hello there. " * 3_000, range(10_000))],
    ids=["unspeakable", "failing"],
)
async def test_a_book_of_which_nothing_can_be_spoken_ends(text: str, fail_plan: range) -> None:
    file = await file_of(text, FakeSynthesis(fail_plan=fail_plan))
    assert not file.segments

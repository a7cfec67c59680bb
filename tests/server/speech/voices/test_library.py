import asyncio
import logging
import threading
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from lipwire_protocol.errors import ErrorCode, LipwireError
from lipwire_server.speech.port import Job, PhonemeSpan
from lipwire_server.speech.voices.config import NoiseScales
from lipwire_server.speech.voices.library import Library, LoadedVoice
from lipwire_server.speech.voices.voice import Voice
from tests.fakes import FakeMouth
from tests.tiny_voice import SPEAKERS, Anatomy, write_tiny_voice

NAMES = ("ada", "bea", "eva")


def _lips(phonemes: Sequence[PhonemeSpan], rate: int) -> FakeMouth:
    return FakeMouth()


class _Loads:
    """Counts what is loaded, and can hold it up."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.of: Counter[str] = Counter()
        self.go_on = threading.Event()
        self.go_on.set()
        load = Voice.load

        def counted(
            path: Path, *, noise: NoiseScales | None = None, cache: Path | None = None
        ) -> Voice:
            self.of[path.stem] += 1
            self.go_on.wait()
            return load(path, noise=noise, cache=cache)

        monkeypatch.setattr(Voice, "load", counted)


@pytest.fixture
def loads(monkeypatch: pytest.MonkeyPatch) -> _Loads:
    return _Loads(monkeypatch)


@pytest.fixture
def paths(tmp_path: Path) -> dict[str, Path]:
    return {name: write_tiny_voice(tmp_path, name) for name in NAMES}


def _library(paths: dict[str, Path], most_loaded: int = 8) -> Library:
    return Library(paths, _lips, lambda: 0, most_loaded=most_loaded)


def test_all_voices_are_told_before_any_is_loaded(paths: dict[str, Path], loads: _Loads) -> None:
    write_tiny_voice(paths["eva"].parent, "eva", anatomy=Anatomy(speakers=3, rate=22050))
    infos = _library(paths).voices()
    assert [info.name for info in infos] == list(NAMES)
    assert [info.sample_rate for info in infos] == [16000, 16000, 22050]
    assert [info.speakers for info in infos] == [(), (), SPEAKERS]
    assert not loads.of


async def test_a_voice_is_loaded_when_it_is_asked_for_and_only_once(
    paths: dict[str, Path], loads: _Loads
) -> None:
    library = _library(paths)
    first = await library.voice("bea")
    assert await library.voice("bea") is first
    assert loads.of == {"bea": 1}


async def test_a_loaded_voice_speaks(paths: dict[str, Path]) -> None:
    voice = await _library(paths).voice("ada")
    job = Job(text="Hello there.", voice="ada")
    prepared = voice.plan(job)
    samples = [voice.window(prepared, index).samples for index in range(prepared.windows)]
    assert voice.sample_rate == 16000
    assert np.concatenate(samples).size == prepared.plan.count > 0
    assert voice.key(job) == voice.key(job) != voice.key(Job(text="Hello.", voice="ada"))


async def test_two_who_ask_at_once_wait_for_one_load(paths: dict[str, Path], loads: _Loads) -> None:
    library = _library(paths)
    loads.go_on.clear()
    asking = [asyncio.create_task(library.voice(name)) for name in ("ada", "ada", "bea")]
    await asyncio.sleep(0)
    loads.go_on.set()
    first, second, other = await asyncio.gather(*asking)
    assert first is second
    assert other is not first
    assert loads.of == {"ada": 1, "bea": 1}


async def test_one_who_gives_up_does_not_stop_the_load_for_another(
    paths: dict[str, Path], loads: _Loads
) -> None:
    library = _library(paths)
    loads.go_on.clear()
    impatient, patient = (asyncio.create_task(library.voice("ada")) for _ in range(2))
    await asyncio.sleep(0)
    impatient.cancel()
    with pytest.raises(asyncio.CancelledError):
        await impatient
    loads.go_on.set()
    assert isinstance(await patient, LoadedVoice)
    assert loads.of == {"ada": 1}


async def test_a_load_goes_on_when_all_have_given_up(paths: dict[str, Path], loads: _Loads) -> None:
    library = _library(paths)
    loads.go_on.clear()
    impatient = asyncio.create_task(library.voice("ada"))
    await asyncio.sleep(0)
    impatient.cancel()
    loads.go_on.set()
    await library.voice("ada")
    assert loads.of == {"ada": 1}


async def test_the_voice_that_was_not_used_for_longest_is_forgotten(
    paths: dict[str, Path], loads: _Loads, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    library = _library(paths, most_loaded=2)
    for name in ("ada", "bea", "ada", "eva", "ada", "eva"):
        await library.voice(name)
    assert loads.of == {"ada": 1, "bea": 1, "eva": 1}
    assert "the voice bea was not used for longest" in caplog.text
    await library.voice("bea")
    assert loads.of["bea"] == 2
    await library.voice("eva")
    assert loads.of["eva"] == 1
    await library.voice("ada")
    assert loads.of["ada"] == 2


async def test_a_voice_that_is_forgotten_goes_on_speaking(paths: dict[str, Path]) -> None:
    library = _library(paths, most_loaded=1)
    ada = await library.voice("ada")
    prepared = ada.plan(Job(text="Hello there.", voice="ada"))
    await library.voice("bea")
    assert ada.window(prepared, 0).samples.any()


@pytest.mark.parametrize("content", [None, b"{", b"[]", b'{"audio": {}}', b"\xff"])
async def test_a_voice_with_a_broken_configuration_is_left_out_and_the_log_says_why(
    paths: dict[str, Path], caplog: pytest.LogCaptureFixture, content: bytes | None
) -> None:
    broken = paths["bea"].with_name("bea.onnx.json")
    if content is None:
        broken.unlink()
    else:
        broken.write_bytes(content)
    library = _library(paths)
    assert [info.name for info in library.voices()] == ["ada", "eva"]
    (record,) = caplog.records
    assert record.levelno == logging.WARNING
    assert record.getMessage().startswith("going on without the voice bea: ")
    assert str(broken) in record.getMessage()
    with pytest.raises(LipwireError, match="there are: ada, eva"):
        await library.voice("bea")


async def test_an_unknown_voice_is_not_found_and_the_known_ones_are_told(
    paths: dict[str, Path],
) -> None:
    with pytest.raises(LipwireError, match="no voice 'zoe'; there are: ada, bea, eva") as caught:
        await _library(paths).voice("zoe")
    assert caught.value.code is ErrorCode.NOT_FOUND


async def test_a_damaged_voice_is_refused_to_all_who_asked_and_can_be_asked_for_again(
    paths: dict[str, Path], loads: _Loads
) -> None:
    whole = paths["ada"].read_bytes()
    paths["ada"].write_bytes(whole[: len(whole) // 2])
    library = _library(paths)
    answers = await asyncio.gather(
        library.voice("ada"), library.voice("ada"), library.voice("bea"), return_exceptions=True
    )
    for answer in answers[:2]:
        assert isinstance(answer, LipwireError)
        assert answer.code is ErrorCode.UNSUPPORTED
    assert isinstance(answers[2], LoadedVoice)
    paths["ada"].write_bytes(whole)
    assert isinstance(await library.voice("ada"), LoadedVoice)
    assert loads.of["ada"] == 2


async def test_what_is_made_of_a_voice_is_kept(paths: dict[str, Path], tmp_path: Path) -> None:
    cache = tmp_path / "cache"
    await Library(paths, _lips, lambda: 0, cache=cache).voice("ada")
    assert len(list(cache.iterdir())) == 1

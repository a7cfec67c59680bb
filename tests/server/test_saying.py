import asyncio
import io
import json
import re
import resource
import struct
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest
from numpy.typing import NDArray

from lipwire_client.audio import to_pcm_s16le
from lipwire_protocol import SETS, Codec, ErrorCode, LipwireError, TextOptions
from lipwire_server.config import Settings
from lipwire_server.saying import STANDARD_OUTPUT, Request, _converse, _File, _Sound, say
from lipwire_server.speech.audio.files import Container
from lipwire_server.speech.voices.finding import survey
from tests.fakes import FakeSynthesis, fake_host
from tests.server.session.stage import OFF
from tests.server.voices import tiny_settings
from tests.terminal import Terminal
from tests.tiny_avatar import NAME as AVATAR
from tests.tiny_avatar import write_tiny_pack
from tests.tiny_voice import NAME, RATE, SPEAKERS, Anatomy, write_tiny_voice

TEXT = "Hello there. Good bye."
QUIET = 0.02
"""Opus is not exact."""


@pytest.fixture(scope="module")
def settings(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    return tiny_settings(tmp_path_factory.mktemp("voices"))


def run(
    settings: Settings,
    text: str = TEXT,
    *,
    stdout: io.BytesIO | None = None,
    err: io.StringIO | None = None,
    **options: Any,
) -> str:
    request = Request(text=text, **options)
    return asyncio.run(
        say(settings, request, stdout=stdout or io.BytesIO(), err=err or io.StringIO())
    )


def spoken(settings: Settings, folder: Path, text: str = TEXT, **options: Any) -> tuple[bytes, Any]:
    out, timing = folder / "out.raw", folder / "timing.json"
    run(settings, text, out=out, timing=timing, **options)
    return out.read_bytes(), json.loads(timing.read_text("utf-8"))


def decoded(data: bytes) -> tuple[NDArray[np.float32], str, int]:
    """Samples, codec and sample rate as FFmpeg reads them."""
    with av.open(io.BytesIO(data), "r") as container:
        stream = container.streams.audio[0]
        frames = []
        resampler = av.AudioResampler("flt", "mono", stream.rate)
        for frame in container.decode(stream):
            frames += [part.to_ndarray() for part in resampler.resample(frame)]
        samples = np.concatenate(frames, axis=1)[0]
        return samples, stream.codec_context.name, stream.rate


def test_the_timing_file_fits_the_sound_file(settings: Settings, tmp_path: Path) -> None:
    audio, timing = spoken(settings, tmp_path)
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


def test_the_timing_is_in_samples_of_the_sound(settings: Settings, tmp_path: Path) -> None:
    own = spoken(settings, tmp_path)[1]
    audio, timing = spoken(settings, tmp_path, sample_rate=48_000)
    assert timing["sample_rate"] == 48_000
    assert timing["samples"] == len(audio) // 2 == 3 * own["samples"]
    assert timing["words"][-1]["start"] == 3 * own["words"][-1]["start"]


def test_marks_of_the_text_are_in_the_timing(settings: Settings, tmp_path: Path) -> None:
    text = '<speak>Hello. <mark name="here"/>Good bye.</speak>'
    timing = spoken(settings, tmp_path, text, reading=TextOptions(ssml=True))[1]
    (mark,) = timing["marks"]
    assert mark["name"] == "here"
    assert mark["at"] == timing["words"][1]["start"]


def test_equal_seeds_give_equal_bytes(settings: Settings, tmp_path: Path) -> None:
    first = spoken(settings, tmp_path, seed=1)
    assert spoken(settings, tmp_path, seed=1) == first
    assert spoken(settings, tmp_path, seed=2)[0] != first[0]


def test_a_higher_rate_takes_less_time(settings: Settings, tmp_path: Path) -> None:
    slow, fast = (spoken(settings, tmp_path, rate_percent=r)[0] for r in (50, 200))
    assert len(fast) < len(slow)


def test_a_volume_of_nothing_is_silence(settings: Settings, tmp_path: Path) -> None:
    audio = spoken(settings, tmp_path, volume_percent=0)[0]
    assert not any(audio)
    assert len(audio) == len(spoken(settings, tmp_path)[0])


def test_without_noise_every_seed_sounds_the_same(settings: Settings, tmp_path: Path) -> None:
    one, other = (spoken(settings, tmp_path, noise_percent=0, seed=s)[0] for s in (1, 2))
    assert one == other


def test_a_lexicon_says_words_otherwise(settings: Settings, tmp_path: Path) -> None:
    timing = spoken(settings, tmp_path, "SQL.", lexicon={"SQL": "sequel"})[1]
    assert timing["words"][0]["text"] == "SQL"
    assert "w" in [phoneme["symbol"] for phoneme in timing["phonemes"]]


def test_a_speaker_of_several_is_asked_for_by_name(tmp_path: Path) -> None:
    write_tiny_voice(tmp_path, anatomy=Anatomy(speakers=3))
    settings = Settings(data=tmp_path / "data", voice=NAME, voices=tmp_path, workers=1)
    readings = {name: spoken(settings, tmp_path, speaker=name) for name in SPEAKERS}
    assert len({audio for audio, _ in readings.values()}) == len(SPEAKERS)
    assert [timing["speaker"] for _, timing in readings.values()] == [*SPEAKERS]
    with pytest.raises(LipwireError, match="there is: ann, bob, cid"):
        run(settings, speaker="dan")


def test_what_was_not_understood_of_markup_is_told(settings: Settings) -> None:
    err = io.StringIO()
    run(settings, "<speak>Hello <b>there</b>.</speak>", reading=TextOptions(ssml=True), err=err)
    assert "<b> is not known" in err.getvalue()


@pytest.mark.parametrize(
    ("codec", "tag", "name"),
    [
        (Codec.PCM_S16LE, 1, "pcm_s16le"),
        (Codec.PCM_F32LE, 3, "pcm_f32le"),
        (Codec.MULAW, 7, "pcm_mulaw"),
        (Codec.ALAW, 6, "pcm_alaw"),
    ],
)
def test_a_wav_file_is_what_it_says(
    settings: Settings, tmp_path: Path, codec: Codec, tag: int, name: str
) -> None:
    out = tmp_path / "out.wav"
    run(settings, out=out, codec=codec, sample_rate=8_000)
    data = out.read_bytes()
    assert struct.unpack_from("<H", data, 20) == (tag,)
    assert struct.unpack_from("<I", data, 4) == (len(data) - 8,)
    samples, read_as, rate = decoded(data)
    raw, timing = spoken(settings, tmp_path, codec=codec, sample_rate=8_000)
    assert (read_as, rate, samples.size) == (name, 8_000, timing["samples"])
    expected = np.frombuffer(to_pcm_s16le(raw, codec), "<i2") / 32768
    assert np.abs(samples - expected).max() < 1e-4


@pytest.mark.parametrize("rate", [None, 16_000])
@pytest.mark.parametrize("name", ["out.opus", "out.ogg"])
def test_an_opus_file_is_as_long_as_its_timing_says(
    settings: Settings, tmp_path: Path, name: str, rate: int | None
) -> None:
    out, timing = tmp_path / name, tmp_path / "timing.json"
    run(settings, out=out, timing=timing, sample_rate=rate)
    told = json.loads(timing.read_text("utf-8"))
    assert told["sample_rate"] == (rate or 48_000)
    samples, codec, _ = decoded(out.read_bytes())
    assert codec in ("opus", "libopus")
    assert samples.size == told["samples"] * 48_000 // told["sample_rate"]


def test_a_file_of_any_name_is_what_the_format_says(settings: Settings, tmp_path: Path) -> None:
    out = tmp_path / "speech.dat"
    run(settings, out=out, container=Container.OPUS)
    assert out.read_bytes().startswith(b"OggS")


def test_a_file_without_a_suffix_is_a_wav_file(settings: Settings, tmp_path: Path) -> None:
    run(settings, out=tmp_path / "speech")
    assert (tmp_path / "speech").read_bytes().startswith(b"RIFF")


def test_standard_output_gets_a_wav_file_of_any_length(settings: Settings, tmp_path: Path) -> None:
    stdout = io.BytesIO()
    line = run(settings, out=STANDARD_OUTPUT, stdout=stdout)
    assert line.endswith("standard output")
    data = stdout.getvalue()
    assert struct.unpack_from("<I", data, 40) == (0xFFFF_FFFF,)
    assert data[44:] == spoken(settings, tmp_path)[0]


def test_nobody_who_reads_is_no_error_of_the_file(settings: Settings) -> None:
    class Closed(io.BytesIO):
        def write(self, data: Any) -> int:
            raise BrokenPipeError

    with pytest.raises(BrokenPipeError):
        run(settings, out=STANDARD_OUTPUT, stdout=Closed())


@pytest.mark.parametrize("container", list(Container))
def test_a_disk_that_becomes_full_is_told(settings: Settings, container: Container) -> None:
    class Full(io.BytesIO):
        def write(self, data: Any) -> int:
            if self.tell() + len(data) > 100:
                raise OSError(28, "No space left on device")
            return super().write(data)

    with pytest.raises(LipwireError, match="cannot write standard output: No space"):
        run(settings, out=STANDARD_OUTPUT, container=container, stdout=Full())


@pytest.fixture(scope="module")
def faced(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """With a tiny face beside the tiny voice."""
    folder = tmp_path_factory.mktemp("avatars")
    write_tiny_pack(folder / "tiny.zip")
    return tiny_settings(folder, avatars=folder, avatar=AVATAR)


@pytest.mark.parametrize("name", ["out.mp4", "out.webm", "out.gif", "out.webp", "out"])
def test_a_movie_is_made_beside_the_other_files(faced: Settings, tmp_path: Path, name: str) -> None:
    alone, movie = tmp_path / "alone", tmp_path / "movie"
    alone.mkdir()
    movie.mkdir()
    expected = spoken(faced, alone, codec=Codec.MULAW)
    out, timing = movie / "out.raw", movie / "out.json"
    line = run(faced, out=out, timing=timing, codec=Codec.MULAW, movie=movie / name, size=64)
    assert (out.read_bytes(), json.loads(timing.read_text("utf-8"))) == expected
    assert re.search(rf"{name} \(\d+ frames, 64 px(, [\d.]+ kB)?\)$", line)
    assert (movie / name).exists()
    assert not [*movie.glob("*.part")]


def test_a_movie_lasts_as_long_as_the_speech_and_its_rests(faced: Settings, tmp_path: Path) -> None:
    timing = tmp_path / "timing.json"
    run(faced, movie=tmp_path / "out.mp4", timing=timing)
    samples = json.loads(timing.read_text("utf-8"))["samples"]
    with av.open(str(tmp_path / "out.mp4")) as container:
        frames = sum(1 for _ in container.decode(video=0))
    assert frames == 5 + -(-samples * 25 // RATE) + 13


def test_what_a_movie_has_not_got_is_told(faced: Settings, tmp_path: Path) -> None:
    err = io.StringIO()
    run(faced, movie=tmp_path / "out.gif", size=128, err=err)
    assert "the pictures of tiny are 64 px wide, and no more" in err.getvalue()
    assert "no sound in" in err.getvalue()
    err = io.StringIO()
    run(faced, movie=tmp_path / "out.gif", out=tmp_path / "out.wav", size=64, err=err)
    assert err.getvalue() == ""


@pytest.mark.parametrize("text", ["...", "  "])
def test_of_nothing_to_say_there_is_no_movie(faced: Settings, tmp_path: Path, text: str) -> None:
    with pytest.raises(LipwireError, match="nothing to say"):
        run(faced, text, movie=tmp_path / "out.mp4")
    assert not [*tmp_path.iterdir()]


def test_an_unknown_avatar_is_refused_with_the_known_ones(faced: Settings, tmp_path: Path) -> None:
    with pytest.raises(LipwireError, match=r"bob.*ida, joe, tiny") as caught:
        run(faced, movie=tmp_path / "out.mp4", avatar="bob")
    assert caught.value.code is ErrorCode.NOT_FOUND
    assert not [*tmp_path.iterdir()]


def test_a_movie_for_which_there_is_no_room_is_told_and_not_left(
    faced: Settings, tmp_path: Path
) -> None:
    kept = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (2_000, kept[1]))
    try:
        with pytest.raises(LipwireError, match=r"cannot write .*out\.mp4: File too large"):
            run(faced, movie=tmp_path / "out.mp4")
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, kept)
    assert not [*tmp_path.iterdir()]


def test_a_terminal_is_shown_the_frames_of_a_movie(faced: Settings, tmp_path: Path) -> None:
    terminal = Terminal()
    run(faced, movie=tmp_path / "out", err=terminal)
    assert "frames" in terminal.getvalue()


def test_a_terminal_is_shown_how_far_it_is(settings: Settings) -> None:
    terminal = Terminal()
    run(settings, err=terminal)
    assert "of speech" in terminal.getvalue()


def test_without_a_terminal_nothing_is_shown(settings: Settings) -> None:
    err = io.StringIO()
    assert run(settings, err=err).endswith("not kept, see --out")
    assert err.getvalue() == ""


@pytest.mark.parametrize("text", ["", "   \n", " " * 30_000, "..."])
def test_with_nothing_to_say_there_is_an_error_and_no_file(
    settings: Settings, tmp_path: Path, text: str
) -> None:
    with pytest.raises(LipwireError, match="nothing to say") as caught:
        run(settings, text, out=tmp_path / "out.wav")
    assert caught.value.code is ErrorCode.EMPTY_TEXT
    assert [*tmp_path.iterdir()] == []


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"rate_percent": 49}, r"--rate is 49; .* 50\.\.200"),
        ({"rate_percent": 201}, r"--rate is 201; .* 50\.\.200"),
        ({"volume_percent": -1}, r"--volume is -1; .* 0\.\.200"),
        ({"noise_percent": 201}, r"--noise is 201; .* 0\.\.200"),
        ({"seed": -1}, "--seed is -1"),
        ({"sample_rate": 7_999}, r"--sample-rate is 7999; .* 8000\.\.48000"),
        ({"sample_rate": 44_100, "container": Container.OPUS}, "it has: 8000, 12000, 16000"),
        ({"codec": Codec.ALAW, "container": Container.OPUS}, "leave --codec out"),
        ({"out": Path("hello.mp3")}, r"can end with: \.wav, \.raw, \.pcm, \.opus, \.ogg"),
        ({"speaker": "bob"}, "has one speaker"),
        ({"timing": STANDARD_OUTPUT}, "--timing writes a file"),
        ({"out": Path("a.wav"), "timing": Path("a.wav")}, "the same file"),
    ],
)
def test_what_cannot_be_done_is_refused_with_what_can(
    settings: Settings, options: dict[str, Any], message: str
) -> None:
    with pytest.raises(LipwireError, match=message):
        run(settings, **options)


@pytest.mark.parametrize("option", ["out", "timing"])
def test_a_file_that_cannot_be_written_is_named(
    settings: Settings, tmp_path: Path, option: str
) -> None:
    place = tmp_path / "no such folder" / "file.wav"
    options: dict[str, Any] = {option: place}
    with pytest.raises(LipwireError, match=r"cannot write .*no such folder"):
        run(settings, **options)


def test_an_unknown_voice_is_refused_with_the_known_ones(tmp_path: Path) -> None:
    with pytest.raises(LipwireError) as caught:
        run(Settings(data=tmp_path, voice="nobody"))
    assert caught.value.code is ErrorCode.NOT_FOUND
    assert all(name in str(caught.value) for name in survey().voices)


@pytest.mark.virtual_time
async def test_how_far_it_is_goes_up_to_the_end_of_the_text() -> None:
    text = "Hello there, my dear friends. Good bye."
    seen: list[tuple[int, float, int]] = []
    sound = _Sound(Request(text=text), io.BytesIO())
    file = _File(sound, lambda *far: seen.append(far))
    await _converse(fake_host(FakeSynthesis(window=100)), OFF, text, file)
    characters = [far[0] for far in seen]
    assert characters == sorted(characters)
    assert len(set(characters)) == len(text) - 1
    assert characters[-1] == len(text)

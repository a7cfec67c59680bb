"""Sound files, read back by FFmpeg, which knows nothing of how they were written."""

import io
import struct
import wave
from pathlib import Path

import av
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from lipwire_protocol import Codec, LipwireError
from lipwire_server.speech.audio.files import Container, container_of, open_sound, session_rate
from lipwire_server.speech.audio.opus import RATES


def written(
    audio: bytes, container: Container, codec: Codec, rate: int, *, seekable: bool = True
) -> bytes:
    file = io.BytesIO()
    sound = open_sound(file, container, codec, rate, seekable=seekable)
    for begin in range(0, len(audio), 4_000):
        sound.write(audio[begin : begin + 4_000])
    sound.finish()
    return file.getvalue()


def tone(count: int, rate: int) -> NDArray[np.float32]:
    return np.float32(0.5) * np.sin(np.arange(count) * 2 * np.pi * 440 / rate, dtype=np.float32)


def opus(samples: NDArray[np.float32], rate: int) -> bytes:
    return written(samples.tobytes(), Container.OPUS, Codec.PCM_F32LE, rate, seekable=False)


def decoded(data: bytes) -> NDArray[np.float32]:
    with av.open(io.BytesIO(data), "r") as container:
        frames = [frame.to_ndarray() for frame in container.decode(audio=0)]
    samples: NDArray[np.float32] = np.concatenate(frames, axis=1)[0]
    return samples


@pytest.mark.parametrize("rate", RATES)
@settings(max_examples=10, deadline=None)
@given(packets=st.integers(0, 8), more=st.integers(1, 159))
def test_an_opus_file_has_as_many_samples_as_went_in(rate: int, packets: int, more: int) -> None:
    count = packets * rate // 50 + more
    assert decoded(opus(tone(count, rate), rate)).size == count * 48_000 // rate


def test_an_opus_file_sounds_when_and_how_it_should() -> None:
    samples = tone(48_000, 48_000)
    samples[:24_000] = 0
    heard = decoded(opus(samples, 48_000))
    assert np.abs(heard[:23_000]).max() < 0.01
    assert np.corrcoef(heard[25_000:], samples[25_000:])[0, 1] > 0.99


def test_what_is_too_loud_for_opus_is_clipped() -> None:
    assert np.abs(decoded(opus(tone(9_600, 48_000) * 100, 48_000))).max() < 2


def test_equal_samples_are_equal_files_however_they_were_cut() -> None:
    samples = tone(10_007, 24_000)
    file = io.BytesIO()
    sound = open_sound(file, Container.OPUS, Codec.PCM_F32LE, 24_000, seekable=False)
    sound.write(samples[:1].tobytes())
    sound.write(samples[1:7_000].tobytes())
    sound.write(b"")
    sound.write(samples[7_000:].tobytes())
    sound.finish()
    assert file.getvalue() == opus(samples, 24_000)


def test_a_wav_file_of_16_bits_is_what_the_standard_library_writes() -> None:
    audio = bytes(range(256)) * 40
    file = io.BytesIO()
    with wave.open(file, "wb") as wav:
        wav.setnchannels(1)
        wav.setsampwidth(2)
        wav.setframerate(22_050)
        wav.writeframes(audio)
    assert written(audio, Container.WAV, Codec.PCM_S16LE, 22_050) == file.getvalue()


@pytest.mark.parametrize("codec", [Codec.MULAW, Codec.ALAW, Codec.PCM_F32LE])
def test_a_wav_file_that_is_no_pcm_tells_its_samples_and_ends_evenly(codec: Codec) -> None:
    width = 4 if codec is Codec.PCM_F32LE else 1
    data = written(b"\x01" * width * 3, Container.WAV, codec, 8_000)
    assert data[38:46] == b"fact" + struct.pack("<I", 4)
    assert struct.unpack_from("<I", data, 46) == (3,)
    assert data[50:58] == b"data" + struct.pack("<I", 3 * width)
    assert len(data) == 58 + 3 * width + width % 2
    assert struct.unpack_from("<I", data, 4) == (len(data) - 8,)


@pytest.mark.parametrize("codec", [codec for codec in Codec if codec is not Codec.OPUS])
def test_a_wav_file_in_a_pipe_can_be_read_while_it_is_written(codec: Codec) -> None:
    data = written(bytes(8_000), Container.WAV, codec, 8_000, seekable=False)
    assert data[4:8] == b"\xff" * 4
    width = {Codec.PCM_S16LE: 2, Codec.PCM_F32LE: 4}.get(codec, 1)
    assert decoded(data).size == 8_000 // width


def test_a_raw_file_is_the_samples() -> None:
    assert written(b"abcd", Container.RAW, Codec.PCM_S16LE, 8_000) == b"abcd"


@pytest.mark.parametrize("name", ["a.WAV", "a.b.wav", "wav"])
def test_names_in_capitals_or_without_an_end_are_understood(name: str) -> None:
    assert container_of(Path(name)) is Container.WAV


def test_another_name_is_refused_with_those_that_are_known() -> None:
    with pytest.raises(LipwireError, match=r"ends with \.mp3.*\.wav, \.raw, \.pcm, \.opus, \.ogg"):
        container_of(Path("a.mp3"))


def test_opus_is_asked_for_at_its_own_rates() -> None:
    assert session_rate(Container.OPUS, None) == 48_000
    assert session_rate(Container.OPUS, 8_000) == 8_000
    assert session_rate(Container.WAV, 44_100) == 44_100
    assert session_rate(Container.WAV, None) is None
    with pytest.raises(LipwireError, match="Opus has no sample rate of 44100 Hz"):
        session_rate(Container.OPUS, 44_100)

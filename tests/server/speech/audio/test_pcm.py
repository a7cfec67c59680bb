import numpy as np

from lipwire_server.speech.audio.pcm import levels, pcm_f32le, pcm_s16le


def test_samples_become_16_bits_little_endian() -> None:
    samples = np.array([0.0, 1.0, -1.0, 0.5, -1 / 32767], np.float32)
    assert np.frombuffer(pcm_s16le(samples), "<i2").tolist() == [0, 32767, -32767, 16384, -1]


def test_floats_stay_what_they_are() -> None:
    samples = np.array([0.0, 1.0, -1.0, 0.1, -1e-9], np.float32)
    assert pcm_f32le(samples) == samples.astype("<f4").tobytes()


def test_what_is_too_loud_is_clipped_and_does_not_wrap() -> None:
    samples = np.array([1.5, -7.0], np.float32)
    assert levels(samples).tolist() == [32767, -32767]
    assert np.frombuffer(pcm_s16le(samples), "<i2").tolist() == [32767, -32767]
    assert np.frombuffer(pcm_f32le(samples), "<f4").tolist() == [1.0, -1.0]


def test_no_samples_are_no_bytes() -> None:
    assert pcm_s16le(np.zeros(0, np.float32)) == b""
    assert pcm_f32le(np.zeros(0, np.float32)) == b""

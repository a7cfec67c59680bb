"""Sounds that are known at every moment, so that what becomes of them at another rate is too."""

from collections.abc import Callable, Iterable
from functools import cache
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from lipwire_client.audio import to_pcm_s16le
from lipwire_protocol import AudioGrant, Codec
from lipwire_protocol.timeline import HOP
from lipwire_server.speech.audio.formats import Span

__all__ = [
    "DURATION",
    "SOUNDS",
    "TONES",
    "Sound",
    "at_rate",
    "chord",
    "clicks",
    "heard",
    "heard_opus",
    "lag",
    "level_db",
    "snr_db",
    "speech",
    "sweep",
    "windows",
]

Samples: TypeAlias = NDArray[np.float32]
Times: TypeAlias = NDArray[np.float64]
Sound: TypeAlias = Callable[[Times], Times]
"""Seconds to amplitudes."""

DURATION = 2.0
TONES = (440.0, 1000.0, 3000.0)


def chord(t: Times) -> Times:
    waves = [0.25 * np.sin(2 * np.pi * hz * t + hz) for hz in TONES]
    wave: Times = _fade(t) * np.sum(waves, axis=0)
    return wave


def sweep(t: Times) -> Times:
    """From 50 to 3500 Hz, which every rate has."""
    wave: Times = 0.7 * _fade(t) * np.sin(2 * np.pi * (50 * t + (3450 / (2 * DURATION)) * t**2))
    return wave


def speech(t: Times) -> Times:
    """Like it: a gliding voice with overtones and a formant, in syllables, with pauses."""
    phase = 2 * np.pi * (120 * t + 4 * np.sin(2 * np.pi * 0.7 * t))
    overtones = [
        np.sin(k * phase + k * k) / k * (1 + 4 * np.exp(-(((k - 5) / 2) ** 2)))
        for k in range(1, 24)
    ]
    syllables = np.clip(np.sin(2 * np.pi * 2 * t), 0, None) ** 2
    wave: Times = 0.15 * _fade(t) * syllables * np.sum(overtones, axis=0)
    return wave


SOUNDS = (chord, sweep, speech)


def _fade(t: Times) -> Times:
    """Silence at both ends, as around a sentence."""
    edge = np.clip(np.minimum(t, DURATION - t) / 0.1, 0, 1)
    slope: Times = np.sin(edge * np.pi / 2) ** 2
    return slope


@cache
def at_rate(sound: Sound, rate: int, count: int | None = None) -> Samples:
    """Its first `count` samples; without, whole hops of it."""
    count = int(DURATION * rate) // HOP * HOP if count is None else count
    return sound(np.arange(count) / rate).astype(np.float32)


def windows(samples: Samples) -> list[Samples]:
    """Cut as a segment of speech is: 16 hops, 32, 64, then 128 at a time."""
    return np.split(samples, [hops * HOP for hops in range(16, len(samples) // HOP) if _cut(hops)])


def _cut(hops: int) -> bool:
    return hops in (16, 48) or hops % 128 == 112


def heard(grant: AudioGrant, spans: Iterable[Span]) -> Samples:
    """What a listener hears of a segment. Opus is decoded at 48,000 Hz, whatever was granted."""
    audio = [span.audio for span in spans]
    if grant.codec is Codec.OPUS:
        packets = [packet for part in audio if isinstance(part, tuple) for packet in part]
        return heard_opus(packets, grant.delay * 48_000 // grant.sample_rate)
    data = b"".join(part for part in audio if isinstance(part, bytes))
    if grant.codec is Codec.PCM_F32LE:
        return np.frombuffer(data, "<f4")
    levels = np.frombuffer(to_pcm_s16le(data, grant.codec), "<i2")
    return (levels / 32767).astype(np.float32)


def heard_opus(packets: Iterable[bytes], delay: int) -> Samples:
    """A fresh decoder's samples at 48,000 Hz, without the `delay` first ones."""
    from av import AudioFrame, CodecContext, Packet

    decoder = CodecContext.create("libopus", "r")
    decoder.layout = "mono"
    frames: list[AudioFrame] = []
    for packet in packets:
        frames += decoder.decode(Packet(packet))
    assert {(frame.format.name, frame.samples) for frame in frames} == {("s16", 960)}
    levels = np.concatenate([frame.to_ndarray().ravel() for frame in frames], dtype=np.float32)
    return levels[delay:] / np.float32(32768)


def snr_db(expected: Samples, got: Samples) -> float:
    wrong = got.astype(np.float64) - expected
    return float(10 * np.log10(np.sum(np.square(expected)) / (np.sum(np.square(wrong)) + 1e-30)))


def level_db(expected: Samples, got: Samples) -> float:
    """How much louder it has become."""
    return float(10 * np.log10(np.sum(np.square(got)) / np.sum(np.square(expected))))


def lag(expected: Samples, got: Samples) -> int:
    """By how many samples it comes too late, where the two are most alike."""
    size = 2 * len(expected)
    spectra = np.conj(np.fft.rfft(expected, size)) * np.fft.rfft(got[: len(expected)], size)
    best = int(np.argmax(np.fft.irfft(spectra)))
    return best if best < len(expected) else best - size


def clicks(samples: Samples, rate: int, seams: Iterable[float]) -> float:
    """How many dB more than its three tones there is around the seams of a chord than elsewhere.

    `seams` are in seconds. The tones are fitted to each stretch of 10 ms, so that a phase that
    jumps in it stands out as much as a noise does.
    """
    size = rate // 100
    t = np.arange(size) / rate
    waves = [wave(2 * np.pi * hz * t) for hz in TONES for wave in (np.sin, np.cos)]
    basis, _ = np.linalg.qr(np.stack(waves, axis=1))

    def left(second: float) -> float:
        begin = round(second * rate) - size // 2
        stretch = samples[begin : begin + size]
        return float(np.sum(np.square(stretch - basis @ (basis.T @ stretch))))

    at_seams = [left(seam) for seam in seams]
    inside = np.arange(0.2, DURATION - 0.2, 0.007)
    elsewhere = [left(at) for at in inside if min(abs(at - seam) for seam in seams) > 0.02]
    return float(10 * np.log10((max(at_seams) + 1e-12) / (max(elsewhere) + 1e-12)))

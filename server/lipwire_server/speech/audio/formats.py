"""The voice's samples as the audio that a session asked for."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final, Protocol

import numpy as np
from numpy.typing import NDArray

from lipwire_protocol import AudioFormat, AudioGrant, Codec, ErrorCode, LipwireError

from . import opus
from .g711 import alaw, mulaw
from .pcm import pcm_f32le, pcm_s16le
from .resampling import Resampler

__all__ = ["TO_BYTES", "SegmentEncoder", "Span", "grant"]

_OPUS_RATE: Final = 48_000
"""Opus's own clock, and what the decoders of browsers give. The packets are hardly larger."""

TO_BYTES: Final[dict[Codec, Callable[[NDArray[np.float32]], bytes]]] = {
    Codec.PCM_S16LE: pcm_s16le,
    Codec.PCM_F32LE: pcm_f32le,
    Codec.MULAW: mulaw,
    Codec.ALAW: alaw,
}
"""The codecs that turn each sample into its bytes, whatever comes before or after it."""


def grant(asked: AudioFormat, voice_rate: int) -> AudioGrant:
    """The audio that a session gets from a voice.

    Raises LipwireError `unsupported` for a sample rate that the codec does not have.
    """
    if asked.codec is not Codec.OPUS:
        rate = asked.sample_rate or voice_rate
        return AudioGrant(codec=asked.codec, sample_rate=rate, chunk_ms=asked.chunk_ms)
    rate = asked.sample_rate or _OPUS_RATE
    if rate not in opus.RATES:
        known = ", ".join(str(rate) for rate in opus.RATES)
        raise LipwireError(
            ErrorCode.UNSUPPORTED, f"Opus has no sample rate of {rate} Hz; ask for one of: {known}"
        )
    return AudioGrant(
        codec=asked.codec, sample_rate=rate, chunk_ms=asked.chunk_ms, delay=opus.delay(rate)
    )


@dataclass(frozen=True, slots=True)
class Span:
    """The audio of a chunk."""

    count: int
    """Samples at the session's rate."""
    audio: bytes | tuple[bytes, ...]
    samples: NDArray[np.float32] = field(
        default_factory=lambda: np.zeros(0, np.float32), compare=False, repr=False
    )
    """What `audio` was made of, as loud as it is heard."""


class SegmentEncoder:
    """One segment of speech, from the voice's samples to spans of the session's audio.

    A segment is a stream of its own: resampler and codec start with it and are emptied at its
    end, so it is the same bytes whatever was said before. Nor do the bytes depend on how the
    samples were cut before they were pushed.
    """

    def __init__(
        self, grant: AudioGrant, voice_rate: int, *, volume_percent: int = 100, longest: int
    ) -> None:
        """No span is longer than `longest` samples, except that an Opus span is at least a packet.

        With Opus, belongs in a worker thread: see `OpusStream`.
        """
        self._volume = np.float32(volume_percent / 100)
        self._resampler = Resampler(voice_rate, grant.sample_rate)
        plain = volume_percent == 100 and voice_rate == grant.sample_rate
        self._takes_pcm = plain and grant.codec is Codec.PCM_S16LE
        self._longest = longest
        self._codec: _Codec
        if grant.codec is Codec.OPUS:
            self._codec = _Packets(grant, longest)
        else:
            self._codec = _Bytes(TO_BYTES[grant.codec], longest)

    def push(self, samples: NDArray[np.float32], pcm: bytes | None = None) -> list[Span]:
        """The next samples of the voice in, and the spans that are complete by now out.

        `pcm` is what `pcm_s16le` makes of the samples, where that is there already.
        """
        if pcm is not None and self._takes_pcm:
            return _cut(samples, pcm, self._longest)
        if self._volume != 1:
            samples = samples * self._volume
        return self._codec.push(self._resampler.push(samples))

    def finish(self) -> list[Span]:
        """The spans that are left: all counts add up to `rescale(samples pushed)`."""
        return self._codec.push(self._resampler.finish()) + self._codec.finish()


def _cut(samples: NDArray[np.float32], pcm: bytes, longest: int) -> list[Span]:
    """Spans of samples whose bytes are there; one that is not cut is not copied."""
    spans = []
    for begin in range(0, len(samples), longest):
        piece = samples[begin : begin + longest]
        spans.append(Span(len(piece), pcm[2 * begin : 2 * (begin + len(piece))], piece))
    return spans


class _Codec(Protocol):
    def push(self, samples: NDArray[np.float32]) -> list[Span]: ...

    def finish(self) -> list[Span]: ...


class _Bytes:
    """A codec that keeps nothing from one sample to the next."""

    def __init__(self, to_bytes: Callable[[NDArray[np.float32]], bytes], longest: int) -> None:
        self._to_bytes = to_bytes
        self._longest = longest

    def push(self, samples: NDArray[np.float32]) -> list[Span]:
        begins = range(0, len(samples), self._longest)
        pieces = (samples[begin : begin + self._longest] for begin in begins)
        return [Span(len(piece), self._to_bytes(piece), piece) for piece in pieces]

    def finish(self) -> list[Span]:
        return []


class _Packets:
    """Opus: a span is over where the packets so far can be decoded to."""

    def __init__(self, grant: AudioGrant, longest: int) -> None:
        self._stream = opus.OpusStream(grant.sample_rate)
        self._packet = opus.packet(grant.sample_rate)
        self._packets_in_span = max(1, longest // self._packet)
        self._pushed = 0
        self._end = 0
        """Of the last span, from the start of the segment."""
        self._decoded = -grant.delay
        """How far the packets go."""
        self._waiting: NDArray[np.float32] = np.zeros(0, np.float32)
        """Samples behind the last span."""

    def push(self, samples: NDArray[np.float32]) -> list[Span]:
        self._pushed += len(samples)
        self._waiting = np.concatenate([self._waiting, samples])
        return self._spans(self._stream.push(samples))

    def finish(self) -> list[Span]:
        return self._spans(self._stream.finish())

    def _spans(self, packets: list[bytes]) -> list[Span]:
        spans = []
        for begin in range(0, len(packets), self._packets_in_span):
            audio = tuple(packets[begin : begin + self._packets_in_span])
            self._decoded += len(audio) * self._packet
            # The last packet is filled up with silence.
            end = min(self._decoded, self._pushed)
            count = end - self._end
            spans.append(Span(count, audio, self._waiting[:count]))
            self._waiting = self._waiting[count:]
            self._end = end
        return spans

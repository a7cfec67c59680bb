"""Sound files: bytes of audio in the order in which they come, in a file that others open.

Nothing is kept in memory but what an encoder holds back, and nothing is read: the file may be a
pipe. Where it can be sought in, what was not known at its begin is filled in at its end.
"""

import struct
from enum import StrEnum
from fractions import Fraction
from pathlib import Path
from typing import BinaryIO, Final, Protocol

import numpy as np

from lipwire_protocol import Codec, ErrorCode, LipwireError

from .opus import BITRATE, PACKET_MS, RATES

__all__ = ["Container", "SoundFile", "container_of", "open_sound", "session_rate"]


class Container(StrEnum):
    WAV = "wav"
    RAW = "raw"
    """The samples and nothing else."""
    OPUS = "opus"
    """Ogg Opus."""


_SUFFIXES: Final = {
    "": Container.WAV,
    ".wav": Container.WAV,
    ".raw": Container.RAW,
    ".pcm": Container.RAW,
    ".opus": Container.OPUS,
    ".ogg": Container.OPUS,
}

_TAGS: Final = {Codec.PCM_S16LE: 1, Codec.PCM_F32LE: 3, Codec.MULAW: 7, Codec.ALAW: 6}
"""WAVE_FORMAT_PCM, _IEEE_FLOAT, _MULAW, _ALAW."""
_WIDTHS: Final = {Codec.PCM_S16LE: 2, Codec.PCM_F32LE: 4, Codec.MULAW: 1, Codec.ALAW: 1}
"""Bytes of a sample."""
_UNKNOWN: Final = 0xFFFF_FFFF
"""The length of what goes into a pipe, and of what is too long for the number."""


class SoundFile(Protocol):
    def write(self, audio: bytes) -> None:
        """The next samples, in the codec that the file was opened with."""

    def finish(self) -> None:
        """No more come. Leaves the file itself open."""


def container_of(path: Path) -> Container:
    """What a file of this name is expected to be.

    Raises LipwireError `unsupported` for a name that says something else.
    """
    container = _SUFFIXES.get(path.suffix.lower())
    if container is None:
        known = ", ".join(suffix for suffix in _SUFFIXES if suffix)
        raise LipwireError(
            ErrorCode.UNSUPPORTED,
            f"{path.name} ends with {path.suffix}, and files can end with: {known};"
            " --format says what it is whatever its name",
        )
    return container


def session_rate(container: Container, asked: int | None) -> int | None:
    """The sample rate to ask a session for; None for the voice's own.

    Raises LipwireError `unsupported` for one that Opus does not have.
    """
    if container is not Container.OPUS:
        return asked
    if asked is not None and asked not in RATES:
        known = ", ".join(str(rate) for rate in RATES)
        raise LipwireError(
            ErrorCode.UNSUPPORTED, f"Opus has no sample rate of {asked} Hz; it has: {known}"
        )
    return asked or max(RATES)


def open_sound(
    target: BinaryIO, container: Container, codec: Codec, rate: int, *, seekable: bool
) -> SoundFile:
    """A sound file that takes mono audio in `codec`, which is `pcm_f32le` for Opus."""
    match container:
        case Container.WAV:
            return _Wav(target, codec, rate, seekable=seekable)
        case Container.RAW:
            return _Raw(target)
        case Container.OPUS:
            return _OggOpus(target, rate)


class _Raw:
    def __init__(self, target: BinaryIO) -> None:
        self._target = target

    def write(self, audio: bytes) -> None:
        self._target.write(audio)

    def finish(self) -> None:
        self._target.flush()


class _Wav:
    """RIFF WAVE; `wave` of the standard library writes PCM only, and only where it can seek."""

    def __init__(self, target: BinaryIO, codec: Codec, rate: int, *, seekable: bool) -> None:
        self._target = target
        self._codec = codec
        self._rate = rate
        self._seekable = seekable
        self._size = 0
        target.write(self._header(_UNKNOWN))

    def write(self, audio: bytes) -> None:
        self._target.write(audio)
        self._size += len(audio)

    def finish(self) -> None:
        if self._size % 2:
            self._target.write(b"\0")  # A chunk begins at an even place.
        if self._seekable:
            self._target.seek(0)
            self._target.write(self._header(self._size))
        self._target.flush()

    def _header(self, size: int) -> bytes:
        tag, width = _TAGS[self._codec], _WIDTHS[self._codec]
        shape = struct.pack("<HHIIHH", tag, 1, self._rate, self._rate * width, width, 8 * width)
        if tag == 1:
            chunks = _chunk(b"fmt ", shape)
        else:
            # What is no PCM says that it has no extension, and how many samples there are.
            samples = _UNKNOWN if size == _UNKNOWN else size // width
            chunks = _chunk(b"fmt ", shape + b"\0\0") + _chunk(
                b"fact", struct.pack("<I", _fitting(samples))
            )
        chunks += b"data" + struct.pack("<I", _fitting(size))
        return (
            b"RIFF"
            + struct.pack("<I", _fitting(4 + len(chunks) + size + size % 2))
            + (b"WAVE" + chunks)
        )


def _chunk(name: bytes, content: bytes) -> bytes:
    return name + struct.pack("<I", len(content)) + content


def _fitting(number: int) -> int:
    return min(number, _UNKNOWN)


class _OggOpus:
    """One stream from the first sample to the last, which says how many there are of them.

    On the wire every segment is a stream of its own, with a start and an end that a player would
    hear as gaps. That is why a file is made of the samples and not of the packets of a session.
    """

    def __init__(self, target: BinaryIO, rate: int) -> None:
        # Loads FFmpeg's libraries: only those who want Opus wait for it.
        import av
        from av.audio.stream import AudioStream

        self._frame = av.AudioFrame
        # Without this, the number of the stream is a random one.
        self._container = av.open(_Unseekable(target), "w", "ogg", {"fflags": "+bitexact"})
        stream = self._container.add_stream("libopus", rate)
        assert isinstance(stream, AudioStream)
        stream.codec_context.layout = "mono"
        stream.codec_context.format = "flt"
        stream.codec_context.bit_rate = BITRATE
        stream.codec_context.options = {
            "application": "audio",
            "frame_duration": str(PACKET_MS),
        }
        self._stream = stream
        self._target = target
        self._rate = rate
        self._packet = rate * PACKET_MS // 1000
        self._waiting = np.zeros(0, np.float32)
        self._taken = 0

    def write(self, audio: bytes) -> None:
        self._waiting = np.concatenate([self._waiting, np.frombuffer(audio, "<f4")])
        whole = len(self._waiting) - len(self._waiting) % self._packet
        for begin in range(0, whole, self._packet):
            self._encode(self._waiting[begin : begin + self._packet])
        self._waiting = self._waiting[whole:]

    def finish(self) -> None:
        if len(self._waiting):
            self._encode(self._waiting)
        self._container.mux(self._stream.encode(None))
        self._container.close()
        self._target.flush()

    def _encode(self, samples: np.ndarray[tuple[int], np.dtype[np.float32]]) -> None:
        row = np.clip(samples, -1.0, 1.0).reshape(1, -1)
        frame = self._frame.from_ndarray(row, format="flt", layout="mono")
        frame.sample_rate = self._rate
        frame.time_base = Fraction(1, self._rate)
        frame.pts = self._taken
        self._taken += row.size
        self._container.mux(self._stream.encode(frame))


class _Unseekable:
    """All that FFmpeg gets of a file: it writes Ogg from its begin to its end."""

    def __init__(self, target: BinaryIO) -> None:
        self._target = target

    def write(self, data: bytes) -> int:
        return self._target.write(data)

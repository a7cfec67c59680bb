"""WAV files: what they hold, and the same sound in a file with nothing else in it."""

import struct
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Final

from lipwire_protocol.errors import ErrorCode, LipwireError

__all__ = ["HEADER_BYTES", "Sound", "pcm_header", "rewrite_wav"]

HEADER_BYTES: Final = 44
"""Of mono PCM."""

_CODECS: Final = {
    (1, 8): "pcm_u8",
    (1, 16): "pcm_s16le",
    (1, 24): "pcm_s24le",
    (1, 32): "pcm_s32le",
    (3, 32): "pcm_f32le",
    (6, 8): "alaw",
    (7, 8): "mulaw",
}
"""Format tag and bits of a sample."""
_EXTENSIBLE: Final = 0xFFFE
_GUID_TAIL: Final = bytes.fromhex("000000001000800000aa00389b71")
"""Behind the format tag, in the extended format."""
_STREAMED: Final = (0, 0xFFFF_FFFF)
"""Lengths of those who did not know it when they began to write."""
_MOST_CHUNKS: Final = 1_000
_BLOCK: Final = 1 << 18


@dataclass(frozen=True, slots=True, kw_only=True)
class Sound:
    codec: str
    channels: int
    sample_rate: int
    sample_count: int
    """Of each channel."""


@dataclass(frozen=True, slots=True)
class _Shape:
    tag: int
    bits: int
    channels: int
    rate: int

    @property
    def frame(self) -> int:
        """Bytes of one sample of all channels."""
        return self.channels * self.bits // 8


def pcm_header(rate: int, byte_count: int) -> bytes:
    """The head of a file with that many bytes of mono 16-bit PCM, which is `HEADER_BYTES` long."""
    return _header(_Shape(1, 16, 1, rate), byte_count)


def rewrite_wav(source: Path, target: Path) -> Sound:
    """Copies the sound alone. Reads both files once, a block at a time.

    Raises LipwireError `unreadable` for what is no whole WAV of a kind that browsers play.
    """
    with source.open("rb") as read, target.open("wb") as write:
        length = read.seek(0, 2)
        shape, begin, size = _find(read, length)
        size -= size % shape.frame
        if not size:
            raise _damaged("there is no sound in it")
        read.seek(begin)
        write.write(_header(shape, size))
        left = size
        while block := read.read(min(_BLOCK, left)):
            write.write(block)
            left -= len(block)
        write.write(b"\0" * (size % 2))
    return Sound(
        codec=_CODECS[shape.tag, shape.bits],
        channels=shape.channels,
        sample_rate=shape.rate,
        sample_count=size // shape.frame,
    )


def _find(file: BinaryIO, length: int) -> tuple[_Shape, int, int]:
    """The format, and where the samples are."""
    file.seek(0)
    head = file.read(12)
    if head[:4] != b"RIFF" or head[8:] != b"WAVE":
        raise _damaged("it does not begin like one")
    shape, place = None, 12
    for _ in range(_MOST_CHUNKS):
        file.seek(place)
        intro = file.read(8)
        if len(intro) < 8:
            break
        name, size = intro[:4], int.from_bytes(intro[4:], "little")
        place += 8
        if name == b"fmt ":
            shape = _shape(file.read(min(size, 40)))
        elif name == b"data":
            if shape is None:
                raise _damaged("its samples come before their format")
            return shape, place, _data_size(size, length - place)
        place += size + size % 2
    raise _damaged("there is no sound in it")


def _data_size(said: int, there: int) -> int:
    if said in _STREAMED:
        return there
    if said > there:
        raise _damaged("its end is missing")
    return said


def _shape(text: bytes) -> _Shape:
    if len(text) < 16:
        raise _damaged("its format is cut off")
    tag, channels, rate, _, _, bits = struct.unpack_from("<HHIIHH", text)
    if tag == _EXTENSIBLE and text[26:40] == _GUID_TAIL:
        tag = int.from_bytes(text[24:26], "little")
    if (tag, bits) not in _CODECS:
        raise _damaged(f"its format is {tag} with {bits} bits; save it as 16-bit PCM")
    if not (1 <= channels <= 2 and 8_000 <= rate <= 192_000):
        raise _damaged("it has 1 or 2 channels, and 8,000 to 192,000 samples a second")
    return _Shape(tag, bits, channels, rate)


def _header(shape: _Shape, size: int) -> bytes:
    facts = struct.pack(
        "<HHIIHH",
        shape.tag,
        shape.channels,
        shape.rate,
        shape.rate * shape.frame,
        shape.frame,
        shape.bits,
    )
    if shape.tag == 1:
        chunks = _chunk(b"fmt ", facts)
    else:
        # What is no PCM says that it has no extension, and how many samples there are.
        count = struct.pack("<I", size // shape.frame)
        chunks = _chunk(b"fmt ", facts + b"\0\0") + _chunk(b"fact", count)
    chunks += b"data" + struct.pack("<I", size)
    return b"RIFF" + struct.pack("<I", 4 + len(chunks) + size + size % 2) + b"WAVE" + chunks


def _chunk(name: bytes, content: bytes) -> bytes:
    return name + struct.pack("<I", len(content)) + content


def _damaged(what: str) -> LipwireError:
    return LipwireError(ErrorCode.UNREADABLE, f"the WAV file cannot be taken: {what}")

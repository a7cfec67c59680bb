"""Audio as it is received to what every sound library takes: 16-bit PCM.

Written after the standard (ITU-T G.711), one byte at a time, where the server uses tables of its
own: what the two agree on is the codec.
"""

import sys
from array import array
from functools import cache

from lipwire_protocol import Codec

__all__ = ["to_pcm_s16le"]


def to_pcm_s16le(audio: bytes, codec: Codec) -> bytes:
    """Raises ValueError for Opus: its packets need a decoder."""
    match codec:
        case Codec.PCM_S16LE:
            return audio
        case Codec.PCM_F32LE:
            floats = array("f", audio)
            _little_endian(floats)
            levels = array("h", (round(max(-1.0, min(1.0, x)) * 32767) for x in floats))
        case Codec.MULAW:
            levels = array("h", map(_mulaw_levels().__getitem__, audio))
        case Codec.ALAW:
            levels = array("h", map(_alaw_levels().__getitem__, audio))
        case Codec.OPUS:
            raise ValueError("Opus packets need a decoder, for example PyAV's")
    _little_endian(levels)
    return levels.tobytes()


@cache
def _mulaw_levels() -> tuple[int, ...]:
    def level(code: int) -> int:
        code = ~code & 0xFF
        size = (((code & 0x0F) << 3) + 0x84 << (code >> 4 & 0x07)) - 0x84
        return -size if code & 0x80 else size

    return tuple(map(level, range(256)))


@cache
def _alaw_levels() -> tuple[int, ...]:
    def level(code: int) -> int:
        code ^= 0x55
        segment = code >> 4 & 0x07
        size = ((code & 0x0F) << 4) + 8
        if segment:
            size = size + 0x100 << segment - 1
        return size if code & 0x80 else -size

    return tuple(map(level, range(256)))


def _little_endian(numbers: "array[int] | array[float]") -> None:
    """Turns the machine's byte order into the protocol's, or back."""
    if sys.byteorder == "big":
        numbers.byteswap()

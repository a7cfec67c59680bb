import struct

import pytest

from lipwire_client.audio import to_pcm_s16le
from lipwire_protocol import Codec


def levels(audio: bytes, codec: Codec) -> list[int]:
    data = to_pcm_s16le(audio, codec)
    return list(struct.unpack(f"<{len(data) // 2}h", data))


def test_16_bits_stay_what_they_are() -> None:
    assert to_pcm_s16le(b"\x01\x02\x03\x04", Codec.PCM_S16LE) == b"\x01\x02\x03\x04"


def test_floats_become_16_bits_and_what_is_too_loud_is_clipped() -> None:
    audio = struct.pack("<5f", 0.0, 0.5, -1.0, 3.0, -3.0)
    assert levels(audio, Codec.PCM_F32LE) == [0, 16384, -32767, 32767, -32767]


@pytest.mark.parametrize(
    ("codec", "codes", "expected"),
    [
        # ITU-T G.711, table 2, whose numbers have 14 bits: 8031, 4191, 3999, ... 2, 0.
        (Codec.MULAW, [0x80, 0x8F, 0x90, 0xFE, 0xFF], [32124, 16764, 15996, 8, 0]),
        (Codec.MULAW, [0x00, 0x0F, 0x10, 0x7E, 0x7F], [-32124, -16764, -15996, -8, 0]),
        # Table 1, whose numbers have 13 bits: 4032, 2112, 2016, ... 33, 31, 1.
        (Codec.ALAW, [0xAA, 0xA5, 0xBA, 0xC5, 0xDA, 0xD5], [32256, 16896, 16128, 264, 248, 8]),
        (Codec.ALAW, [0x2A, 0x25, 0x3A, 0x5A, 0x55], [-32256, -16896, -16128, -248, -8]),
    ],
)
def test_the_telephones_bytes_are_the_standards(
    codec: Codec, codes: list[int], expected: list[int]
) -> None:
    assert levels(bytes(codes), codec) == expected


@pytest.mark.parametrize("codec", [codec for codec in Codec if codec is not Codec.OPUS])
def test_nothing_stays_nothing(codec: Codec) -> None:
    assert to_pcm_s16le(b"", codec) == b""


def test_half_a_float_is_an_error() -> None:
    with pytest.raises(ValueError, match="multiple"):
        to_pcm_s16le(b"\x00\x00\x00", Codec.PCM_F32LE)


def test_opus_needs_a_decoder() -> None:
    with pytest.raises(ValueError, match="decoder"):
        to_pcm_s16le(b"\xf8\xff\xfe", Codec.OPUS)

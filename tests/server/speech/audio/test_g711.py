from collections.abc import Callable

import numpy as np
import pytest
from numpy.typing import NDArray

from lipwire_client.audio import to_pcm_s16le
from lipwire_protocol import Codec
from lipwire_server.speech.audio.g711 import alaw, mulaw

Encode = Callable[[NDArray[np.float32]], bytes]
BOTH = pytest.mark.parametrize(
    ("encode", "codec"), [(mulaw, Codec.MULAW), (alaw, Codec.ALAW)], ids=["mulaw", "alaw"]
)
EVERY_LEVEL = np.arange(-32767, 32768)


def samples(levels: NDArray[np.int_] | list[int]) -> NDArray[np.float32]:
    return (np.asarray(levels) / 32767).astype(np.float32)


def decoded(data: bytes, codec: Codec) -> NDArray[np.int16]:
    return np.frombuffer(to_pcm_s16le(data, codec), "<i2")


@pytest.mark.parametrize(
    ("level", "code"),
    # Where segments begin in ITU-T G.711, table 2, whose numbers have 14 bits: 31, 95, 223, ...
    [(0, 0xFF), (3, 0xFF), (4, 0xFE), (123, 0xF0), (124, 0xEF), (379, 0xE0), (380, 0xDF)]
    + [(892, 0xCF), (1916, 0xBF), (3964, 0xAF), (8060, 0x9F), (16251, 0x90), (16252, 0x8F)]
    + [(32767, 0x80), (-4, 0x7E), (-124, 0x6F), (-16252, 0x0F), (-32767, 0x00)],
)
def test_mulaw_is_the_standards(level: int, code: int) -> None:
    assert mulaw(samples([level])) == bytes([code])


@pytest.mark.parametrize(
    ("level", "code"),
    # Where segments begin in ITU-T G.711, table 1, whose numbers have 13 bits: 32, 64, 128, ...
    [(0, 0xD5), (15, 0xD5), (16, 0xD4), (255, 0xDA), (256, 0xC5), (511, 0xCA), (512, 0xF5)]
    + [(1024, 0xE5), (2048, 0x95), (4096, 0x85), (8192, 0xB5), (16383, 0xBA), (16384, 0xA5)]
    + [(32767, 0xAA), (-1, 0x55), (-16, 0x54), (-512, 0x75), (-16384, 0x25), (-32767, 0x2A)],
)
def test_alaw_is_the_standards(level: int, code: int) -> None:
    assert alaw(samples([level])) == bytes([code])


@BOTH
def test_the_level_of_a_code_becomes_that_code(encode: Encode, codec: Codec) -> None:
    codes = bytes(range(256))
    again = encode(samples(decoded(codes, codec).astype(int)))
    # µ-law has a zero with a minus.
    assert [c for c in codes if again[c] != c] == ([0x7F] if codec is Codec.MULAW else [])


@BOTH
def test_every_level_goes_to_one_that_is_near(encode: Encode, codec: Codec) -> None:
    back = decoded(encode(samples(EVERY_LEVEL)), codec)
    assert (np.diff(back) >= 0).all()
    # Half a step is 1/32 of the level, and 8 near silence.
    assert (np.abs(back - EVERY_LEVEL) <= np.abs(EVERY_LEVEL) / 32 + 8).all()


@BOTH
def test_what_is_too_loud_is_clipped_and_does_not_wrap(encode: Encode, codec: Codec) -> None:
    loud = np.array([1.5, -7.0], np.float32)
    assert encode(loud) == encode(np.sign(loud))


@BOTH
def test_no_samples_are_no_bytes(encode: Encode, codec: Codec) -> None:
    assert encode(np.zeros(0, np.float32)) == b""

"""Sounds that are taken in: what is kept of them, and what is refused."""

import io
import struct
import wave
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lipwire_protocol import ErrorCode, LipwireError
from lipwire_server.media.wav import HEADER_BYTES, Sound, pcm_header, rewrite_wav


def fmt(tag: int = 1, channels: int = 1, rate: int = 22_050, bits: int = 16) -> bytes:
    frame = channels * bits // 8
    return struct.pack(
        "<HHIIHH", tag, channels, rate, rate * frame & 0xFFFFFFFF, frame & 0xFFFF, bits
    )


def chunk(name: bytes, content: bytes, size: int | None = None) -> bytes:
    said = len(content) if size is None else size
    return name + struct.pack("<I", said) + content + b"\0" * (len(content) % 2)


def riff(*chunks: bytes) -> bytes:
    body = b"WAVE" + b"".join(chunks)
    return b"RIFF" + struct.pack("<I", len(body)) + body


def rewritten(tmp_path: Path, data: bytes) -> tuple[Sound, bytes]:
    (tmp_path / "in").write_bytes(data)
    sound = rewrite_wav(tmp_path / "in", tmp_path / "out")
    return sound, (tmp_path / "out").read_bytes()


def test_the_sound_is_kept_and_nothing_else(tmp_path: Path) -> None:
    samples = bytes(range(200))
    data = riff(
        chunk(b"LIST", b"INFOIART secret name"),
        chunk(b"fmt ", fmt(channels=2)),
        chunk(b"bext", b"where it was recorded"),
        chunk(b"data", samples),
        chunk(b"id3 ", b"PK\x03\x04 <script>"),
    )
    sound, out = rewritten(tmp_path, data)
    assert sound == Sound(codec="pcm_s16le", channels=2, sample_rate=22_050, sample_count=50)
    with wave.open(io.BytesIO(out)) as read:
        assert read.readframes(1_000) == samples
    assert out[HEADER_BYTES:] == samples
    assert b"secret" not in out and b"script" not in out


@pytest.mark.parametrize(
    ("tag", "bits", "codec"), [(3, 32, "pcm_f32le"), (6, 8, "alaw"), (7, 8, "mulaw")]
)
def test_what_is_not_pcm_says_how_many_samples_it_has(
    tmp_path: Path, tag: int, bits: int, codec: str
) -> None:
    data = riff(chunk(b"fmt ", fmt(tag, 1, 8_000, bits)), chunk(b"data", bytes(100 * bits // 8)))
    sound, out = rewritten(tmp_path, data)
    assert sound == Sound(codec=codec, channels=1, sample_rate=8_000, sample_count=100)
    assert b"fact" + struct.pack("<II", 4, 100) in out
    again, same = rewritten(tmp_path, out)
    assert (again, same) == (sound, out)


def test_the_extended_format_becomes_the_plain_one(tmp_path: Path) -> None:
    tail = struct.pack("<HHIH", 22, 24, 0, 1) + bytes.fromhex("000000001000800000aa00389b71")
    data = riff(chunk(b"fmt ", fmt(0xFFFE, bits=24) + tail), chunk(b"data", bytes(9)))
    sound, out = rewritten(tmp_path, data)
    assert (sound.codec, sound.sample_count) == ("pcm_s24le", 3)
    assert int.from_bytes(out[20:22], "little") == 1
    assert len(out) % 2 == 0


@pytest.mark.parametrize("size", [0, 0xFFFF_FFFF])
def test_what_was_written_into_a_pipe_goes_to_its_end(tmp_path: Path, size: int) -> None:
    sound, out = rewritten(tmp_path, riff(chunk(b"fmt ", fmt()), chunk(b"data", bytes(8), size)))
    assert sound.sample_count == 4
    assert int.from_bytes(out[40:44], "little") == 8


def test_the_head_of_a_file_of_our_own_is_read_like_any_other(tmp_path: Path) -> None:
    head = pcm_header(16_000, 6)
    assert len(head) == HEADER_BYTES
    sound, out = rewritten(tmp_path, head + b"abcdef")
    assert sound == Sound(codec="pcm_s16le", channels=1, sample_rate=16_000, sample_count=3)
    assert out == head + b"abcdef"


DATA = chunk(b"data", bytes(8))


@pytest.mark.parametrize(
    ("data", "complaint"),
    [
        (b"RIFF", "begin"),
        (b"RIFX\0\0\0\0WAVE", "begin"),
        (riff(), "no sound"),
        (riff(chunk(b"fmt ", fmt())), "no sound"),
        (riff(chunk(b"fmt ", fmt()), chunk(b"data", b"x")), "no sound"),
        (riff(DATA, chunk(b"fmt ", fmt())), "before"),
        (riff(chunk(b"fmt ", fmt()[:10]), DATA), "cut off"),
        (riff(chunk(b"fmt ", fmt(tag=0x55)), DATA), "85 with 16 bits"),
        (riff(chunk(b"fmt ", fmt(tag=0xFFFE)), DATA), "65534"),
        (riff(chunk(b"fmt ", fmt(bits=12)), DATA), "12 bits"),
        (riff(chunk(b"fmt ", fmt(channels=0)), DATA), "channels"),
        (riff(chunk(b"fmt ", fmt(channels=65_535)), DATA), "channels"),
        (riff(chunk(b"fmt ", fmt(rate=1)), DATA), "samples a second"),
        (riff(chunk(b"fmt ", fmt()), chunk(b"data", bytes(8), 2**31)), "end is missing"),
        (riff(*[chunk(b"junk", b"")] * 5_000, chunk(b"fmt ", fmt()), DATA), "no sound"),
        (riff(chunk(b"junk", b"", 0xFFFF_FFF0), chunk(b"fmt ", fmt()), DATA), "no sound"),
    ],
)
def test_what_is_no_whole_wav_is_refused(tmp_path: Path, data: bytes, complaint: str) -> None:
    with pytest.raises(LipwireError, match=complaint) as caught:
        rewritten(tmp_path, data)
    assert caught.value.code is ErrorCode.UNREADABLE


@given(st.binary(max_size=200), st.booleans())
def test_whatever_comes_is_refused_or_rewritten(
    tmp_path_factory: pytest.TempPathFactory, tail: bytes, has_format: bool
) -> None:
    data = riff(*([chunk(b"fmt ", fmt())] if has_format else []), tail)
    try:
        sound, out = rewritten(tmp_path_factory.mktemp("wav"), data)
    except LipwireError as error:
        assert error.code is ErrorCode.UNREADABLE
    else:
        assert len(out) == HEADER_BYTES + 2 * sound.sample_count

from collections.abc import Iterable
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from lipwire_protocol import AudioFormat, AudioGrant, Codec, ErrorCode, LipwireError
from lipwire_protocol.timeline import rescale
from lipwire_server.speech.audio.formats import SegmentEncoder, Span, grant
from lipwire_server.speech.audio.pcm import pcm_f32le, pcm_s16le

from .sounds import SOUNDS, Sound, at_rate, chord, clicks, heard, lag, level_db, snr_db, windows

PAGE = (Path(__file__).parents[4] / "protocol" / "README.md").read_text()
VOICE = 22_050
EVERY_CODEC = [
    (codec, rate)
    for codec in Codec
    for rate in (8_000, 16_000, 22_050, 24_000, 48_000)
    if codec is not Codec.OPUS or rate != 22_050
]
RESAMPLED = [(codec, rate) for codec, rate in EVERY_CODEC if rate != VOICE]
FAITHFUL_DB = {
    # Measured: 76, 76, 36.7, 36.9 and 21.7 dB and more.
    Codec.PCM_S16LE: 72,
    Codec.PCM_F32LE: 72,
    Codec.MULAW: 34,
    Codec.ALAW: 34,
    Codec.OPUS: 19,
}
NOISE = np.random.default_rng(2).uniform(-1, 1, 8_192).astype(np.float32)


def granted(codec: Codec, rate: int | None = None) -> AudioGrant:
    return grant(AudioFormat(codec=codec, sample_rate=rate), VOICE)


def encode(
    grant: AudioGrant,
    pieces: Iterable[NDArray[np.float32]],
    *,
    volume_percent: int = 100,
    longest: int = 48_000,
) -> list[Span]:
    encoder = SegmentEncoder(grant, VOICE, volume_percent=volume_percent, longest=longest)
    spans = [span for piece in pieces for span in encoder.push(piece)]
    return spans + encoder.finish()


def listen(grant: AudioGrant, pieces: list[NDArray[np.float32]]) -> NDArray[np.float32]:
    """As much of what is heard of a segment as there is of it."""
    spans = encode(grant, pieces)
    scale = listening_rate(grant) // grant.sample_rate
    return heard(grant, spans)[: sum(span.count for span in spans) * scale]


def listening_rate(grant: AudioGrant) -> int:
    return 48_000 if grant.codec is Codec.OPUS else grant.sample_rate


def seams(pieces: list[NDArray[np.float32]]) -> list[float]:
    """Where they meet, in seconds."""
    return [float(end) / VOICE for end in np.cumsum([len(piece) for piece in pieces])[:-1]]


def test_without_a_rate_the_voice_keeps_its_own() -> None:
    asked = AudioFormat(codec=Codec.MULAW, chunk_ms=200)
    assert grant(asked, 16_000) == AudioGrant(
        codec=Codec.MULAW, sample_rate=16_000, chunk_ms=200, delay=0
    )


def test_without_a_rate_opus_has_its_own() -> None:
    asked = AudioFormat(codec=Codec.OPUS, chunk_ms=200)
    assert grant(asked, 22_050) == AudioGrant(
        codec=Codec.OPUS, sample_rate=48_000, chunk_ms=200, delay=120
    )


def test_a_rate_that_opus_does_not_have_is_refused_with_those_that_it_has() -> None:
    with pytest.raises(
        LipwireError, match=r"22050 Hz.* 8000, 12000, 16000, 24000, 48000"
    ) as caught:
        granted(Codec.OPUS, 22_050)
    assert caught.value.code is ErrorCode.UNSUPPORTED


def test_the_protocols_page_knows_the_rates_and_the_delay_of_opus() -> None:
    assert "8000, 12000, 16000, 24000 or 48000 Hz" in PAGE
    assert f"{granted(Codec.OPUS).delay} samples at 48,000 Hz" in PAGE


@pytest.mark.parametrize(("codec", "rate"), EVERY_CODEC)
@pytest.mark.parametrize("sound", SOUNDS)
def test_what_is_heard_is_what_was_spoken(sound: Sound, codec: Codec, rate: int) -> None:
    audio = granted(codec, rate)
    original = at_rate(sound, VOICE)
    got = listen(audio, windows(original))
    expected = at_rate(sound, listening_rate(audio), len(got))
    scale = listening_rate(audio) // rate
    assert len(got) == rescale(len(original), VOICE, rate) * scale
    assert lag(expected, got) == 0
    assert snr_db(expected, got) > FAITHFUL_DB[codec]
    assert abs(level_db(expected, got)) < 0.1


@pytest.mark.parametrize(("codec", "rate"), EVERY_CODEC)
def test_a_seam_between_windows_cannot_be_heard(codec: Codec, rate: int) -> None:
    audio, pieces = granted(codec, rate), windows(at_rate(chord, VOICE))
    # Measured: 0.3 dB and less.
    assert clicks(listen(audio, pieces), listening_rate(audio), seams(pieces)) < 2


@pytest.mark.parametrize(("codec", "rate"), EVERY_CODEC)
def test_a_lost_sample_would_have_been_heard(codec: Codec, rate: int) -> None:
    audio, pieces = granted(codec, rate), windows(at_rate(chord, VOICE))
    pieces[2] = pieces[2][1:]
    # Measured: 22 dB and more.
    assert clicks(listen(audio, pieces), listening_rate(audio), seams(pieces)[1:2]) > 15


@pytest.mark.parametrize(("codec", "rate"), RESAMPLED)
def test_a_stream_that_starts_afresh_at_a_seam_would_have_been_heard(
    codec: Codec, rate: int
) -> None:
    audio, pieces = granted(codec, rate), windows(at_rate(chord, VOICE))
    got = np.concatenate([listen(audio, [piece]) for piece in pieces])
    # Measured: 11 dB and more.
    assert clicks(got, listening_rate(audio), seams(pieces)) > 8


@given(
    codec_and_rate=st.sampled_from(EVERY_CODEC),
    pieces=st.lists(st.integers(0, 1_500), max_size=5),
    longest_ms=st.integers(20, 200),
)
@settings(max_examples=60, deadline=None)
def test_spans_add_up_and_their_bytes_do_not_depend_on_the_cuts(
    codec_and_rate: tuple[Codec, int], pieces: list[int], longest_ms: int
) -> None:
    audio = granted(*codec_and_rate)
    longest = rescale(longest_ms, 1000, audio.sample_rate)
    ends = np.cumsum([0, *pieces])
    cut = [NOISE[a:b] for a, b in pairwise(ends)]
    spans = encode(audio, cut, longest=longest)
    whole = encode(audio, [NOISE[: ends[-1]]])
    assert all(0 < span.count <= longest for span in spans)
    assert sum(span.count for span in spans) == rescale(int(ends[-1]), VOICE, audio.sample_rate)
    assert flat(spans) == flat(whole)


def flat(spans: list[Span]) -> list[bytes]:
    """All that a decoder gets, without the borders between spans."""
    packets: list[bytes] = []
    for span in spans:
        packets += span.audio if isinstance(span.audio, tuple) else ()
    return packets or [b"".join(s.audio for s in spans if isinstance(s.audio, bytes))]


def test_at_the_voices_own_rate_everything_leaves_at_once_as_it_is() -> None:
    encoder = SegmentEncoder(granted(Codec.PCM_S16LE), VOICE, longest=3_000)
    first, second = encoder.push(NOISE[:5_000])
    assert (first, second) == (
        Span(3_000, pcm_s16le(NOISE[:3_000])),
        Span(2_000, pcm_s16le(NOISE[3_000:5_000])),
    )
    assert encoder.push(NOISE[:0]) == []
    assert encoder.finish() == []


@pytest.mark.parametrize("volume", [100, 50])
@pytest.mark.parametrize(("codec", "rate"), EVERY_CODEC)
def test_bytes_that_are_there_already_change_nothing(codec: Codec, rate: int, volume: int) -> None:
    def spoken(*, ready: bool) -> list[Span]:
        audio = granted(codec, rate)
        encoder = SegmentEncoder(audio, VOICE, volume_percent=volume, longest=3_000)
        spans: list[Span] = []
        for piece in np.array_split(NOISE[:40_000], [1_000, 1_000, 9_000, 12_000]):
            spans += encoder.push(piece, pcm_s16le(piece) if ready else None)
        return spans + encoder.finish()

    assert spoken(ready=True) == spoken(ready=False)


def test_bytes_that_are_there_already_are_not_copied() -> None:
    encoder = SegmentEncoder(granted(Codec.PCM_S16LE), VOICE, longest=5_000)
    pcm = pcm_s16le(NOISE[:5_000])
    (span,) = encoder.push(NOISE[:5_000], pcm)
    assert span.audio is pcm


@pytest.mark.parametrize(("codec", "rate"), EVERY_CODEC)
def test_a_span_brings_the_samples_that_it_was_made_of(codec: Codec, rate: int) -> None:
    pieces = np.array_split(at_rate(chord, VOICE), 7)
    spans = encode(granted(codec, rate), pieces)
    assert [len(span.samples) for span in spans] == [span.count for span in spans]
    plain = encode(granted(Codec.PCM_F32LE, rate), pieces)
    samples = np.concatenate([span.samples for span in spans])
    assert [pcm_f32le(samples)] == flat(plain)


@pytest.mark.parametrize(("codec", "rate"), EVERY_CODEC)
def test_a_long_window_becomes_spans_that_are_as_long_as_they_may_be(
    codec: Codec, rate: int
) -> None:
    spans = encode(granted(codec, rate), [at_rate(chord, VOICE)], longest=rate // 10)
    counts = [span.count for span in spans]
    assert max(counts) == rate // 10
    assert len(counts) <= 23


@pytest.mark.parametrize("rate", [8_000, 16_000, 24_000, 48_000])
def test_the_packets_of_the_first_spans_can_be_decoded_to_their_end(rate: int) -> None:
    audio = granted(Codec.OPUS, rate)
    spans = encode(audio, windows(at_rate(chord, VOICE)), longest=rate // 10)
    scale = 48_000 // rate
    complete = heard(audio, spans)
    for number in range(1, len(spans) + 1):
        end = sum(span.count for span in spans[:number]) * scale
        got = heard(audio, spans[:number])
        assert len(got) >= end
        assert np.array_equal(got[:end], complete[:end])


@pytest.mark.parametrize("codec", Codec)
def test_one_hop_is_a_segment_too(codec: Codec) -> None:
    audio = granted(codec, 16_000)
    spans = encode(audio, [NOISE[:256]])
    assert sum(span.count for span in spans) == 186
    assert len(heard(audio, spans)) >= 186


@pytest.mark.parametrize("codec", Codec)
def test_a_segment_does_not_depend_on_the_one_before(codec: Codec) -> None:
    audio = granted(codec, 16_000)
    assert encode(audio, [NOISE]) == encode(audio, [NOISE])


@pytest.mark.parametrize("codec", Codec)
def test_half_the_volume_is_six_decibels_less(codec: Codec) -> None:
    audio, pieces = granted(codec, 16_000), windows(at_rate(chord, VOICE))
    soft = heard(audio, encode(audio, pieces, volume_percent=50))
    assert level_db(heard(audio, encode(audio, pieces)), soft) == pytest.approx(-6.02, abs=0.1)


@pytest.mark.parametrize("codec", [codec for codec in Codec if codec is not Codec.OPUS])
def test_what_becomes_too_loud_is_clipped_and_does_not_wrap(codec: Codec) -> None:
    audio, loud = granted(codec), [at_rate(chord, VOICE)]
    got = heard(audio, encode(audio, loud, volume_percent=200))
    clipped = np.clip(loud[0] * 2, -1, 1)
    assert np.abs(clipped).max() == 1
    assert np.abs(got - clipped).max() < 0.04


def test_what_overshoots_between_samples_is_clipped_too() -> None:
    square = np.repeat(np.tile([1, -1], 50), 80).astype(np.float32)
    audio = granted(Codec.PCM_F32LE, 48_000)
    got = heard(audio, encode(audio, [square]))
    assert np.abs(got).max() == 1
    # The middle of each half wave, which is 80 samples long at the voice's rate.
    middles = [rescale(40 + 80 * number, VOICE, 48_000) for number in range(100)]
    assert np.sign(got[middles]).tolist() == [1, -1] * 50


def test_no_volume_is_silence() -> None:
    audio = granted(Codec.MULAW, 8_000)
    assert set(flat(encode(audio, [NOISE], volume_percent=0))[0]) == {0xFF}

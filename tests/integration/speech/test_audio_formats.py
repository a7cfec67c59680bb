"""Every codec from a real server to the Python client: the same speech, sample for sample."""

import asyncio

import numpy as np
import pytest
import soxr
from numpy.typing import NDArray
from tests.server_process import ServerProcess

from lipwire_client import Spoken, connect
from lipwire_client.audio import to_pcm_s16le
from lipwire_protocol import AudioFormat, AudioGrant, Codec, Flow, FlowMode, Hello, rescale

TEXT = "Smoky fires lack flame and heat. The soft cushion broke the man's fall."
VOICE_RATE = 22_050
FORMATS = {
    Codec.PCM_S16LE: (8_000, 16_000, 44_100, 48_000),
    Codec.PCM_F32LE: (None, 24_000),
    Codec.MULAW: (8_000, None),
    Codec.ALAW: (8_000, 16_000),
    Codec.OPUS: (None, 24_000, 8_000),
}
ALIKE = {Codec.PCM_S16LE: 0.999, Codec.PCM_F32LE: 0.999, Codec.MULAW: 0.99, Codec.ALAW: 0.99}
"""Correlation with the PCM of the voice's own rate; of Opus 0.98."""

Samples = NDArray[np.float64]


async def ask(server: ServerProcess, audio: AudioFormat) -> tuple[AudioGrant, Spoken]:
    hello = Hello(flow=Flow(mode=FlowMode.OFF), audio=audio)
    async with connect(server.stream, hello) as session:
        return session.ready.audio, await session.say(TEXT)


def heard(grant: AudioGrant, spoken: Spoken, segment: int) -> Samples:
    """What a listener makes of a segment, at the granted rate; of Opus at 48,000 Hz."""
    chunks = [chunk for chunk in spoken.chunks if chunk.segment == segment]
    if grant.codec is Codec.OPUS:
        from av import CodecContext, Packet

        decoder = CodecContext.create("libopus", "r")
        decoder.layout = "mono"
        packets = [packet for chunk in chunks for packet in chunk.audio]
        frames = [frame for packet in packets for frame in decoder.decode(Packet(packet))]
        levels = np.concatenate([frame.to_ndarray().ravel() for frame in frames])
        return levels[grant.delay * 48_000 // grant.sample_rate :].astype(float)
    audio = b"".join(chunk.audio for chunk in chunks if isinstance(chunk.audio, bytes))
    return np.frombuffer(to_pcm_s16le(audio, grant.codec), "<i2").astype(float)


@pytest.mark.parametrize("codec", FORMATS)
async def test_a_codec_carries_the_same_speech_at_every_rate(
    server: ServerProcess, codec: Codec
) -> None:
    asked = [AudioFormat(), *(AudioFormat(codec=codec, sample_rate=r) for r in FORMATS[codec])]
    (_, own), *others = await asyncio.gather(*(ask(server, audio) for audio in asked))
    plain = AudioGrant(codec=Codec.PCM_S16LE, sample_rate=VOICE_RATE)
    for (grant, spoken), wish in zip(others, asked[1:], strict=True):
        assert (grant.codec, wish.sample_rate or grant.sample_rate) == (codec, grant.sample_rate)
        assert [s.text for s in spoken.segments] == [s.text for s in own.segments]
        for number, (here, there) in enumerate(zip(spoken.segments, own.segments, strict=True)):
            count = rescale(there.count, VOICE_RATE, grant.sample_rate)
            assert here.count == count
            assert sum(c.count for c in spoken.chunks if c.segment == number) == count
            rate = 48_000 if codec is Codec.OPUS else grant.sample_rate
            got = heard(grant, spoken, number)
            if codec is not Codec.OPUS:
                assert len(got) == count
            assert alike(got, rate, heard(plain, own, number)) > ALIKE.get(codec, 0.98)


def alike(got: Samples, rate: int, expected: Samples) -> float:
    """Correlation of what both can carry: below 3.5 kHz."""
    low = [soxr.resample(s, r, 7_000) for s, r in ((got, rate), (expected, VOICE_RATE))]
    length = min(map(len, low))
    return float(np.corrcoef(low[0][:length], low[1][:length])[0, 1])

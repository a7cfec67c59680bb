"""How utterances sounded can be had afterwards: the same samples that were sent."""

import asyncio
import io
import wave
from typing import Any

import numpy as np
import pytest
from tests.patience import patient_client
from tests.server_process import ServerProcess

from lipwire_client import Session, Spoken, connect
from lipwire_protocol import (
    AudioFormat,
    Chunk,
    Codec,
    Flow,
    FlowMode,
    Hello,
    Interrupt,
    Interrupted,
    Speak,
    UtteranceEnded,
)

FAST = Flow(mode=FlowMode.OFF)
TEXT = "The birch canoe slid on the smooth planks. Glue the sheet to the dark blue background."


async def say(session: Session, text: str = TEXT) -> Spoken:
    await session.send(Speak(utterance=1, text=text, end=True))
    spoken = Spoken()
    while spoken.ended is None:
        spoken.add(await session.receive())
    return spoken


async def kept(server: ServerProcess, session: Session, *, wanted: int = 1) -> list[dict[str, Any]]:
    """What is kept of the session's one utterance; it may take a moment."""
    path = f"/v1/sessions/{session.ready.session.id}/utterances"
    async with patient_client(server.url) as client, asyncio.timeout(90):
        while True:
            listed = await client.get(path)
            items = listed.json()["items"] if listed.status_code == 200 else []
            if items:
                audios = await client.get(f"/v1/utterances/{items[0]['id']}/audios")
                found: list[dict[str, Any]] = audios.json()["items"]
                if len(found) == wanted:
                    return found
            await asyncio.sleep(0.05)


async def samples_of(server: ServerProcess, audio: dict[str, Any]) -> tuple[int, bytes]:
    async with patient_client(server.url) as client:
        answer = await client.get(audio["url"])
    assert (answer.status_code, answer.headers["content-type"]) == (200, "audio/wav")
    assert len(answer.content) == audio["byte_count"]
    with wave.open(io.BytesIO(answer.content)) as read:
        assert (read.getnchannels(), read.getsampwidth()) == (1, 2)
        return read.getframerate(), read.readframes(audio["sample_count"] + 1)


async def test_what_is_kept_is_what_was_sent(server: ServerProcess) -> None:
    async with connect(server.stream, Hello(flow=FAST)) as session:
        spoken = await say(session)
        (audio,) = await kept(server, session)
    assert spoken.ended is not None
    assert audio["sample_count"] == spoken.ended.count
    assert await samples_of(server, audio) == (22_050, spoken.audio)


@pytest.mark.parametrize(
    ("codec", "rate"), [(Codec.OPUS, 48_000), (Codec.MULAW, 8_000), (Codec.PCM_F32LE, 16_000)]
)
async def test_it_is_kept_without_loss_whatever_it_is_sent_in(
    server: ServerProcess, codec: Codec, rate: int
) -> None:
    wanted = AudioFormat(codec=codec, sample_rate=rate)
    async with connect(server.stream, Hello(flow=FAST, audio=wanted)) as session:
        spoken = await say(session)
        (audio,) = await kept(server, session)
    plain = AudioFormat(codec=Codec.PCM_S16LE, sample_rate=rate)
    async with connect(server.stream, Hello(flow=FAST, audio=plain)) as session:
        same = await say(session)
    assert spoken.ended is not None
    assert audio["sample_count"] == spoken.ended.count
    kept_rate, samples = await samples_of(server, audio)
    assert kept_rate == rate
    difference = np.frombuffer(samples, "<i2").astype(int) - np.frombuffer(same.audio, "<i2")
    assert np.abs(difference).max() <= 1


async def test_of_what_was_interrupted_that_is_kept_which_left(server: ServerProcess) -> None:
    hello = Hello(flow=Flow(mode=FlowMode.PACED, lead_ms=1_000))
    heard = b""
    async with connect(server.stream, hello) as session:
        await session.send(Speak(utterance=1, text=TEXT, end=True))
        ended = None
        while ended is None:
            message = await session.receive()
            if isinstance(message, Chunk):
                assert isinstance(message.audio, bytes)
                heard += message.audio
                await session.send(Interrupt(utterance=1))
            if isinstance(message, Interrupted | UtteranceEnded):
                ended = message
        (audio,) = await kept(server, session)
    _, samples = await samples_of(server, audio)
    assert 0 < len(samples) <= len(heard) and heard.startswith(samples)


async def test_what_is_not_to_be_stored_is_not_kept(server: ServerProcess) -> None:
    async with connect(server.stream, Hello(flow=FAST, persist=False)) as session:
        private = await say(session, "Nobody may know this.")
    async with connect(server.stream, Hello(flow=FAST)) as session:
        public = await say(session, "This may be known by all.")
        # What ends later is written later.
        await kept(server, session)
    sounds = files(server)
    assert any(public.audio in sound for sound in sounds)
    assert not any(private.audio in sound for sound in sounds)


def files(server: ServerProcess) -> list[bytes]:
    return [path.read_bytes() for path in server.data.glob("blobs/*/*")]

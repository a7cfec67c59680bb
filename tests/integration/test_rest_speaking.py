"""Speech and movies over REST: a real server, the real voice and face, and its PostgreSQL."""

import asyncio
import io
import signal
import wave
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import asyncpg
import httpx
import numpy as np
import pytest
from numpy.typing import NDArray
from tests.patience import patient_client
from tests.server.face.movie.clips import Seen, lag, play
from tests.server_process import ServerProcess, running_server

from lipwire_client import connect
from lipwire_protocol import Chunk, Flow, FlowMode, Hello, Interrupt
from lipwire_server.speech.audio.resampling import Resampler

TEXT = "Maybe my mother bought a big apple pie. Peter Piper picked a peck of pickled peppers."
FPS, BEFORE, AFTER = 25, 5, 13
SHORT = "Hello there."

Rest = httpx.AsyncClient


@pytest.fixture
async def rest(server: ServerProcess) -> AsyncIterator[Rest]:
    async with patient_client(server.url) as client:
        yield client


async def posted(rest: Rest, address: str, **body: Any) -> Any:
    answer = await rest.post(address, json=body)
    assert answer.is_success, answer.text
    return answer.json()


def samples_in(wav: bytes) -> NDArray[np.int16]:
    with wave.open(io.BytesIO(wav)) as file:
        return np.frombuffer(file.readframes(file.getnframes()), "<i2")


async def until(
    rest: Rest, render: Any, is_so: Callable[[Any], bool] = lambda now: now["status"] == "done"
) -> Any:
    async with asyncio.timeout(100):
        while True:
            now = (await rest.get(f"/v1/renders/{render['id']}")).json()
            if is_so(now):
                return now
            assert now["status"] in ("queued", "running"), now
            await asyncio.sleep(0.1)


async def movie_of(rest: Rest, render: Any, tmp_path: Path) -> Seen:
    answer = await rest.get((await until(rest, render))["movie"])
    path = tmp_path / f"movie.{render['format']}"
    path.write_bytes(answer.content)
    return play(path)


def resampled(samples: NDArray[np.int16], rate: int, other: int) -> NDArray[np.float32]:
    resampler = Resampler(rate, other)
    floats = (samples / 32_768).astype(np.float32)
    return np.concatenate([resampler.push(floats), resampler.finish()])


async def test_what_is_stored_sounds_as_what_is_streamed(rest: Rest, server: ServerProcess) -> None:
    stored = await posted(rest, "/v1/lipsync", text=TEXT, seed=3)
    kept = samples_in((await rest.get(stored["audio"]["url"])).content)
    hello = Hello(flow=Flow(mode=FlowMode.OFF), seed=3, persist=False)
    async with connect(server.stream, hello) as session:
        spoken = await session.say(TEXT)
    assert kept.tobytes() == spoken.audio
    assert stored["audio"]["samples"] == len(kept)


async def test_the_timing_is_known_without_the_sound(rest: Rest) -> None:
    stored = await posted(rest, "/v1/lipsync", text=TEXT, sets=["oculus", "rhubarb"])
    timed = await posted(rest, "/v1/phonemes/timing", text=TEXT)
    seen = await posted(rest, "/v1/lipsync/preview", text=TEXT, sets=["oculus", "rhubarb"])
    assert timed["phonemes"] == stored["phonemes"]
    assert timed["words"] == seen["words"] == stored["words"]
    assert seen["visemes"] == stored["visemes"]
    assert timed["samples"] == seen["samples"] == stored["audio"]["samples"]
    plain = await posted(rest, "/v1/phonemes", text=TEXT)
    assert [p["symbol"] for p in plain["phonemes"]] == [p["symbol"] for p in timed["phonemes"]]


async def test_a_preview_is_the_file_that_the_stored_speech_gives(rest: Rest) -> None:
    stored = await posted(rest, "/v1/lipsync", text=TEXT)
    for name in ("rhubarb_tsv", "moho", "polly", "azure_visemes", "webvtt_words", "srt"):
        address = f"/v1/lipsync/preview?format={name}"
        before = (await rest.post(address, json={"text": TEXT})).text
        after = (await rest.get(f"/v1/utterances/{stored['utterance']}/timing?format={name}")).text
        assert before == after, name


async def test_a_movie_of_stored_speech_shows_and_plays_it(rest: Rest, tmp_path: Path) -> None:
    stored = await posted(rest, "/v1/lipsync", text=TEXT, seed=7)
    render = await posted(rest, "/v1/renders", utterance=stored["utterance"], size=128)
    seen = await movie_of(rest, render, tmp_path)
    spoken = samples_in((await rest.get(stored["audio"]["url"])).content)
    rate = stored["audio"]["sample_rate"]
    assert len(seen.images) == BEFORE + -(-len(spoken) * FPS // rate) + AFTER
    assert len(seen.images) == (await until(rest, render))["progress"]["frame_count"]
    heard = seen.sound[BEFORE * seen.rate // FPS :]
    assert lag(heard, resampled(spoken, rate, seen.rate), seen.rate // 10) == 0
    pictures = {image.tobytes() for image in seen.images}
    assert len(pictures) > len(seen.images) // 2, "it moves"


async def test_a_text_becomes_a_movie_in_one_request(rest: Rest) -> None:
    render = await posted(
        rest,
        "/v1/renders",
        text=SHORT,
        format="gif",
        face="ida",
        emotion="happy",
        size=96,
    )
    done = await until(rest, render)
    assert (done["face"], done["emotion"], done["size"]) == ("ida", "happy", 96)
    answer = await rest.get(done["movie"], headers={"Range": "bytes=0-5"})
    assert (answer.status_code, answer.content) == (206, b"GIF89a")
    utterance = (await rest.get(f"/v1/utterances/{render['utterance']}")).json()
    assert utterance["text"] == SHORT


async def test_of_speech_that_was_interrupted_the_movie_has_what_was_sent(
    rest: Rest, server: ServerProcess, tmp_path: Path
) -> None:
    hello = Hello(flow=Flow(mode=FlowMode.PACED, lead_ms=1_000))
    interrupted = False
    async with connect(server.stream, hello) as session:

        def interrupt(message: object) -> None:
            nonlocal interrupted
            if isinstance(message, Chunk) and message.start > 8_000 and not interrupted:
                interrupted = True
                task = asyncio.ensure_future(session.send(Interrupt()))
                waiting.append(task)

        waiting: list[asyncio.Future[None]] = []
        await session.say(TEXT * 3, on_message=interrupt)
        identifier = session.ready.session.id
    items: list[Any] = []
    async with asyncio.timeout(60):
        while not items:
            answer = await rest.get(f"/v1/sessions/{identifier}/utterances")
            items = answer.json().get("items", [])
            await asyncio.sleep(0.1)
    (utterance,) = items
    assert utterance["reason"] == "interrupted"
    render = await posted(rest, "/v1/renders", utterance=utterance["id"], size=64)
    seen = await movie_of(rest, render, tmp_path)
    frames = -(-utterance["count"] * FPS // utterance["sample_rate"])
    assert len(seen.images) == BEFORE + frames + AFTER


async def test_a_movie_that_is_being_made_can_be_cancelled(rest: Rest) -> None:
    long = await posted(rest, "/v1/renders", text=TEXT * 10, size=512)
    await until(rest, long, lambda now: now["progress"]["frames_done"] > 10)
    assert (await rest.delete(f"/v1/renders/{long['id']}")).status_code == 204
    assert (await rest.get(f"/v1/renders/{long['id']}")).json()["status"] == "cancelled"
    short = await posted(rest, "/v1/renders", text=SHORT, size=64)
    assert (await until(rest, short))["movie"] is not None


@pytest.mark.timeout(300)  # Two servers and a movie: two minutes beside six who want the cores.
async def test_a_movie_outlives_the_server_that_had_begun_it() -> None:
    with running_server() as first:
        async with patient_client(first.url) as rest:
            render = await posted(rest, "/v1/renders", text=TEXT * 3, size=256)
            await until(rest, render, lambda now: now["progress"]["frames_done"] > 10)
        first.stop(signal.SIGKILL)
        second = ServerProcess(first.data)
        try:
            await _long_ago(second.dsn)
            async with patient_client(second.url) as rest:
                done = await until(rest, render)
                answer = await rest.head(done["movie"])
                assert int(answer.headers["content-length"]) > 10_000
        finally:
            assert second.stop() == 0


async def _long_ago(dsn: str) -> None:
    """As if nobody had been at it for a minute."""
    connection = await asyncpg.connect(dsn)
    try:
        await connection.execute("ALTER TABLE render DISABLE TRIGGER render_touched")
        await connection.execute("UPDATE render SET updated_at = now() - interval '1 minute'")
        await connection.execute("ALTER TABLE render ENABLE TRIGGER render_touched")
    finally:
        await connection.close()

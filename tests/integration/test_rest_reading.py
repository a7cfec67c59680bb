"""What a WebSocket was told, read back over REST from a real server."""

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
import websockets
from tests.patience import patient_client
from tests.server_process import ServerProcess
from websockets.typing import Subprotocol

from lipwire_client import Session, Spoken, connect
from lipwire_protocol import (
    JSON,
    SETS,
    CloseCode,
    Flow,
    FlowMode,
    Hello,
    Interrupt,
    Interrupted,
    LipwireError,
    Resume,
    Speak,
    Timing,
)

TEXT = "The boy was there when the sun rose. He was there when it went down again."


@pytest.fixture
async def rest(server: ServerProcess) -> AsyncIterator[httpx.AsyncClient]:
    async with patient_client(server.url) as client:
        yield client


async def spoken_in(rest: httpx.AsyncClient, session: str) -> dict[str, Any]:
    """The one utterance of a session, once it is stored."""
    async with asyncio.timeout(60):
        while True:
            answer = await rest.get(f"/v1/sessions/{session}/utterances")
            if answer.status_code == 200 and answer.json()["items"]:
                (utterance,) = answer.json()["items"]
                return dict(utterance)
            await asyncio.sleep(0.05)


async def ended(rest: httpx.AsyncClient, session: str) -> dict[str, Any]:
    """A session, once its end is stored."""
    async with asyncio.timeout(60):
        while True:
            told = dict((await rest.get(f"/v1/sessions/{session}")).json())
            if told.get("ended_at"):
                return told
            await asyncio.sleep(0.05)


async def test_stored_timing_is_the_timing_that_was_streamed(
    server: ServerProcess, rest: httpx.AsyncClient
) -> None:
    timing = Timing(words=True, phonemes=True, visemes=("oculus", "rhubarb"))
    hello = Hello(flow=Flow(mode=FlowMode.OFF), timing=timing, meta={"user": "ida"})
    async with connect(server.stream, hello) as session:
        spoken = await session.say(TEXT)
        name = session.ready.session.id
    utterance = await spoken_in(rest, name)
    stored = (await rest.get(f"/v1/utterances/{utterance['id']}/timing")).json()

    assert (stored["text"], stored["count"]) == (TEXT, utterance["count"])
    assert [(word["text"], word["start"], word["count"]) for word in stored["words"]] == [
        (word.text, word.start, word.count) for part in spoken.segments for word in part.words or ()
    ]
    assert [(sound["symbol"], sound["start"]) for sound in stored["phonemes"]] == [
        (sound.symbol, sound.start) for part in spoken.segments for sound in part.phonemes or ()
    ]
    for shapes in ("oculus", "rhubarb"):
        assert [(shape["shape"], shape["start"]) for shape in stored["visemes"][shapes]] == [
            (SETS[shapes][shape.viseme], shape.start)
            for part in spoken.segments
            for shape in part.visemes[shapes]
        ]
    assert (await rest.get(f"/v1/sessions/{name}")).json()["meta"] == {"user": "ida"}


async def test_what_was_not_heard_is_told_apart(
    server: ServerProcess, rest: httpx.AsyncClient
) -> None:
    hello = Hello(flow=Flow(mode=FlowMode.PLAYED, lead_ms=1000))
    async with connect(server.stream, hello) as session:
        await session.send(Speak(utterance=1, text=TEXT, end=True))
        heard = await _until_three_words(session)
        await session.send(Interrupt(utterance=1, heard=heard))
        rest_of_it = Spoken()
        while rest_of_it.ended is None:
            rest_of_it.add(await session.receive())
        name = session.ready.session.id
    utterance = await spoken_in(rest, name)
    assert (utterance["reason"], utterance["heard"]) == ("interrupted", heard)
    assert utterance["text_spoken"] == "The boy was"
    assert utterance["text_spoken"] + utterance["text_remaining"] == TEXT


async def test_what_was_stopped_while_its_listener_was_offline_is_told_as_he_heard_it(
    server: ServerProcess, rest: httpx.AsyncClient
) -> None:
    hello = Hello(flow=Flow(mode=FlowMode.OFF))
    async with connect(server.stream, hello) as session:
        spoken = await session.say(TEXT)
        session._socket.transport.abort()
        point, name = session.resume_point, session.ready.session.id
    word = (spoken.segments[0].words or ())[2]
    async with connect(server.stream, resume=point) as session:
        end = word.start + word.count
        await session.send(Interrupt(utterance=spoken.segments[0].utterance, heard=end))
        while not isinstance(told := await session.receive(), Interrupted):
            pass
    assert told.text_spoken == "The boy was"
    async with asyncio.timeout(60):
        while (stored := await spoken_in(rest, name))["reason"] == "done":  # noqa: ASYNC110
            await asyncio.sleep(0.05)
    assert (stored["reason"], stored["heard"]) == ("interrupted", told.heard)
    assert (stored["text_spoken"], stored["count"]) == (told.text_spoken, told.sent)


async def test_a_session_is_over_that_its_client_closes_while_he_is_spoken_to(
    server: ServerProcess, rest: httpx.AsyncClient
) -> None:
    async def visit() -> str:
        protocol = Subprotocol(JSON.subprotocol)
        async with websockets.connect(server.stream, subprotocols=[protocol]) as socket:
            await socket.send('{"type": "hello", "flow": {"mode": "off"}}')
            name = str(json.loads(await socket.recv())["session"]["id"])
            await socket.send(json.dumps({"type": "speak", "utterance": 1, "text": TEXT}))
            while '"chunk"' not in str(await socket.recv()):
                pass
        return name

    for name in await asyncio.gather(*(visit() for _ in range(4))):
        assert (await ended(rest, name))["close_code"] == CloseCode.NORMAL


async def _until_three_words(session: Session) -> int:
    """Samples up to the end of the third word, once they were sent."""
    spoken, heard = Spoken(), 1
    while sum(chunk.count for chunk in spoken.chunks) < heard:
        spoken.add(await session.receive())
        if spoken.segments:
            word = (spoken.segments[0].words or ())[2]
            heard = word.start + word.count
    return heard


async def test_no_socket_gets_into_a_session_that_was_made_over_rest(
    server: ServerProcess, rest: httpx.AsyncClient
) -> None:
    made = (await rest.post("/v1/sessions", json={})).json()
    assert "secret" not in str(made)
    for secret in ("", "secret"):
        with pytest.raises(LipwireError):
            async with connect(server.stream, Hello(session=Resume(id=made["id"], secret=secret))):
                pass

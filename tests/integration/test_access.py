"""Keys, tokens and pages of other sites, against a real server that wants a key."""

import asyncio
import io
import json
import subprocess
from collections.abc import Iterator
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest
import websockets
from tests.logs import logging_kept
from tests.patience import patient_client
from tests.server_process import ServerProcess, running_server, server_folder

from lipwire_client import connect
from lipwire_protocol import ErrorCode, Flow, FlowMode, Hello, LipwireError, Watch
from lipwire_server.__main__ import main


@dataclass(frozen=True, slots=True)
class Done:
    returncode: Any
    stdout: str
    stderr: str


def keys(data: Path, *words: str) -> Done:
    """`lipwire keys`, without a process for each of them."""
    out, err = io.StringIO(), io.StringIO()
    streams = redirect_stdout(out), redirect_stderr(err)
    with logging_kept(), streams[0], streams[1], pytest.raises(SystemExit) as left:
        main(["keys", *words, "--data", str(data)])
    return Done(left.value.code, out.getvalue(), err.getvalue())


@pytest.fixture(scope="module")
def locked() -> Iterator[tuple[ServerProcess, dict[str, str]]]:
    """A server that wants a key, and keys by their names."""
    with server_folder() as folder:
        made = {}
        for name, words in (
            ("whole", []),
            ("reader", ["--scopes", "read"]),
            ("audience", ["--scopes", "watch"]),
            ("trial", ["--characters", "60", "--connections", "1"]),
            ("leaving", []),
        ):
            done = keys(folder / "data", "add", name, *words)
            assert done.returncode == 0, done.stderr
            made[name] = done.stdout.strip()
            assert "shown this once" in done.stderr
        yield ServerProcess(folder / "data", {"LIPWIRE_ACCESS": "keys"}), made


def bearer(key: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {key}"}


async def get(server: ServerProcess, path: str, key: str | None = None) -> httpx.Response:
    async with patient_client(server.url) as client:
        return await client.get(path, headers=bearer(key) if key else {})


async def post(
    server: ServerProcess, path: str, key: str | None = None, **content: Any
) -> httpx.Response:
    async with patient_client(server.url) as client:
        return await client.post(path, json=content, headers=bearer(key) if key else {})


async def test_without_a_key_only_its_health_is_told(
    locked: tuple[ServerProcess, dict[str, str]],
) -> None:
    server, _ = locked
    assert (await get(server, "/healthz")).status_code == 200
    assert (await get(server, "/v1/docs")).status_code == 200
    refused = await get(server, "/v1/sessions")
    assert (refused.status_code, refused.json()["code"]) == (401, "unauthorized")
    assert (await post(server, "/v1/lipsync", text="Hello.")).status_code == 401


async def test_sessions_are_for_those_who_may_speak(
    locked: tuple[ServerProcess, dict[str, str]],
) -> None:
    server, keys = locked
    for shown, code in (
        (None, ErrorCode.UNAUTHORIZED),
        ("lipwire_guessed", ErrorCode.UNAUTHORIZED),
        (keys["reader"], ErrorCode.FORBIDDEN),
    ):
        with pytest.raises(LipwireError) as caught:
            async with connect(server.stream, Hello(token=shown)):
                pass
        assert caught.value.code is code
    async with connect(server.stream, Hello(token=keys["whole"])) as session:
        assert (await session.say("Hello.")).audio
        # A session is taken up with a key, too.
        with pytest.raises(LipwireError) as caught:
            async with connect(server.stream, resume=session.resume_point):
                pass
        assert caught.value.code is ErrorCode.UNAUTHORIZED
        greeting = Hello(token=keys["whole"])
        async with connect(server.stream, greeting, resume=session.resume_point):
            pass


async def test_a_browser_gets_in_with_a_token(
    locked: tuple[ServerProcess, dict[str, str]],
) -> None:
    server, keys = locked
    token = (await post(server, "/v1/tokens", keys["whole"])).json()["token"]
    async with connect(server.stream, Hello(token=token)) as session:
        assert (await session.say("Hello.")).audio
    assert (await get(server, "/v1/voices", token)).status_code == 200
    assert (await get(server, "/v1/sessions", token)).status_code == 403


async def test_reading_is_not_writing(locked: tuple[ServerProcess, dict[str, str]]) -> None:
    server, keys = locked
    assert (await get(server, "/v1/sessions", keys["reader"])).status_code == 200
    refused = await post(server, "/v1/sessions", keys["reader"])
    assert (refused.status_code, refused.json()["code"]) == (403, "forbidden")


async def test_what_is_said_with_a_key_is_counted_whatever_the_sockets(
    locked: tuple[ServerProcess, dict[str, str]],
) -> None:
    server, keys = locked
    greeting = Hello(token=keys["trial"], flow=Flow(mode=FlowMode.OFF))
    async with connect(server.stream, greeting) as session:
        # For minutes, so that it does not matter how long it takes to be made.
        await session.say("This sentence has about fifty characters in it. " * 8)
        with pytest.raises(LipwireError) as caught:
            async with connect(server.stream, Hello(token=keys["trial"])):
                pass
        assert caught.value.code is ErrorCode.RATE_LIMITED
    refused = await post(server, "/v1/phonemes", keys["trial"], text="More.")
    assert refused.status_code == 429
    assert int(refused.headers["retry-after"]) > 0


async def test_who_is_in_with_a_key_that_is_revoked_is_shown_the_door(
    locked: tuple[ServerProcess, dict[str, str]],
) -> None:
    server, made = locked
    async with websockets.connect(
        server.stream,
        subprotocols=[websockets.Subprotocol("lipwire.v1.json")],
        open_timeout=60,
    ) as socket:
        hello = {"type": "hello", "token": made["leaving"], "persist": False}
        await socket.send(json.dumps(hello))
        assert json.loads(await socket.recv())["type"] == "ready"
        done = await asyncio.to_thread(keys, server.data, "revoke", "leaving")
        assert done.returncode == 0, done.stderr
        told = json.loads(await socket.recv())
        assert (told["type"], told["code"], told["fatal"]) == ("error", "unauthorized", True)
        with pytest.raises(websockets.ConnectionClosed):
            await socket.recv()
        assert socket.close_code == 4401


@pytest.mark.parametrize("origin", ["https://evil.example", "null", "http://127.0.0.1:1"])
async def test_pages_of_other_sites_do_not_connect(
    locked: tuple[ServerProcess, dict[str, str]], origin: str
) -> None:
    server, _ = locked
    with pytest.raises(websockets.InvalidStatus) as caught:
        await websockets.connect(server.stream, origin=websockets.Origin(origin), open_timeout=60)
    assert caught.value.response.status_code == 403
    own = f"http://127.0.0.1:{server.port}"
    async with websockets.connect(server.stream, origin=websockets.Origin(own), open_timeout=60):
        pass


async def test_an_audience_watches_and_speaks_not(
    locked: tuple[ServerProcess, dict[str, str]],
) -> None:
    server, made = locked
    async with connect(server.stream, Hello(token=made["whole"])) as speaker:
        grant = speaker.ready.session
        assert grant.watch_secret is not None
        wish = Watch(session=grant.id, watch_secret=grant.watch_secret, token=made["audience"])
        async with connect(server.stream, watch=wish) as observer:
            assert observer.ready.watching
    with pytest.raises(LipwireError, match="cannot speak"):
        async with connect(server.stream, Hello(token=made["audience"])):
            pass
    answer = await post(server, "/v1/tokens", made["audience"])
    assert answer.json()["scopes"] == ["watch"]


def test_keys_are_listed_and_no_secret_is_kept_or_logged(
    locked: tuple[ServerProcess, dict[str, str]],
) -> None:
    server, made = locked
    listed = {key["name"]: key for key in json.loads(keys(server.data, "--json").stdout)}
    assert listed["reader"]["scopes"] == ["read"]
    assert listed["trial"]["characters_per_minute"] == 60
    assert listed["whole"]["state"] == "in use"
    assert "trial" in keys(server.data).stdout
    dump = subprocess.run(["grep", "-rlaF", *_patterns(made), server.data], capture_output=True)
    assert dump.stdout == b""
    assert not [line for line in server.log for key in made.values() if key in line]


def _patterns(made: dict[str, str]) -> list[str]:
    return [word for key in made.values() for word in ("-e", key)]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["add", "whole"], "already named"),
        (["add", "x" * 101], "1 to 100"),
        (["add", "a", "--scopes", "all"], "speak, read, write, watch"),
        (["add", "a", "--days", "0"], "from 1 on"),
        (["revoke", "nobody"], "no key in use"),
    ],
)
def test_what_cannot_be_done_with_keys_is_said(
    locked: tuple[ServerProcess, dict[str, str]], words: list[str], said: str
) -> None:
    server, _ = locked
    done = keys(server.data, *words)
    assert done.returncode != 0
    assert said in done.stderr
    assert "Traceback" not in done.stderr


async def test_a_server_that_others_can_reach_does_not_start_without_keys(
    database_dsn: str,
) -> None:
    # One that takes longer to be there than a start waits for it would be no reason to end.
    settings = {"LIPWIRE_ACCESS": "keys", "DATABASE_URL": database_dsn}
    with running_server(settings, wait=False) as server:
        assert await asyncio.to_thread(server.process.wait) == 1
        server._reader.join()
        assert "lipwire keys add" in "".join(server.log)
        assert "--insecure" in "".join(server.log)

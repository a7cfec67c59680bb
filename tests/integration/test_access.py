"""Keys, tokens and pages of other sites, against a real server that wants a key."""

import asyncio
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
import websockets
from tests.server_process import ServerProcess, running_server, server_folder

from lipwire_client import connect
from lipwire_protocol import ErrorCode, Hello, LipwireError, Watch


def keys(data: Path, *words: str) -> subprocess.CompletedProcess[str]:
    environment = {k: v for k, v in os.environ.items() if not k.startswith("LIPWIRE_")}
    environment.pop("DATABASE_URL", None)
    return subprocess.run(
        [sys.executable, "-m", "lipwire_server", "keys", *words],
        env={**environment, "LIPWIRE_DATA": str(data)},
        capture_output=True,
        text=True,
        check=False,
    )


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


async def get(url: str, key: str) -> httpx.Response:
    return await asyncio.to_thread(httpx.get, url, headers=bearer(key))


def test_without_a_key_only_its_health_is_told(
    locked: tuple[ServerProcess, dict[str, str]],
) -> None:
    server, _ = locked
    assert httpx.get(f"{server.url}/healthz").status_code == 200
    assert httpx.get(f"{server.url}/v1/docs").status_code == 200
    refused = httpx.get(f"{server.url}/v1/sessions")
    assert (refused.status_code, refused.json()["code"]) == (401, "unauthorized")
    assert httpx.post(f"{server.url}/v1/lipsync", json={"text": "Hello."}).status_code == 401


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
    answer = await asyncio.to_thread(
        httpx.post, f"{server.url}/v1/tokens", json={}, headers=bearer(keys["whole"])
    )
    token = answer.json()["token"]
    async with connect(server.stream, Hello(token=token)) as session:
        assert (await session.say("Hello.")).audio
    assert (await get(f"{server.url}/v1/voices", token)).status_code == 200
    assert (await get(f"{server.url}/v1/sessions", token)).status_code == 403


def test_reading_is_not_writing(locked: tuple[ServerProcess, dict[str, str]]) -> None:
    server, keys = locked
    headers = bearer(keys["reader"])
    assert httpx.get(f"{server.url}/v1/sessions", headers=headers).status_code == 200
    refused = httpx.post(f"{server.url}/v1/sessions", json={}, headers=headers)
    assert (refused.status_code, refused.json()["code"]) == (403, "forbidden")


async def test_what_is_said_with_a_key_is_counted_whatever_the_sockets(
    locked: tuple[ServerProcess, dict[str, str]],
) -> None:
    server, keys = locked
    async with connect(server.stream, Hello(token=keys["trial"])) as session:
        await session.say("This is a sentence with somewhat more than sixty characters in it.")
        with pytest.raises(LipwireError) as caught:
            async with connect(server.stream, Hello(token=keys["trial"])):
                pass
        assert caught.value.code is ErrorCode.RATE_LIMITED
    refused = await asyncio.to_thread(
        httpx.post,
        f"{server.url}/v1/phonemes",
        json={"text": "More."},
        headers=bearer(keys["trial"]),
    )
    assert refused.status_code == 429
    assert int(refused.headers["retry-after"]) > 0


async def test_who_is_in_with_a_key_that_is_revoked_is_shown_the_door(
    locked: tuple[ServerProcess, dict[str, str]],
) -> None:
    server, made = locked
    async with websockets.connect(
        server.stream, subprotocols=[websockets.Subprotocol("lipwire.v1.json")]
    ) as socket:
        await socket.send(json.dumps({"type": "hello", "token": made["leaving"]}))
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
        await websockets.connect(server.stream, origin=websockets.Origin(origin))
    assert caught.value.response.status_code == 403
    own = f"http://127.0.0.1:{server.port}"
    async with websockets.connect(server.stream, origin=websockets.Origin(own)):
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
    answer = await asyncio.to_thread(
        httpx.post, f"{server.url}/v1/tokens", headers=bearer(made["audience"]), json={}
    )
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


def test_a_server_that_others_can_reach_does_not_start_without_keys() -> None:
    with running_server({"LIPWIRE_ACCESS": "keys"}, wait=False) as server:
        assert server.process.wait() == 1
        server._reader.join()
        assert "lipwire keys add" in "".join(server.log)
        assert "--insecure" in "".join(server.log)

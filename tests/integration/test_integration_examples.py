"""The examples of docs/integration.md do what they say, and its routes exist."""

import asyncio
import json
import re
import sys
import urllib.request
import wave
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path

import pytest
from tests.server_process import ServerProcess

PAGE = (Path(__file__).parents[2] / "docs" / "integration.md").read_text("utf-8")
BLOCK = re.compile(r"^```(\w+)\n(.*?)^```", re.MULTILINE | re.DOTALL)
INTERVIEW, RESUMED, WATCHED, REQUEST = (
    text for language, text in BLOCK.findall(PAGE) if language == "python"
)
ROUTE = re.compile(r"`(GET|POST|PUT|PATCH|DELETE) (/(?:v1|healthz|readyz)[^`]*)`")

OLDER = {
    *("POST /lipsync", "POST /lipsync/preview", "POST /phonemes", "POST /phonemes/timing"),
    *("GET /{avatar}/state", "PATCH /{avatar}/state", "GET /presets", "POST /presets"),
    *("POST /session", "DELETE /session", "/render"),
}


PATIENT = """
import time
import urllib.request

class Patient(urllib.request.BaseHandler):
    def http_error_503(self, request, answer, code, reason, headers):
        time.sleep(int(headers["Retry-After"]))
        return self.parent.open(request)

urllib.request.install_opener(urllib.request.build_opener(Patient))
"""
"""Before an example: the database of a test may be busy."""


async def run_python(example: str, port: int, folder: Path) -> list[str]:
    script = folder / "example.py"
    script.write_text(PATIENT + example.replace("127.0.0.1:8000", f"127.0.0.1:{port}"), "utf-8")
    process = await asyncio.create_subprocess_exec(
        sys.executable, str(script), stdout=asyncio.subprocess.PIPE, cwd=folder
    )
    output, _ = await process.communicate()
    assert process.returncode == 0
    return output.decode().splitlines()


async def test_an_interview_knows_and_stores_what_was_heard(
    server: ServerProcess, tmp_path: Path
) -> None:
    asked, heard, first, second = await run_python(INTERVIEW, server.port, tmp_path)
    assert asked == "asked:  Good morning. What did you build last?"
    assert first == "stored: done - Good morning. What did you build last? "
    said = heard.removeprefix("heard:  ")
    assert second == f"stored: interrupted - {said}"
    question = "I see. Let me tell you about our team before you ask me anything. There are nine"
    assert said.startswith("I see.")
    assert said.startswith(question) or question.startswith(said.rstrip())


class Cut:
    """A way to a server that breaks the first connection after so many bytes of its answers."""

    def __init__(self, port: int, after: int) -> None:
        self._port = port
        self._left: int | None = after
        self.connections = 0

    async def carry(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        there, back = await asyncio.open_connection("127.0.0.1", self._port)
        asking = asyncio.create_task(self._copy(reader, back, bounded=False))
        await self._copy(there, writer, bounded=self._left is not None)
        asking.cancel()
        for end in (writer, back):
            end.transport.abort()

    async def _copy(
        self, source: asyncio.StreamReader, target: asyncio.StreamWriter, *, bounded: bool
    ) -> None:
        with suppress(ConnectionError):
            while data := await source.read(4_096):
                if bounded and self._left is not None:
                    self._left -= len(data)
                    if self._left < 0:
                        self._left = None
                        return
                target.write(data)
                await target.drain()


@asynccontextmanager
async def cut_off(port: int, after: int) -> AsyncIterator[tuple[Cut, int]]:
    cut = Cut(port, after)
    async with await asyncio.start_server(cut.carry, "127.0.0.1", 0) as listening:
        yield cut, listening.sockets[0].getsockname()[1]


async def test_a_connection_that_breaks_loses_no_sample(
    server: ServerProcess, tmp_path: Path
) -> None:
    whole = await run_python(RESUMED, server.port, tmp_path)
    async with cut_off(server.port, after=60_000) as (cut, port):
        assert await run_python(RESUMED, port, tmp_path) == whole
    assert cut.connections == 2
    assert re.fullmatch(r"2 sentences, \d{5,6} samples", whole[0])


async def test_somebody_else_watches(server: ServerProcess, tmp_path: Path) -> None:
    seen = await run_python(WATCHED, server.port, tmp_path)
    assert seen == ["seen: Good morning.", "seen: Can everybody hear me?"]


async def test_one_request_gives_a_file_and_its_timing(
    server: ServerProcess, tmp_path: Path
) -> None:
    hello, there, shapes = await run_python(REQUEST, server.port, tmp_path)
    assert re.fullmatch(r"Hello at 0\.0\d s", hello)
    assert re.fullmatch(r"there at 0\.\d+ s", there)
    assert shapes == "mouth shapes: oculus"
    with wave.open(str(tmp_path / "hello.wav")) as sound:
        assert sound.getframerate() == 22_050
        assert sound.getnframes() > 10_000


def routes(server: ServerProcess) -> set[str]:
    with urllib.request.urlopen(f"{server.url}/v1/openapi.json") as answer:
        paths = json.load(answer)["paths"]
    return {f"{method.upper()} {path}" for path, methods in paths.items() for method in methods}


def test_every_route_that_is_named_exists(server: ServerProcess) -> None:
    named = {" ".join(route) for route in ROUTE.findall(PAGE)}
    assert len(named) > 25
    assert named - routes(server) == set()


@pytest.mark.parametrize("older", sorted(OLDER))
def test_every_older_route_has_a_successor(older: str) -> None:
    (row,) = (line for line in PAGE.splitlines() if re.match(rf"\|[^|]*`{re.escape(older)}`", line))
    assert ROUTE.search(row.split("|")[2])

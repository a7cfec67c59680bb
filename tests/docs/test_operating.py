"""docs/operations.md and docs/troubleshooting.md: their commands, answers and messages are real."""

import asyncio
import os
import re
import shlex
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest
from tests.patience import patient_client
from tests.server_process import running_server

from lipwire_server.__main__ import _parser
from lipwire_server.config import VARIABLES
from lipwire_server.http.health import Readiness

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"
PAGES = {name: (DOCS / name).read_text("utf-8") for name in ("operations.md", "troubleshooting.md")}
EVERYTHING = "\n".join(PAGES.values())
BLOCK = re.compile(r"^```(\w+)\n(.*?)^```", re.MULTILINE | re.DOTALL)
LINK = re.compile(r"\]\(([^)#\s]*)(?:#([\w-]+))?\)")

OF_THE_SYSTEM = ("Address already in use",)
"""What messages quote of the operating system's."""


def blocks(page: str, language: str) -> list[str]:
    return [text for name, text in BLOCK.findall(PAGES[page]) if name == language]


def sources() -> Iterator[str]:
    for folder, pattern in (
        ("server/lipwire_server", "*.py"),
        ("client-js/src", "*.js"),
        ("scripts", "install"),
    ):
        for path in (ROOT / folder).rglob(pattern):
            text = path.read_text("utf-8")
            # Strings that stand side by side are one.
            yield re.sub(r"[\"']\s*\n?\s*f?[\"']", "", text)


SOURCES = "\n".join(sources())


@pytest.mark.parametrize(
    "message", [line for text in blocks("troubleshooting.md", "text") for line in text.splitlines()]
)
def test_a_message_to_look_for_is_one_that_is_written(message: str) -> None:
    for words in OF_THE_SYSTEM:
        message = message.replace(words, "…")
    message = message.removeprefix("install: ")
    parts = [part for part in re.split(r"…|`|; ", message) if len(part) > 3]
    assert parts
    for part in parts:
        assert part.strip() in SOURCES, part


def test_every_setting_that_is_named_exists() -> None:
    named = set(re.findall(r"\b(LIPWIRE_[A-Z_]+|DATABASE_URL)\b", EVERYTHING))
    assert "LIPWIRE_DATA" in named
    assert named - set(VARIABLES.values()) == set()


@pytest.mark.parametrize(
    "command", sorted(set(re.findall(r"[`/](lipwire [a-z][^`\n]*)", EVERYTHING)))
)
def test_a_command_that_is_named_exists(command: str) -> None:
    words = shlex.split(command)[1:]
    needs = {"download": ["NAME"], "check": ["NAME"], "export": ["FILE"]}.get(words[-1], [])
    assert _parser().parse_args([*words, *needs]).command


def test_readiness_is_told_as_the_server_tells_it() -> None:
    well, ill = blocks("operations.md", "json")
    for example in (well, ill):
        told = msgspec.json.decode(example, type=Readiness)
        assert msgspec.json.encode(told) == example.strip().encode()
    assert msgspec.json.decode(well, type=Readiness).status == "ready"


@pytest.mark.parametrize("name", PAGES)
def test_links_lead_somewhere(name: str) -> None:
    for target, heading in LINK.findall(PAGES[name]):
        if "://" in target:
            continue
        path = (DOCS / target).resolve() if target else DOCS / name
        assert path.is_file(), target
        if heading:
            titles = re.findall(r"^#+ (.+)$", path.read_text("utf-8"), re.MULTILINE)
            anchors = {re.sub(r"[^\w -]", "", title).lower().replace(" ", "-") for title in titles}
            assert heading in anchors, heading


async def test_a_backup_can_be_put_back(tmp_path: Path) -> None:
    """While the server runs, with the commands of the page."""
    backup, restore = [each for each in blocks("operations.md", "sh") if "lipwire db" in each]
    with running_server() as server:
        async with patient_client(server.url) as client:
            created = (await client.post("/v1/sessions", json={})).headers["Location"]
            await asyncio.to_thread(_run, backup, tmp_path, server.data)
            assert (await client.delete(created)).status_code == 204
            await asyncio.to_thread(_run, restore, tmp_path, server.data)
            assert (await client.get(created)).status_code == 200


def _run(command: str, folder: Path, data: Path) -> None:
    words = shlex.split(command)
    assert words[0] == "lipwire"
    environment = {**os.environ, "LIPWIRE_DATA": str(data)}
    environment.pop("DATABASE_URL", None)
    subprocess.run(
        [sys.executable, "-m", "lipwire_server", *words[1:]],
        cwd=folder,
        env=environment,
        check=True,
    )

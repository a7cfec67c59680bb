"""The examples of docs/speech.md do what they say, and its tables are those of the code."""

import asyncio
import dataclasses
import json
import os
import re
import shutil
import subprocess
import sys
import urllib.request
from pathlib import Path
from typing import Any

import msgspec
import pytest
from tests.made_once import furnish
from tests.patience import complaints
from tests.server_process import ServerProcess, running_server
from websockets import Subprotocol
from websockets.asyncio.client import connect as open_socket

from lipwire_client import connect
from lipwire_protocol import (
    JSON,
    SETS,
    WEIGHT_SETS,
    Codec,
    Error,
    Flow,
    FlowMode,
    Hello,
    ServerMessage,
    Speak,
    TextOptions,
    UtteranceEnded,
    tag,
)
from lipwire_server.config import VARIABLES, Settings
from lipwire_server.speech.port import SpeechStats
from lipwire_server.speech.text.lexicon_file import read_lexicon
from lipwire_server.speech.text.reader import Reader

DOCS = Path(__file__).parents[2] / "docs"
PAGE = (DOCS / "speech.md").read_text("utf-8")
BLOCK = re.compile(r"^(```+)(\w+)\n(.*?)^\1\n", re.MULTILINE | re.DOTALL)
PROSE = BLOCK.sub("", PAGE)

FILES = {"markdown": "answer.md", "ini": "words.txt"}
"""What the commands read, by the language of its example."""

Row = list[str]


def examples(language: str) -> list[str]:
    found = [text for _, name, text in BLOCK.findall(PAGE) if name == language]
    assert found
    return found


def is_conversation(example: str) -> bool:
    return example.startswith('{"type": "hello"')


def conversations() -> list[str]:
    return [example for example in examples("json") if is_conversation(example)]


def rows(heading: str) -> list[Row]:
    """The cells of the table whose first column is called so."""
    tables = re.findall(rf"^\| `?{heading}`? \|.*\n\|[-|]+\n((?:\|.*\n)+)", PROSE, re.MULTILINE)
    assert tables
    lines = "".join(tables).splitlines()
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]


def names(rows: list[Row]) -> list[str]:
    return [name for row in rows for name in re.findall(r"`(\w+)`", row[0])]


@pytest.fixture
def desk(tmp_path: Path) -> dict[str, str]:
    """A folder with the files that the examples read, and `lipwire` and `aplay` on the path."""
    for language, name in FILES.items():
        (example,) = examples(language)
        (tmp_path / name).write_text(example, "utf-8")
    programs = tmp_path / "programs"
    programs.mkdir()
    for name, script in (
        ("lipwire", f'exec "{sys.executable}" -m lipwire_server "$@"'),
        ("aplay", "cat > played.wav"),
    ):
        (programs / name).write_text(f"#!/bin/sh\n{script}\n")
        (programs / name).chmod(0o755)
    furnish(tmp_path / "data", database=False)
    environ = {name: text for name, text in os.environ.items() if not name.startswith("LIPWIRE_")}
    path = os.pathsep.join([str(programs), environ["PATH"]])
    return {**environ, "PATH": path, "LIPWIRE_DATA": str(tmp_path / "data")}


@pytest.mark.parametrize("example", examples("sh"), ids=lambda example: example[:40])
def test_a_command_writes_its_file_and_complains_about_nothing(
    example: str, tmp_path: Path, desk: dict[str, str]
) -> None:
    shell = shutil.which("bash")
    assert shell is not None
    script = f"set -eo pipefail\n{example}"
    result = subprocess.run(
        [shell, "-c", script], cwd=tmp_path, env=desk, capture_output=True, text=True
    )
    # Where sound goes to standard output, the line about it goes to standard error.
    complaints = [line for line in result.stderr.splitlines() if "s of speech made in" not in line]
    assert (result.returncode, complaints) == (0, [])
    files = re.findall(r"(?:--out|--timing|>) ([\w.]+)", example)
    files += ["played.wav"] * ("| aplay" in example)
    assert files
    for name in files:
        assert (tmp_path / name).stat().st_size > 1_000, name


def test_the_answer_is_read_as_the_page_says() -> None:
    (answer,) = examples("markdown")
    cleaned = {"markdown": "strip", "emoji": "strip", "code": "strip", "urls": "host"}
    reader = Reader(msgspec.convert(cleaned, TextOptions))
    said = [segment.text for segment in reader.push(answer, last=True)]
    (told,) = re.findall(r'^That says: "(.*)"', PAGE, re.MULTILINE)
    assert re.sub(r"[^\w ]", "", " ".join(said)) == re.sub(r"[^\w ]", "", told)


def test_the_lexicon_is_one(tmp_path: Path) -> None:
    (words,) = examples("ini")
    path = tmp_path / "words.txt"
    path.write_text(words, "utf-8")
    assert read_lexicon(path) == {
        "SQL": "sequel",
        "Lipwire": "[[lˈɪpwaɪɚ]]",
        "New York": "the big apple",
    }


@pytest.mark.parametrize("example", conversations(), ids=lambda example: example[17:60])
async def test_what_is_sent_by_hand_is_understood(server: ServerProcess, example: str) -> None:
    told: list[ServerMessage] = []
    protocol = Subprotocol(JSON.subprotocol)
    async with open_socket(server.stream, subprotocols=[protocol], max_size=None) as socket:
        for line in example.splitlines():
            await socket.send(line)
        await socket.send('{"type": "bye"}')
        async for data in socket:
            assert isinstance(data, str)
            told.append(JSON.decode_server(data.encode()))
    types = [tag(message) for message in told]
    assert types[0] == "ready"
    assert "error" not in types and complaints(told) == []
    ends = [message for message in told if isinstance(message, UtteranceEnded)]
    assert len(ends) == example.count('"end": true')
    assert all(end.reason == "done" and end.count > 0 for end in ends)
    assert types.count("configured") == example.count('"configure"')


async def speak_as_sent(server: ServerProcess, line: str) -> list[Any]:
    hello = json.loads(line)
    hello["flow"] = {"mode": "off"}
    async with connect(server.stream, msgspec.convert(hello, Hello)) as session:
        spoken = await session.say("Lipwire knows SQL.")
        return [session.ready, spoken]


async def test_words_of_the_lexicon_are_told_as_they_were_written(server: ServerProcess) -> None:
    (example,) = (text for text in conversations() if '"lexicon"' in text.splitlines()[0])
    _, spoken = await speak_as_sent(server, example.splitlines()[0])
    assert [word.text for word in spoken.segments[0].words] == ["Lipwire", "knows", "SQL"]


async def test_the_mouth_comes_in_the_sets_that_are_asked_for(server: ServerProcess) -> None:
    (example,) = (text for text in conversations() if '"weights"' in text)
    ready, spoken = await speak_as_sent(server, example.splitlines()[0])
    assert set(ready.sets) == {"rhubarb", "azure", "arkit"}
    assert set(spoken.segments[0].visemes) == {"rhubarb", "azure"}
    assert any(chunk.weights for chunk in spoken.chunks)


@pytest.mark.parametrize("element", rows("element"), ids=lambda row: row[0])
async def test_an_example_of_ssml_is_understood(server: ServerProcess, element: Row) -> None:
    text = element[1].strip("`")
    hello = Hello(flow=Flow(mode=FlowMode.OFF), text=TextOptions(ssml=True))
    async with connect(server.stream, hello) as session:
        spoken = await session.say(text)
    assert complaints(spoken.warnings) == []
    assert spoken.ended is not None and spoken.ended.count > 0
    marks = [mark.name for segment in spoken.segments for mark in segment.marks or ()]
    assert marks == (["wave"] if "<mark" in text else [])


def test_what_the_server_says_is_a_message_of_it() -> None:
    (example,) = (text for text in examples("json") if not is_conversation(text))
    refusal, end = (JSON.decode_server(line.encode()) for line in example.splitlines())
    assert isinstance(refusal, Error) and isinstance(end, UtteranceEnded)
    assert (refusal.code, refusal.fatal) == ("overloaded", False)
    assert f"try again in {refusal.retry_after_ms} ms" in refusal.message
    assert end.utterance == refusal.utterance


async def run_python(example: str, server: ServerProcess, folder: Path) -> list[str]:
    script = folder / "example.py"
    script.write_text(example.replace("127.0.0.1:8000", f"127.0.0.1:{server.port}"), "utf-8")
    process = await asyncio.create_subprocess_exec(
        sys.executable, str(script), stdout=asyncio.subprocess.PIPE
    )
    output, _ = await process.communicate()
    assert process.returncode == 0
    return output.decode().splitlines()


async def test_python_changes_its_manner_and_pauses(server: ServerProcess, tmp_path: Path) -> None:
    manner, _ = examples("python")
    lines = await run_python(manner, server, tmp_path)
    assert lines == ["150 percent of the voice's speed", "True"]


async def test_python_comes_back_when_it_is_told_to(tmp_path: Path) -> None:
    _, patience = examples("python")
    long = "The source of the huge river is the clear spring. " * 20
    with running_server({"LIPWIRE_LOAD_PERCENT": "1", "LIPWIRE_WAIT_MS": "0"}) as server:

        async def until_refused() -> None:
            # There is no event for it here: the server counts in its own process.
            while not await asyncio.to_thread(refused, server):  # noqa: ASYNC110
                await asyncio.sleep(0.05)

        hello = Hello(flow=Flow(mode=FlowMode.PACED, lead_ms=500))
        async with connect(server.stream, hello) as occupant:
            await occupant.send(Speak(utterance=1, text=long))
            while tag(await occupant.receive()) != "chunk":
                pass
            guest = asyncio.create_task(run_python(patience, server, tmp_path))
            reading = asyncio.create_task(drain(occupant))
            await until_refused()
            assert not guest.done()
            reading.cancel()
        (line,) = await guest
    assert re.fullmatch(r"\d{5} samples", line)


async def drain(session: Any) -> None:
    while True:
        await session.receive()


def refused(server: ServerProcess) -> int:
    with urllib.request.urlopen(f"{server.url}/v1/stats") as answer:
        count: int = json.load(answer)["speech"]["refused"]
    return count


def test_the_tables_are_those_of_the_code() -> None:
    shapes = {row[0].strip("`"): int(row[1]) for row in rows("set") if row[1].isdigit()}
    assert shapes == {name: len(of) for name, of in (SETS | WEIGHT_SETS).items()}
    assert set(names(rows("codec"))) == set(Codec)
    assert names(rows("field")) == [
        *("rate_percent", "volume_percent", "noise_percent", "seed"),
        *(field.name for field in dataclasses.fields(SpeechStats)),
    ]


def test_the_defaults_of_the_settings_are_those_of_the_code() -> None:
    settings = Settings(data=Path())
    fields = {variable: field for field, variable in VARIABLES.items()}
    table = {row[0].strip("`"): row[1] for row in rows("setting")}
    for variable, default in table.items():
        value = getattr(settings, fields[variable])
        assert default == ("one for each core" if value is None else str(value))


def test_every_text_option_is_in_the_table() -> None:
    table = {row[0].strip("`"): re.findall(r"`(\w+)`", row[1]) for row in rows("option")}
    for field in msgspec.structs.fields(TextOptions):
        if field.name in table:
            assert set(table[field.name]) == set(field.type)
    assert set(table) == {"markdown", "emoji", "code", "urls"}


def test_links_lead_somewhere() -> None:
    for target in re.findall(r"\]\(([^)#]+)", PROSE):
        if "://" not in target:
            assert (DOCS / target).is_file(), target
    headings = re.findall(r"^## (.+)$", PROSE, re.MULTILINE)
    anchors = {re.sub(r"[^\w -]", "", heading).lower().replace(" ", "-") for heading in headings}
    assert set(re.findall(r"\]\(#([\w-]+)\)", PROSE)) == anchors

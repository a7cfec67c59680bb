import argparse
import asyncio
import io
import json
import os
import signal
import sys
from pathlib import Path

import pytest

from lipwire_server.config import KEY_VARIABLE
from lipwire_server.load.crowd import LINES, Plan
from lipwire_server.load.roles import USUAL, Role
from lipwire_server.load_options import _plan, add_load
from tests.server.load.scene import healthy
from tests.terminal import Terminal


@pytest.fixture(autouse=True)
def no_key(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(KEY_VARIABLE, raising=False)


def parsed(*arguments: str) -> argparse.Namespace:
    parser = argparse.ArgumentParser()
    add_load(parser)
    return parser.parse_args(arguments)


async def ran(*arguments: str) -> tuple[int, str]:
    options, out = parsed(*arguments), io.StringIO()
    status: int = await options.act(options, out)
    return status, out.getvalue()


def test_without_a_word_a_usual_crowd_comes_to_this_machine() -> None:
    plan = _plan(parsed())
    assert plan == Plan(url="ws://127.0.0.1:8000/v1/stream", mix=USUAL, lines=LINES)


def test_everything_can_be_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    script = tmp_path / "script.txt"
    script.write_text("\ufeffOne.\n\n  Two.  \n", "utf-8")
    monkeypatch.setenv(KEY_VARIABLE, "from outside")
    words = "https://example.com --sockets 7 --ramp 99 --duration 5 --mix slow=1 --same --seed 3"
    given = [*words.split(), "--script", str(script), "--voice", "joe"]
    plan = _plan(parsed(*given))
    assert plan.url == "wss://example.com/v1/stream"
    assert plan.ramp_s == 5
    assert plan.mix == {Role.SLOW: 1}
    assert plan.lines == ["One.", "Two."]
    assert plan.said == ["One."]
    assert plan.token == "from outside"
    assert _plan(parsed(*given, "--key", "given")).token == "given"


@pytest.mark.parametrize(
    "arguments",
    [
        ["--sockets", "0"],
        ["--sockets", "-1"],
        ["--sockets", "9" * 5_000],
        ["--sockets", "²"],
        ["--duration", "0"],
        ["--duration", "nan"],
        ["--duration", "inf"],
        ["--ramp", "-1"],
        ["--seed", "x"],
    ],
)
def test_numbers_that_cannot_be_are_errors_of_usage(arguments: list[str]) -> None:
    with pytest.raises(SystemExit) as caught:
        parsed(*arguments)
    assert caught.value.code == 2


@pytest.fixture
def texts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("EMPTY").write_text(" \n\n")
    Path("BINARY").write_bytes(b"\xff\xfe\x00")
    Path("LONG").write_text("x" * 10_001)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--mix", "nobody=1"], "no part of a mix"),
        (["--script", "EMPTY"], "no text in"),
        (["--script", "BINARY"], "no utf-8 text"),
        (["--script", "LONG"], "more than 10000 characters"),
        (["--script", "nowhere.txt"], "cannot read nowhere.txt"),
        (["--fail-if", "gaps"], "no threshold"),
        (["--fail-if", "gap>1"], "no figure"),
        (["--html", "nowhere/x.html"], "cannot write nowhere"),
        (["--json", "nowhere/x.json"], "cannot write nowhere"),
        (["ftp://x"], "no address"),
        (["--sockets", "1000000"], "are possible here"),
        (["127.0.0.1:9"], "nobody answers"),
    ],
)
async def test_what_cannot_be_is_told_before_anybody_comes(
    texts: None,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    arguments: list[str],
    said: str,
) -> None:
    monkeypatch.setattr("resource.getrlimit", lambda which: (1_024, 4_096))
    status, out = await ran(*arguments)
    assert status == 2
    assert out == ""
    told = capsys.readouterr().err
    assert told.startswith("lipwire: ") and said in told


async def test_a_test_that_passes_ends_with_0_and_leaves_its_files(tmp_path: Path) -> None:
    told, shown = tmp_path / "told.json", tmp_path / "shown.html"
    async with healthy(tmp_path / "house") as url:
        status, out = await ran(
            *[url, "--sockets", "2", "--mix", "idle=1", "--duration", "1", "--ramp", "0"],
            *["--json", str(told), "--html", str(shown)],
        )
    assert status == 0
    assert "passed  6 thresholds" in out
    assert json.loads(told.read_text("utf-8"))["figures"]["opened"] == 2
    assert shown.read_text("utf-8").startswith("<!doctype html>")


async def test_a_broken_threshold_ends_with_1_and_is_named(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    async with healthy(tmp_path) as url:
        status, out = await ran(
            *[url, "--sockets", "2", "--mix", "idle=1", "--duration", "1", "--quiet"],
            *["--fail-if", "opened<3", "--fail-if", "first_sound_p95_ms>500"],
        )
    assert (status, out) == (1, "")
    assert capsys.readouterr().err.splitlines() == [
        "broken  opened<3: it is 2",
        "broken  first_sound_p95_ms>500: nothing of it was measured",
    ]


async def test_standard_output_can_be_json_alone(tmp_path: Path) -> None:
    async with healthy(tmp_path) as url:
        status, out = await ran(
            url, "--sockets", "1", "--mix", "idle=1", "--duration", "1", "--json", "-"
        )
    assert status == 0
    assert json.loads(out)["passed"] is True


@pytest.mark.skipif(sys.platform == "win32", reason="its loop takes no signals")
async def test_ctrl_c_ends_the_test_and_tells_what_was_measured(tmp_path: Path) -> None:
    async with healthy(tmp_path) as url, asyncio.timeout(30):
        running = asyncio.create_task(ran(url, "--sockets", "1", "--mix", "idle=1"))
        await asyncio.sleep(0.5)
        os.kill(os.getpid(), signal.SIGINT)
        _, out = await running
    assert "let in, of tries" in out


async def test_a_terminal_shows_how_it_goes(tmp_path: Path) -> None:
    async with healthy(tmp_path) as url:
        options = parsed(url, "--sockets", "1", "--mix", "idle=1", "--duration", "1")
        out = Terminal()
        assert await options.act(options, out) == 0
    assert "first sound p50 / p95 ms" in out.getvalue()
    assert "passed" in out.getvalue()


def test_help_teaches(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        parsed("--help")
    text = capsys.readouterr().out
    for role in Role:
        assert f"  {role} " in text
    assert "examples:" in text
    assert "resume_success<1" in text
    assert max(map(len, text.splitlines())) <= 100

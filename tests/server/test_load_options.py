import argparse
import asyncio
import io
import json
import os
import signal
import ssl
import sys
from functools import partial
from pathlib import Path

import pytest

from lipwire_protocol import Error, ErrorCode, ServerMessage
from lipwire_server import load_options
from lipwire_server.config import KEY_VARIABLE, Settings
from lipwire_server.load.crowd import LINES, Plan, run
from lipwire_server.load.roles import USUAL, Role
from lipwire_server.load_options import _plan, add
from tests.server.load.scene import Meddler, Unhurried, healthy, meddled
from tests.terminal import Terminal

SETTINGS = Settings(data=Path("/nowhere"))
"""A load test asks for none."""


@pytest.fixture(autouse=True)
def no_key(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(KEY_VARIABLE, raising=False)


def parsed(*arguments: str) -> argparse.Namespace:
    parser = argparse.ArgumentParser()
    add(parser)
    return parser.parse_args(arguments)


async def ran(*arguments: str) -> tuple[int, str]:
    options, out = parsed(*arguments), io.StringIO()
    status: int = await options.act(SETTINGS, options, out)
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
        ["--duration", "5x"],
        ["--duration", ""],
        ["--duration", "1.1.1"],
        ["--ramp-down", "m"],
        ["--seed", "x"],
    ],
)
def test_numbers_that_cannot_be_are_errors_of_usage(arguments: list[str]) -> None:
    with pytest.raises(SystemExit) as caught:
        parsed(*arguments)
    assert caught.value.code == 2


@pytest.mark.parametrize(
    ("text", "seconds"), [("90", 90), ("1.5", 1.5), ("90s", 90), ("5m", 300), ("1h30m", 5_400)]
)
def test_a_time_is_said_as_people_say_it(text: str, seconds: float) -> None:
    assert _plan(parsed("--duration", text)).duration_s == seconds


def test_they_come_and_go_within_the_time() -> None:
    plan = _plan(parsed("--duration", "10", "--ramp", "6", "--ramp-down", "6"))
    assert (plan.ramp_s, plan.ramp_down_s) == (6, 4)


def test_any_certificate_is_taken_only_where_that_is_said() -> None:
    assert _plan(parsed()).tls is None
    context = _plan(parsed("--insecure")).tls
    assert context is not None and context.verify_mode is ssl.CERT_NONE


@pytest.fixture
def texts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("EMPTY").write_text(" \n\n")
    Path("BINARY").write_bytes(b"good\n\xff\xfe\x00")
    Path("LONG").write_text("good\n\n" + "x" * 10_001)
    Path("MANY").write_text("x\n" * 10_001)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--mix", "nobody=1"], "no part of a mix"),
        (["--script", "EMPTY"], "no text in"),
        (["--mix", "idle=1,idle=2"], "says 'idle' twice"),
        (["--script", "BINARY"], "line 2 of BINARY is no UTF-8"),
        (["--script", "LONG"], "line 3 of LONG has more than 10000 characters"),
        (["--script", "MANY"], "more than 10000 texts in MANY"),
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


async def test_who_needs_a_key_is_told_how_to_give_it(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    def refuse(message: ServerMessage) -> list[ServerMessage]:
        code = ErrorCode.UNAUTHORIZED
        return [Error(seq=1, code=code, message="this server wants a key", fatal=True)]

    make: Meddler = refuse
    async with healthy(tmp_path) as url, meddled(url, lambda: make) as other:
        assert await ran(other) == (2, "")
    assert capsys.readouterr().err == (
        "lipwire: this server wants a key (here: --key, or LIPWIRE_KEY)\n"
    )


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
@pytest.mark.parametrize("which", [signal.SIGINT, signal.SIGTERM])
async def test_ctrl_c_ends_the_test_and_tells_what_was_measured(
    tmp_path: Path, which: signal.Signals
) -> None:
    async with healthy(tmp_path) as url, asyncio.timeout(60):
        running = asyncio.create_task(ran(url, "--sockets", "1", "--mix", "idle=1"))
        await asyncio.sleep(0.5)
        os.kill(os.getpid(), which)
        _, out = await running
    assert "let in, of tries" in out
    assert "It was stopped after" in out


async def test_a_terminal_shows_how_it_goes_beside_what_comes_out(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    screen = Terminal()
    monkeypatch.setattr(sys, "stderr", screen)
    async with healthy(tmp_path) as url:
        status, out = await ran(url, "--sockets", "1", "--mix", "idle=1", "--duration", "1")
    assert status == 0
    assert "first sound p50 / p95 ms" in screen.getvalue()
    assert "passed" in out and "p50 / p95" not in out


async def test_a_log_has_a_line_now_and_then(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(load_options, "_LINE_S", 0.2)
    monkeypatch.setattr(load_options, "run", partial(run, now=Unhurried()))
    given = ["--sockets", "1", "--mix", "idle=1", "--duration", "1", "--ramp", "0"]
    async with healthy(tmp_path) as url:
        await ran(url, *given, "--quiet")
        assert capsys.readouterr().err == ""
        await ran(url, *given)
    assert "of 1 s: 1 of 1 sockets, first sound - / - ms" in capsys.readouterr().err


def test_help_teaches(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        parsed("--help")
    text = capsys.readouterr().out
    for role in Role:
        assert f"  {role} " in text
    assert "examples:" in text
    assert "resume_success<1" in text
    assert max(map(len, text.splitlines())) <= 100

"""`lipwire load` against a real server, and the page that teaches it."""

import json
import re
import shlex
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from tests.server_process import ServerProcess

from lipwire_server.load.ear import Ear
from lipwire_server.load.roles import Role
from lipwire_server.load.tally import Tally
from lipwire_server.load.thresholds import DEFAULTS

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "load.md").read_text("utf-8")
SHORT = ["--sockets", "3", "--ramp", "0.2", "--duration", "2"]


def load(arguments: list[str], folder: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "lipwire_server", "load", *arguments],
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=100,
        check=False,
    )


def complaints(done: subprocess.CompletedProcess[str]) -> list[str]:
    """What was said beside how it goes, which is told where it takes ten seconds."""
    return [line for line in done.stderr.splitlines() if not re.match(r"\d+ of \d+ s: ", line)]


def commands() -> list[str]:
    blocks = re.findall(r"^```sh\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL)
    lines = [line for block in blocks for line in block.splitlines()]
    # What others do with it, and Locust, are not here.
    return [line.partition(" | ")[0] for line in lines if line.startswith("lipwire ")]


@pytest.mark.parametrize("command", commands())
def test_a_command_of_the_page_runs(command: str, server: ServerProcess, tmp_path: Path) -> None:
    (tmp_path / "questions.txt").write_text("How are you?\n", "utf-8")
    words = shlex.split(command)
    assert words[:2] == ["lipwire", "load"]
    # A busy machine may be slow, and make a gap.
    words = [re.sub(r"_ms>\d+$", "_ms>60000", word) for word in words]
    given = [word for word in words[2:] if not word.startswith("http://")]
    calm = [] if "--fail-if" in given else ["--fail-if", "gaps>1000"]
    done = load([server.url, *given, *SHORT, *calm], tmp_path)
    assert (done.returncode, complaints(done)) == (0, [])
    if "--json" in given:
        written = tmp_path / "report.json"
        told = json.loads(written.read_text("utf-8") if written.exists() else done.stdout)
        assert told["figures"]["faults"] == 0
    else:
        assert "passed" in done.stdout
    assert ("--html" in given) == (tmp_path / "report.html").exists()


def test_a_crowd_of_every_kind_finds_no_fault(server: ServerProcess, tmp_path: Path) -> None:
    everybody = ",".join(f"{role}=1" for role in Role)
    given = ["--mix", everybody, "--sockets", "14", "--ramp", "1", "--duration", "12"]
    done = load([server.url, *given, "--json", "-", "--fail-if", "gaps>1000"], tmp_path)
    assert (done.returncode, complaints(done)) == (0, [])
    told: dict[str, Any] = json.loads(done.stdout)
    counts = told["measured"]["counts"]
    assert told["figures"]["faults"] == told["figures"]["lost"] == 0
    assert told["figures"]["drift_samples"] == 0
    assert counts["opened"] == counts["tries"] == 14 + counts.get("drops", 0)
    for name in ("first_sound_ms", "streamed_sound_ms", "chunk_late_ms", "interrupt_ms"):
        assert told["measured"][name]["count"] > 0


def test_the_page_knows_every_figure_role_fault_and_threshold() -> None:
    for name in Tally().names():
        stem = re.sub(r"_p\d\d_ms$", "_p", name)
        assert f"`{stem}" in PAGE, name
    for role in Role:
        assert f"| `{role}` |" in PAGE
    for threshold in DEFAULTS:
        assert f"`{threshold}`" in PAGE
    source = Path(sys.modules[Ear.__module__].__file__ or "").read_text("utf-8")
    faults = re.findall(r'\.fault\("([^"]*)"\)', source)
    assert len(faults) >= 12
    for fault in faults:
        assert f"`{fault}`" in PAGE, fault


def test_the_page_knows_every_field_of_the_json(server: ServerProcess, tmp_path: Path) -> None:
    told = json.loads(load([server.url, *SHORT, "--json", "-"], tmp_path).stdout)
    rows = re.findall(r"^\| (`.*?) \|", PAGE, re.MULTILINE)
    named = {name for row in rows for name in re.findall(r"`(\w+)`", row)}
    assert {*told} <= named
    assert {*told["over_time"]} == {"first_sound_ms", "streamed_sound_ms"}
    assert {*told["figures"]} == {*Tally().names()}


def test_the_locustfile_of_the_page_is_python() -> None:
    (block,) = re.findall(r"^```python\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL)
    compile(block, "locustfile.py", "exec")
    assert "from lipwire_server.load.locust import LipwireUser" in block

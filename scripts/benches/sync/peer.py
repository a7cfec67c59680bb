"""The environment of the peer in JavaScript: `.node-peers`, made from the `package.json` here."""

import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

from ..lab import Missing

__all__ = ["modules_of", "prepare"]

Run = Callable[[list[str], Path], "subprocess.CompletedProcess[str]"]

_WANTED = ("package.json", "package-lock.json")
_LONGEST_S = 100


def _run(command: list[str], folder: Path) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        command, cwd=folder, capture_output=True, text=True, check=False, timeout=_LONGEST_S
    )


def modules_of(root: Path) -> Path:
    return root / ".node-peers" / "node_modules"


def prepare(root: Path, run: Run = _run) -> Path:
    """The packages, installed when what is wanted has changed. Raises Missing with the reason."""
    folder = root / ".node-peers"
    modules = modules_of(root)
    wanted = {name: (Path(__file__).parent / name).read_bytes() for name in _WANTED}
    if modules.is_dir() and all(
        (folder / name).is_file() and (folder / name).read_bytes() == content
        for name, content in wanted.items()
    ):
        return modules
    npm = shutil.which("npm") or str(Path(sys.executable).with_name("npm"))
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    for name, content in wanted.items():
        (folder / name).write_bytes(content)
    try:
        made = run([npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund"], folder)
    except (OSError, subprocess.TimeoutExpired) as error:
        shutil.rmtree(folder)
        raise Missing(f"its packages cannot be installed: {error}") from error
    if made.returncode:
        shutil.rmtree(folder)
        lines = made.stderr.strip().splitlines() or ["no reason was given"]
        raise Missing(f"its packages cannot be installed: {lines[-1][:300]}")
    return modules

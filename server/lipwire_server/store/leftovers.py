"""What an earlier postgres left behind: an orphan that still runs, pid files that lie.

Called from a thread, by the process that holds the root's lock: no other owner of ours runs.
"""

import logging
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

from .cluster import Cluster
from .errors import DatabaseSetupError

__all__ = ["clear_leftovers"]

_log = logging.getLogger(__name__)

_POLL_S = 0.05
_PATIENCE = ((signal.SIGINT, 30), (signal.SIGQUIT, 10), (signal.SIGKILL, 5))
"""Signals to an orphan, each with the seconds that it gets."""


def clear_leftovers(cluster: Cluster) -> None:
    """Stop an orphan, and make its pid files harmless. Blocks until it is gone."""
    pid = _recorded_pid(cluster.pid_files[0])
    if pid is not None and _serves(pid, cluster.data):
        _log.warning("stopping the orphan postgres %d", pid)
        _stop(pid, cluster.data)
    for file in cluster.pid_files:
        _disarm(file)


def _recorded_pid(file: Path) -> int | None:
    try:
        return abs(int(file.read_text().split("\n", 1)[0]))
    except (OSError, ValueError):
        return None


def _serves(pid: int, data: Path) -> bool:
    """Whether that process is a living postgres on this data folder, and not a reused number."""
    if sys.platform == "linux":
        try:
            command = Path(f"/proc/{pid}/cmdline").read_bytes()
        except OSError:
            return False
        # Empty for a zombie, which is as good as gone.
        arguments = command.split(b"\0")
        return os.path.basename(arguments[0]) == b"postgres" and os.fsencode(data) in arguments
    listed = subprocess.run(
        ["ps", "-o", "command=", "-p", str(pid)], capture_output=True, text=True
    ).stdout
    return "postgres" in listed and str(data) in listed


def _stop(pid: int, data: Path) -> None:
    for number, seconds in _PATIENCE:
        try:
            os.kill(pid, number)
        except ProcessLookupError:
            return
        except PermissionError as error:
            raise DatabaseSetupError(
                f"postgres {pid} runs on {data} under another account: stop it first"
            ) from error
        for _ in range(round(seconds / _POLL_S)):
            if not _serves(pid, data):
                return
            time.sleep(_POLL_S)
    raise DatabaseSetupError(f"postgres {pid} on {data} cannot be stopped")


def _disarm(file: Path) -> None:
    """Put our own pid where a dead server's is.

    After a restart of a container that number belongs to somebody else, and postgres would believe
    that a server runs. It takes its parent's pid for stale, though. Removing the file instead would
    also remove what it says about shared memory, by which postgres notices backends of the dead
    server that are still writing.
    """
    try:
        text = file.read_text()
    except FileNotFoundError:
        return
    if _recorded_pid(file) is None:
        # Empty or torn: it names no shared memory, and postgres refuses to start with it.
        file.unlink()
        return
    _, newline, rest = text.partition("\n")
    owner = file.stat()
    changed = file.with_name(f"{file.name}.lipwire")
    changed.write_text(f"{os.getpid()}{newline}{rest}")
    changed.chmod(0o600)
    if os.geteuid() == 0:
        os.chown(changed, owner.st_uid, owner.st_gid)
    changed.replace(file)

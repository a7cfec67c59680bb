"""Processes of others: workers that are asked for things, servers that are spoken to."""

import contextlib
import json
import os
import queue
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
import urllib.error
import urllib.request
import weakref
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import IO, Any

from .ending import held
from .lab import Missing

__all__ = ["LipwireServer", "PeerServer", "Worker", "cpu_s", "one_thread", "until_idle"]

ROOT = Path(__file__).parents[2]
_ADDRESS = re.compile(r"http://127\.0\.0\.1:(\d+)/")
_READY_S = 120.0
_ANSWER_S = 600.0
_END_S = 60.0
"""Who is killed may leave processes of its own: a server takes a while to part from thousands."""
_LOOK_S = 0.5
_LOOKS = 120
_IDLE_SHARE = 0.05
"""Of a core: a server with nothing to do still looks at its clocks."""


def one_thread(threads: int = 1) -> dict[str, str]:
    """The environment in which numerical libraries use that many threads and no more."""
    names = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "VECLIB_MAXIMUM_THREADS")
    return dict.fromkeys(names, str(threads))


def cpu_s(pid: int) -> float | None:
    """CPU time of a process, threads that have ended included; None where that cannot be known.

    On Linux every process has a clock of its CPU time, with nanoseconds; its number is made as
    `clock_getcpuclockid(3)` makes it.
    """
    if sys.platform != "linux":
        return None
    try:
        return time.clock_gettime((~pid << 3) | 2)
    except OSError:
        return None


class _Process:
    """A process whose stderr is kept for when it fails."""

    def __init__(
        self,
        command: Sequence[str],
        environment: Mapping[str, str],
        cwd: Path,
        *,
        spoken_to: bool = False,
    ) -> None:
        inherited = {
            name: value
            for name, value in os.environ.items()
            if not name.startswith("LIPWIRE_") and name not in ("DATABASE_URL", "PYTHONPATH")
        }
        # Open for as long as the process is.
        self._errors: IO[bytes] = tempfile.TemporaryFile()  # noqa: SIM115
        with held():
            self.process = subprocess.Popen(
                command,
                env={**inherited, **environment},
                cwd=cwd,
                stdin=subprocess.PIPE if spoken_to else subprocess.DEVNULL,
                stdout=subprocess.PIPE if spoken_to else subprocess.DEVNULL,
                stderr=self._errors,
                text=True,
                # What is said to all in a terminal is not for it: it is told when the bench ends.
                process_group=0,
            )
            # At the latest when this program ends.
            self.close = weakref.finalize(self, _end, self.process, self._errors)

    @property
    def pid(self) -> int:
        return self.process.pid

    def printed(self) -> str:
        """All that it wrote on stderr so far."""
        size = os.fstat(self._errors.fileno()).st_size
        return os.pread(self._errors.fileno(), size, 0).decode(errors="replace")

    def complaint(self) -> str:
        """The last line that it wrote on stderr."""
        lines = self.printed().strip().splitlines()
        return lines[-1][:300] if lines else "it said nothing"


def _end(process: subprocess.Popen[str], errors: IO[bytes]) -> None:
    process.send_signal(signal.SIGTERM)
    try:
        process.wait(_END_S)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
    for stream in (process.stdin, process.stdout):
        if stream is not None:
            with contextlib.suppress(OSError):
                stream.close()
    errors.close()


class Worker:
    """A system in a process of its own: a line of JSON goes in, one comes out (see `workers`)."""

    def __init__(
        self,
        name: str,
        python: Path,
        module: str,
        arguments: Sequence[str] = (),
        environment: Mapping[str, str] | None = None,
    ) -> None:
        """Waits until it is ready. Raises Missing with the reason when it cannot start."""
        if not python.exists():
            raise Missing(f"there is no {python}")
        self.name = name
        self._process = _Process(
            [str(python), "-m", f"benches.workers.{module}", *arguments],
            {**(environment or {}), "PYTHONPATH": str(ROOT / "scripts"), "PYTHONUNBUFFERED": "1"},
            ROOT,
            spoken_to=True,
        )
        self._lines: queue.Queue[str] = queue.Queue()
        threading.Thread(target=self._read, daemon=True).start()
        try:
            self.about: dict[str, Any] = self._first_answer()
            """What it says of itself: versions and settings."""
        except BaseException:
            self.close()
            raise

    def ask(self, request: Mapping[str, Any]) -> dict[str, Any]:
        """Raises RuntimeError when it fails, which is a fault of the bench or of the system."""
        stdin = self._process.process.stdin
        assert stdin is not None
        try:
            stdin.write(json.dumps(request) + "\n")
            stdin.flush()
        except OSError as error:
            raise RuntimeError(f"{self.name} is gone: {self._process.complaint()}") from error
        answer = self._answer(_ANSWER_S)
        if "failed" in answer:
            raise RuntimeError(f"{self.name}: {answer['failed']}")
        return answer

    def close(self) -> None:
        self._process.close()

    def _first_answer(self) -> dict[str, Any]:
        try:
            ready = self._answer(_READY_S)
        except RuntimeError as error:
            raise Missing(str(error)) from error
        if "missing" in ready:
            raise Missing(str(ready["missing"]))
        return ready

    def _answer(self, seconds: float) -> dict[str, Any]:
        try:
            line = self._lines.get(timeout=seconds)
        except queue.Empty:
            raise RuntimeError(f"{self.name} did not answer within {seconds:.0f} s") from None
        if not line:
            self._process.process.wait()
            raise RuntimeError(f"{self.name} ended: {self._process.complaint()}")
        answer: dict[str, Any] = json.loads(line)
        return answer

    def _read(self) -> None:
        stdout = self._process.process.stdout
        assert stdout is not None
        with contextlib.suppress(ValueError):
            for line in stdout:
                self._lines.put(line)
        self._lines.put("")


def until_idle(cpu_s: Callable[[], float | None], sleep: Callable[[float], None]) -> None:
    """Returns when a process does next to nothing any more; gives up after a minute.

    Some servers go on with the work of listeners who have left: it must not be in the way of those
    who come next.
    """
    before = cpu_s()
    for _ in range(_LOOKS):
        sleep(_LOOK_S)
        now = cpu_s()
        if before is None or now is None or now - before < _IDLE_SHARE * _LOOK_S:
            return
        before = now


class _Server:
    _process: _Process

    @property
    def pid(self) -> int:
        return self._process.pid

    def cpu_s(self) -> float | None:
        return cpu_s(self.pid)

    def settle(self) -> None:
        until_idle(self.cpu_s, time.sleep)

    def close(self) -> None:
        self._process.close()


class LipwireServer(_Server):
    """`lipwire serve` with its own embedded PostgreSQL, ready when the constructor returns."""

    def __init__(self, environment: Mapping[str, str] | None = None) -> None:
        """`environment` has settings beside that of the data folder."""
        with held():
            folder = Path(tempfile.mkdtemp(prefix="lipwire-bench-"))
            self._remove = weakref.finalize(self, shutil.rmtree, folder, ignore_errors=True)
        # PostgreSQL does not run as root: its own account must get in.
        folder.chmod(0o755)
        self._process = _Process(
            [sys.executable, "-m", "lipwire_server", "serve", "--port", "0"],
            {"LIPWIRE_DATA": str(folder / "data"), **(environment or {})},
            ROOT,
        )
        try:
            self._port = self._find_port()
            _until(lambda: _answers(f"http://127.0.0.1:{self._port}/readyz"), self._process)
        except BaseException:
            self.close()
            raise

    @property
    def url(self) -> str:
        return f"ws://127.0.0.1:{self._port}/v1/stream"

    def close(self) -> None:
        super().close()
        self._remove()

    def _find_port(self) -> int:
        found: list[int] = []

        def printed() -> bool:
            address = _ADDRESS.search(self._process.printed())
            found.extend([int(address[1])] if address else [])
            return bool(found)

        _until(printed, self._process)
        return found[0]


class PeerServer(_Server):
    """A peer's server on a free port, ready when the constructor returns."""

    def __init__(self, scheme: str, command: Callable[[int], Sequence[str]]) -> None:
        """`command` makes its command line out of the port. Raises Missing with the reason."""
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self._port: int = probe.getsockname()[1]
        self.url = f"{scheme}://127.0.0.1:{self._port}"
        self._process = _Process(command(self._port), {}, Path(tempfile.gettempdir()))
        try:
            _until(lambda: _listens(self._port), self._process)
        except BaseException:
            self.close()
            raise


def _until(holds: Callable[[], bool], process: _Process) -> None:
    deadline = time.monotonic() + _READY_S
    while not holds():
        if process.process.poll() is not None:
            raise Missing(f"it ended: {process.complaint()}")
        if time.monotonic() > deadline:
            raise Missing(f"it was not ready within {_READY_S:.0f} s: {process.complaint()}")
        time.sleep(0.1)


def _answers(url: str) -> bool:
    try:
        with urllib.request.urlopen(url, timeout=5) as answer:
            return bool(answer.status == 200)
    except (urllib.error.URLError, OSError):
        return False


def _listens(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0

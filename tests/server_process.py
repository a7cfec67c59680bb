"""Fixtures with a real server: its own process, the real voice, its own embedded PostgreSQL."""

import os
import re
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import IO
from urllib.request import urlopen

import pytest

from tests.made_once import furnish

_ADDRESS = re.compile(r"http://127\.0\.0\.1:(\d+)/")
_UNHURRIED = {"LIPWIRE_WAIT_MS": "60000"}
_running: set["ServerProcess"] = set()


class ServerProcess:
    """`lipwire serve` on a free port. `log` grows while it runs.

    It begins with what it would make at its first start; `bare` leaves that to itself, which takes
    it some seconds. Who waits for it finds a database of its own open, too: on a machine that is
    full, it listens before that. There, speech costs so much that few may be spoken to at once:
    unless it is told otherwise, whoever is one more waits until it is his turn.
    """

    def __init__(
        self,
        data: Path,
        environment: Mapping[str, str] | None = None,
        *,
        wait: bool = True,
        bare: bool = False,
    ) -> None:
        is_embedded = "DATABASE_URL" not in (environment or {})
        if not bare:
            furnish(data, database=is_embedded)
        self.data = data
        self.log: list[str] = []
        inherited = {k: v for k, v in os.environ.items() if not k.startswith("LIPWIRE_")}
        inherited.pop("DATABASE_URL", None)
        self.process = subprocess.Popen(
            [sys.executable, "-m", "lipwire_server", "serve", "--port", "0"],
            env={**inherited, **_UNHURRIED, "LIPWIRE_DATA": str(data), **(environment or {})},
            stderr=subprocess.PIPE,
            text=True,
        )
        _running.add(self)
        self._spoke = threading.Event()
        self._reader = threading.Thread(target=self._read, args=(self.process.stderr,))
        self._reader.start()
        if wait:
            self._spoke.wait()
        if wait and is_embedded:
            self.wait_for_database()

    @property
    def port(self) -> int:
        found = _ADDRESS.search("".join(self.log))
        assert found is not None, "".join(self.log)
        return int(found[1])

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def stream(self) -> str:
        return f"ws://127.0.0.1:{self.port}/v1/stream"

    @property
    def dsn(self) -> str:
        """Of its embedded PostgreSQL, which listens on a socket in its data folder."""
        socket = next((self.data / "postgres").glob("pg*/.s.PGSQL.5432"))
        return f"postgresql://postgres@/postgres?host={socket.parent}"

    def stop(self, number: int = signal.SIGTERM) -> int:
        """Asks it to end; returns its exit status."""
        self.process.send_signal(number)
        status = self.process.wait()
        _running.discard(self)
        self._reader.join()
        return status

    def wait_for_database(self) -> None:
        while self.process.poll() is None:
            with suppress(OSError), urlopen(f"{self.url}/readyz"):
                return
            time.sleep(0.02)

    def _read(self, stream: IO[str] | None) -> None:
        assert stream is not None
        with stream:
            for line in stream:
                self.log.append(line)
                if _ADDRESS.search(line):
                    self._spoke.set()
        self._spoke.set()


@contextmanager
def server_folder() -> Iterator[Path]:
    """A folder that PostgreSQL's account can enter. It goes, and before it the servers that still
    run in it: a test that fails does not stop its own."""
    with TemporaryDirectory(prefix="lipwire-") as folder:
        path = Path(folder)
        path.chmod(0o755)
        try:
            yield path
        finally:
            for server in [one for one in _running if one.data.is_relative_to(path)]:
                server.stop()


@contextmanager
def running_server(
    environment: Mapping[str, str] | None = None, *, wait: bool = True, bare: bool = False
) -> Iterator[ServerProcess]:
    """A server with data of its own.

    Unless told otherwise, it waits until the server has printed its address.
    """
    with server_folder() as folder:
        yield ServerProcess(folder / "data", environment, wait=wait, bare=bare)


@pytest.fixture(scope="session")
def server() -> Iterator[ServerProcess]:
    with running_server() as process:
        yield process


@pytest.fixture(scope="session")
def server_url(server: ServerProcess) -> str:
    return server.url

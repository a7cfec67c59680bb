"""What a run makes once, whatever the number of its workers: voices that are prepared, and a
database with its tables. Who is given them starts as on any day but the first."""

import asyncio
import fcntl
import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Thread

from lipwire_server.store.embedded import EmbeddedPostgres
from lipwire_server.store.migrate import migrate

__all__ = ["begun_run", "furnish", "lay_database", "prepared_voices"]

_VARIABLE = "TESTS_MADE_ONCE"
"""Tells the workers where the folder of their run is."""


@contextmanager
def begun_run() -> Iterator[None]:
    """Around a run; within a worker nothing, for its run has begun."""
    if _VARIABLE in os.environ:
        yield
        return
    # In /tmp, as the account that postgres runs as must be able to enter it.
    with TemporaryDirectory(prefix="lipwire-run-", dir="/tmp") as folder:
        Path(folder).chmod(0o755)
        os.environ[_VARIABLE] = folder
        yield
        del os.environ[_VARIABLE]


def prepared_voices() -> Path:
    """Where each voice is kept as soon as somebody has prepared it."""
    folder = Path(os.environ[_VARIABLE], "prepared")
    folder.mkdir(exist_ok=True)
    return folder


def furnish(data: Path, *, database: bool = True) -> None:
    """Makes a server's data folder as it is after its first start; what is there stays."""
    if not data.exists():
        data.mkdir(parents=True)
        data.chmod(0o711)
    if not (data / "prepared").exists():
        (data / "prepared").symlink_to(prepared_voices())
    if database and not (data / "postgres").exists():
        lay_database(data / "postgres")


def lay_database(root: Path) -> None:
    """Puts a stopped database with all migrations applied there, for an embedded PostgreSQL."""
    subprocess.run(["cp", "-a", _stopped_database(), root], check=True)


def _stopped_database() -> Path:
    run = Path(os.environ[_VARIABLE])
    made, unfinished = run / "postgres", run / "unfinished"
    with (run / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not made.exists():
            # Who asks may be in the middle of a loop.
            thread = Thread(target=asyncio.run, args=(_make_database(unfinished),))
            thread.start()
            thread.join()
            unfinished.rename(made)
    return made


async def _make_database(root: Path) -> None:
    async with EmbeddedPostgres(root, search_path=os.environ["PATH"]) as server:
        await migrate(server.dsn)
    (root / "postgres.log").unlink()

"""A PostgreSQL of our own, for machines that have no server: its life, from start to stop.

postgres is a direct child. It listens on a socket in a private folder and nowhere else. If its
owner dies, however that happens, it stops cleanly by itself (on Linux; elsewhere the next owner
stops the orphan). One process owns a data root; others that are given the same root use the
owner's server, and one of them takes over when the owner leaves.
"""

import asyncio
import os
import signal
import sys
from collections.abc import Callable, Mapping
from logging import getLogger
from pathlib import Path
from types import TracebackType
from typing import Self, TypeVar

import asyncpg

from .binaries import find_binaries
from .cluster import (
    ENVIRONMENT,
    Account,
    Cluster,
    choose_account,
    make_root,
    prepare,
    socket_dsn,
)
from .errors import DatabaseSetupError
from .leftovers import clear_leftovers
from .rootlock import RootLock

__all__ = ["SETTINGS", "EmbeddedPostgres"]

_log = getLogger(__name__)
_Result = TypeVar("_Result")

SETTINGS: Mapping[str, str] = {
    "listen_addresses": "",
    "port": "5432",
    "unix_socket_permissions": "0700",
    "max_connections": "40",
    "jit": "off",
    "wal_level": "minimal",
    "max_wal_senders": "0",
    # What is spoken is personal data: without these the log quotes failing rows and statements.
    "log_error_verbosity": "terse",
    "log_min_error_statement": "panic",
    "log_parameter_max_length_on_error": "0",
}
"""What postgres is started with. Callers may add to it."""

_LAUNCHER = Path(__file__).with_name("launch.py")
_STOPPING = ((signal.SIGINT, 30.0), (signal.SIGQUIT, 10.0), (signal.SIGKILL, 5.0))
"""Signals of the stop, each with the seconds that it gets: fast, immediate, by force."""
_START_ATTEMPTS = 5
_LEAVING = "pre-existing shared memory block"
"""What postgres says while backends of a dead server are leaving, which it refuses to join."""
_LEAVING_S = 30.0
"""They end what they are at first, and that has ten seconds."""
_LONGEST_PAUSE_S = 5.0
_SETTLED_S = 60.0
"""After so long, a death counts as the first one."""


class EmbeddedPostgres:
    """`async with EmbeddedPostgres(root) as server:` gives a server that answers at `server.dsn`.

    Enter it on an event loop whose thread lasts: the kernel ties postgres to the thread that
    started it. While it is entered, a server that dies is started again, after 0.2 s and up to
    5 s. Leaving takes up to 45 s where postgres does not stop when it is asked to.

    `binaries` is a folder to use instead of looking for one; `run_as` the account for postgres when
    we are root; `settings` are added to `SETTINGS`; `socket_root` is where a private folder for the
    socket is made if the data root's path is too long for one.

    Raises `DatabaseSetupError` when it cannot start; the message says what to do.
    """

    def __init__(
        self,
        root: Path,
        *,
        binaries: Path | None = None,
        run_as: str | None = None,
        settings: Mapping[str, str] | None = None,
        socket_root: Path = Path("/tmp"),
        search_path: str = os.defpath,
    ) -> None:
        self.root = root.resolve()
        self.restarts = 0
        """How often a server that had died was started again, whether or not it had been up."""
        self._binaries = binaries
        self._run_as = run_as
        self._settings = {**SETTINGS, **(settings or {})}
        self._socket_root = socket_root
        self._search_path = search_path
        self._dsn: str | None = None
        self._cluster: Cluster | None = None
        self._process: asyncio.subprocess.Process | None = None
        self._started_at = 0.0
        self._deaths = 0
        self._leaving = asyncio.Event()
        self._tasks = asyncio.TaskGroup()
        self._lock: RootLock

    @property
    def dsn(self) -> str:
        """Where to connect. The same for as long as it is entered."""
        if self._dsn is None:
            raise RuntimeError("the server is entered first")
        return self._dsn

    @property
    def is_owner(self) -> bool:
        """Whether postgres is our child; otherwise it is another process's."""
        return self._lock.held

    @property
    def pid(self) -> int | None:
        """Of postgres, where it is our child and runs."""
        running = self._process is not None and self._process.returncode is None
        return self._process.pid if self._process is not None and running else None

    async def __aenter__(self) -> Self:
        await _in_thread(lambda: make_root(self.root))
        self._lock = RootLock(self.root / "lock")
        try:
            # The owner, another process, may be busy with its initdb, or may leave instead.
            while not (await self._own_if_free() or await self._attach()):  # noqa: ASYNC110
                await asyncio.sleep(0.05)
        except BaseException:
            await self._close()
            raise
        await self._tasks.__aenter__()
        self._tasks.create_task(self._keep(), name="embedded postgres")
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._leaving.set()
        # What was raised inside goes on by itself; the group would wrap it.
        await self._tasks.__aexit__(None, None, None)

    async def _own_if_free(self) -> bool:
        if not self._lock.acquire():
            return False
        self._cluster = await _in_thread(self._prepare)
        self._dsn = socket_dsn(self._cluster.sockets)
        await self._start(self._cluster)
        return True

    async def _attach(self) -> bool:
        sockets = self._lock.published()
        if sockets is None or not await _answers(socket_dsn(sockets)):
            return False
        self._dsn = socket_dsn(sockets)
        return True

    def _prepare(self) -> Cluster:
        account = choose_account(self._run_as)
        binaries = find_binaries(self._binaries, search_path=self._search_path)
        return prepare(self.root, binaries, account, self._socket_root)

    async def _start(self, cluster: Cluster) -> None:
        """Start postgres and wait until it answers; a recovery may take as long as it takes."""
        try:
            self._lock.publish(cluster.sockets)
            now = asyncio.get_running_loop().time
            began, attempt, is_leaving = now(), 0, False
            while attempt < _START_ATTEMPTS or (is_leaving and now() - began < _LEAVING_S):
                await asyncio.sleep(min(0.1 * 2**attempt, 2.0) if attempt else 0)
                attempt += 1
                await _in_thread(lambda: clear_leftovers(cluster))
                self.restarts += self._process is not None
                logged = cluster.log.stat().st_size if cluster.log.exists() else 0
                self._process = await self._spawn(cluster)
                self._started_at = now()
                if await _is_up(self._process, socket_dsn(cluster.sockets)):
                    return
                # Not the last words: those who leave have some, too.
                is_leaving = _LEAVING in _said(cluster.log, logged)
            words = _last_words(cluster.log)
        except OSError as error:
            # A full disk, for one: it must not end whoever keeps us.
            raise DatabaseSetupError(f"cannot start postgres: {error}") from error
        raise DatabaseSetupError(f"postgres does not start: {words} (see {cluster.log})")

    async def _spawn(self, cluster: Cluster) -> asyncio.subprocess.Process:
        command = [str(cluster.binaries.folder / "postgres"), "-D", str(cluster.data)]
        for name, value in {
            **self._settings,
            "unix_socket_directories": f'"{cluster.sockets}"',
        }.items():
            command += ["-c", f"{name}={value}"]
        account = cluster.account or Account("", -1, -1)
        log = os.open(cluster.log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        try:
            return await asyncio.create_subprocess_exec(
                sys.executable,
                "-IS",
                str(_LAUNCHER),
                str(os.getpid()),
                str(account.uid),
                str(account.gid),
                *command,
                cwd="/",
                env=ENVIRONMENT,
                stdin=asyncio.subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                # Ctrl-C is for us alone: what is being recorded still needs the database.
                start_new_session=True,
            )
        finally:
            os.close(log)

    async def _keep(self) -> None:
        """Revive postgres when it dies, take over when the owner leaves, stop it at the end."""
        try:
            while not self._leaving.is_set():
                if self._process is None or self._cluster is None:
                    await self._take_over_if_free()
                elif await self._ends_first(self._process):
                    await self._revive(self._cluster, self._process.returncode)
        finally:
            await self._close()

    async def _take_over_if_free(self) -> None:
        try:
            if await self._own_if_free():
                _log.warning("the owner of %s has left; its database is ours now", self.root)
            else:
                await self._leaves_within(0.25)
        except DatabaseSetupError as error:
            _log.error("%s", error)
            await self._leaves_within(_LONGEST_PAUSE_S)

    async def _revive(self, cluster: Cluster, status: int | None) -> None:
        loop = asyncio.get_running_loop()
        self._deaths = 1 if loop.time() - self._started_at > _SETTLED_S else self._deaths + 1
        _log.warning("postgres ended with status %s; starting it again", status)
        if await self._leaves_within(min(0.1 * 2**self._deaths, _LONGEST_PAUSE_S)):
            return
        try:
            await self._start(cluster)
        except DatabaseSetupError as error:
            _log.error("%s", error)

    async def _ends_first(self, process: asyncio.subprocess.Process) -> bool:
        """Wait until the process ends (True) or we are left (False)."""
        async with asyncio.TaskGroup() as both:
            ending = both.create_task(process.wait())
            leaving = both.create_task(self._leaving.wait())
            await asyncio.wait((ending, leaving), return_when=asyncio.FIRST_COMPLETED)
            ending.cancel()
            leaving.cancel()
        return not self._leaving.is_set()

    async def _leaves_within(self, seconds: float) -> bool:
        try:
            async with asyncio.timeout(seconds):
                return await self._leaving.wait()
        except TimeoutError:
            return False

    async def _close(self) -> None:
        try:
            if self._process is not None:
                await _stop(self._process)
        finally:
            self._lock.close()


async def _stop(process: asyncio.subprocess.Process) -> None:
    try:
        for number, seconds in _STOPPING:
            if process.returncode is not None:
                return
            process.send_signal(number)
            try:
                async with asyncio.timeout(seconds):
                    await process.wait()
            except TimeoutError:
                _log.warning("postgres did not stop within %g s of %s", seconds, number.name)
    except asyncio.CancelledError:
        # Whoever cancels a stop has no more patience. Committed data survives this.
        if process.returncode is None:
            process.send_signal(signal.SIGQUIT)
        raise


async def _is_up(process: asyncio.subprocess.Process, dsn: str) -> bool:
    """Wait until it answers (True) or ends (False)."""
    while process.returncode is None:
        if await _answers(dsn):
            return True
        await asyncio.sleep(0.02)
    return False


async def _answers(dsn: str) -> bool:
    try:
        connection = await asyncpg.connect(dsn, timeout=5)
        # It may die before it has said good bye.
        await connection.close(timeout=5)
    except asyncpg.TooManyConnectionsError:
        return True
    except (OSError, TimeoutError, asyncpg.PostgresError, asyncpg.InternalClientError):
        return False
    return True


def _said(log: Path, begin: int) -> str:
    with log.open("rb") as file:
        file.seek(begin)
        return file.read(1 << 20).decode(errors="replace")


def _last_words(log: Path) -> str:
    with log.open("rb") as file:
        file.seek(max(0, log.stat().st_size - 4000))
        lines = file.read().decode(errors="replace").splitlines()
    fatal = [line for line in lines if "FATAL" in line or "PANIC" in line]
    return next(reversed(fatal or lines), "it said nothing")


async def _in_thread(call: Callable[[], _Result]) -> _Result:
    """Run a call that blocks. A cancellation waits for its end: it works on locked folders."""
    future = asyncio.get_running_loop().run_in_executor(None, call)
    try:
        return await asyncio.shield(future)
    except asyncio.CancelledError:
        await asyncio.wait((future,))
        if not future.cancelled():
            future.exception()
        raise

"""The supervisor of our own PostgreSQL, with a real one under it."""

import asyncio
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import asyncpg
import pytest

from lipwire_server.store import embedded
from lipwire_server.store.binaries import DISTRIBUTION_ROOT, find_binaries
from lipwire_server.store.cluster import choose_account
from lipwire_server.store.embedded import EmbeddedPostgres
from lipwire_server.store.errors import DatabaseSetupError

GONE = (OSError, asyncpg.PostgresError, asyncpg.InterfaceError, asyncpg.InternalClientError)
"""What those are told whose server has just died."""

OWNER = """
import asyncio, pathlib, sys
from lipwire_server.store.embedded import EmbeddedPostgres

async def main():
    async with EmbeddedPostgres(pathlib.Path(sys.argv[1])) as server:
        print(server.pid, server.dsn, flush=True)
        await asyncio.sleep(1000)

asyncio.run(main())
"""


async def ask(dsn: str, query: str) -> object:
    connection = await asyncpg.connect(dsn)
    try:
        return await connection.fetchval(query)
    finally:
        await connection.close()


def run(*command: str) -> bool:
    return subprocess.run(command, capture_output=True).returncode == 0


async def eventually(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(60):
        while not condition():  # noqa: ASYNC110
            await asyncio.sleep(0.02)


def lives(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0]
    except OSError:
        return False
    return state not in "ZX"


def processes_on(folder: Path) -> list[int]:
    """Everything whose command line names the folder."""
    found = []
    for entry in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            command = entry.read_bytes()
        except OSError:
            continue
        if os.fsencode(folder) in command:
            found.append(int(entry.parent.name))
    return found


def spawn(*command: str | Path) -> subprocess.Popen[bytes]:
    """Start it under the account that postgres runs as."""
    account = choose_account(None)
    return subprocess.Popen(
        command,
        cwd="/",
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        user=account.uid if account else None,
        group=account.gid if account else None,
    )


def spawn_owner(root: Path) -> tuple[subprocess.Popen[str], int, str]:
    """A process that owns a server, the server's pid and its DSN."""
    owner = subprocess.Popen(
        [sys.executable, "-c", OWNER, str(root)],
        env={"PYTHONPATH": os.pathsep.join(sys.path)},
        stdout=subprocess.PIPE,
        text=True,
    )
    assert owner.stdout is not None
    with owner.stdout:
        pid, dsn = owner.stdout.readline().split()
    return owner, int(pid), dsn


async def test_it_answers_on_a_private_socket_and_leaves_nothing_running(data_root: Path) -> None:
    async with EmbeddedPostgres(data_root) as server:
        assert server.is_owner
        assert await ask(server.dsn, "SHOW listen_addresses") == ""
        assert await ask(server.dsn, "SHOW synchronous_commit") == "on"
        assert await ask(server.dsn, "SELECT 'ä' < 'b'") is False, "code points, not a locale"
        assert (data_root / "pg18").stat().st_mode & 0o777 == 0o700
        pid = server.pid
    assert pid is not None
    assert not lives(pid)
    assert processes_on(data_root) == []


async def test_data_is_still_there_at_the_next_start(data_root: Path) -> None:
    async with EmbeddedPostgres(data_root) as server:
        await ask(server.dsn, "CREATE TABLE kept AS SELECT 1")
    async with EmbeddedPostgres(data_root) as server:
        assert await ask(server.dsn, "SELECT count(*) FROM kept") == 1


async def test_four_cold_starts_at_once_make_one_server(data_root: Path) -> None:
    servers = [EmbeddedPostgres(data_root) for _ in range(4)]
    async with asyncio.TaskGroup() as tasks:
        for server in servers:
            tasks.create_task(server.__aenter__())
    assert sum(server.is_owner for server in servers) == 1
    assert len({server.dsn for server in servers}) == 1
    for server in servers:
        assert await ask(server.dsn, "SELECT 1") == 1
    for server in sorted(servers, key=lambda server: server.is_owner):
        await server.__aexit__(None, None, None)
    assert processes_on(data_root) == []


async def test_one_that_attached_takes_over_when_the_owner_leaves(used_root: Path) -> None:
    first, second = EmbeddedPostgres(used_root), EmbeddedPostgres(used_root)
    async with first:
        await second.__aenter__()
        assert not second.is_owner
        await ask(second.dsn, "CREATE TABLE kept AS SELECT 1")
    try:
        await eventually(lambda: second.pid is not None)
        async with asyncio.timeout(60):
            while True:
                try:
                    assert await ask(second.dsn, "SELECT count(*) FROM kept") == 1
                    break
                except (OSError, asyncpg.CannotConnectNowError):
                    await asyncio.sleep(0.02)
        assert second.is_owner
    finally:
        await second.__aexit__(None, None, None)
    assert processes_on(used_root) == []


async def test_a_server_that_is_killed_comes_back_with_its_data(used_root: Path) -> None:
    async with EmbeddedPostgres(used_root) as server:
        await ask(server.dsn, "CREATE TABLE kept AS SELECT 1")
        for restarts in (1, 2):
            pid = server.pid
            assert pid is not None
            os.kill(pid, signal.SIGKILL)
            await eventually(lambda: server.pid not in (None, pid))  # noqa: B023
            async with asyncio.timeout(60):
                while True:
                    try:
                        assert await ask(server.dsn, "SELECT count(*) FROM kept") == 1
                        break
                    except GONE:
                        await asyncio.sleep(0.02)
            # More where it is killed before its owner has seen that it is up.
            assert server.restarts >= restarts
    assert processes_on(used_root) == []


@pytest.mark.skipif(sys.platform != "linux", reason="the kernel's death signal is Linux's")
async def test_the_death_of_the_owner_stops_the_server_cleanly(used_root: Path) -> None:
    owner, pid, dsn = spawn_owner(used_root)
    await ask(dsn, "CREATE TABLE kept AS SELECT 1")
    owner.kill()
    owner.wait()
    await eventually(lambda: processes_on(used_root) == [])
    assert not lives(pid)
    assert "database system is shut down" in (used_root / "postgres.log").read_text()
    async with EmbeddedPostgres(used_root) as server:
        assert await ask(server.dsn, "SELECT count(*) FROM kept") == 1


async def test_pid_files_whose_number_was_given_to_somebody_else_do_not_stop_it(
    used_root: Path,
) -> None:
    async with EmbeddedPostgres(used_root) as server:
        await ask(server.dsn, "CREATE TABLE kept AS SELECT 1")
        data = used_root / "pg18"
        files = {
            file: file.read_text()
            for file in (data / "postmaster.pid", data / ".s.PGSQL.5432.lock")
        }
    # Of the same account: postgres does not believe in servers of other ones.
    stranger = spawn("sleep", "1000")
    try:
        for file, text in files.items():
            file.write_text(f"{stranger.pid}\n{text.partition(chr(10))[2]}")
            file.chmod(0o600)
            os.chown(file, data.stat().st_uid, data.stat().st_gid)
        async with EmbeddedPostgres(used_root) as server:
            assert await ask(server.dsn, "SELECT count(*) FROM kept") == 1
        assert stranger.poll() is None
    finally:
        stranger.kill()
        stranger.wait()


def program_for(data_root: Path) -> Path:
    """Copied to where its account can read it, unless it could from the start."""
    copied = data_root.glob("*/**/bin/postgres")
    return next(copied, find_binaries().folder / "postgres")


async def test_an_orphan_is_stopped_and_replaced(used_root: Path) -> None:
    async with EmbeddedPostgres(used_root) as server:
        await ask(server.dsn, "CREATE TABLE kept AS SELECT 1")
    data = used_root / "pg18"
    orphan = spawn(program_for(used_root), "-D", data, "-k", data, "-h", "")
    try:
        await eventually((data / ".s.PGSQL.5432").exists)
        async with EmbeddedPostgres(used_root) as server:
            assert await ask(server.dsn, "SELECT count(*) FROM kept") == 1
            assert server.pid != orphan.pid
            assert orphan.poll() == 0
    finally:
        orphan.kill()
        orphan.wait()


async def test_a_path_too_long_for_a_socket_works(data_root: Path) -> None:
    root = data_root / ("x" * 100)
    sockets = data_root.parent
    async with EmbeddedPostgres(root, socket_root=sockets) as server:
        assert await ask(server.dsn, "SELECT 1") == 1
    async with EmbeddedPostgres(root, socket_root=sockets) as server:
        assert await ask(server.dsn, "SELECT 1") == 1


async def test_what_cannot_start_says_why_and_lets_go_of_the_root(data_root: Path) -> None:
    with pytest.raises(DatabaseSetupError, match="no `postgres` and `initdb`"):
        async with EmbeddedPostgres(data_root, binaries=Path("/nowhere")):
            pass
    with pytest.raises(DatabaseSetupError, match="no_such_setting"):
        async with EmbeddedPostgres(data_root, settings={"no_such_setting": "1"}):
            pass
    async with EmbeddedPostgres(data_root) as server:
        assert server.is_owner


async def test_trouble_with_the_disk_is_a_clear_error_and_can_be_mended(used_root: Path) -> None:
    async with EmbeddedPostgres(used_root):
        pass
    obstacle = used_root / "pg18" / "postmaster.pid"
    obstacle.mkdir()
    with pytest.raises(DatabaseSetupError, match=r"cannot start postgres.*postmaster\.pid"):
        async with EmbeddedPostgres(used_root):
            pass
    obstacle.rmdir()
    async with EmbeddedPostgres(used_root) as server:
        assert await ask(server.dsn, "SELECT 1") == 1


async def test_trouble_with_the_disk_at_a_restart_is_waited_out(used_root: Path) -> None:
    async with EmbeddedPostgres(used_root) as server:
        pid = server.pid
        assert pid is not None
        log = used_root / "postgres.log"
        log.unlink()
        log.mkdir()
        os.kill(pid, signal.SIGKILL)
        await eventually(lambda: server.restarts >= 2)
        log.rmdir()
        await eventually(lambda: server.pid is not None)
    assert processes_on(used_root) == []


async def test_a_cancelled_start_leaves_nothing_running(data_root: Path) -> None:
    for seconds in (0.05, 0.3, 0.6, 0.7, 0.03):
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(seconds), EmbeddedPostgres(data_root):
                await asyncio.sleep(1000)
        assert processes_on(data_root) == []
    async with EmbeddedPostgres(data_root) as server:
        assert await ask(server.dsn, "SELECT 1") == 1


async def test_an_error_inside_comes_out_as_it_is(used_root: Path) -> None:
    with pytest.raises(KeyError):
        async with EmbeddedPostgres(used_root):
            raise KeyError("mine")
    assert processes_on(used_root) == []


async def test_the_log_quotes_neither_rows_nor_statements(used_root: Path) -> None:
    async with EmbeddedPostgres(used_root) as server:
        await ask(server.dsn, "CREATE TABLE t (text text CHECK (length(text) < 5))")
        for query in ("INSERT INTO t VALUES ('a secret')", "SELECT 'a secret'::integer"):
            with pytest.raises(asyncpg.PostgresError):
                await ask(server.dsn, query)
        with pytest.raises(asyncpg.PostgresError):
            await ask(server.dsn, "a secret that is no SQL")
    log = (used_root / "postgres.log").read_text()
    assert "violates check constraint" in log
    assert "Failing row contains" not in log
    assert "STATEMENT" not in log


async def test_the_owner_and_the_server_may_die_at_the_same_moment(used_root: Path) -> None:
    owner, pid, dsn = spawn_owner(used_root)
    await ask(dsn, "CREATE TABLE kept AS SELECT 1")
    owner.send_signal(signal.SIGSTOP)
    os.kill(pid, signal.SIGKILL)
    owner.kill()
    # At once: what was the owner's child may be a zombie still, and backends may be leaving.
    async with EmbeddedPostgres(used_root) as server:
        assert await ask(server.dsn, "SELECT count(*) FROM kept") == 1
        assert server.is_owner
    await asyncio.to_thread(owner.wait)
    assert processes_on(used_root) == []


async def test_a_backend_that_outlives_its_server_is_waited_for(
    used_root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with EmbeddedPostgres(used_root) as server:
        await ask(server.dsn, "CREATE TABLE kept AS SELECT 1")
        connection = await asyncpg.connect(server.dsn)
        backend = await connection.fetchval("SELECT pg_backend_pid()")
        assert server.pid is not None
        os.kill(backend, signal.SIGSTOP)  # As if it were at something long.
        os.kill(server.pid, signal.SIGKILL)
    monkeypatch.setattr(embedded, "_START_ATTEMPTS", 1)
    ending = asyncio.get_running_loop().call_later(1, os.kill, backend, signal.SIGCONT)
    try:
        async with EmbeddedPostgres(used_root) as server:
            assert ending.when() < asyncio.get_running_loop().time(), "it was waited for"
            assert await ask(server.dsn, "SELECT count(*) FROM kept") == 1
    finally:
        if lives(backend):
            os.kill(backend, signal.SIGCONT)
        connection.terminate()


async def test_an_owner_that_is_frozen_is_attached_to(used_root: Path) -> None:
    owner, _, dsn = spawn_owner(used_root)
    try:
        owner.send_signal(signal.SIGSTOP)
        async with EmbeddedPostgres(used_root) as server:
            assert not server.is_owner
            assert server.dsn == dsn
            assert await ask(server.dsn, "SELECT 1") == 1
    finally:
        owner.kill()
        await asyncio.to_thread(owner.wait)
    await eventually(lambda: processes_on(used_root) == [])


async def test_one_backend_that_is_killed_costs_its_connection_and_no_restart_of_ours(
    used_root: Path,
) -> None:
    async with EmbeddedPostgres(used_root) as server:
        await ask(server.dsn, "CREATE TABLE kept AS SELECT 1")
        connection = await asyncpg.connect(server.dsn)
        backend = await connection.fetchval("SELECT pg_backend_pid()")
        os.kill(backend, signal.SIGKILL)
        with pytest.raises(GONE):
            for _ in range(1000):
                await connection.fetchval("SELECT 1")
                await asyncio.sleep(0.01)
        connection.terminate()
        async with asyncio.timeout(60):
            while True:
                try:
                    assert await ask(server.dsn, "SELECT count(*) FROM kept") == 1
                    break
                except GONE:
                    await asyncio.sleep(0.02)
        assert server.restarts == 0


@pytest.mark.skipif(os.geteuid() != 0, reason="otherwise postgres runs as us")
async def test_a_folder_that_the_account_cannot_enter_is_named_and_no_mode_is_changed(
    data_root: Path,
) -> None:
    closed = data_root.parent / "closed"
    closed.mkdir(mode=0o700)
    with pytest.raises(DatabaseSetupError, match=r"cannot enter .*closed/data"):
        async with EmbeddedPostgres(closed / "data"):
            pass
    assert closed.stat().st_mode & 0o777 == 0o700
    closed.chmod(0o711)
    async with EmbeddedPostgres(closed / "data") as server:
        assert await ask(server.dsn, "SELECT 1") == 1
    assert closed.stat().st_mode & 0o777 == 0o711


@pytest.fixture
def small_disk(data_root: Path) -> Iterator[Path]:
    """A data root that has room for the start of an initdb."""
    data_root.mkdir()
    if not run("mount", "-t", "tmpfs", "-o", "size=16m,mode=711", "tmpfs", str(data_root)):
        pytest.skip("only root may mount a small disk")
    try:
        yield data_root
    finally:
        assert run("umount", str(data_root))


async def test_a_disk_that_is_full_at_the_first_start_is_said_and_leaves_nothing(
    small_disk: Path,
) -> None:
    with pytest.raises(DatabaseSetupError, match="No space left on device"):
        async with EmbeddedPostgres(small_disk):
            pass
    assert not [name for name in os.listdir(small_disk) if name.startswith(("init-", "pg"))]
    assert run("mount", "-o", "remount,size=400m", str(small_disk))
    async with EmbeddedPostgres(small_disk) as server:
        assert await ask(server.dsn, "SELECT 1") == 1


async def test_what_the_environment_says_of_other_servers_means_nothing(
    data_root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("PGHOST", "PGDATA", "PGOPTIONS", "PGDATABASE", "PGUSER", "PGPASSWORD"):
        monkeypatch.setenv(name, "/nowhere")
    monkeypatch.setenv("PGPORT", "1")
    async with EmbeddedPostgres(data_root) as server:
        assert server.pid is not None
        assert (data_root / "pg18" / ".s.PGSQL.5432").exists()


@pytest.mark.skipif(not list(DISTRIBUTION_ROOT.glob("*/bin/postgres")), reason="not installed")
async def test_the_distribution_s_postgresql_works_too(data_root: Path) -> None:
    folder = sorted(DISTRIBUTION_ROOT.glob("*/bin"))[-1]
    async with EmbeddedPostgres(data_root, binaries=folder) as server:
        assert await ask(server.dsn, "SELECT 1") == 1

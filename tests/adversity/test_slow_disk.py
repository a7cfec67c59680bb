"""A disk that takes its time to say that it has written: each `fsync` of PostgreSQL is slowed down
by a library of a few lines, for as long as the test likes. Who is spoken to does not notice.

It needs a C compiler, and no rights.
"""

import asyncio
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import asyncpg
import pytest

from lipwire_server.store import embedded
from lipwire_server.store.cluster import ENVIRONMENT
from lipwire_server.store.embedded import EmbeddedPostgres
from tests.adversity.beside import listening, unbothered, with_small_voice
from tests.adversity.test_database_faults import (
    everything_is_there,
    storage,
    talking,
    until_ready,
)
from tests.made_once import furnish
from tests.server_process import ServerProcess, running_server

SLOW = r"""
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static int slowly(const char *name, int file) {
    FILE *told = fopen(getenv("SLOW_FSYNC"), "r");
    int us = 0;
    if (told) {
        if (fscanf(told, "%d", &us) != 1) us = 0;
        fclose(told);
    }
    usleep(us);
    return ((int (*)(int))dlsym(RTLD_NEXT, name))(file);
}

int fsync(int file) { return slowly("fsync", file); }
int fdatasync(int file) { return slowly("fdatasync", file); }
"""

pytestmark = pytest.mark.skipif(
    sys.platform != "linux" or shutil.which("cc") is None, reason="there is no C compiler"
)


class Disk:
    def __init__(self, told: Path) -> None:
        self._told = told

    def take(self, seconds: float) -> None:
        """From now on, for each `fsync`."""
        self._told.write_text(f"{round(seconds * 1e6)}")


@pytest.fixture
def disk(data_root: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Disk]:
    """Of every PostgreSQL that is started in this process."""
    folder = data_root.parent
    source, library, told = (folder / name for name in ("slow.c", "slow.so", "microseconds"))
    source.write_text(SLOW)
    subprocess.run(["cc", "-shared", "-fPIC", "-o", library, source, "-ldl"], check=True)
    slow = Disk(told)
    slow.take(0)
    more = {"LD_PRELOAD": str(library), "SLOW_FSYNC": str(told)}
    monkeypatch.setattr(embedded, "ENVIRONMENT", {**ENVIRONMENT, **more})
    yield slow
    slow.take(0)


async def seconds_of_a_commit(dsn: str) -> float:
    connection = await asyncpg.connect(dsn)
    try:
        await connection.execute("CREATE TABLE IF NOT EXISTS tried (number int)")
        began = asyncio.get_running_loop().time()
        await connection.execute("INSERT INTO tried VALUES (1)")
        return asyncio.get_running_loop().time() - began
    finally:
        await connection.close()


async def most_waiting(server: ServerProcess, seconds: float) -> int:
    """Records that were not in the database yet, at the worst moment of so many seconds."""
    most = 0
    for _ in range(int(seconds * 10)):
        told = await storage(server)
        most = max(most, told["waiting"] + told["spooled"])
        await asyncio.sleep(0.1)
    return most


async def test_a_disk_that_is_slow_delays_receipts_and_nobody_who_listens(
    data_root: Path, disk: Disk
) -> None:
    furnish(data_root)
    async with EmbeddedPostgres(data_root / "postgres") as postgres:
        environment = {
            **with_small_voice(data_root.parent / "voices"),
            "DATABASE_URL": postgres.dsn,
        }
        with running_server(environment) as server:
            async with listening(server, persist=True) as listener, talking(server) as talk:
                calm = await listener.listen()
                for slowness in (0.05, 1.0):
                    disk.take(slowness)
                    took = await seconds_of_a_commit(postgres.dsn)
                    assert took >= slowness, "it is slow"
                    came, ended = listener.heard, talk.ended
                    waiting = await most_waiting(server, 2)
                    async with asyncio.timeout(60):
                        while talk.ended <= ended + 2:  # noqa: ASYNC110
                            await asyncio.sleep(0.02)
                    late = listener.late_since(came)
                    told = f"{slowness:g} s an fsync, {took:.2f} a commit, {waiting} records waited"
                    assert unbothered(late, calm, told)
                    assert (await storage(server))["refused"] == 0
                disk.take(0)
                await talk.goes_on()
            await until_ready(server)
            await everything_is_there(postgres.dsn, talk)
            assert not [line for line in server.log if "Traceback" in line]

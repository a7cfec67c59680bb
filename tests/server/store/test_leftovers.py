import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from lipwire_server.store.binaries import Binaries
from lipwire_server.store.cluster import Cluster
from lipwire_server.store.leftovers import clear_leftovers

REST = "\n/data\n1700000000\n5432\n/sockets\n\n  5432001   32768\nready   \n"


@pytest.fixture
def cluster(tmp_path: Path) -> Cluster:
    return Cluster(tmp_path, tmp_path, tmp_path, Binaries(Path("/bin"), "18.6"), None)


@pytest.fixture
def stranger() -> Iterator[int]:
    process = subprocess.Popen(["sleep", "1000"])
    yield process.pid
    process.kill()
    process.wait()


def test_a_pid_that_belongs_to_somebody_else_now_is_replaced_and_he_lives(
    cluster: Cluster, stranger: int
) -> None:
    for file in cluster.pid_files:
        file.write_text(f"{stranger}{REST}")
    clear_leftovers(cluster)
    for file in cluster.pid_files:
        assert file.read_text() == f"{os.getpid()}{REST}"
    os.kill(stranger, 0)


def test_a_zombie_is_no_server(cluster: Cluster) -> None:
    process = subprocess.Popen(["true"])
    os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOWAIT)
    cluster.pid_files[0].write_text(f"{process.pid}{REST}")
    clear_leftovers(cluster)
    assert cluster.pid_files[0].read_text() == f"{os.getpid()}{REST}"
    process.wait()


@pytest.mark.parametrize("text", ["", "\n", "12", "garbage"])
def test_a_torn_file_never_stops_the_start(cluster: Cluster, text: str) -> None:
    cluster.pid_files[0].write_text(text)
    clear_leftovers(cluster)
    assert not cluster.pid_files[0].exists() or cluster.pid_files[0].read_text().isdecimal()


def test_where_nothing_is_left_over_nothing_is_done(cluster: Cluster) -> None:
    clear_leftovers(cluster)
    assert list(cluster.root.iterdir()) == []

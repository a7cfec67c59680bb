import os
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

import pytest

from benches import process
from benches.lab import Missing
from benches.process import LipwireServer, PeerServer, Worker, cpu_s, one_thread, until_idle

ROOT = Path(__file__).parents[2]
WORKER = """
from benches.workers.loop import serve
def start():
    def answer(request):
        print("noise from a library")
        return {"twice": 2 * request["number"]}
    return answer, {"threads": 1}
serve(start)
"""


def test_a_worker_that_cannot_start_is_missing_with_the_reason() -> None:
    with pytest.raises(Missing, match="No module named benches"):
        Worker("nobody", Path(sys.executable), "nobody")


def test_a_worker_of_an_environment_that_is_not_there_is_missing(tmp_path: Path) -> None:
    with pytest.raises(Missing, match="there is no"):
        Worker("piper", tmp_path / "python", "piper")


def test_a_worker_answers_line_by_line_and_what_libraries_print_is_not_in_the_way() -> None:
    requests = '{"number": 2}\n{"nothing": 0}\n{"number": 21}\n'
    ran = subprocess.run(
        [sys.executable, "-c", WORKER],
        env={**os.environ, "PYTHONPATH": str(ROOT / "scripts")},
        input=requests,
        capture_output=True,
        text=True,
        check=True,
    )
    assert ran.stdout.splitlines() == [
        '{"threads": 1}',
        '{"twice": 4}',
        '{"failed": "KeyError: \'number\'"}',
        '{"twice": 42}',
    ]
    assert "noise from a library" in ran.stderr


def test_a_server_that_ends_at_once_is_missing_with_its_last_words() -> None:
    says = "import sys; sys.exit('the port is taken')"
    with pytest.raises(Missing, match="the port is taken"):
        PeerServer("http", lambda port: [sys.executable, "-c", says])


def test_a_server_that_nobody_waits_for_any_more_leaves_no_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    closed: list[Path] = []

    class Starting:
        def __init__(self, command: list[str], environment: dict[str, str], cwd: Path) -> None:
            self.folder = Path(environment["LIPWIRE_DATA"]).parent

        def printed(self) -> str:
            assert self.folder.is_dir()
            raise SystemExit(143)

        def close(self) -> None:
            closed.append(self.folder)

    monkeypatch.setattr(process, "_Process", Starting)
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    with pytest.raises(SystemExit):
        LipwireServer()
    assert [folder.parent for folder in closed] == [tmp_path]
    assert list(tmp_path.iterdir()) == []


def test_a_server_is_ready_when_it_listens_and_gone_afterwards() -> None:
    server = PeerServer(
        "http",
        lambda port: [sys.executable, "-m", "http.server", str(port), "--bind", "127.0.0.1"],
    )
    try:
        assert server.url.startswith("http://127.0.0.1:")
        used = server.cpu_s()
        assert used is None or used > 0
    finally:
        server.close()
    assert not Path(f"/proc/{server.pid}/task").exists()


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells it of other processes")
def test_the_cpu_time_of_a_thread_that_has_ended_is_not_lost() -> None:
    used_s: list[float] = []

    def work() -> None:
        sum(range(200_000))
        used_s.append(time.thread_time())

    before = cpu_s(os.getpid())
    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    after = cpu_s(os.getpid())
    assert before is not None and after is not None
    assert after - before >= used_s[0] > 0


def test_the_cpu_time_of_a_process_that_is_not_there_is_unknown() -> None:
    assert cpu_s(2**22 + 1) is None


def test_libraries_are_told_to_use_one_thread() -> None:
    assert set(one_thread().values()) == {"1"}
    assert "OPENBLAS_NUM_THREADS" in one_thread()


def test_a_server_is_idle_when_it_uses_next_to_no_cpu_time() -> None:
    used, slept = iter((1.0, 1.4, 1.9, 1.91, 9.9)), list[float]()
    until_idle(lambda: next(used), slept.append)
    assert slept == [0.5] * 3


def test_a_server_that_never_rests_is_not_waited_for_without_end() -> None:
    slept: list[float] = []
    until_idle(lambda: float(len(slept)), slept.append)
    assert sum(slept) == 60


def test_where_cpu_time_cannot_be_known_nobody_waits() -> None:
    slept: list[float] = []
    until_idle(lambda: None, slept.append)
    assert len(slept) == 1
